/** Objects of others that have a name of ours stay as they are, and it is told before anything is made. */

import assert from "node:assert/strict";
import type { Config } from "../../src/config/config.ts";
import type { PostgresqlSpec } from "../../src/api/types.gen.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { cluster } from "../../src/testing/cluster_fixture.ts";
import { createWorld, refFor, snapshot, type World } from "./world.ts";

const NAMESPACE = "shop";

function manifest(name: string, spec: Partial<PostgresqlSpec> = {}, namespace = NAMESPACE) {
  const uid = `uid-${namespace}-${name}`;
  return cluster({ metadata: { namespace, name, uid }, spec: { teamId: "acid", ...spec } });
}

async function started(config: Partial<Config> = {}, ...first: readonly KubeObject[]) {
  const world = createWorld({ config: { enableTeamIdClusternamePrefix: false, ...config } });
  for (const object of first) world.apply(object);
  world.start();
  await world.settle();
  return world;
}

/** What the operator wrote to objects that are there already, apart from the status of manifests. */
function changed(world: World, before: ReadonlyMap<string, string>): string[] {
  const after = snapshot(world);
  return [...before].filter(([name, text]) => after.get(name) !== text).map(([name]) => name);
}

interface Collision {
  readonly first: readonly [string, Partial<PostgresqlSpec>?];
  readonly second: readonly [string, Partial<PostgresqlSpec>?];
  readonly config?: Partial<Config>;
  /** What the message of the newcomer has to name. */
  readonly told: readonly string[];
  /** Nothing but what all clusters of a namespace share is made for the newcomer. */
  readonly nothingMade: boolean;
}

const POOLER = { enableConnectionPooler: true };
const BACKUP = { enableLogicalBackup: true };
const ENDPOINTS = { kubernetesUseConfigmaps: false };
const LONG = "acid-customer-relations-archive-store";

const COLLISIONS: readonly Collision[] = [
  {
    first: ["bill"],
    second: ["bill-repl"],
    told: ["Service shop/bill-repl", "cluster shop/bill"],
    nothingMade: true,
  },
  {
    first: ["bill-repl"],
    second: ["bill"],
    told: ["Service shop/bill-repl", "cluster shop/bill-repl"],
    nothingMade: true,
  },
  {
    first: ["bill", POOLER],
    second: ["bill-pooler"],
    told: ["Service shop/bill-pooler", "cluster shop/bill"],
    nothingMade: true,
  },
  {
    first: ["bill-pooler"],
    second: ["bill", POOLER],
    told: ["Service shop/bill-pooler", "cluster shop/bill-pooler"],
    nothingMade: false,
  },
  {
    first: ["bill-config"],
    second: ["bill"],
    config: ENDPOINTS,
    told: ["Service shop/bill-config", "cluster shop/bill-config"],
    nothingMade: true,
  },
  {
    first: ["bill"],
    second: ["bill-failover"],
    config: ENDPOINTS,
    told: ["Endpoints shop/bill-failover", "cluster shop/bill"],
    nothingMade: true,
  },
  {
    first: ["bill-sync"],
    second: ["bill"],
    config: ENDPOINTS,
    told: ["Endpoints shop/bill-sync", "cluster shop/bill-sync"],
    nothingMade: true,
  },
  {
    first: [`${LONG}-east`, BACKUP],
    second: [`${LONG}-west`, BACKUP],
    told: [`CronJob shop/logical-backup-${LONG}`, `cluster shop/${LONG}-east`],
    nothingMade: false,
  },
  {
    first: ["bill"],
    second: ["bill-critical-op"],
    told: [
      "PodDisruptionBudget shop/postgres-bill-critical-op-pdb",
      "cluster shop/bill",
    ],
    nothingMade: false,
  },
];

for (const { first, second, config, told, nothingMade } of COLLISIONS) {
  Deno.test(`${second[0]} takes no name of ${first[0]}, and says whose it is`, async () => {
    const world = await started(config, manifest(...first));
    assert.equal(world.status(NAMESPACE, first[0]), "Running");
    const before = snapshot(world);
    world.apply(manifest(...second));
    await world.settle();
    assert.equal(world.status(NAMESPACE, second[0]), "CreateFailed");
    const said = world.told().filter((line) => line.startsWith("Create: "));
    assert.ok(said.every((line) => line.split("; ").length === new Set(line.split("; ")).size));
    for (const text of told) {
      assert.ok(world.told().some((line) => /^Create: /.test(line) && line.includes(text)), text);
    }
    assert.deepEqual(changed(world, before), []);
    const made = world.cluster.api.objects().filter(({ metadata }) =>
      metadata.labels?.["cluster-name"] === second[0]
    );
    assert.equal(made.length === 0, nothingMade);
    // Deleting the newcomer, or switching the feature off, takes nothing of the first one.
    world.apply(manifest(second[0], { enableLogicalBackup: false, enableConnectionPooler: false }));
    await world.settle();
    world.remove(refFor("postgresql", NAMESPACE, second[0]));
    await world.settle(60_000);
    assert.deepEqual(changed(world, before), []);
    assert.equal(world.status(NAMESPACE, first[0]), "Running");
  });
}

