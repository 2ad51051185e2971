import assert from "node:assert/strict";
import { stringify } from "yaml";
import type { Postgresql } from "../api/types.gen.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { known } from "../ports/observation.ts";
import { documentReader } from "./sources.ts";
import { dryRunPasses, NO_TEAMS } from "./dry_run.ts";
import { type LiveCluster, runPlan, systemEnvironment } from "./command.ts";
import { cluster } from "../testing/cluster_fixture.ts";
import { config } from "../testing/config_fixture.ts";
import { assertGolden } from "../testing/golden.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

const NOW = new Date("2026-01-05T12:00:00Z");

type Spec = Partial<Postgresql["spec"]>;

function manifest(spec: Spec = {}): KubeObject {
  const { apiVersion, kind, metadata, ...rest } = cluster({ spec });
  const { namespace = "", name = "" } = metadata;
  return { apiVersion, kind, metadata: { namespace, name }, ...rest } as unknown as KubeObject;
}

/** What a cluster holds once the operator has made everything that a manifest asks for. */
async function liveObjects(before: KubeObject): Promise<KubeObject[]> {
  const { objects, patroni } = await dryRunPasses({
    manifest: before,
    config: config(),
    reader: documentReader([], undefined, "cluster-name"),
    live: undefined,
    eventStreamsSupported: known(false),
    teams: NO_TEAMS,
    now: NOW,
    signal: new AbortController().signal,
  });
  const { namespace = "", name } = before.metadata;
  const metadata = {
    namespace,
    name: `${name}-config`,
    labels: { "cluster-name": `${name}` },
    annotations: { config: JSON.stringify(patroni) },
  };
  return [...objects, { apiVersion: "v1", kind: "ConfigMap", metadata }];
}

function liveCluster(objects: readonly KubeObject[]): LiveCluster {
  return {
    readerOf: (settings) => documentReader(objects, undefined, settings.clusterNameLabel),
    close() {},
  };
}

interface Run {
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly live?: readonly KubeObject[];
}

async function run({ files, args, live }: Run) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const exitCode = await runPlan(args, {
    readText: (file) => {
      const text = files[file];
      return text === undefined
        ? Promise.reject(new Error(`cannot read ${file}`))
        : Promise.resolve(text);
    },
    connect: () => Promise.resolve(liveCluster(live ?? [])),
    print: (text) => void printed.push(text),
    complain: (text) => void complaints.push(text),
    now: () => NOW,
  });
  return { exitCode, text: printed.join(""), complaints: complaints.join("") };
}

interface Case {
  readonly name: string;
  readonly before?: Spec;
  readonly after: Spec;
  readonly exitCode: number;
}

const POOLER: Spec = { enableConnectionPooler: true, standby: { standby_host: "10.1.1.1" } };
const PARAMETERS = { version: "17", parameters: { work_mem: "8MB" } } as const;

const CASES: readonly Case[] = [
  { name: "creation", after: { users: { app: ["createdb"] } }, exitCode: 0 },
  { name: "nothing", before: {}, after: {}, exitCode: 0 },
  { name: "image", before: {}, after: { dockerImage: "spilo:other" }, exitCode: 3 },
  {
    name: "parameter",
    before: { postgresql: PARAMETERS },
    after: { postgresql: { version: "17", parameters: { work_mem: "16MB" } } },
    exitCode: 2,
  },
  {
    name: "removed_parameter",
    before: { postgresql: PARAMETERS },
    after: { postgresql: { version: "17" } },
    exitCode: 2,
  },
  {
    name: "restart_parameter",
    before: {},
    after: { postgresql: { version: "17", parameters: { max_connections: "200" } } },
    exitCode: 3,
  },
  {
    name: "pooler_removed",
    before: POOLER,
    after: { ...POOLER, enableConnectionPooler: false },
    exitCode: 4,
  },
  { name: "version", before: {}, after: { postgresql: { version: "18" } }, exitCode: 3 },
  { name: "scaled_up", before: {}, after: { numberOfInstances: 3 }, exitCode: 0 },
  { name: "scaled_down", before: { numberOfInstances: 3 }, after: {}, exitCode: 3 },
  {
    name: "secret_variable",
    before: { env: [{ name: "AWS_SECRET_ACCESS_KEY", value: "first-of-all" }] },
    after: { env: [{ name: "AWS_SECRET_ACCESS_KEY", value: "second-best" }] },
    exitCode: 3,
  },
  {
    name: "refused",
    before: {},
    after: { maintenanceWindows: ["23:00-01:00"], numberOfInstances: -1 },
    exitCode: 5,
  },
  { name: "refused_size", before: {}, after: { volume: { size: "a lot" } }, exitCode: 5 },
];

