/**
 * The StatefulSet's part of the plan: create it, patch it or recreate it around its running pods,
 * and mark the pods that have to follow. Marks are written before the StatefulSet changes, so that
 * an operator killed in between still knows which pods are old.
 *
 * Zalando: pkg/cluster/sync.go, syncStatefulSet
 */

import type { Pod, StatefulSet } from "../../../kubernetes/types.gen.ts";
import { observedObject } from "../../observed/cluster.ts";
import {
  isFlagged,
  isMember,
  isTerminating,
  podRef,
  primariesOf,
  ROLLING_UPDATE_ANNOTATION,
} from "../../observed/pods.ts";
import {
  imageMadeFor,
  MADE_FOR_ANNOTATION,
  postgresContainerOf,
  templateImage,
} from "../../observed/revisions.ts";
import { describeRef, refOf } from "../../../ports/requests.ts";
import type { Held, Mend, Reason, Step } from "../steps/action.ts";
import { hashOf, mendOf, overridden } from "../steps/mend.ts";
import { type Difference, hasEffect } from "../compare/difference.ts";
import { withoutIgnored } from "../compare/ignored.ts";
import { isAnothers } from "../compare/managers.ts";
import { ownersKept } from "../compare/metadata.ts";
import { podMismatches } from "../compare/pod_template.ts";
import { compareStatefulSet, type StatefulSetRules } from "../compare/statefulset.ts";
import { eventStep, heldPlan, type PlanContext, step, type SubjectPlan } from "../steps/context.ts";
import { atVersion, mergePatch, overlay } from "../steps/merge_patch.ts";
import { isNew } from "../steps/new_cluster.ts";
import { phaseOf } from "../steps/phase.ts";
import { switchoverSteps } from "./switchover.ts";
import { awaitRole, leadingPod } from "./leader.ts";
import { heldTakeover, leavesByScaling, takeoverFrom } from "./takeover.ts";
import { withKeptSize } from "./volumes.ts";
import { changeable, judge, notedWish, type Wish, WISH_LABEL, wishFor, withWish } from "./wish.ts";
import { clusterEvent } from "../../events.ts";
import { ownValue } from "../../../lib/own_value.ts";

const SUBJECT = "statefulset";

/** Plans the StatefulSet and the marks on its pods. */
export function planStatefulSet(context: PlanContext): SubjectPlan {
  const desired = context.desired.statefulSet;
  const observed = observedObject<StatefulSet>(context.observed.objects, refOf(desired));
  if (!observed.known) return heldPlan(SUBJECT, "unreadable", observed.reason);
  if (!context.observed.pods.known) {
    return heldPlan(SUBJECT, "unreadable", context.observed.pods.reason);
  }
  const pods = context.observed.pods.value;
  const sized = withKeptSize(desired, observed.value, context.observed.claims);
  if (observed.value === undefined) return creation(context, sized, pods);
  if (observed.value.metadata.deletionTimestamp !== undefined) {
    return heldPlan(SUBJECT, "waiting", `StatefulSet ${desired.metadata.name} is being deleted`);
  }
  const { ignoredAnnotations } = context.config;
  return correction(
    context,
    withoutIgnored(sized, observed.value, ignoredAnnotations),
    observed.value,
    pods,
  );
}

/** The rules of comparison that the configuration sets. */
export function statefulSetRules(
  context: Pick<PlanContext, "config" | "phase">,
): StatefulSetRules {
  const { config, phase } = context;
  const downscaler = config.downscalerAnnotations.map((pattern) => new RegExp(pattern));
  return {
    scope: phase === "sync" ? "triggers" : "everything",
    lazyImageUpgrade: config.enableLazySpiloUpgrade,
    ignoredAnnotations: config.ignoredAnnotations,
    managesAnnotation: (key) =>
      config.inheritedAnnotations.includes(key) || downscaler.some((pattern) => pattern.test(key)),
  };
}

/** Labels and annotations alone are no reason to look at what was left when a cluster was taken over. */
function judgedBySpec({ config, phase, cr, memory }: PlanContext): Pick<
  PlanContext,
  "config" | "phase"
> {
  const ofSpec = phaseOf(cr, memory.settledGeneration);
  return { config, phase: phase === "update" ? ofSpec : phase };
}

