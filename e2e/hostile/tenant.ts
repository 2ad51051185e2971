/**
 * A person who may write `postgresql` objects in one namespace and nothing else, and tries: names of
 * others, marks, labels, notes, owners, Secrets elsewhere, with the operator stopped and killed in
 * between. What is not that person's has to be the same after every step.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Postgresql } from "../../src/api/types.gen.ts";
import { DELETION_ANNOTATION } from "../../src/cluster/plan/deletion.ts";
import type { Config } from "../../src/config/config.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { ownValue } from "../../src/lib/own_value.ts";
import { describeRef, refOf } from "../../src/ports/requests.ts";
import { cluster } from "../../src/testing/cluster_fixture.ts";
import { createWorld, refFor, snapshot, type World } from "./world.ts";

/** The namespace that the person may write to. */
const TENANT = "tenant";
const VICTIM = "victim";
const LABEL = "cluster-name";
const SHARED_KINDS = ["ServiceAccount", "RoleBinding"];

/** Clusters of other people: two of them live in the tenant's namespace. */
const OTHERS = [[VICTIM, "shop"], [TENANT, "bill"], [TENANT, "till"]] as const;

/** What a step does. */
export type Step =
  | { readonly kind: "apply"; readonly name: string; readonly manifest: Wish }
  | { readonly kind: "delete"; readonly name: string }
  | { readonly kind: "restart" }
  | { readonly kind: "kill"; readonly afterWrites: number }
  | { readonly kind: "wait"; readonly minutes: number };

/** A manifest as the person writes it; `NOTE` in an annotation stands for a forged note. */
export interface Wish {
  readonly metadata: object;
  readonly spec: object;
}

/** One run: how the operator is set up, and what happens. */
export interface Plot {
  readonly config: Partial<Config>;
  readonly steps: readonly Step[];
}

const NAMES = [
  "evil",
  "shop",
  "constructor",
  ...["repl", "pooler", "pooler-repl", "leader", "sync", "failover", "critical-op"].map((end) =>
    `bill-${end}`
  ),
  "till-repl",
  "web",
  "bill-0",
  "pgdata-bill",
];

const LABEL_KEYS = [
  LABEL,
  "application",
  "spilo-role",
  "team",
  "connection-pooler",
  "critical-operation",
  "acid.zalan.do/owner",
  "constructor",
];
const ANNOTATION_KEYS = [
  DELETION_ANNOTATION,
  "zalando-postgres-operator-rolling-update-required",
  "zalando-postgres-operator-major-upgrade-from",
  "zalando-postgres-operator-major-upgrade-success",
  "acid.zalan.do/controller",
  "acid.zalan.do/whatever",
  "status",
  "valueOf",
];

const labels = fc.dictionary(
  fc.constantFrom(...LABEL_KEYS),
  fc.constantFrom("bill", "shop", "spilo", "master", "true", "db-connection-pooler"),
  { maxKeys: 3 },
);
const annotations = fc.dictionary(
  fc.constantFrom(...ANNOTATION_KEYS),
  fc.constantFrom("NOTE", "NOTE", "true", "", "170000", '{"pending_restart": true}'),
  { maxKeys: 3 },
);
const owner = fc.record({
  apiVersion: fc.constantFrom("v1", "acid.zalan.do/v1"),
  kind: fc.constantFrom("postgresql", "Namespace"),
  name: fc.constantFrom("bill", "shop"),
  uid: fc.constantFrom("uid-tenant-bill", "uid-victim-shop", "uid-none"),
  controller: fc.boolean(),
});

const metadata = fc.record({
  labels,
  annotations,
  ownerReferences: fc.array(owner, { maxLength: 1 }),
  finalizers: fc.subarray(["postgres-operator.acid.zalan.do"]),
}, { requiredKeys: [] });

const ephemeral = fc.record({
  metadata: fc.record({ labels, annotations }),
  spec: fc.constant({ accessModes: ["ReadWriteOnce"] }),
}).map((volumeClaimTemplate) => ({ ephemeral: { volumeClaimTemplate } }));