Deno.test("with ConfigMaps Patroni takes no name of a cluster's Services", async () => {
  const world = await started({}, manifest("bill"), manifest("bill-failover"));
  for (const name of ["bill", "bill-failover"]) {
    assert.equal(world.status(NAMESPACE, name), "Running");
  }
});

Deno.test("of two clusters made at once the older one gets the names", async () => {
  const made = (name: string, creationTimestamp: string) => {
    const cr = manifest(name);
    return { ...cr, metadata: { ...cr.metadata, creationTimestamp } };
  };
  const older = made("bill-leader", "2026-01-01T00:00:00Z");
  const younger = made("bill", "2026-01-02T00:00:00Z");
  const world = await started(ENDPOINTS, younger, older);
  assert.equal(world.status(NAMESPACE, "bill-leader"), "Running");
  assert.equal(world.status(NAMESPACE, "bill"), "CreateFailed");
});

Deno.test("a cluster that is refused is not written to again and again", async () => {
  const world = await started({}, manifest("bill"));
  world.apply(manifest("bill-repl"));
  await world.settle();
  world.writes.length = 0;
  await world.settle(120 * 60_000);
  assert.deepEqual(world.writes.map(({ verb, ref }) => `${verb} ${ref.kind} ${ref.name}`), []);
});

Deno.test("a name that Patroni may take is free once its cluster is gone", async () => {
  const world = await started(ENDPOINTS, manifest("bill"));
  world.apply(manifest("bill-leader"));
  await world.settle();
  assert.equal(world.status(NAMESPACE, "bill-leader"), "CreateFailed");
  world.remove(refFor("postgresql", NAMESPACE, "bill"));
  await world.settle();
  assert.equal(world.status(NAMESPACE, "bill-leader"), "Running");
});

Deno.test("a name is taken as soon as whoever had it is gone", async () => {
  const world = await started({}, manifest("bill"));
  world.apply(manifest("bill-repl"));
  await world.settle();
  assert.equal(world.status(NAMESPACE, "bill-repl"), "CreateFailed");
  world.remove(refFor("postgresql", NAMESPACE, "bill"));
  await world.settle();
  assert.equal(world.status(NAMESPACE, "bill-repl"), "Running");
});

const WEB = { app: "web" };
const OWNER = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "uid-web" };

function foreign(kind: string, name: string, rest: Partial<KubeObject> = {}): KubeObject {
  const ref = refFor(kind, NAMESPACE, name);
  return {
    apiVersion: ref.apiVersion,
    kind,
    ...rest,
    metadata: { namespace: NAMESPACE, name, labels: WEB, uid: `uid-${kind}`, ...rest.metadata },
  };
}

const WEB_POD = {
  metadata: { labels: WEB },
  spec: { containers: [{ name: "web", image: "web" }] },
};
const WEB_WORKLOAD = { selector: { matchLabels: WEB }, template: WEB_POD };
const OURS = { application: "spilo", "cluster-name": "bill" };

const FOREIGN: readonly (readonly [string, KubeObject])[] = [
  ["Service", foreign("Service", "bill", { spec: { selector: WEB, ports: [{ port: 80 }] } })],
  ["Service", foreign("Service", "bill-repl", { spec: { selector: WEB, ports: [{ port: 80 }] } })],
  ["StatefulSet", foreign("StatefulSet", "bill", { spec: WEB_WORKLOAD })],
  ["PodDisruptionBudget", foreign("PodDisruptionBudget", "postgres-bill-pdb", { spec: {} })],
  [
    "CronJob",
    foreign("CronJob", "logical-backup-bill", {
      spec: { schedule: "1 1 * * *", jobTemplate: { spec: { template: WEB_POD } } },
    }),
  ],
  ["Deployment", foreign("Deployment", "bill-pooler", { spec: WEB_WORKLOAD })],
  ["Service", foreign("Service", "bill-pooler", { spec: { ports: [{ port: 80 }] } })],
  ["Secret", foreign("Secret", "bill-pooler-u", { data: { token: "eA==" } })],
  [
    "Service",
    foreign("Service", "bill", {
      spec: { ports: [{ port: 80 }] },
      metadata: { labels: OURS, ownerReferences: [{ ...OWNER, controller: true }] },
    }),
  ],
];

