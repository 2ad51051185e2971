/** Whose an object is: labels, owners, and the pods that a workload makes. */

import assert from "node:assert/strict";
import type { KubeObject, OwnerReference } from "../../../kubernetes/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext, type PlanFixture } from "../../../testing/plan_fixture.ts";
import { planCluster } from "../plan_cluster.ts";
import { foreignObjectsOf, isOwn } from "./ownership.ts";

const CR = cluster({ spec: { enableConnectionPooler: true, enableLogicalBackup: true } });
const LABEL = { "cluster-name": "acid-orders" };

function built(fixture: Partial<PlanFixture> = {}): KubeObject[] {
  const { desired } = planContext({ cr: CR, ...fixture });
  const { services, statefulSet, disruptionBudgets, logicalBackup, poolers } = desired;
  return [
    services.primary,
    services.replica,
    statefulSet,
    disruptionBudgets.primary,
    disruptionBudgets.criticalOperation,
    ...logicalBackup ? [logicalBackup] : [],
    ...poolers.flatMap(({ deployment, service }) => [deployment, service]),
  ];
}

function changed(object: KubeObject, metadata: Record<string, unknown>): KubeObject {
  return { ...object, metadata: { ...object.metadata, ...metadata } };
}

/** Reasons for which an object that is there is not the cluster's own. */
function strange(object: KubeObject, fixture: Partial<PlanFixture> = {}): string[] {
  const context = planContext({ cr: CR, objects: [object], ...fixture });
  return foreignObjectsOf(context).map(({ reason }) => reason);
}

function ownedBy(owner: Partial<OwnerReference>): { ownerReferences: OwnerReference[] } {
  const base = { apiVersion: "v1", kind: "Chart", name: "web", uid: "uid-web", controller: true };
  return { ownerReferences: [{ ...base, ...owner }] };
}

for (const object of built()) {
  const what = `${object.kind} ${object.metadata.name}`;
  const workload = ["StatefulSet", "Deployment", "CronJob", "PodDisruptionBudget"].includes(
    object.kind,
  );

  Deno.test(`${what} as we make it is ours`, () => assert.deepEqual(strange(object), []));

  Deno.test(`${what} with another cluster's label is that one's`, () => {
    const [reason] = strange(changed(object, { labels: { "cluster-name": "other" } }));
    assert.match(reason ?? "", new RegExp(`^${object.kind} shop/.* belongs to cluster shop/other`));
  });

  Deno.test(`${what} that somebody else controls is not ours, whatever its labels say`, () => {
    const [reason] = strange(changed(object, ownedBy({})));
    assert.match(reason ?? "", /is controlled by Chart web/);
    assert.deepEqual(strange(changed(object, ownedBy({ controller: false }))), []);
    assert.deepEqual(
      strange(changed(object, ownedBy({ kind: "postgresql", name: "acid-orders" }))),
      [],
    );
  });

  Deno.test(`${what} without labels is ${workload ? "ours by its pods" : "somebody's"}`, () => {
    const found = strange(changed(object, { labels: {} }));
    assert.equal(found.length, workload ? 0 : 1);
    if (!workload) assert.match(found[0] ?? "", /lacks the label cluster-name=acid-orders/);
  });
}

Deno.test("a workload without labels that selects or makes other pods is somebody's", () => {
  for (const object of built().filter(({ kind }) => ["StatefulSet", "Deployment"].includes(kind))) {
    const spec = object["spec"] as { selector: object; template: KubeObject };
    const bare = changed(object, { labels: {} });
    const selector = { matchLabels: LABEL };
    const template = { ...spec.template, metadata: { labels: LABEL } };
    for (const other of [{ ...spec, selector }, { ...spec, template }]) {
      assert.equal(strange({ ...bare, spec: other } as KubeObject).length, 1, object.kind);
    }
  }
});

Deno.test("a budget without labels that protects other pods is somebody's", () => {
  for (const object of built().filter(({ kind }) => kind === "PodDisruptionBudget")) {
    const spec = { minAvailable: 1, selector: { matchLabels: LABEL } };
    assert.equal(strange({ ...changed(object, { labels: {} }), spec } as KubeObject).length, 1);
  }
});

Deno.test("an owner of the manifest is no foreign object", () => {
  const [service] = built();
  const owned = changed(service as KubeObject, ownedBy({}));
  const references = ownedBy({}).ownerReferences;
  const cr = cluster({
    metadata: { namespace: "shop", name: "acid-orders", ownerReferences: references },
    spec: CR.spec,
  });
  assert.deepEqual(strange(owned, { cr }), []);
});

Deno.test("a name such as constructor in the configuration makes nothing ours", () => {
  const [service] = built();
  const config = { clusterNameLabel: "constructor" };
  const context = planContext({
    cr: CR,
    config,
    objects: [changed(service as KubeObject, { labels: {} })],
  });
  assert.equal(isOwn(changed(service as KubeObject, { labels: {} }), context), false);
  assert.equal(foreignObjectsOf(context).length, 1);
});

Deno.test("a new cluster without the names it needs is not begun; a running one is looked after", () => {
  const set = built().find(({ kind }) => kind === "StatefulSet") as KubeObject;
  const [service] = built();
  const taken = changed(service as KubeObject, { labels: { "cluster-name": "other" } });
  const heldOf = (objects: readonly KubeObject[]) => {
    const context = planContext({ cr: CR, objects });
    return { plan: planCluster(context), context };
  };
  const created = heldOf([taken]).plan;
  assert.deepEqual(created.steps, []);
  assert.deepEqual(created.held.map(({ subject, kind }) => [subject, kind]), [[
    "services",
    "refused",
  ]]);
  const { plan } = heldOf([taken, set]);
  assert.ok(plan.steps.some(({ subject }) => subject === "credentials"));
  assert.ok(plan.held.some(({ subject, kind }) => subject === "services" && kind === "refused"));
  assert.equal(plan.steps.some(({ subject }) => subject === "services"), false);
  assert.equal(plan.held.some(({ reason }) => reason === "after services"), false);
});
