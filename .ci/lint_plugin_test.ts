/** The purity rules find what they forbid and leave alone what they allow. */

import assert from "node:assert/strict";
import plugin from "./lint_plugin.ts";

function findings(path: string, code: string): string[] {
  return Deno.lint.runPlugin(plugin, `/x/${path}`, code).map((found) => found.message);
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

const ALLOWED: readonly [string, string][] = [
  ["src/lib/a.ts", `const t = new Date(given); const m = Math.max(1, 2);`],
  ["src/lib/a_test.ts", `const t = Date.now();`],
  ["src/cluster/plan/a.ts", `const x = { fetch: 1 }; const y = x.fetch;`],
  ["src/ports/ports.ts", `interface P { fetch(url: string): void }`],
  ["src/clients/kube/a.ts", `await fetch("https://x");`],
  ["e2e/devcluster/a.ts", `const t = Date.now();`],
  ["src/cluster/plan/a.ts", `const bad = "message" in checked; for (const a of b) c(a);`],
];

for (const [path, code, message] of FORBIDDEN) {
  Deno.test(`the lint plugin reports ${message} in ${path}`, () => {
    assert.match(findings(path, code).join("\n"), message);
  });
}

for (const [path, code] of ALLOWED) {
  Deno.test(`the lint plugin accepts ${JSON.stringify(code)} in ${path}`, () => {
    assert.deepEqual(findings(path, code), []);
  });
}
