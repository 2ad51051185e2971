/** The pod that would come after a deleted one, and which deletions carry it. */

import assert from "node:assert/strict";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import { step } from "../steps/context.ts";
import { recreatePod } from "./recreate_pod.ts";
import { successorOf, withSuccessors } from "./successor.ts";

const CR = cluster();
const { name: NAME = "", namespace = "" } = CR.metadata;

function observedSet() {
  const set = planContext({ cr: CR }).desired.statefulSet;
  return { ...set, metadata: { ...set.metadata, uid: "u1" }, status: { updateRevision: "r1" } };
}

Deno.test("a successor is made as the StatefulSet controller makes pods", () => {
  const set = observedSet();
  const { metadata, spec } = successorOf(set as never, `${NAME}-1`);
  assert.equal(metadata.labels?.["controller-revision-hash"], "r1");
  assert.equal(metadata.labels?.["statefulset.kubernetes.io/pod-name"], `${NAME}-1`);
  assert.equal(metadata.labels?.["apps.kubernetes.io/pod-index"], "1");
  assert.deepEqual(metadata.ownerReferences, [
    { apiVersion: "apps/v1", kind: "StatefulSet", name: NAME, uid: "u1", controller: true },
  ]);
  assert.equal(spec?.hostname, `${NAME}-1`);
  assert.equal(spec?.subdomain, set.spec?.serviceName);
  assert.deepEqual(spec?.volumes?.at(-1), {
    name: "pgdata",
    persistentVolumeClaim: { claimName: `pgdata-${NAME}-1` },
  });
});

Deno.test("deletions of members carry their successor, others do not", () => {
  const members = [pod(`${NAME}-0`, { role: "master" }), pod(`${NAME}-1`, { role: "replica" })]
    .map((one) => ({ ...one, metadata: { ...one.metadata, namespace } }));
  const leaving = pod(`${NAME}-5`, { role: "replica" });
  const context = planContext({
    cr: CR,
    objects: [observedSet() as never],
    pods: [...members, leaving],
  });
  const steps = [members[1]!, leaving, pod("acid-orders-pooler-x")].flatMap((one) =>
    recreatePod("rollout", one, "test").steps
  );
  const patch = step("rollout", ["x"], {
    kind: "patch",
    request: { target: { apiVersion: "v1", kind: "Pod", name: NAME }, type: "merge", body: {} },
  });
  const found = withSuccessors(context, [...steps, patch]);
  assert.deepEqual(found.map(({ action }) => "successor" in action), [true, false, false, false]);
});
