/**
 * A second writer adds to the lists of an object between our read and our write of it. A merge patch
 * replaces lists, so a careless one would undo that and never know. Each addition is there at the end,
 * or was looked at and set back on purpose; and nothing loops.
 */

import assert from "node:assert/strict";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { describeRef, refOf } from "../../src/ports/requests.ts";
import type { Changeable } from "./mutations.ts";
import { everything, type Play, play } from "./play.ts";

interface Row {
  readonly what: string;
  readonly kind: string;
  /** A change of the manifest for which the operator patches the object. */
  readonly wish: Record<string, unknown>;
  /** Where the list is, from the object on. A number, or a name in brackets, is an item. */
  readonly list: string;
  readonly item: unknown;
  /** What of the item stands in `managedFields`. */
  readonly key: string;
  /** The operator looks at the addition, and takes it back: pods never had it. */
  readonly setBack?: true;
}

const POOLER = { connectionPooler: { numberOfInstances: 3, mode: "session" } };
const BACKUP = { logicalBackupSchedule: "17 3 * * *" };
const SERVICE = { serviceAnnotations: { tier: "gold" }, enableMasterLoadBalancer: true };
const PODS = { env: [{ name: "COLOUR", value: "green" }] };
const TEMPLATE = "spec.template.spec";
const JOB = "spec.jobTemplate.spec.template.spec";

/** Lists in the pods of a workload. */
function ofPods(
  kind: string,
  path: string,
  container: string,
  rest: Pick<Row, "wish"> & Partial<Row>,
): Row[] {
  const at = `${path}.containers[${container}]`;
  const row = (list: string, item: unknown, key: string) =>
    ({ what: `${kind}: ${list}`, kind, list, item, key, ...rest }) as const;
  return [
    row(`${path}.containers`, { name: "mesh", image: "mesh:1" }, 'k:{"name":"mesh"}'),
    row(`${at}.env`, { name: "RELOADED", value: "x" }, 'k:{"name":"RELOADED"}'),
    row(
      `${at}.ports`,
      { containerPort: 9999, protocol: "TCP" },
      'k:{"containerPort":9999,"protocol":"TCP"}',
    ),
    row(`${at}.volumeMounts`, { name: "ca", mountPath: "/ca" }, 'k:{"mountPath":"/ca"}'),
    row(`${path}.volumes`, { name: "ca", emptyDir: {} }, 'k:{"name":"ca"}'),
  ];
}

/** The operator sets none of these: they stay, whoever adds them. */
function ofPullSecrets(kind: string, path: string, wish: Record<string, unknown>): Row {
  const item = { name: "mirror" };
  const list = `${path}.imagePullSecrets`;
  return { what: `${kind}: ${list}`, kind, wish, list, item, key: 'k:{"name":"mirror"}' };
}

const OWNER = { apiVersion: "v1", kind: "ConfigMap", name: "inventory", uid: "uid-inventory" };

function ofOwners(kind: string, wish: Record<string, unknown>): Row {
  const at = { kind, wish, list: "metadata.ownerReferences", item: OWNER };
  return { what: `${kind}: owners`, key: `k:{"uid":"${OWNER.uid}"}`, ...at };
}

function ofFinalizers(kind: string, wish: Record<string, unknown>): Row {
  const finalizer = "inventory.example.com/hold";
  const at = { kind, wish, list: "metadata.finalizers", item: finalizer };
  return { what: `${kind}: finalizers`, key: `v:"${finalizer}"`, ...at };
}

const PATCHED_FOR = {
  StatefulSet: PODS,
  Deployment: POOLER,
  CronJob: BACKUP,
  Service: SERVICE,
  PodDisruptionBudget: { numberOfInstances: 0 },
};

const ROWS: readonly Row[] = [
  ...ofPods("StatefulSet", TEMPLATE, "postgres", { wish: PODS, setBack: true }),
  ...ofPods("Deployment", TEMPLATE, "connection-pooler", { wish: POOLER }),
  ...ofPods("CronJob", JOB, "logical-backup", { wish: BACKUP }),
  ofPullSecrets("StatefulSet", TEMPLATE, PODS),
  ofPullSecrets("Deployment", TEMPLATE, POOLER),
  ofPullSecrets("CronJob", JOB, BACKUP),
  {
    what: "Service: ports",
    kind: "Service",
    wish: SERVICE,
    list: "spec.ports",
    item: { name: "metrics", port: 9187, protocol: "TCP", targetPort: 9187 },
    key: 'k:{"port":9187,"protocol":"TCP"}',
  },
  ...Object.entries(PATCHED_FOR).flatMap(([kind, wish]) => [
    ofOwners(kind, wish),
    ofFinalizers(kind, wish),
  ]),
];

