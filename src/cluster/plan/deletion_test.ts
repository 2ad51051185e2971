/** Order, safety and resumption of deletions. */

import assert from "node:assert/strict";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { describeAction } from "../apply/perform.ts";
import { config } from "../../testing/config_fixture.ts";
import { describeRef, refOf } from "../../ports/requests.ts";
import {
  type Deletion,
  DELETION_ANNOTATION,
  deletionNote,
  deletionOf,
  isOwnTarget,
  planDeletion,
} from "./deletion.ts";

const VERSIONS: Readonly<Record<string, string>> = {
  StatefulSet: "apps/v1",
  postgresql: "acid.zalan.do/v1",
};
const LABELS = { application: "spilo", "cluster-name": "a" };

function object(kind: string, name: string, rest: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: VERSIONS[kind] ?? "v1",
    kind,
    metadata: {
      namespace: "default",
      name,
      uid: `uid-${kind}-${name}`,
      labels: LABELS,
      ...rest,
    },
  };
}

const SECRET = "postgres.a.credentials.postgresql.acid.zalan.do";

const OBJECTS = [
  object("Service", "a"),
  object("Secret", SECRET),
  object("Pod", "a-0"),
  object("Service", "a-repl"),
  object("PersistentVolumeClaim", "pgdata-a-0"),
  object("StatefulSet", "a"),
];
const DELETION = deletionOf("uid-cr", "a", OBJECTS);

function plan(options: {
  readonly present: readonly KubeObject[];
  readonly cr?: KubeObject;
  readonly deletion?: Deletion;
}) {
  const { present, cr, deletion = DELETION } = options;
  const byName = new Map(present.map((one) => [describeRef(refOf(one)), one]));
  const state = { key: "default/a", cr, deletion, controllerId: "", present: byName, told: true };
  return planDeletion(state)
    .steps.map(({ action }) => describeAction(action));
}

Deno.test("deletionOf begins with what runs and ends with the primary's Service", () => {
  assert.deepEqual(DELETION.targets.map(({ ref }) => `${ref.kind} ${ref.name}`), [
    "StatefulSet a",
    "Pod a-0",
    "PersistentVolumeClaim pgdata-a-0",
    `Secret ${SECRET}`,
    "Service a-repl",
    "Service a",
  ]);
});

Deno.test("planDeletion without a finalizer first notes what has to go", () => {
  const steps = plan({ present: OBJECTS });
  assert.equal(steps[0], "patch Service default/a");
  const now = DELETION.targets.slice(0, -1).map(({ ref }) => `delete ${describeRef(ref)}`);
  assert.deepEqual(steps.slice(1), now);
});

const CONFIG = object("Service", "a-config");
const STATE = object("Endpoints", "a-config");
const LEAVING = object("Pod", "a-0", { deletionTimestamp: "2026-01-01T00:00:00Z" });

const ENDING = object("StatefulSet", "a", { deletionTimestamp: "2026-01-01T00:00:00Z" });

/** What is there of a cluster with Patroni's objects, and what is deleted now. */
const LATE: readonly [string, readonly KubeObject[], readonly string[], boolean?][] = [
  ["its pod still runs", [...OBJECTS, CONFIG, STATE], [
    "StatefulSet a",
    "Pod a-0",
    "PersistentVolumeClaim pgdata-a-0",
    `Secret ${SECRET}`,
    "Service a-repl",
  ]],
  ["its pod is on its way out", [LEAVING, CONFIG, STATE, object("Service", "a")], []],
  [
    "its pods are gone, and a cache that is behind shows its StatefulSet on the way out",
    [ENDING, CONFIG, STATE, object("Service", "a")],
    [],
  ],
  ["its pod is gone", [CONFIG, STATE, object("Service", "a")], [
    "Endpoints a-config",
    "Service a-config",
    "Service a",
  ]],
  [
    "Patroni made some of it again",
    [{ ...CONFIG, metadata: { ...CONFIG.metadata, uid: "made-again" } }, STATE],
    ["Endpoints a-config", "Service a-config"],
  ],
  [
    "another manifest has its name",
    [
      { ...CONFIG, metadata: { ...CONFIG.metadata, uid: "of-the-next" } },
      STATE,
    ],
    ["Endpoints a-config"],
    true,
  ],
];