function creation(
  context: PlanContext,
  desired: StatefulSet,
  pods: readonly Pod[],
): SubjectPlan {
  const { namespace, name } = desired.metadata;
  const reason = `StatefulSet ${namespace}/${name} is missing`;
  const object = withWish(desired, wishOf(context));
  const mends = mendOf(refOf(desired), desired);
  return {
    steps: [
      ...pods.flatMap((pod) => flagWhenStale(context, desired, pod)),
      step(SUBJECT, [reason], { kind: "create", object }, { mends }),
      // A new cluster's Events tell its beginning, and that its pods are ready.
      ...isNew(context)
        ? []
        : [eventStep(SUBJECT, clusterEvent("statefulSetCreated", `${namespace}/${name}`))],
    ],
    held: [],
  };
}

/** A pod that outlived its StatefulSet follows only when it is not what would be made now. */
function flagWhenStale(context: PlanContext, desired: StatefulSet, pod: Pod): Step[] {
  const template = desired.spec?.template?.spec;
  if (template === undefined || pod.spec === undefined) return [];
  const found = podMismatches("spec", template, pod.spec);
  const ours = found.pod.filter(({ path }) => !/^spec\.(volumes|tolerations)/.test(path));
  const madeFor = context.memory.madeFor.get(pod.metadata.uid ?? "");
  const known = madeFor !== undefined && madeFor === postgresContainerOf(template)?.image;
  const images = context.config.enableLazySpiloUpgrade || known ? [] : found.images;
  // What a pod has besides may be somebody's addition; it goes with the next restart.
  const reasons = [...found.containers, ...images, ...ours]
    .filter((mismatch) => mismatch.desired !== undefined);
  return reasons.length === 0 ? [] : flag(pod, reasons);
}

function flag(pod: Pod, reasons: readonly Reason[]): Step[] {
  if (isFlagged(pod) || isTerminating(pod)) return [];
  const request = {
    target: refOf(pod),
    type: "merge",
    body: { metadata: { annotations: { [ROLLING_UPDATE_ANNOTATION]: "true" } } },
  } as const;
  const marked = [`mark ${pod.metadata.name} for a restart`, ...reasons];
  return [step(SUBJECT, marked, { kind: "patch", request }, { effect: "restart" })];
}

function correction(
  context: PlanContext,
  desired: StatefulSet,
  observed: StatefulSet,
  pods: readonly Pod[],
): SubjectPlan {
  const wish = wishOf(context);
  // A policy may take the note away: what this process wrote it knows all the same.
  const noted = notedWish(observed) ?? (hasWritten(context, desired) ? wish : undefined);
  const rules = statefulSetRules(judgedBySpec(context));
  // Where this very wish was written, no difference can restart anything: all of them count.
  const found = compareStatefulSet(
    desired,
    observed,
    noted?.all === wish.all ? { ...rules, scope: "everything" } : rules,
  );
  const { managedFields } = observed.metadata;
  const isAdded = (one: Difference) => one.desired === undefined && isAnothers(one, managedFields);
  const { mended: differences, left } = judge(found, { wish, noted, isAdded });
  const held = leftToOthers(desired, observed, left);
  const annotations = podAnnotationSteps(context, desired, pods);
  if (differences.length === 0) {
    return { steps: [...annotations, ...staleImages(context, observed, pods)], held };
  }
  const widened = widenedSelector(desired, observed);
  if (widened) return heldPlan(SUBJECT, "refused", widened);
  const shrink = leaveShrinkingMembers(context, desired, observed, pods);
  if (shrink !== undefined) return shrink;
  const given = { differences, mends: mendOf(refOf(desired), desired, observed, differences) };
  const rollout = differences.filter(({ effect }) => effect === "rollout");
  const flags = rollout.length === 0 ? [] : pods.flatMap((pod) => flag(pod, rollout));
  const rolling = flags.length === 0
    ? []
    : [eventStep("rollout", clusterEvent("rollingUpdateBegun"))];
  const notes = rollout.length === 0 ? imageNotes(context, observed, pods) : [];
  return {
    steps: [
      ...flags,
      ...notes,
      ...annotations,
      change(context, withWish(desired, wish), observed, given),
      ...rolling,
    ],
    held,
  };
}

