/** What is said of changes before they are stored, from what caches hold. */

import assert from "node:assert/strict";
import type { Postgresql, PostgresqlSpec } from "../api/types.gen.ts";
import { dryRunPasses, NO_TEAMS } from "../dry_run/dry_run.ts";
import { documentReader } from "../dry_run/sources.ts";
import type { KubeObject, ObjectMeta } from "../kubernetes/types.gen.ts";
import { known, unknown } from "../ports/observation.ts";
import type { KubeReader } from "../ports/ports.ts";
import { cluster } from "../testing/cluster_fixture.ts";
import { config } from "../testing/config_fixture.ts";
import { judge, type JudgePorts } from "./judge.ts";
import type { Review, Verdict } from "./review.ts";
import { warmUp } from "./warm_up.ts";
import { disturbanceOf } from "./warnings.ts";

const NOW = new Date("2026-01-05T12:00:00Z");
const { signal } = new AbortController();
const NONE: KubeReader = {
  read: ({ kind, name }) => Promise.resolve(unknown(`${kind} ${name} is in no cache`)),
  listOfCluster: ({ kind }) => Promise.resolve(unknown(`${kind} objects are in no cache`)),
};

/** A settled cluster: its manifest, and a reader of its objects. */
async function settled(): Promise<{ readonly cr: Postgresql; readonly reader: KubeReader }> {
  const { objects, patroni } = await dryRunPasses({
    manifest: cluster() as unknown as KubeObject,
    config: config(),
    reader: documentReader([], undefined, "cluster-name"),
    live: undefined,
    eventStreamsSupported: known(false),
    teams: NO_TEAMS,
    now: NOW,
    signal,
  });
  const state: KubeObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      namespace: "shop",
      name: "acid-orders-config",
      labels: { "cluster-name": "acid-orders" },
      annotations: { config: JSON.stringify(patroni) },
    },
  };
  const cr = objects.find(({ kind }) => kind === "postgresql") as unknown as Postgresql;
  return { cr, reader: documentReader([...objects, state], undefined, "cluster-name") };
}

const LIVE = await settled();

function ports(changes: Partial<JudgePorts> = {}): JudgePorts {
  const inputs = documentReader([], undefined, "cluster-name");
  return {
    config: config(),
    controllerId: "",
    watched: undefined,
    refuse: false,
    kept: { owned: LIVE.reader, inputs },
    manifests: () => [LIVE.cr],
    eventStreamsSupported: () => known(false),
    now: () => NOW,
    configuration: { namespace: "default", name: "postgres-operator" },
    overridden: (config) => config,
    ...changes,
  };
}

Deno.test("what is planned ahead, for a cluster that does not exist, goes as far as restarts", async () => {
  assert.equal(disturbanceOf(await warmUp(config(), NOW, signal)).pods, 2);
});

interface Change {
  readonly spec?: Partial<PostgresqlSpec>;
  readonly metadata?: ObjectMeta;
}

function changed({ spec, metadata }: Change): Postgresql {
  return {
    ...LIVE.cr,
    metadata: { ...LIVE.cr.metadata, ...metadata },
    spec: { ...LIVE.cr.spec, ...spec },
  };
}

function review(changes: Partial<Review>): Review {
  return {
    uid: "u1",
    operation: "UPDATE",
    kind: "postgresql",
    namespace: "shop",
    name: "acid-orders",
    ...changes,
  };
}

function update(change: Change, before: Postgresql = LIVE.cr): Review {
  return review({
    object: changed(change) as unknown as KubeObject,
    oldObject: before as unknown as KubeObject,
  });
}