for (const [given, present, want, replaced = false] of LATE) {
  Deno.test(`what Patroni makes goes with the cluster when ${given}`, () => {
    const byName = new Map(present.map((one) => [describeRef(refOf(one)), one]));
    const { steps, held } = planDeletion({
      key: "default/a",
      cr: undefined,
      deletion: deletionOf("uid-cr", "a", [...OBJECTS, CONFIG, STATE]),
      controllerId: "",
      present: byName,
      told: true,
      replaced,
    });
    const deleted = steps.flatMap(({ action }) =>
      action.kind === "delete"
        ? [[action.request.target, action.request.preconditions?.uid] as const]
        : []
    );
    assert.deepEqual(deleted.map(([{ kind, name }]) => `${kind} ${name}`), want);
    for (const [target, uid] of deleted) {
      assert.equal(uid, byName.get(describeRef(target))?.metadata.uid);
    }
    const busy = ["StatefulSet", "Pod"].flatMap((kind) =>
      present.filter((one) => one.kind === kind)
    )
      .slice(0, 1).map(({ kind, metadata }) => `until ${kind} ${metadata.name} is gone`);
    assert.deepEqual(held.map(({ reason }) => reason), busy);
  });
}

Deno.test("what Patroni has not made yet goes too, should it make it at the end", () => {
  const deletion = deletionOf("uid-cr", "a", OBJECTS, [refOf(CONFIG)]);
  assert.deepEqual(plan({ present: [CONFIG], deletion }), ["delete Service default/a-config"]);
});

Deno.test("a manifest with a finalizer is kept until its last pod is gone", () => {
  const cr = object("postgresql", "a", { finalizers: ["postgres-operator.acid.zalan.do"] });
  assert.deepEqual(plan({ present: [LEAVING], cr }), []);
  assert.deepEqual(plan({ present: [], cr }), ["patch postgresql default/a"]);
});

const RULES = { config: config({ enableSecretsDeletion: true }), controllerId: "" };

function noted(targets: unknown, rest: Record<string, unknown> = {}): KubeObject {
  const text = JSON.stringify({ uid: "uid-cr", controller: "", targets });
  return object("Service", "a", { annotations: { [DELETION_ANNOTATION]: text }, ...rest });
}

Deno.test("planDeletion goes on from a note, and the note reads back as it was", () => {
  const service = noted(DELETION.targets);
  const deletion = deletionNote(service, RULES);
  assert.deepEqual(deletion, { ...DELETION, noted: {} });
  const left = [service, object("Service", "a-repl")];
  assert.deepEqual(plan({ present: left, ...(deletion ? { deletion } : {}) }), [
    "delete Service default/a-repl",
    "delete Service default/a",
  ]);
});

Deno.test("planDeletion spares objects that were recreated under the same name", () => {
  const renewed = object("StatefulSet", "a", { uid: "another" });
  assert.deepEqual(plan({ present: [renewed] }), []);
});

Deno.test("planDeletion does not ask again for what is on its way out", () => {
  const leaving = object("Pod", "a-0", { deletionTimestamp: "2026-01-01T00:00:00Z" });
  assert.deepEqual(plan({ present: [leaving] }), []);
});

Deno.test("planDeletion lets go of the manifest only when nothing is left, and keeps other finalizers", () => {
  const finalizers = ["example.org/other", "postgres-operator.acid.zalan.do"];
  const cr = object("postgresql", "a", { finalizers });
  assert.equal(plan({ present: OBJECTS, cr }).includes("patch postgresql default/a"), false);
  const [release] = planDeletion({
    key: "default/a",
    cr,
    deletion: DELETION,
    controllerId: "",
    present: new Map(),
    told: true,
  }).steps;
  assert.ok(release?.action.kind === "patch");
  assert.deepEqual(release.action.request.body, {
    metadata: { finalizers: ["example.org/other"] },
  });
});

Deno.test("deletionNote takes nothing but a note of its own", () => {
  for (
    const text of [
      "",
      "null",
      "{}",
      "[1]",
      `{"uid":1,"controller":"","targets":[]}`,
      `{"uid":"","controller":"","targets":[]}`,
      `{"uid":"x","targets":[]}`,
      `{"uid":"x","controller":"another","targets":[]}`,
    ]
  ) {
    const annotations = { [DELETION_ANNOTATION]: text };
    assert.equal(deletionNote(object("Service", "a", { annotations }), RULES), undefined, text);
  }
  const foreign: Record<string, unknown>[] = [
    { labels: {} },
    { labels: { "cluster-name": "a" } },
    { labels: { ...LABELS, "cluster-name": "b" } },
  ];
  for (const metadata of foreign) {
    assert.equal(deletionNote(noted(DELETION.targets, metadata), RULES), undefined);
  }
});