const spec = fc.record({
  teamId: fc.constantFrom("acid", "constructor", "bill", ""),
  numberOfInstances: fc.constantFrom(0, 1, 2),
  podAnnotations: annotations,
  serviceAnnotations: annotations,
  masterServiceAnnotations: annotations,
  replicaServiceAnnotations: annotations,
  enableConnectionPooler: fc.boolean(),
  enableReplicaConnectionPooler: fc.boolean(),
  enableLogicalBackup: fc.boolean(),
  users: fc.dictionary(
    fc.constantFrom("app", "postgres", "standby", "victim.app", "victim.shop", "pooler"),
    fc.constant([]),
    { maxKeys: 3 },
  ),
  preparedDatabases: fc.dictionary(
    fc.constantFrom("foo", "constructor"),
    fc.record({
      defaultUsers: fc.boolean(),
      secretNamespace: fc.constantFrom(VICTIM, TENANT, "elsewhere"),
    }),
    { maxKeys: 1 },
  ),
  additionalVolumes: fc.array(
    fc.record({
      name: fc.constantFrom("0", "data"),
      mountPath: fc.constant("/x"),
      volumeSource: ephemeral,
    }),
    { maxLength: 1 },
  ),
  clone: fc.constantFrom({ cluster: "bill" }, { cluster: "shop" }),
}, { requiredKeys: [] });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("apply" as const),
      name: fc.constantFrom(...NAMES),
      manifest: fc.record({ metadata, spec }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("delete" as const), name: fc.constantFrom(...NAMES) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "restart" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("kill" as const), afterWrites: fc.nat(25) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), minutes: fc.constantFrom(1, 40) }),
  },
);

const config: fc.Arbitrary<Partial<Config>> = fc.record({
  kubernetesUseConfigmaps: fc.boolean(),
  enableFinalizers: fc.boolean(),
  enableOwnerReferences: fc.boolean(),
  enableCrossNamespaceSecret: fc.boolean(),
  enableOrphanDeletion: fc.boolean(),
  enableSecretsDeletion: fc.boolean(),
  enablePersistentVolumeClaimDeletion: fc.boolean(),
  inheritedLabels: fc.constantFrom([], LABEL_KEYS),
  inheritedAnnotations: fc.constantFrom([], ANNOTATION_KEYS),
  downscalerAnnotations: fc.constantFrom([], [".*"]),
});

/** Anything that such a person may come up with. */
export const plots: fc.Arbitrary<Plot> = fc.record({
  config,
  steps: fc.array(step, { minLength: 2, maxLength: 12 }),
});

/** Plays one run. @throws what changed that must not change */
export async function play({ config, steps }: Plot): Promise<World> {
  const world = await worldOfOthers(config);
  const before = snapshot(world, isOthers);
  for (const [index, one] of steps.entries()) {
    await perform(world, one);
    checkUnchanged(world, before, `step ${index} (${one.kind})`);
  }
  await perform(world, { kind: "restart" });
  checkUnchanged(world, before, "the last restart");
  checkElsewhere(world);
  await world.stop();
  return world;
}

async function worldOfOthers(config: Partial<Config>): Promise<World> {
  const world = createWorld({ config: { ...config, enableTeamIdClusternamePrefix: false } });
  for (const [namespace, name] of OTHERS) {
    const uid = `uid-${namespace}-${name}`;
    const users = namespace === VICTIM ? { app: [] } : { app: [], "victim.shop": [] };
    const preparedDatabases = { foo: { defaultUsers: true } };
    const spec = { teamId: "acid", users, preparedDatabases, enableConnectionPooler: true };
    world.apply(cluster({ metadata: { namespace, name, uid }, spec }));
  }
  for (const namespace of [TENANT, VICTIM]) bystanders(namespace).forEach(world.apply);
  world.start();
  await world.settle();
  for (const [namespace, name] of OTHERS) assert.equal(world.status(namespace, name), "Running");
  return world;
}

