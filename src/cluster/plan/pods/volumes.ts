/**
 * Grows volume claims and keeps the annotations that they inherit. A claim never shrinks: Kubernetes
 * cannot, so a smaller size in the manifest is told and left.
 *
 * Zalando: pkg/cluster/volumes.go, syncVolumeClaims
 */

import type { PersistentVolumeClaim } from "../../../kubernetes/types.gen.ts";
import { compareQuantities, parseQuantity } from "../../../lib/quantity.ts";
import { refOf } from "../../../ports/requests.ts";
import type { Step } from "../steps/action.ts";
import { mendOf } from "../steps/mend.ts";
import {
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  step,
  type SubjectPlan,
} from "../steps/context.ts";
import type { Reason } from "../steps/action.ts";
import { ownValue } from "../../../lib/own_value.ts";

const SUBJECT = "volumes";

/** Plans sizes and inherited annotations of the cluster's claims. */
export function planVolumes(context: PlanContext): SubjectPlan {
  const { claims } = context.observed;
  if (!claims.known) return heldPlan(SUBJECT, "unreadable", claims.reason);
  const template = context.desired.statefulSet.spec?.volumeClaimTemplates?.[0];
  if (template === undefined) return NOTHING;
  const live = claims.value.filter((claim) => claim.metadata.deletionTimestamp === undefined);
  return joinPlans(live.map((claim) => planClaim(context, template, claim)));
}

function planClaim(
  context: PlanContext,
  template: PersistentVolumeClaim,
  claim: PersistentVolumeClaim,
): SubjectPlan {
  const annotations = annotationStep(template, claim, context.config.ignoredAnnotations);
  const mode = context.config.storageResizeMode;
  const size = mode === "off" ? NOTHING : sizePlan(context, template, claim);
  return joinPlans([size, { steps: annotations, held: [] }]);
}

function storageOf(claim: PersistentVolumeClaim): string {
  return String(claim.spec?.resources?.requests?.["storage"] ?? "");
}

function sizePlan(
  { config, phase }: PlanContext,
  template: PersistentVolumeClaim,
  claim: PersistentVolumeClaim,
): SubjectPlan {
  const [want, have] = [storageOf(template), storageOf(claim)];
  const [desired, observed] = [parseQuantity(want), parseQuantity(have)];
  const { name } = claim.metadata;
  if (desired === undefined || observed === undefined) {
    return heldPlan(SUBJECT, "refused", `claim ${name}: cannot compare ${have} with ${want}`);
  }
  const order = compareQuantities(desired, observed);
  if (order <= 0) return NOTHING;
  if (config.storageResizeMode === "ebs") {
    const wish = `spec.volume.size: claim ${name} is to grow from ${have} to ${want}`;
    return heldPlan(
      SUBJECT,
      "refused",
      `${wish}: storage_resize_mode ebs is not supported, use pvc`,
    );
  }
  const request = {
    target: refOf(claim),
    type: "merge",
    body: { spec: { resources: { requests: { storage: want } } } },
  } as const;
  const path = "spec.resources.requests.storage";
  const reason: Reason = {
    path,
    desired: want,
    observed: have,
    ...(name === undefined ? {} : { of: name }),
    bare: true,
  };
  const action = { kind: "patch", request } as const;
  // Where somebody changed the manifest, its other changes go on; see Update in cluster.go.
  const onError = phase === "update" ? "continue" : "stop";
  return { steps: [step(SUBJECT, [reason], action, { onError })], held: [] };
}

/** Inherited annotations that are missing or differ; nobody else's are touched. */
function annotationStep(
  template: PersistentVolumeClaim,
  claim: PersistentVolumeClaim,
  ignored: readonly string[],
): Step[] {
  const want = Object.entries(template.metadata.annotations ?? {});
  const have = claim.metadata.annotations ?? {};
  const changed = want.filter(([key, value]) =>
    ownValue(have, key) !== value && !ignored.includes(key)
  );
  if (changed.length === 0) return [];
  const request = {
    target: refOf(claim),
    type: "merge",
    body: { metadata: { annotations: Object.fromEntries(changed) } },
  } as const;
  const reasons = changed.map(([key]) =>
    `metadata.annotations["${key}"] of ${claim.metadata.name}`
  );
  const differences = changed.map(([key, desired]) => ({
    path: `metadata.annotations["${key}"]`,
    desired,
    observed: have[key],
  }));
  const mends = mendOf(refOf(claim), want, claim, differences);
  return [step(SUBJECT, reasons, { kind: "patch", request }, { mends })];
}