const TARGET = { ref: refOf(object("StatefulSet", "a")), uid: "1" };

const FORGED: readonly unknown[] = [
  { ...TARGET, ref: { ...TARGET.ref, namespace: "victim" } },
  { ...TARGET, ref: { ...TARGET.ref, name: "b" } },
  { ...TARGET, ref: { ...TARGET.ref, apiVersion: "v1" } },
  { ...TARGET, ref: { ...TARGET.ref, kind: "Namespace", name: "victim" } },
  { ...TARGET, ref: { ...TARGET.ref, kind: "postgresql", apiVersion: "acid.zalan.do/v1" } },
  { ref: { apiVersion: "v1", kind: "Pod", namespace: "default", name: "a-b-0" }, uid: "1" },
  { ref: { apiVersion: "v1", kind: "Secret", namespace: "default", name: "token" }, uid: "1" },
  { ref: { apiVersion: "v1", kind: "ServiceAccount", namespace: "default", name: "a" }, uid: "1" },
  { ref: TARGET.ref, uid: "" },
  { ref: TARGET.ref },
  { uid: "1" },
  null,
  "StatefulSet",
];

for (const target of FORGED) {
  Deno.test(`deletionNote leaves out the target ${JSON.stringify(target)}`, () => {
    const deletion = deletionNote(noted([target, TARGET]), RULES);
    assert.deepEqual(deletion?.targets, [TARGET]);
  });
}

Deno.test("deletionNote asks for no data and no Secrets that the configuration keeps", () => {
  const settings = { enableSecretsDeletion: false, enablePersistentVolumeClaimDeletion: false };
  const list = { ref: refOf(object("Secret", "a-pooler-u")), uid: "u" };
  const service = noted([...DELETION.targets, list]);
  const deletion = deletionNote(service, { ...RULES, config: config(settings) });
  const kinds = deletion?.targets.map(({ ref }) => `${ref.kind} ${ref.name}`) ?? [];
  assert.deepEqual(kinds.filter((kind) => /^(Secret|Persistent)/.test(kind)), [
    "Secret a-pooler-u",
  ]);
});

Deno.test("a target of a note has to carry every label of the cluster, and be older than another manifest", () => {
  const { config: settings } = RULES;
  const deletion: Deletion = { ...DELETION, noted: { before: "2026-02-01T00:00:00Z" } };
  const own = (metadata: Record<string, unknown>) =>
    isOwnTarget(object("Pod", "a-0", metadata), "a", deletion, settings);
  const creationTimestamp = "2026-01-01T00:00:00Z";
  assert.equal(own({ creationTimestamp }), true);
  assert.equal(own({ creationTimestamp: "2026-02-01T00:00:00Z" }), false);
  assert.equal(own({}), false);
  assert.equal(own({ creationTimestamp, labels: { "cluster-name": "a" } }), false);
  const pooler = { "cluster-name": "a", application: "db-connection-pooler" };
  assert.equal(own({ creationTimestamp, labels: pooler }), true);
});

Deno.test("what lies in another namespace goes first, and the note does not tell of it", () => {
  const elsewhere = object("Secret", SECRET, { namespace: "far-away" });
  const deletion = deletionOf("uid-cr", "a", [...OBJECTS, elsewhere]);
  assert.equal(deletion.targets[0]?.ref.namespace, "far-away");
  const present = new Map([...OBJECTS, elsewhere].map((one) => [describeRef(refOf(one)), one]));
  const { steps } = planDeletion({
    key: "default/a",
    cr: undefined,
    deletion,
    controllerId: "",
    present,
    told: true,
  });
  assert.equal(JSON.stringify(steps[0]?.action).includes("far-away"), false);
  // The Service with the note waits for the pod.
  assert.equal(steps.length, OBJECTS.length + 1);
});

Deno.test("no pod or claim goes while its StatefulSet could not be deleted", () => {
  const present = new Map(OBJECTS.map((one) => [describeRef(refOf(one)), one]));
  const { steps } = planDeletion({
    key: "default/a",
    cr: undefined,
    deletion: DELETION,
    controllerId: "",
    present,
    told: true,
  });
  const stopping = steps.filter(({ action, onError }) =>
    action.kind === "delete" && onError === "stop"
  );
  assert.deepEqual(stopping.map(({ action }) => describeAction(action)), [
    "delete StatefulSet default/a",
  ]);
});