for (const [kind, object] of FOREIGN) {
  const { name, labels, ownerReferences = [] } = object.metadata;
  const whose = ownerReferences[0]?.name ?? JSON.stringify(labels);
  Deno.test(`a ${kind} ${name} of ${whose} stays as it is through a cluster's life`, async () => {
    const world = await started({}, object);
    const before = snapshot(world, (one) => one.kind === kind && one.metadata.name === name);
    assert.equal(before.size, 1);
    const spec = { ...POOLER, ...BACKUP, users: { app: [] } };
    world.apply(manifest("bill", spec));
    await world.settle();
    assert.equal(world.status(NAMESPACE, "bill"), "CreateFailed");
    assert.ok(world.told().some((line) => line.includes(`${kind} ${NAMESPACE}/${name} `)));
    world.apply(
      manifest("bill", { ...spec, enableConnectionPooler: false, enableLogicalBackup: false }),
    );
    await world.settle();
    world.remove(refFor("postgresql", NAMESPACE, "bill"));
    await world.settle(60_000);
    assert.deepEqual(changed(world, before), []);
  });
}

for (
  const [kind, name] of [["PersistentVolumeClaim", "pgdata-bill-7"], ["Pod", "bill-7"]] as const
) {
  Deno.test(`a ${kind} with our labels that another controller made is not ours`, async () => {
    const object = foreign(kind, name, {
      spec: { resources: { requests: { storage: "1Gi" } }, containers: [] },
      metadata: { labels: OURS, ownerReferences: [{ ...OWNER, controller: true }] },
    });
    const config = { inheritedAnnotations: ["tier"], enablePersistentVolumeClaimDeletion: true };
    const world = await started(config, object);
    const touched = () => world.writes.filter(({ ref }) => ref.kind === kind && ref.name === name);
    const cr = manifest("bill", { volume: { size: "5Gi" }, podAnnotations: { tier: "gold" } });
    world.apply({ ...cr, metadata: { ...cr.metadata, annotations: { tier: "gold" } } });
    await world.settle(60_000);
    assert.equal(world.status(NAMESPACE, "bill"), "Running");
    assert.deepEqual(touched(), []);
    world.remove(refFor("postgresql", NAMESPACE, "bill"));
    await world.settle(60_000);
    assert.equal(world.find("StatefulSet", NAMESPACE, "bill"), undefined);
    assert.deepEqual(touched(), []);
  });
}

Deno.test("a Secret that people copied with the label of another cluster is used, and stays", async () => {
  const name = "app.bill.credentials.postgresql.acid.zalan.do";
  const copy = foreign("Secret", name, {
    data: { username: "YXBw", password: "a2VwdA==" },
    metadata: { labels: { ...OURS, "cluster-name": "till" } },
  });
  const world = await started({}, copy, manifest("till", { users: { app: [] } }));
  const before = snapshot(world, (one) => one.metadata.name === name);
  world.apply(manifest("bill", { users: { app: [] } }));
  await world.settle();
  assert.equal(world.status(NAMESPACE, "bill"), "Running");
  for (const gone of ["bill", "till"]) {
    world.remove(refFor("postgresql", NAMESPACE, gone));
    await world.settle(60_000);
    assert.deepEqual(changed(world, before), []);
  }
});

Deno.test("clusters that come to one Secret by the template of names do not share it", async () => {
  const config = { secretNameTemplate: "{username}-{cluster}", enableSecretsDeletion: true };
  const first = manifest("b-c", { users: { a: [] } });
  const world = await started(config, first);
  const before = snapshot(world, (one) => one.metadata.name === "a-b-c");
  assert.equal(before.size, 1);
  world.apply(manifest("c", { users: { "a-b": [] } }));
  await world.settle();
  assert.equal(world.status(NAMESPACE, "c"), "CreateFailed");
  assert.ok(world.told().some((line) => line.includes("Secret shop/a-b-c belongs to")));
  world.remove(refFor("postgresql", NAMESPACE, "c"));
  await world.settle(60_000);
  assert.deepEqual(changed(world, before), []);
});

