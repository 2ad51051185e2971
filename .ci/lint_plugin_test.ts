/** The rules find what they forbid and leave alone what they allow. */

import assert from "node:assert/strict";
import plugin from "./lint_plugin.ts";

const ROOT = new URL("..", import.meta.url).pathname;

function findings(path: string, code: string): string[] {
  return Deno.lint.runPlugin(plugin, `${ROOT}${path}`, code).map((found) => found.message);
}

const FORBIDDEN: readonly [string, string, RegExp][] = [
  ["src/lib/a.ts", `const t = Date.now();`, /Date\.now/],
  ["src/cluster/plan/a.ts", `const t = new Date();`, /current time/],
  ["src/cluster/desired/a.ts", `const r = Math.random();`, /Math\.random/],
  ["src/config/a.ts", `const e = Deno.env.get("X");`, /Deno/],
  ["src/cluster/sql/a.ts", `async function f() { await g(); }`, /await/],
  ["src/cluster/effective/a.ts", `console.log("x");`, /console/],
  ["src/api/a.ts", `const id = crypto.randomUUID();`, /crypto/],
  ["src/ports/requests.ts", `setTimeout(f, 1);`, /setTimeout/],
  ["src/controller/a.ts", `fetch("http://x");`, /only src\/clients may use fetch/],
  ["src/debug/a.ts", `new WebSocket("ws://x");`, /WebSocket/],
  ["src/cluster/plan/a.ts", `const there = name in labels;`, /constructor in every object/],
  ["src/cluster/apply/a.ts", `Deno.connect({ port: 1 });`, /Deno\.connect/],
];

const LONG = `function f() {\n${"  g();\n".repeat(69)}}`;

const MORE_FORBIDDEN: readonly [string, string, RegExp][] = [
  ["src/lib/a.ts", `import { randomBytes } from "node:crypto";`, /randomBytes of node:crypto/],
  ["src/cluster/plan/a.ts", `import * as crypto from "node:crypto";`, /crypto of node:crypto/],
  ["src/config/a.ts", `import { readFileSync } from "node:fs";`, /readFileSync/],
  ["src/controller/a.ts", `if (error.message.startsWith("x")) f();`, /message is for people/],
  ["src/cluster/plan/a.ts", `const a = reason.includes(" → ");`, /reason is for people/],
  ["src/dry_run/a.ts", `const a = /x/.test(step.reason);`, /reason is for people/],
  ["src/cluster/pass/a.ts", `const parts = failure.split("; ");`, /failure is for people/],
  ["src/cluster/pass/a.ts", `if (known.includes(held.reason)) f();`, /reason is for people/],
  ["src/controller/a.ts", `const a = (error as { status?: number }).status;`, /do not cast it/],
  ["src/controller/a.ts", LONG, /at most 70 lines, this one has 71/],
  ["e2e/cases/a.ts", LONG, /at most 70 lines, this one has 71/],
  ["codegen/emit/a.ts", LONG, /at most 70 lines, this one has 71/],
  ["e2e/devcluster/kubelet/images/a.ts", "f();\n".repeat(401), /at most 400 lines/],
  ["src/controller/a.ts", "f();\n".repeat(401), /at most 400 lines, this one has 401/],
];

const ALLOWED: readonly [string, string][] = [
  ["src/cluster/sql/a.ts", `import { createHash } from "node:crypto";`],
  ["src/clients/kube/a.ts", `if (error.message.startsWith("x")) f();`],
  ["src/controller/a.ts", `log.warn(message); told.has(message);`],
  ["src/controller/a.ts", LONG.replace("  g();\n", "")],
  ["src/controller/a.gen.ts", "f();\n".repeat(401)],
  ["src/lib/a.ts", `const t = new Date(given); const m = Math.max(1, 2);`],
  ["src/lib/a_test.ts", `const t = Date.now();`],
  ["src/cluster/plan/a.ts", `const x = { fetch: 1 }; const y = x.fetch;`],
  ["src/ports/ports.ts", `interface P { fetch(url: string): void }`],
  ["src/clients/kube/a.ts", `await fetch("https://x");`],
  ["e2e/devcluster/a.ts", `const t = Date.now();`],
  ["src/cluster/plan/a.ts", `const bad = "message" in checked; for (const a of b) c(a);`],
];

for (const [path, code, message] of [...FORBIDDEN, ...MORE_FORBIDDEN]) {
  Deno.test(`the lint plugin reports ${message} in ${path}`, () => {
    assert.match(findings(path, code).join("\n"), message);
  });
}

for (const [path, code] of ALLOWED) {
  Deno.test(`the lint plugin accepts ${JSON.stringify(code)} in ${path}`, () => {
    assert.deepEqual(findings(path, code), []);
  });
}