/** True where this very StatefulSet was the last that this process wrote. */
function hasWritten({ memory }: PlanContext, desired: StatefulSet): boolean {
  return memory.writes.get(describeRef(refOf(desired)))?.wish === hashOf(desired);
}

function change(
  context: PlanContext,
  desired: StatefulSet,
  observed: StatefulSet,
  { differences, mends }: { readonly differences: readonly Difference[]; readonly mends: Mend },
): Step {
  if (hasEffect(differences, "recreate")) {
    const uid = observed.metadata.uid ?? "";
    return step(SUBJECT, differences, {
      kind: "recreate",
      object: withForeignMetadata(context, desired, observed),
      uid,
      propagation: "Orphan",
    }, { mends });
  }
  // The whole spec that can change goes along: what new pods start with then is what the manifest
  // says, also where a difference alone (the bootstrap part of Patroni's configuration) would not be
  // worth a write.
  const note = { metadata: { labels: { [WISH_LABEL]: desired.metadata.labels?.[WISH_LABEL] } } };
  const patch = mergePatch(desired, observed, differences);
  const whole = overlay({ ...note, spec: changeable(desired) }, patch) as Record<string, unknown>;
  const body = atVersion(whole, observed);
  const request = { target: refOf(desired), type: "merge", body } as const;
  return step(SUBJECT, differences, { kind: "patch", request }, { mends });
}

/** A StatefulSet that is recreated keeps the labels, annotations and owners that others gave it. */
function withForeignMetadata(
  context: PlanContext,
  desired: StatefulSet,
  observed: StatefulSet,
): StatefulSet {
  const { managesAnnotation } = statefulSetRules(context);
  const { inheritedLabels } = context.config;
  const { labels, annotations } = observed.metadata;
  const without = (map: Record<string, string> | undefined, ours: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => !ours(key)));
  const kept = without(annotations, managesAnnotation);
  return {
    ...desired,
    metadata: {
      ...desired.metadata,
      ...ownersKept(desired.metadata, observed.metadata),
      labels: {
        ...without(labels, (key) => inheritedLabels.includes(key)),
        ...desired.metadata.labels,
      },
      ...(Object.keys(kept).length + Object.keys(desired.metadata.annotations ?? {}).length === 0
        ? {}
        : { annotations: { ...kept, ...desired.metadata.annotations } }),
    },
  };
}

function wishOf({ desired, config }: PlanContext): Wish {
  return wishFor(desired.statefulSet, config.enableLazySpiloUpgrade);
}

/** Fields that others have set for good; what they merely added is not worth telling. */
function leftToOthers(
  desired: StatefulSet,
  observed: StatefulSet,
  left: readonly Difference[],
): Held[] {
  const told = left.filter((difference) => difference.desired !== undefined);
  const { differences } = mendOf(refOf(desired), desired, observed, told);
  return differences.length === 0
    ? []
    : [overridden(SUBJECT, describeRef(refOf(desired)), differences)];
}

/** A selector with more labels than before would lose sight of the running pods. */
function widenedSelector(desired: StatefulSet, observed: StatefulSet): string | undefined {
  const want = desired.spec?.selector?.matchLabels ?? {};
  const have = observed.spec?.selector?.matchLabels ?? {};
  const added = Object.keys(want).filter((key) => !Object.hasOwn(have, key));
  if (added.length === 0) return undefined;
  return `spec.selector: running pods lack the labels ${added.join(", ")}; ` +
    `a StatefulSet that selects by them would not find its pods`;
}

/** Before fewer replicas: the primary must sit on a pod that stays. */
function leaveShrinkingMembers(
  context: PlanContext,
  desired: StatefulSet,
  observed: StatefulSet,
  pods: readonly Pod[],
): SubjectPlan | undefined {
  const want = desired.spec?.replicas ?? 1;
  if (want === 0 || want >= (observed.spec?.replicas ?? 1)) return undefined;
  const label = context.config.podRoleLabel;
  const [primary] = primariesOf(pods, label);
  const leader = leadingPod(context, pods);
  if (leader !== undefined && leader !== primary && leavesByScaling(context, leader)) {
    return awaitRole(context, SUBJECT, leader);
  }
  if (primary === undefined || !leavesByScaling(context, primary)) return undefined;
  const reason = `scaling down to ${want} removes the primary ${primary.metadata.name}`;
  const found = takeoverFrom(context, primary, pods.filter((pod) => isMember(pod, label)));
  if (found.kind !== "candidate") return heldTakeover(context, SUBJECT, found, `${reason}: `);
  const successor = found.pod.metadata.name ?? "";
  return { steps: switchoverSteps(SUBJECT, podRef(primary), successor, [reason]), held: [] };
}