/** The list of a row in an object, made where it is not there. */
function listIn(object: Changeable, path: string): unknown[] {
  const keys = [...path.matchAll(/\[([^\]]+)\]|([^.[\]]+)/g)];
  const last = keys.pop()?.[2] ?? "";
  const parent = keys.reduce(
    (value, [, item, key]) =>
      item === undefined ? value[key ?? ""] : value.find(({ name }: KubeObject) => name === item),
    object,
  );
  return parent[last] ??= [];
}

/** The entry of `managedFields` of somebody who has written one item of a list. */
function managed({ list, key }: Row) {
  const keys = [...list.matchAll(/\[([^\]]+)\]|([^.[\]]+)/g)]
    .map(([, item, field]) => item === undefined ? `f:${field}` : `k:{"name":"${item}"}`);
  const fieldsV1 = [...keys, key].reduceRight<object>((inner, one) => ({ [one]: inner }), {});
  return { manager: "inventory", operation: "Update", fieldsType: "FieldsV1", fieldsV1 };
}

function addTo(played: Play, object: KubeObject, row: Row): void {
  const copy = structuredClone(object) as Changeable;
  listIn(copy, row.list).push(row.item);
  copy.metadata.managedFields = [managed(row)];
  played.cluster.api.put(copy);
}

function has(object: KubeObject | undefined, { list, item }: Row): boolean {
  const found = object === undefined ? [] : listIn(structuredClone(object), list);
  const keyOf = (one: unknown): unknown => {
    if (typeof one === "string") return one;
    const { name, containerPort } = one as Record<string, unknown>;
    return containerPort ?? name;
  };
  return found.some((one) => keyOf(one) === keyOf(item));
}

for (const row of ROWS) {
  Deno.test(`${row.what}: what a second writer adds before our write is not lost`, async () => {
    const played = play(everything(), (object) => object);
    await played.settle();
    played.counts();
    const { api } = played.cluster;
    const added: KubeObject[] = [];
    played.beforeWrites((verb, ref) => {
      if (ref.kind !== row.kind || verb !== "patch" || added.length > 0) return;
      const object = api.find(ref);
      if (object === undefined) return;
      addTo(played, object, row);
      added.push(object);
    });
    played.change(row.wish);
    await played.settle();
    const [object] = added;
    assert.ok(object !== undefined, "the operator has patched such an object");
    const { pods, statefulSets, writes } = played.counts();
    assert.equal(statefulSets, 0, "the StatefulSet was not made again");
    for (const [pod, made] of Object.entries(pods)) assert.ok(made <= 1, `${pod}: ${made} times`);
    const target = describeRef(refOf(object)).replace(/ .*\//, "/");
    const patches = writes.filter((write) => write === `patch ${target}`);
    assert.ok(patches.length <= 4, patches.join(", "));
    assert.equal(has(api.find(refOf(object)), row), row.setBack !== true);
    await played.look();
    assert.deepEqual(played.counts().writes, []);
    assert.equal(played.manifest().status?.PostgresClusterStatus, "Running");
    await played.stop();
  });
}

Deno.test("an addition that is set back was looked at: the write that knew nothing of it is refused", async () => {
  const [row] = ROWS;
  assert.ok(row !== undefined);
  const played = play(everything(), (object) => object);
  await played.settle();
  const seen: string[] = [];
  played.beforeWrites((verb, ref) => {
    if (ref.kind !== "StatefulSet" || verb !== "patch") return;
    const object = played.cluster.api.find(ref);
    seen.push(has(object, row) ? "with it" : "without it");
    if (seen.length === 1 && object !== undefined) addTo(played, object, row);
  });
  played.change(row.wish);
  await played.settle();
  assert.deepEqual(seen, ["without it", "with it"]);
  assert.ok(played.lines.some((line) => line.includes("it has changed meanwhile")), "a conflict");
  await played.stop();
});
