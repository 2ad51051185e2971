/**
 * The dependency rules of `docs/architecture.md` as a test: every import of every file under `src`
 * must be allowed by its folder's row, and the three trees do not know each other.
 */

import assert from "node:assert/strict";
import { importsOf } from "./testing/imports.ts";

/** Folder or file (longest match wins) → what it may import besides itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "src/lib": [],
  "src/kubernetes": [],
  "src/log": ["src/lib"],
  "src/api": ["src/kubernetes", "src/lib"],
  "src/config": ["src/api", "src/kubernetes", "src/lib"],
  "src/ports": ["src/api/types.gen.ts", "src/kubernetes", "src/lib"],
  "src/cluster/subject.ts": [],
  "src/cluster/events.ts": ["src/ports"],
  "src/cluster/effective": [
    "src/api",
    "src/config",
    "src/kubernetes",
    "src/ports",
    "src/lib",
    "src/cluster/subject.ts",
    "src/cluster/events.ts",
  ],
  "src/cluster/desired": [
    "src/cluster/effective",
    "src/api",
    "src/config",
    "src/kubernetes",
    "src/ports",
    "src/lib",
  ],
  "src/cluster/sql": ["src/ports", "src/lib"],
  "src/cluster/observed": [
    "src/cluster/desired/names.ts",
    "src/cluster/effective/inputs.ts",
    "src/cluster/sql",
    "src/api",
    "src/config",
    "src/kubernetes",
    "src/ports",
    "src/lib",
  ],
  "src/cluster/plan/compare": [
    "src/cluster/desired",
    "src/cluster/effective",
    "src/api",
    "src/config",
    "src/kubernetes",
    "src/ports",
    "src/lib",
  ],
  "src/cluster/plan/steps": [
    "src/cluster/subject.ts",
    "src/cluster/events.ts",
    "src/cluster/desired",
    "src/cluster/observed",
    "src/cluster/effective",
    "src/cluster/plan/compare",
    "src/cluster/sql/scram.ts",
    "src/api",
    "src/config",
    "src/kubernetes",
    "src/ports",
    "src/lib",
  ],
  "src/cluster/plan": [
    "src/cluster/subject.ts",
    "src/cluster/events.ts",
    "src/cluster/desired",
    "src/cluster/observed",
    "src/cluster/effective",
    "src/cluster/sql",
    "src/api",
    "src/config",
    "src/kubernetes",
    "src/ports",
    "src/lib",
  ],
  "src/cluster/apply": [
    "src/cluster/plan",
    "src/cluster/subject.ts",
    "src/cluster/events.ts",
    "src/kubernetes",
    "src/ports",
    "src/log",
    "src/lib",
  ],
  "src/cluster/pass": [
    "src/cluster",
    "src/api",
    "src/config",
    "src/kubernetes",
    "src/ports",
    "src/log",
    "src/lib",
  ],
  "src/peers": [],
  "src/clients/kube": [
    "src/peers",
    "src/api/types.gen.ts",
    "src/api/clone.gen.ts",
    "src/kubernetes",
    "src/ports",
    "src/log",
    "src/lib",
  ],
  "src/clients/aws": ["src/peers", "src/ports", "src/lib"],
  "src/clients/patroni": ["src/peers", "src/ports", "src/log", "src/lib"],
  "src/clients/postgres": ["src/ports", "src/log", "src/lib"],
  "src/clients/tracing": ["src/ports", "src/log"],
  "src/clients/stores": ["src/peers", "src/ports", "src/lib"],
  "src/clients/operator": ["src/peers", "src/ports"],
  "src/clients/teams": ["src/peers", "src/ports", "src/log", "src/lib"],
  "src/web": [],
  "src/ui/browser": [
    "src/ui/changed_paths.ts",
    "src/debug/shapes.ts",
    "src/debug/overview_shapes.ts",
    "src/debug/status_parts.ts",
  ],
  "src/ui": [
    "src/web",
    "src/metrics",
    "src/debug/overview_shapes.ts",
    "src/debug/status_parts.ts",
    "src/clients",
    "src/ports/errors.ts",
    "src/api",
    "src/kubernetes",
    "src/log",
    "src/lib",
  ],
  "src/admission": [
    "src/dry_run/dry_run.ts",
    "src/dry_run/show.ts",
    "src/dry_run/sources.ts",
    "src/cluster",
    "src/api",
    "src/config",
    "src/kubernetes",
    "src/ports",
  ],
  "src/debug": ["src/version.ts", "src/web", "src/lib"],
  "src/metrics": [],
  "src/controller": [
    "src/metrics/metrics.ts",
    "src/cluster",
    "src/api",
    "src/config",
    "src/debug/shapes.ts",
    "src/debug/overview_shapes.ts",
    "src/debug/status_parts.ts",
    "src/debug/view.ts",
    "src/version.ts",
    "src/kubernetes",
    "src/ports",
    "src/log",
    "src/lib",
  ],
  "src/recorder": [
    "src/cluster",
    "src/config/config.ts",
    "src/dry_run/show.ts",
    "src/lib",
  ],
  "src/leadership": ["src/cluster/apply/perform.ts", "src/log"],
  "src/operator": [
    "src/admission",
    "src/leadership",
    "src/recorder",
    "src/metrics",
    "src/version.ts",
    "src/controller",
    "src/dry_run/dry_run.ts",
    "src/debug",
    "src/clients",
    "src/config",
    "src/api",
    "src/cluster",
    "src/command_line.ts",
    "src/kubernetes",
    "src/ports",
    "src/log",
    "src/lib",
  ],
  "src/command_line.ts": ["src/lib/duration.ts"],
  "src/version.ts": [],
  "src/commands": [
    "src/dry_run/command.ts",
    "src/dry_run/show.ts",
    "src/cluster/effective/requests.ts",
    "src/cluster/effective/controller.ts",
    "src/cluster/observed/pods.ts",
    "src/api/types.gen.ts",
    "src/kubernetes",
    "src/ports",
    "src/lib",
  ],
  "src/commands/system.ts": ["src/commands", "src/clients", "src/log"],
  "src/main.ts": [
    "src/commands/program.ts",
    "src/commands/system.ts",
    "src/dry_run/command.ts",
    "src/operator/operator.ts",
    "src/recorder/command.ts",
    "src/ui/command.ts",
    "src/command_line.ts",
    "src/version.ts",
    "src/config",
    "src/log",
    "src/lib",
  ],
  "src/dry_run/simulated": [
    "src/cluster/observed/pods.ts",
    "src/cluster/apply",
    "src/kubernetes",
    "src/ports",
    "src/lib",
  ],
  "src/dry_run": [
    "src/api",
    "src/cluster",
    "src/config",
    "src/kubernetes",
    "src/ports",
    "src/lib",
  ],
  "src/dry_run/command.ts": [
    "src/dry_run",
    "src/clients",
    "src/cluster",
    "src/api",
    "src/config",
    "src/kubernetes",
    "src/ports",
    "src/log",
    "src/lib",
  ],
};

/** Concrete clients: named by the wiring only. */
const CLIENT_USERS = [
  "src/operator",
  "src/dry_run/command.ts",
  "src/commands/system.ts",
  "src/ui",
];