/** Annotations of the template that running pods lack or should no longer have. */
function podAnnotationSteps(
  context: PlanContext,
  desired: StatefulSet,
  pods: readonly Pod[],
): Step[] {
  const template = observedObject<StatefulSet>(context.observed.objects, refOf(desired));
  const before = template.known ? template.value?.spec?.template?.metadata?.annotations : undefined;
  const want = desired.spec?.template?.metadata?.annotations ?? {};
  const gone = Object.keys(before ?? {}).filter((key) => !Object.hasOwn(want, key));
  return pods.filter((pod) => !isTerminating(pod)).flatMap((pod) => {
    const have = pod.metadata.annotations ?? {};
    const patch: Record<string, string | null> = {};
    for (const [key, value] of Object.entries(want)) {
      if (ownValue(have, key) !== value) patch[key] = value;
    }
    for (const key of gone) {
      if (Object.hasOwn(have, key) && drained(context, key)) patch[key] = null;
    }
    for (const key of context.config.ignoredAnnotations) delete patch[key];
    if (Object.keys(patch).length === 0) return [];
    const paths = Object.keys(patch).map((key) => `metadata.annotations["${key}"]`);
    const reasons = paths.map((path) => `${path} of the pod`);
    const differences = Object.entries(patch).map(([key, value], index) => ({
      path: paths[index] ?? "",
      desired: value ?? undefined,
      observed: have[key],
    }));
    const mends = mendOf(refOf(pod), want, pod, differences);
    const request = {
      target: refOf(pod),
      type: "merge",
      body: { metadata: { annotations: patch } },
    } as const;
    return [step(SUBJECT, reasons, { kind: "patch", request }, { mends })];
  });
}

/** kube2iam's annotation stays on running pods until they are recreated with a service account role. */
function drained(context: PlanContext, key: string): boolean {
  return !(key === "iam.amazonaws.com/role" && context.config.irsaRoleArn !== "");
}

/**
 * Pods that were made for another image than their StatefulSet has, unless upgrades are lazy. What a
 * pod runs may be another spelling of it (a mirror, a digest): that alone restarts nothing.
 */
function staleImages(context: PlanContext, observed: StatefulSet, pods: readonly Pod[]): Step[] {
  if (context.config.enableLazySpiloUpgrade) return [];
  const image = templateImage(observed);
  return pods.flatMap((pod) => {
    const running = postgresContainerOf(pod.spec)?.image;
    if (running === undefined || running === image) return [];
    const madeFor = imageMadeFor(pod, observed, context.memory.madeFor) ?? running;
    if (madeFor === image) return [];
    return flag(pod, [{
      path: "spec.containers[postgres].image",
      desired: image,
      observed: madeFor,
      bare: true,
    }]);
  });
}

/**
 * Before the template changes and pods stay: what those were made for whose image was rewritten is
 * noted on them, for nobody could tell any more.
 */
function imageNotes(context: PlanContext, observed: StatefulSet, pods: readonly Pod[]): Step[] {
  return pods.filter((pod) => !isFlagged(pod) && !isTerminating(pod)).flatMap((pod) => {
    const madeFor = imageMadeFor(pod, observed, context.memory.madeFor);
    const noted = pod.metadata.annotations?.[MADE_FOR_ANNOTATION];
    const rewritten = postgresContainerOf(pod.spec)?.image !== madeFor;
    if (madeFor === undefined || madeFor === noted || !rewritten) return [];
    const body = { metadata: { annotations: { [MADE_FOR_ANNOTATION]: madeFor } } };
    const request = { target: refOf(pod), type: "merge", body } as const;
    const reason = `note the image that ${pod.metadata.name} was made for: ${madeFor}`;
    return [step(SUBJECT, [reason], { kind: "patch", request })];
  });
}