/** Objects of nobody's clusters, under names that a cluster might want. */
function bystanders(namespace: string): KubeObject[] {
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "web" }] } };
  const workload = { selector: { matchLabels: labels }, template };
  const object = (kind: string, name: string, rest: object) => ({
    apiVersion: refFor(kind, namespace, name).apiVersion,
    kind,
    metadata: { namespace, name, labels, uid: `uid-${namespace}-${kind}-${name}` },
    ...rest,
  });
  return [
    object("Service", "evil-repl", { spec: { selector: labels, ports: [{ port: 80 }] } }),
    object("Service", "web", { spec: { selector: labels, ports: [{ port: 80 }] } }),
    object("Deployment", "evil-pooler", { spec: workload }),
    object("StatefulSet", "constructor", { spec: workload }),
    object("ConfigMap", "evil-config", { data: { a: "b" } }),
    object("Secret", "evil-pooler-u", { data: { a: "Yg==" } }),
    object("Secret", "app.evil.credentials.postgresql.acid.zalan.do", {
      data: { username: "YXBw", password: "a2VwdA==" },
    }),
    object("PodDisruptionBudget", "postgres-evil-pdb", { spec: { minAvailable: 1 } }),
    object("CronJob", "logical-backup-evil", {
      spec: { schedule: "1 1 * * *", jobTemplate: { spec: { template } } },
    }),
  ];
}

/** True for what is not the tenant's; the status of a manifest is the operator's to write. */
function isOthers(object: KubeObject): boolean {
  const { namespace = "", labels } = object.metadata;
  if (SHARED_KINDS.includes(object.kind)) return false;
  if (object.kind === "postgresql") return false;
  const owner = ownValue(labels, LABEL);
  if (namespace === TENANT) {
    return owner === undefined ||
      OTHERS.some(([home, other]) => home === TENANT && owner === other);
  }
  return true;
}

async function perform(world: World, one: Step): Promise<void> {
  switch (one.kind) {
    case "apply":
      world.apply(manifestOf(world, one.name, one.manifest));
      break;
    case "delete":
      world.remove(refFor("postgresql", TENANT, one.name));
      break;
    case "restart":
      await world.stop();
      world.start();
      break;
    case "kill":
      world.killAfter(one.afterWrites);
      break;
    case "wait":
      await world.settle(one.minutes * 60_000);
  }
  await world.settle();
  if (!world.killed()) return;
  await world.stop();
  world.start();
  await world.settle();
}

let manifests = 0;

function manifestOf(world: World, name: string, { metadata, spec }: Wish): Postgresql {
  const note = forgedNote(world);
  const filled = JSON.parse(
    JSON.stringify({ metadata, spec }),
    (_, value) => value === "NOTE" ? note : value,
  );
  const known = world.find("postgresql", TENANT, name);
  const uid = known?.metadata.uid ?? `uid-of-tenant-${++manifests}`;
  const made = cluster({ metadata: { ...filled.metadata, namespace: TENANT, name, uid } });
  const generation = (known?.metadata.generation ?? 0) + 1;
  return {
    ...made,
    metadata: { ...made.metadata, generation },
    spec: { ...made.spec, teamId: "acid", ...filled.spec },
  };
}

/** The deletion of everything that is not the tenant's. */
function forgedNote(world: World): string {
  const targets = world.cluster.api.objects().filter(isOthers).map((object) => ({
    ref: refOf(object),
    uid: object.metadata.uid,
  }));
  return JSON.stringify({ uid: "uid-of-nobody", controller: "", targets });
}

function checkUnchanged(world: World, before: ReadonlyMap<string, string>, when: string): void {
  const after = snapshot(world, isOthers);
  for (const [name, text] of before) assert.equal(after.get(name), text, `${when}: ${name}`);
  const made = [...after.keys()].filter((name) => !before.has(name));
  // With leave from the configuration a cluster of the tenant has new Secrets elsewhere.
  const allowed = (name: string) =>
    name.startsWith("Endpoints ") || name.startsWith("Pod ") ||
    (world.config.enableCrossNamespaceSecret && /^Secret (?!tenant\/)/.test(name));
  assert.deepEqual(made.filter((name) => !allowed(name)), [], when);
  for (const [namespace, name] of OTHERS) {
    assert.equal(world.status(namespace, name), "Running", `${when}: ${namespace}/${name}`);
  }
}

/** Outside of the namespace nothing is made but the Secrets that the configuration allows. */
function checkElsewhere(world: World): void {
  const { enableCrossNamespaceSecret } = world.config;
  for (const { ref, before } of world.writes) {
    if (ref.namespace === TENANT || SHARED_KINDS.includes(ref.kind)) continue;
    const own = ref.namespace === VICTIM &&
      (before === undefined || ownValue(before.metadata.labels, LABEL) !== undefined ||
        ref.kind === "postgresql");
    const secret = enableCrossNamespaceSecret && ref.kind === "Secret";
    assert.ok(own || secret, `a write to ${describeRef(ref)}`);
  }
}