const UPDATES: readonly [string, Change, readonly RegExp[]][] = [
  ["another image", { spec: { dockerImage: "spilo:9" } }, [
    /^shop\/acid-orders: this change restarts 2 pods and switches over once$/,
    /^because of spec\.template\.spec\.containers\[postgres\]\.image: ".*" → "spilo:9"$/,
  ]],
  ["a parameter that is reloaded", {
    spec: { postgresql: { version: "17", parameters: { work_mem: "16MB" } } },
  }, [/this change reloads PostgreSQL's configuration/]],
  ["a parameter that needs a restart", {
    spec: { postgresql: { version: "17", parameters: { max_connections: "300" } } },
  }, [/this change restarts PostgreSQL in 2 pods/, /^because of .*max_connections: 100 → 300$/]],
  ["fewer pods", { spec: { numberOfInstances: 1 } }, [/takes away 1 pod$/, /^because of /]],
  ["more pods", { spec: { numberOfInstances: 3 } }, [/disturbs nothing that runs/]],
  ["a new user", { spec: { users: { shop: [] } } }, [/disturbs nothing that runs/]],
  ["a smaller volume", { spec: { volume: { size: "1Gi" } } }, [/cannot shrink/]],
  ["finalizers and notes of clients alone", {
    metadata: {
      finalizers: ["x/y"],
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    },
  }, []],
];

for (const [name, change, wanted] of UPDATES) {
  Deno.test(`a warning tells what ${name} does`, async () => {
    const { warnings, refusal } = await judge(ports(), update(change), signal);
    assert.equal(refusal, undefined);
    if (wanted.length === 0) assert.deepEqual(warnings, []);
    wanted.forEach((line, at) => assert.match(warnings[at] ?? "", line, warnings.join("\n")));
  });
}

Deno.test("kubectl scale is told the same as a change of the manifest", async () => {
  const object = { metadata: { name: "acid-orders" }, spec: { replicas: 1 } };
  const asked = review({ kind: "Scale", object: object as unknown as KubeObject });
  const { warnings } = await judge(ports(), asked, signal);
  assert.match(warnings[0] ?? "", /takes away 1 pod/);
});

Deno.test("a new manifest gets a warning only for what it cannot have", async () => {
  const create = (spec: Partial<PostgresqlSpec>) => {
    const manifest = cluster({ metadata: { namespace: "shop", name: "acid-new" }, spec });
    return review({
      operation: "CREATE",
      name: "acid-new",
      object: manifest as unknown as KubeObject,
    });
  };
  const free = ports({ kept: { ...ports().kept, owned: documentReader([], undefined, "x") } });
  assert.deepEqual(await judge(free, create({}), signal), { warnings: [] });
  const wrong = create({ volume: { size: "much" } });
  const { warnings, refusal } = await judge(free, wrong, signal);
  assert.match(warnings.join("\n"), /refused: .*volume\.size/);
  assert.equal(refusal, undefined);
  const strict = await judge({ ...free, refuse: true }, wrong, signal);
  assert.match(strict.refusal ?? "", /volume\.size/);
});

Deno.test("what was wrong before stays changeable, and what becomes wrong is refused", async () => {
  const strict = ports({ refuse: true });
  const wrong: Change = { spec: { volume: { size: "much" } } };
  const answer = (change: Change, before?: Postgresql): Promise<Verdict> =>
    judge(strict, update(change, before), signal);
  assert.match((await answer(wrong)).refusal ?? "", /volume\.size/);
  const labelled = { ...wrong, metadata: { labels: { stage: "test" } } };
  assert.equal((await answer(labelled, changed(wrong))).refusal, undefined);
  assert.equal((await answer({})).refusal, undefined);
});

Deno.test("what no cache holds is said to be unknown, and stops nobody", async () => {
  const blind = ports({ refuse: true, kept: { owned: NONE, inputs: NONE } });
  const { warnings, refusal } = await judge(
    blind,
    update({ spec: { dockerImage: "spilo:9" } }),
    signal,
  );
  assert.equal(refusal, undefined);
  assert.ok(warnings.some((line) => /^unknown: .*in no cache/.test(line)), warnings.join("\n"));
});

Deno.test("a deletion tells what goes with the manifest", async () => {
  const oldObject = LIVE.cr as unknown as KubeObject;
  const asked = review({ operation: "DELETE", oldObject });
  const { warnings } = await judge(ports(), asked, signal);
  assert.match(warnings[0] ?? "", /this deletes the cluster: .*StatefulSet.*2 Pods|2 Pods.*Stat/);
  assert.match(warnings.join("\n"), /3 Secrets|2 Secrets/);
  const kept = ports({ config: config({ enableSecretsDeletion: false }) });
  const { warnings: less } = await judge(kept, asked, signal);
  assert.doesNotMatch(less[0] ?? "", /Secret/);
  assert.match(less.join("\n"), /Secrets of roles stay \(enable_secrets_deletion\)/);
});

Deno.test("a deletion that protection by annotations stops is told as one", async () => {
  const asked = review({ operation: "DELETE", oldObject: LIVE.cr as unknown as KubeObject });
  const guarded = ports({ config: config({ deleteAnnotationNameKey: "delete-name" }) });
  const { warnings } = await judge(guarded, asked, signal);
  assert.match(warnings[0] ?? "", /its objects stay: metadata\.annotations\["delete-name"\]/);
  assert.equal(warnings.length, 1);
});

const SILENT: readonly [string, Partial<JudgePorts>, Review][] = [
  ["of another namespace", { watched: "other" }, update({ spec: { dockerImage: "spilo:9" } })],
  ["of another operator", { controllerId: "b" }, update({ spec: { dockerImage: "spilo:9" } })],
  [
    "on its way out",
    {},
    update({
      spec: { dockerImage: "spilo:9" },
      metadata: { deletionTimestamp: "2026-01-05T12:00:00Z" },
    }),
  ],
  [
    "of another operator's configuration",
    {},
    review({
      kind: "OperatorConfiguration",
      namespace: "default",
      name: "another",
      object: { metadata: {}, configuration: {} } as unknown as KubeObject,
    }),
  ],
];

for (const [name, changes, asked] of SILENT) {
  Deno.test(`nothing is said of an object ${name}`, async () => {
    assert.deepEqual(await judge(ports(changes), asked, signal), { warnings: [] });
  });
}

function configured(configuration: Readonly<Record<string, unknown>>): Review {
  return review({
    kind: "OperatorConfiguration",
    namespace: "default",
    name: "postgres-operator",
    object: { metadata: {}, configuration } as unknown as KubeObject,
    oldObject: { metadata: {}, configuration: {} } as unknown as KubeObject,
  });
}

Deno.test("a change of the configuration tells how many clusters it restarts", async () => {
  const { warnings } = await judge(ports(), configured({ docker_image: "spilo:9" }), signal);
  assert.match(
    warnings.at(-1) ?? "",
    /changes 1 cluster with this; 1 of them restarts, 2 pods$/,
  );
});

Deno.test("a configuration that no operator starts with is told, and refused where that is on", async () => {
  const asked = configured({ workers: "many" });
  const told = await judge(ports(), asked, signal);
  assert.equal(told.refusal, undefined);
  assert.match(told.warnings[0] ?? "", /workers/);
  assert.match((await judge(ports({ refuse: true }), asked, signal)).refusal ?? "", /workers/);
});
