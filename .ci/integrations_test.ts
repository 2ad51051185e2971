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
import { runLua } from "./lua.ts";

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

/** The Lua of a key of `argocd-cm`. */
function argo(key: string): string {
  const { data } = parse(read("argocd-cm.yaml")) as { data: Record<string, string> };
  return data[`resource.customizations.${key}.acid.zalan.do_postgresql`] ?? "";
}

type Condition = readonly [type: string, status: string, message?: string];

/** A manifest of generation 2 with a status. */
function judged(word: string, observedGeneration: number, conditions: readonly Condition[] = []) {
  return {
    metadata: { generation: 2 },
    status: {
      PostgresClusterStatus: word,
      observedGeneration,
      conditions: conditions.map(([type, status, message = type]) => ({ type, status, message })),
    },
  };
}

const UP: Condition = ["Ready", "True", "acid-orders-0 is the primary"];

const HEALTH: readonly [string, unknown, string, string][] = [
  ["no status", { metadata: { generation: 1 } }, "Progressing", "not looked at yet"],
  ["an empty word", judged("", 0), "Progressing", "not looked at yet"],
  ["a new cluster", judged("Creating", 0), "Progressing", "Creating"],
  ["a cluster that runs", judged("Running", 2, [UP]), "Healthy", "acid-orders-0 is the primary"],
  ["a change that is not seen yet", judged("Running", 1, [UP]), "Progressing", "Running"],
  [
    "a failed change",
    judged("UpdateFailed", 1, [UP, ["Synced", "False", "no rights"]]),
    "Degraded",
    "no rights",
  ],
  ["a refused manifest", judged("Invalid", 0), "Degraded", "Invalid"],
  ["no primary", judged("Running", 2, [["Ready", "False", "no pod"]]), "Degraded", "no pod"],
  [
    "a failing archive",
    judged("Running", 2, [UP, ["BackupOK", "False", "no WAL"]]),
    "Degraded",
    "no WAL",
  ],
  ["a pause", judged("Running", 2, [UP, ["Paused", "True", "by ann"]]), "Suspended", "by ann"],
  ["sleep", judged("Running", 2, [UP, ["Hibernated", "True", "a1"]]), "Suspended", "a1"],
];

for (const [name, object, status, message] of HEALTH) {
  Deno.test(`Argo CD takes ${name} for ${status}`, () => {
    assert.deepEqual(runLua(argo("health"), object), { status, message });
  });
}

interface Actions {
  readonly "discovery.lua": string;
  readonly definitions: readonly { readonly name: string; readonly "action.lua": string }[];
}

/** Annotations after an action of Argo CD. */
function acted(name: string, annotations?: Readonly<Record<string, string>>) {
  const { definitions } = parse(argo("actions")) as Actions;
  const script = definitions.find((one) => one.name === name)?.["action.lua"] ?? "";
  const metadata = { name: "acid-orders", ...(annotations ? { annotations } : {}) };
  const { metadata: after } = runLua(script, { metadata }) as {
    metadata: { annotations: Readonly<Record<string, string>> };
  };
  return after.annotations;
}

for (const what of ["restart", "switchover", "pause"]) {
  Deno.test(`the action ${what} of Argo CD asks for it with a time as its id`, () => {
    for (const before of [undefined, { oncall: "bea" }]) {
      const { [`acid.zalan.do/request-${what}`]: id = "", ...others } = acted(what, before);
      assert.match(id, /^\d{8}-\d{6}$/);
      assert.ok(!("problem" in readRequest(what, id)), id);
      assert.deepEqual(others, before ?? {});
    }
  });
}

Deno.test("the action resume of Argo CD takes back what holds a cluster", () => {
  const held = {
    "acid.zalan.do/request-pause": "a1",
    "acid.zalan.do/request-hibernate": "a2",
    oncall: "bea",
  };
  assert.deepEqual(acted("resume", held), { oncall: "bea" });
});

Deno.test("Argo CD offers resume to a held cluster, and the other actions to the rest", () => {
  const { "discovery.lua": script } = parse(argo("actions")) as Actions;
  const offered = (annotations: Readonly<Record<string, string>>) => {
    const found = runLua(script, { metadata: { annotations } });
    return Object.entries(found as Record<string, { disabled: boolean }>)
      .filter(([, { disabled }]) => !disabled).map(([name]) => name).sort();
  };
  assert.deepEqual(offered({}), ["pause", "restart", "switchover"]);
  assert.deepEqual(offered({ "acid.zalan.do/request-pause": "a1" }), ["resume"]);
});

/** Fields of a plugin by the schema of k9s; what else stands in it is refused there. */
const K9S: Readonly<Record<string, string>> = {
  shortCut: "string",
  override: "boolean",
  description: "string",
  confirm: "boolean",
  dangerous: "boolean",
  scopes: "object",
  command: "string",
  background: "boolean",
  overwriteOutput: "boolean",
  args: "object",
};

Deno.test("the file of plugins has the form that k9s reads", () => {
  const file = parse(read("k9s-plugins.yaml")) as Record<string, unknown>;
  assert.deepEqual(Object.keys(file), ["plugins"]);
  for (const [name, plugin] of Object.entries(file["plugins"] as Record<string, object>)) {
    for (const [field, value] of Object.entries(plugin)) {
      assert.equal(typeof value, K9S[field], `${name}.${field}`);
    }
    const { scopes, args } = plugin as { scopes?: unknown; args?: unknown };
    for (const list of [scopes, args]) {
      assert.ok(Array.isArray(list) && list.every((one) => typeof one === "string"), name);
    }
    for (const field of ["shortCut", "description", "command"]) {
      assert.ok(Object.hasOwn(plugin, field), `${name}.${field}`);
    }
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