Deno.test("a Secret that people made is used, and stays when the cluster goes", async () => {
  const name = "app.bill.credentials.postgresql.acid.zalan.do";
  const own = foreign("Secret", name, { data: { username: "YXBw", password: "a2VwdA==" } });
  const world = await started({}, own);
  const before = snapshot(world, (one) => one.metadata.name === name);
  world.apply(manifest("bill", { users: { app: [] } }));
  await world.settle();
  assert.equal(world.status(NAMESPACE, "bill"), "Running");
  world.remove(refFor("postgresql", NAMESPACE, "bill"));
  await world.settle(60_000);
  assert.deepEqual(changed(world, before), []);
});

Deno.test("a StatefulSet that somebody else controls keeps pods and data, whatever its labels say", async () => {
  const first = await started({}, manifest("bill"));
  const made = first.cluster.api.objects().filter(({ kind }) =>
    ["StatefulSet", "Pod", "PersistentVolumeClaim"].includes(kind)
  );
  const ownerReferences = [{ ...OWNER, controller: true }];
  const theirs = made.map((object) =>
    object.kind === "StatefulSet"
      ? { ...object, metadata: { ...object.metadata, ownerReferences } }
      : object
  );
  const world = await started({ enablePersistentVolumeClaimDeletion: true }, ...theirs);
  const before = snapshot(world, ({ kind }) => theirs.some((object) => object.kind === kind));
  world.apply(manifest("bill"));
  await world.settle();
  assert.equal(world.status(NAMESPACE, "bill"), "CreateFailed");
  world.remove(refFor("postgresql", NAMESPACE, "bill"));
  await world.settle(60_000);
  assert.ok(before.size >= 3);
  assert.deepEqual(changed(world, before), []);
});

Deno.test("a broken Deployment with the pods of the pooler is mended, labelled, and goes with the pooler", async () => {
  const labels = {
    application: "db-connection-pooler",
    "cluster-name": "bill",
    "connection-pooler": "bill-pooler",
  };
  const broken = foreign("Deployment", "bill-pooler", {
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "no", image: "none" }] } },
    },
    metadata: { labels: { application: "db-connection-pooler" } },
  });
  const world = await started({}, broken);
  world.apply(manifest("bill", POOLER));
  await world.settle();
  assert.equal(world.status(NAMESPACE, "bill"), "Running");
  const mended = world.find("Deployment", NAMESPACE, "bill-pooler");
  assert.equal(mended?.metadata.labels?.["cluster-name"], "bill");
  assert.equal(mended?.metadata.labels?.["team"], "acid");
  assert.match(JSON.stringify(mended), /pgbouncer/);
  world.apply(manifest("bill", { enableConnectionPooler: false }));
  await world.settle();
  assert.equal(world.find("Deployment", NAMESPACE, "bill-pooler"), undefined);
});

const ABROAD = {
  enableCrossNamespaceSecret: true,
  enableSecretsDeletion: true,
} as const;
const SHARED = { users: { "shared.app": [] } } as const;

Deno.test("clusters of one name never share a Secret in a third namespace", async () => {
  const older = manifest("app", { users: { "shared.app": [] } }, "victim");
  const world = await started(ABROAD, older);
  assert.equal(world.status("victim", "app"), "Running");
  const secret = "shared.app.app.credentials.postgresql.acid.zalan.do";
  const before = snapshot(world, (one) => one.metadata.name === secret);
  assert.equal(before.size, 1);
  world.cluster.clock.moveTo(world.cluster.clock.now() + 5000);
  world.apply(manifest("app", { users: { ...SHARED.users } } as never, "tenant"));
  await world.settle();
  assert.equal(world.status("tenant", "app"), "CreateFailed");
  assert.ok(world.told().some((line) => line.includes("cluster victim/app")));
  world.remove(refFor("postgresql", "tenant", "app"));
  await world.settle(60_000);
  assert.deepEqual(changed(world, before), []);
  world.remove(refFor("postgresql", "victim", "app"));
  await world.settle(60_000);
  assert.equal(world.find("Secret", "shared", secret), undefined);
});

Deno.test("a Secret in the namespace of a cluster of the same name is that cluster's", async () => {
  const home = manifest("app", { preparedDatabases: { foo: { defaultUsers: true } } }, "victim");
  const world = await started(ABROAD, home);
  const secrets = (one: KubeObject) => one.kind === "Secret" && one.metadata.namespace === "victim";
  const before = snapshot(world, secrets);
  assert.ok(before.size > 3);
  const evil = { preparedDatabases: { foo: { defaultUsers: true, secretNamespace: "victim" } } };
  world.apply(manifest("app", evil, "tenant"));
  await world.settle();
  assert.equal(world.status("tenant", "app"), "CreateFailed");
  world.remove(refFor("postgresql", "tenant", "app"));
  await world.settle(60_000);
  assert.deepEqual(changed(world, before), []);
});