for (const { name, before, after, exitCode } of CASES) {
  Deno.test(`plan plans for: ${name.replaceAll("_", " ")}`, async () => {
    const files = { "m.yaml": stringify(manifest(after)) };
    const live = before && await liveObjects(manifest(before));
    const against = live === undefined ? [] : ["--against", "k"];
    const found = await run({
      files,
      args: ["-f", "m.yaml", ...against],
      ...(live === undefined ? {} : { live }),
    });
    assertGolden(found, new URL(`testdata/plan/${name}.yaml`, import.meta.url));
    assert.equal(found.exitCode, exitCode);
    assert.doesNotMatch(found.text, /first-of-all|second-best|xxxxxx/);
  });
}

Deno.test("plan prints JSON of a stable shape for every manifest of every file", async () => {
  const second = manifest();
  const text = stringify(manifest()) + "---\n" +
    stringify({ ...second, metadata: { name: "acid-other" } });
  const { exitCode, text: json } = await run({
    files: { "two.yaml": text },
    args: ["-f", "two.yaml", "--json", "-n", "elsewhere"],
  });
  const printed = JSON.parse(json);
  assert.equal(exitCode, 0);
  assert.deepEqual(Object.keys(printed), ["schema", "exitCode", "plans"]);
  assert.equal(printed.schema, 1);
  const clusters = printed.plans.map(({ cluster }: { cluster: string }) => cluster);
  assert.deepEqual(clusters, ["shop/acid-orders", "elsewhere/acid-other"]);
  const [plan] = printed.plans;
  assert.deepEqual(Object.keys(plan), ["cluster", "effect", "changes", "held"]);
  assert.deepEqual(plan.changes[0], {
    object: "ServiceAccount shop/postgres-pod",
    verb: "make",
    effect: "none",
    reasons: ["it is missing"],
  });
});

Deno.test("plan takes configuration, Secrets and ConfigMaps of its files as inputs", async () => {
  const settings = stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "postgres-operator" },
    data: { pod_environment_configmap: "shop/variables", pod_environment_secret: "keys" },
  });
  const files = { "m.yaml": stringify(manifest()), "c.yaml": settings };
  const args = ["-f", "m.yaml", "--config", "c.yaml"];
  const without = await run({ files, args });
  assert.equal(without.exitCode, 1);
  assert.match(without.text, /Unknown, because it could not be read:/);
  const inputs = [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "shop", name: "variables" } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace: "shop", name: "keys" },
      stringData: { TOKEN: "not-to-be-shown" },
    },
  ];
  const complete = { ...files, "i.yaml": inputs.map((object) => stringify(object)).join("---\n") };
  const found = await run({ files: complete, args: [...args, "-f", "i.yaml"] });
  assert.equal(found.exitCode, 0);
  assert.doesNotMatch(found.text, /not-to-be-shown/);
});

const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["no file", [], /no manifest is named/],
  ["an unknown flag", ["-f", "m.yaml", "--apply"], /unknown argument "--apply"/],
  ["a missing value", ["-f"], /-f needs a value/],
  ["a file that is not there", ["-f", "gone.yaml"], /cannot read gone.yaml/],
  ["a file without a manifest", ["-f", "empty.yaml"], /no file holds a manifest/],
  ["broken YAML", ["-f", "broken.yaml"], /cannot read broken.yaml: /],
  ["a configuration that is none", ["-f", "m.yaml", "--config", "m.yaml"], /neither a ConfigMap/],
];

for (const [name, args, message] of WRONG) {
  Deno.test(`plan says what is wrong with ${name} and exits 1`, async () => {
    const files = { "m.yaml": stringify(manifest()), "empty.yaml": "", "broken.yaml": "a: [b" };
    const found = await run({ files, args });
    assert.equal(found.exitCode, 1);
    assert.match(found.complaints, message);
    assert.equal(found.text, "");
  });
}

const UNREADABLE: readonly [file: string, said: RegExp][] = [
  ["/nowhere/a.yaml", /^Error: cannot read \/nowhere\/a\.yaml: there is no such file$/],
  [ROOT, /^Error: cannot read .*: it is a directory$/],
];

for (const [file, said] of UNREADABLE) {
  Deno.test(`a file that cannot be read is named, and the reason is plain: ${said.source}`, async () => {
    await assert.rejects(systemEnvironment().readText(file), said);
  });
}

Deno.test("YAML that is wrong is told by its place, and nothing of it is shown", async () => {
  const files = { "a.yaml": "kind: Secret\nstringData:\n  a: [zq7x\n" };
  const { exitCode, complaints } = await run({ files, args: ["-f", "a.yaml"] });
  assert.equal(exitCode, 1);
  assert.match(
    complaints,
    /cannot read a\.yaml: its YAML is wrong in line \d+, column \d+ \([a-z ]+\)/,
  );
  assert.doesNotMatch(complaints, /zq7x/);
});
