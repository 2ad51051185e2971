/** Order, safety and resumption of deletions. */

import assert from "node:assert/strict";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { describeAction } from "../apply/perform.ts";
import { describeRef, refOf } from "../../ports/requests.ts";
import {
  type Deletion,
  DELETION_ANNOTATION,
  deletionNote,
  deletionOf,
  planDeletion,
} from "./deletion.ts";

function object(kind: string, name: string, rest: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind,
    metadata: { namespace: "default", name, uid: `uid-${kind}-${name}`, ...rest },
  };
}

const OBJECTS = [
  object("Service", "a"),
  object("Secret", "postgres.a"),
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
  return planDeletion({ key: "default/a", cr, deletion, present: byName, told: true })
    .steps.map(({ action }) => describeAction(action));
}

Deno.test("deletionOf begins with what runs and ends with the primary's Service", () => {
  assert.deepEqual(DELETION.targets.map(({ ref }) => `${ref.kind} ${ref.name}`), [
    "StatefulSet a",
    "Pod a-0",
    "PersistentVolumeClaim pgdata-a-0",
    "Secret postgres.a",
    "Service a-repl",
    "Service a",
  ]);
});

Deno.test("planDeletion without a finalizer first notes what has to go", () => {
  const steps = plan({ present: OBJECTS });
  assert.equal(steps[0], "patch Service default/a");
  assert.deepEqual(steps.slice(1), DELETION.targets.map(({ ref }) => `delete ${describeRef(ref)}`));
});

Deno.test("planDeletion goes on from a note, and the note reads back as it was", () => {
  const annotations = { [DELETION_ANNOTATION]: JSON.stringify(DELETION) };
  const service = object("Service", "a", { annotations });
  assert.deepEqual(deletionNote(service), DELETION);
  const left = [service, object("Service", "a-repl")];
  assert.deepEqual(plan({ present: left }), [
    "delete Service default/a-repl",
    "delete Service default/a",
  ]);
});

Deno.test("planDeletion spares objects that were made anew under the same name", () => {
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
  const state = { key: "default/a", cr, deletion: DELETION, present: new Map(), told: true };
  const [release] = planDeletion(state).steps;
  assert.ok(release?.action.kind === "patch");
  assert.deepEqual(release.action.request.body, {
    metadata: { finalizers: ["example.org/other"] },
  });
});

Deno.test("deletionNote takes nothing but a note of its own", () => {
  for (const text of ["", "{}", "[1]", `{"uid":1,"targets":[]}`]) {
    const annotations = { [DELETION_ANNOTATION]: text };
    assert.equal(deletionNote(object("Service", "a", { annotations })), undefined);
  }
});
