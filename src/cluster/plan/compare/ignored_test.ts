/** Ignored annotations: whoever sets them, on whatever kind, the operator writes nothing for them. */

import assert from "node:assert/strict";
import type {
  KubeObject,
  PersistentVolumeClaim,
  StatefulSet,
} from "../../../kubernetes/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext, type PlanFixture } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import {
  planDisruptionBudgets,
  planLogicalBackup,
  planServiceAccount,
  planServices,
} from "../objects/objects.ts";
import { planPooler } from "../objects/pooler.ts";
import { planStatefulSet } from "../pods/statefulset.ts";
import { planVolumes } from "../pods/volumes.ts";
import { withoutIgnored } from "./ignored.ts";

const KEYS = ["oncall", "mesh/mode"];
const SETTINGS = {
  inheritedAnnotations: ["oncall"],
  customPodAnnotations: { "mesh/mode": "strict" },
  customServiceAnnotations: { "mesh/mode": "strict" },
};
const CR = cluster({
  metadata: { namespace: "shop", name: "acid-orders", annotations: { oncall: "bea" } },
  spec: { enableConnectionPooler: true, enableLogicalBackup: true, numberOfInstances: 1 },
});

type Change = (annotations: Record<string, string>) => Record<string, string>;

const OTHERS: readonly [string, Change][] = [
  ["hold other values", (annotations) => ({ ...annotations, oncall: "ann", "mesh/mode": "open" })],
  ["are missing", ({ oncall: _a, "mesh/mode": _b, ...rest }) => rest],
  ["are somebody's alone", (annotations) => ({ ...annotations, "mesh/mode": "x" })],
];

/** The object with the annotations of each of its parts changed. */
function changed(value: unknown, change: Change): unknown {
  if (Array.isArray(value)) return value.map((element) => changed(element, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key !== "metadata") return [key, changed(inner, change)];
      const annotations = change(
        (inner as { annotations?: Record<string, string> }).annotations ?? {},
      );
      return [key, { ...inner as object, annotations }];
    }),
  );
}

function contextOf(ignoredAnnotations: readonly string[], change: Change) {
  const config = { ...SETTINGS, ignoredAnnotations };
  const { desired } = planContext({ cr: CR, config });
  const objects = [
    desired.statefulSet,
    ...Object.values(desired.services),
    ...Object.values(desired.disruptionBudgets),
    desired.logicalBackup,
    ...desired.poolers.flatMap(({ deployment, service }) => [deployment, service]),
    desired.serviceAccount,
  ].filter((object) => object !== undefined) as KubeObject[];
  const template = desired.statefulSet.spec?.volumeClaimTemplates?.[0] as PersistentVolumeClaim;
  const claim = {
    ...template,
    metadata: { ...template.metadata, namespace: "shop", name: "pgdata-acid-orders-0" },
  };
  const running = pod("acid-orders-0", { role: "master" });
  const own = (desired.statefulSet as StatefulSet).spec?.template.metadata?.annotations ?? {};
  const fixture: PlanFixture = {
    cr: CR,
    config,
    objects: objects.map((object) => changed(object, change) as KubeObject),
    claims: [changed(claim, change) as PersistentVolumeClaim],
    pods: [{
      ...running,
      metadata: { ...running.metadata, annotations: change({ ...own }) },
      spec: desired.statefulSet.spec!.template.spec!,
    }],
  };
  return planContext(fixture);
}

function writes(ignored: readonly string[], change: Change): string[] {
  const context = contextOf(ignored, change);
  const plans = [
    planServiceAccount,
    planServices,
    planDisruptionBudgets,
    planVolumes,
    planStatefulSet,
    planLogicalBackup,
    planPooler,
  ].map((plan) => plan(context));
  return plans.flatMap(({ steps }) => steps)
    .filter(({ reasons }) =>
      reasons.some((reason) => KEYS.some((key) => JSON.stringify(reason).includes(key)))
    )
    .map(({ subject, action }) => `${subject} ${action.kind}`);
}

for (const [how, change] of OTHERS) {
  Deno.test(`ignored annotations that ${how} lead to no write of any kind`, () => {
    assert.deepEqual(writes(KEYS, change), []);
    assert.ok(writes([], change).length > 0, "without the parameter they would");
  });
}

Deno.test("an object that is written for something else keeps ignored annotations as they are", () => {
  const object = (annotations: Record<string, string>, replicas: number) => ({
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "a", annotations },
    spec: {
      replicas,
      template: { metadata: { annotations }, spec: { containers: [] } },
      volumeClaimTemplates: [{ metadata: { name: "pgdata", annotations } }],
    },
  });
  const wanted = object({ oncall: "bea", mine: "1" }, 2);
  assert.deepEqual(
    withoutIgnored(wanted, object({ oncall: "ann" }, 1), KEYS),
    object({ mine: "1", oncall: "ann" }, 2),
  );
  const none = withoutIgnored(object({ oncall: "bea" }, 2), object({ other: "1" }, 1), KEYS);
  assert.ok(!JSON.stringify(none).includes("annotations"));
});
