/**
 * Grows volume claims and keeps the annotations that they inherit. A claim never shrinks: Kubernetes
 * cannot, so a smaller size in the manifest is told and left. A growth that the storage driver refused
 * is taken back when the manifest asks for less.
 *
 * Zalando: pkg/cluster/volumes.go, syncVolumeClaims
 */

import type { PersistentVolumeClaim, StatefulSet } from "../../../kubernetes/types.gen.ts";
import type { Observation } from "../../../ports/observation.ts";
import { claimSize, largestKept, order } from "../../observed/claims.ts";
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
import { planEbsVolumes } from "./ebs_volumes.ts";
import { ownValue } from "../../../lib/own_value.ts";

const SUBJECT = "volumes";

/** Plans sizes and inherited annotations of the cluster's claims. */
export function planVolumes(context: PlanContext): SubjectPlan {
  const { claims } = context.observed;
  if (!claims.known) return heldPlan(SUBJECT, "unreadable", claims.reason);
  const template = context.desired.statefulSet.spec?.volumeClaimTemplates?.[0];
  if (template === undefined) return NOTHING;
  const live = claims.value.filter((claim) => claim.metadata.deletionTimestamp === undefined);
  // The cloud first: a driver that is asked to grow a volume finds it grown.
  return joinPlans([
    planEbsVolumes(context),
    ...live.map((claim) => planClaim(context, template, claim)),
  ]);
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
  context: PlanContext,
  template: PersistentVolumeClaim,
  claim: PersistentVolumeClaim,
): SubjectPlan {
  const want = storageOf(template);
  const size = claimSize(claim);
  const { name } = claim.metadata;
  const direction = order(want, size.requested);
  if (direction === undefined) {
    const reason = `claim ${name}: cannot compare ${size.requested} with ${want}`;
    return heldPlan(SUBJECT, "refused", reason);
  }
  if (direction === 1) return growth(context, claim, want);
  if (size.growthRefused !== undefined) return afterRefusal(context, claim, want);
  return direction === 0 ? NOTHING : left(claim, `${want}; volumes cannot shrink`);
}

function growth(context: PlanContext, claim: PersistentVolumeClaim, want: string): SubjectPlan {
  if (context.config.storageResizeMode !== "ebs") return resize(context, claim, want);
  const { observed, memory } = context;
  // Whoever looked at the volume behind the claim plans its growth.
  if (observed.ebsVolumes !== undefined || memory.volumeLook !== undefined) return NOTHING;
  const { name } = claim.metadata;
  const wish = `spec.volume.size: claim ${name} is to grow from ${storageOf(claim)} to ${want}`;
  return heldPlan(SUBJECT, "postponed", `${wish} through AWS, once its pod runs`);
}

/**
 * The storage driver cannot make the volume as large as was asked for. Kubernetes takes such a wish
 * back, but only to more than the volume has.
 */
function afterRefusal(
  context: PlanContext,
  claim: PersistentVolumeClaim,
  want: string,
): SubjectPlan {
  const { requested, there, growthRefused } = claimSize(claim);
  const back = order(want, requested) === -1;
  if (back && order(want, there) === 1) return resize(context, claim, want);
  const why = `its storage driver refused to grow it from ${there} to ${requested} ` +
    `(${growthRefused}); set a size above ${there} that it can give`;
  return left(claim, `${want}; ${why}`);
}

function left({ metadata }: PersistentVolumeClaim, why: string): SubjectPlan {
  return heldPlan(SUBJECT, "left", `spec.volume.size: claim ${metadata.name} is not made ${why}`);
}

function resize(
  { phase }: PlanContext,
  claim: PersistentVolumeClaim,
  want: string,
): SubjectPlan {
  const request = {
    target: refOf(claim),
    type: "merge",
    body: { spec: { resources: { requests: { storage: want } } } },
  } as const;
  const { name } = claim.metadata;
  const path = "spec.resources.requests.storage";
  const reason: Reason = {
    path,
    desired: want,
    observed: storageOf(claim),
    ...(name === undefined ? {} : { of: name }),
    bare: true,
  };
  const action = { kind: "patch", request } as const;
  // Where somebody changed the manifest, its other changes go on; see Update in cluster.go.
  const onError = phase === "update" ? "continue" : "stop";
  return { steps: [step(SUBJECT, [reason], action, { onError })], held: [] };
}

/**
 * The StatefulSet with a claim template that new volumes can be made with: a size below that of the
 * claims stays what it was, so that a new member gets what the others have.
 */
export function withKeptSize(
  desired: StatefulSet,
  observed: StatefulSet | undefined,
  claims: Observation<readonly PersistentVolumeClaim[]>,
): StatefulSet {
  const templates = desired.spec?.volumeClaimTemplates ?? [];
  const [template] = templates;
  if (template === undefined) return desired;
  const [before] = observed?.spec?.volumeClaimTemplates ?? [];
  const written = before === undefined ? undefined : storageOf(before);
  const kept = claims.known ? largestKept(claims.value) : written;
  if (kept === undefined || order(storageOf(template), kept) !== -1) return desired;
  const storage = written ?? kept;
  const resources = { ...template.spec?.resources };
  const requests = { ...resources.requests, storage };
  const sized = { ...template, spec: { ...template.spec, resources: { ...resources, requests } } };
  const spec = { ...desired.spec, volumeClaimTemplates: [sized, ...templates.slice(1)] };
  return { ...desired, spec } as StatefulSet;
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
