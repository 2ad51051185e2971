/**
 * The files of `docs/integrations/` against what the operator writes: every command, annotation, word
 * and condition that they name is one of ours, and Flux' expressions judge our statuses right.
 */

import assert from "node:assert/strict";
import { evaluate } from "@marcbachmann/cel-js";
import { parse } from "yaml";
import { COMMANDS } from "../src/commands/catalog.ts";
import { parseOptions } from "../src/commands/options.ts";
import { readRequest } from "../src/cluster/effective/requests.ts";

function read(name: string): string {
  return Deno.readTextFileSync(new URL(`../docs/integrations/${name}`, import.meta.url));
}

interface Plugins {
  readonly plugins: Readonly<
    Record<string, { readonly shortCut: string; readonly args: readonly string[] }>
  >;
}

Deno.test("every plugin of k9s calls a command that is there, with flags that it knows", () => {
  const { plugins } = parse(read("k9s-plugins.yaml")) as Plugins;
  const keys = Object.values(plugins).map(({ shortCut }) => shortCut);
  assert.equal(new Set(keys).size, keys.length);
  assert.ok(keys.length >= 5);
  for (const { args } of Object.values(plugins)) {
    const [, line = ""] = /kubectl pg ([^|]+)/.exec(args[1] ?? "") ?? [];
    const [name, ...rest] = line.trim().split(" ");
    const command = COMMANDS.find((one) => one.name === name);
    assert.ok(command, line);
    assert.notEqual(typeof parseOptions(rest, command.flags ?? {}), "string", line);
  }
});

Deno.test("the actions of Argo CD ask for what the operator answers to", () => {
  const { data } = parse(read("argocd-cm.yaml")) as { data: Record<string, string> };
  const text = data["resource.customizations.actions.acid.zalan.do_postgresql"] ?? "";
  const actions = parse(text) as { definitions: { name: string; "action.lua": string }[] };
  assert.deepEqual(actions.definitions.map(({ name }) => name), [
    "restart",
    "switchover",
    "pause",
    "resume",
  ]);
  const asked = [...text.matchAll(/acid\.zalan\.do\/request-([a-z-]+)/g)].map((match) => match[1]!);
  for (const what of asked) {
    assert.ok(!("problem" in readRequest(what, "20260105-120000")), what);
  }
});

Deno.test("the health of Argo CD knows every word of failure and only conditions of ours", () => {
  const { data } = parse(read("argocd-cm.yaml")) as { data: Record<string, string> };
  const lua = data["resource.customizations.health.acid.zalan.do_postgresql"] ?? "";
  const sources = ["status.ts", "requests.ts", "backups.ts"].map((file) =>
    Deno.readTextFileSync(new URL(`../src/cluster/pass/${file}`, import.meta.url))
  ).join("\n");
  const named = new Set([...lua.matchAll(/conditions\.([A-Z]\w+)/g)].map((match) => match[1]!));
  assert.ok(named.size >= 4);
  for (const type of named) assert.match(sources, new RegExp(`\\b${type}\\b`), type);
  for (const word of ["CreateFailed", "UpdateFailed", "SyncFailed", "Invalid", "Running"]) {
    assert.ok(lua.includes(`"${word}"`), word);
  }
});

const READY = [{ type: "Ready", status: "True" }];
const JUDGED: readonly [string, Record<string, unknown>, string][] = [
  ["a new cluster", { PostgresClusterStatus: "Creating" }, "inProgress"],
  ["a change under way", {
    PostgresClusterStatus: "Running",
    observedGeneration: 1,
    conditions: READY,
  }, "inProgress"],
  ["a cluster that runs", {
    PostgresClusterStatus: "Running",
    observedGeneration: 2,
    conditions: READY,
  }, "current"],
  ["a failed change", {
    PostgresClusterStatus: "UpdateFailed",
    observedGeneration: 1,
    conditions: [],
  }, "failed"],
  ["one without a primary", {
    PostgresClusterStatus: "Running",
    observedGeneration: 2,
    conditions: [{ type: "Ready", status: "False" }],
  }, "none"],
];

for (const [name, status, want] of JUDGED) {
  Deno.test(`Flux sees ${name} as ${want}`, () => {
    const { spec } = parse(read("flux-kustomization.yaml")) as {
      spec: { healthCheckExprs: Record<string, string>[] };
    };
    const [expressions = {}] = spec.healthCheckExprs;
    const found = ["failed", "inProgress", "current"].find((one) =>
      evaluate(expressions[one] ?? "false", { status, metadata: { generation: 2n } }) ===
        true
    );
    assert.equal(found ?? "none", want);
  });
}