function startsWith(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix + "/");
}

/** The most specific row for a path. */
export function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS).filter((row) => startsWith(path, row))
    .sort((a, b) => b.length - a.length)[0];
}

/** What is wrong with one import, or undefined. */
export function violation(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const to = new URL(specifier, `file:///${from}`).pathname.slice(1);
  if (!to.startsWith("src/")) return `${from} imports ${to}, which is outside src`;
  if (startsWith(to, "src/testing")) return `${from} imports ${to}, which only tests may`;
  const layer = layerOf(from);
  if (layer === undefined) return `${from} is in no row of the table of layers`;
  const own = layer.endsWith(".ts") ? to === layer : startsWith(to, layer);
  const allowed = own || (LAYERS[layer] ?? []).some((row) => startsWith(to, row));
  if (!allowed) return `${from} may not import ${to} (row ${layer})`;
  if (layer === "src/cluster/plan" && /^src\/cluster\/observed\/read_/.test(to)) {
    return `${from} may not import ${to}: a planner gets values, it does not read`;
  }
  const client = /^src\/clients\/(\w+)\//.exec(to);
  if (
    client && !startsWith(from, `src/clients/${client[1]}`) &&
    !CLIENT_USERS.some((user) => startsWith(from, user))
  ) return `${from} names the client ${to}; only ${CLIENT_USERS.join(" and ")} may`;
  return undefined;
}

async function* sourceFiles(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sourceFiles(path);
    else if (path.endsWith(".ts") && !path.endsWith("_test.ts")) yield path;
  }
}

const ROOT = new URL("..", import.meta.url).pathname;

Deno.test("every import in src is allowed by the table of layers", async () => {
  const wrong: string[] = [];
  let files = 0;
  for await (const file of sourceFiles(`${ROOT}src`)) {
    files++;
    const path = file.slice(ROOT.length);
    if (startsWith(path, "src/testing")) continue;
    for (const specifier of importsOf(await Deno.readTextFile(file))) {
      const found = violation(path, specifier);
      if (found) wrong.push(found);
    }
  }
  assert.ok(files > 10, "found no source files to check");
  assert.deepEqual(wrong, []);
});

Deno.test("the development cluster imports nothing of the operator but generated types", async () => {
  const wrong: string[] = [];
  for await (const file of sourceFiles(`${ROOT}e2e/devcluster`)) {
    for (const specifier of importsOf(await Deno.readTextFile(file))) {
      if (!specifier.startsWith(".")) continue;
      const to = new URL(specifier, `file://${file}`).pathname.slice(ROOT.length);
      if (to.startsWith("src/") && to !== "src/kubernetes/types.gen.ts") {
        wrong.push(`${file.slice(ROOT.length)} imports ${to}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

const FORBIDDEN: readonly [string, string, RegExp][] = [
  ["src/cluster/desired/a.ts", "../observed/members.ts", /may not import/],
  ["src/cluster/plan/a.ts", "../observed/read_state.ts", /does not read/],
  ["src/lib/a.ts", "../api/validate.ts", /may not import/],
  ["src/clients/patroni/a.ts", "../kube/client.ts", /may not import/],
  ["src/controller/a.ts", "../clients/kube/client.ts", /may not import/],
  ["src/api/a.ts", "../../e2e/devcluster/mod.ts", /outside src/],
  ["src/log/a.ts", "../testing/config_fixture.ts", /only tests may/],
  ["src/elsewhere/a.ts", "../lib/a.ts", /no row/],
];

for (const [from, specifier, message] of FORBIDDEN) {
  Deno.test(`the layer table refuses ${specifier} in ${from}`, () => {
    assert.match(violation(from, specifier) ?? "", message);
  });
}

Deno.test("imports are found in every form that the code uses", () => {
  const text = `import a from "./a.ts";\nimport {\n  b,\n} from "./b.ts";\n` +
    `import type { C } from "./c.ts";\nexport { d } from "./d.ts";\nawait import("./e.ts");\nimport "./f.ts";\n`;
  const names = ["a", "b", "c", "d", "e", "f"].map((name) => `./${name}.ts`);
  assert.deepEqual(importsOf(text), names);
});
