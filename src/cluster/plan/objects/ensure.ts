/**
 * The plan for one object that should simply be as it is built: create it, mend it the way its
 * comparison says, or leave it. Used by every subject whose objects carry no state of their own.
 */

import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { observedObject } from "../../observed/cluster.ts";
import { describeRef, type ObjectRef, type Propagation, refOf } from "../../../ports/requests.ts";
import type { Step } from "../steps/action.ts";
import type { Subject } from "../../subject.ts";
import { type Difference, hasEffect } from "../compare/difference.ts";
import { withoutIgnored } from "../compare/ignored.ts";
import {
  eventStep,
  heldPlan,
  NOTHING,
  type PlanContext,
  step,
  type StepOptions,
  type SubjectPlan,
} from "../steps/context.ts";
import { mergePatch } from "../steps/merge_patch.ts";
import { isNew } from "../steps/new_cluster.ts";
import { mendOf } from "../steps/mend.ts";
import type { ClusterEvent } from "../../events.ts";

export interface EnsureOptions<T extends KubeObject> extends StepOptions {
  readonly compare: (desired: T, observed: T) => readonly Difference[];
  /** What to do where the operator's role forbids a patch. */
  readonly whenPatchForbidden?: "recreate";
  /** Told once the object was created, unless the whole cluster is new: its Events tell that. */
  readonly created?: ClusterEvent;
}

/** Plans one object of `subject`. An object that could not be read is left alone. */
export function ensureObject<T extends KubeObject>(
  subject: Subject,
  desired: T,
  context: Pick<PlanContext, "observed" | "config" | "phase" | "desired">,
  options: EnsureOptions<T>,
): SubjectPlan {
  const ref = refOf(desired);
  const observed = observedObject<T>(context.observed.objects, ref);
  if (!observed.known) return heldPlan(subject, "unreadable", observed.reason);
  if (observed.value === undefined) return creation(subject, desired, isNew(context), options);
  if (observed.value.metadata.deletionTimestamp !== undefined) {
    return heldPlan(subject, "waiting", `${describeRef(ref)} is being deleted`);
  }
  const wanted = withoutIgnored(desired, observed.value, context.config.ignoredAnnotations);
  return correction(subject, wanted, observed.value, options);
}

function creation<T extends KubeObject>(
  subject: Subject,
  desired: T,
  ofNew: boolean,
  options: EnsureOptions<T>,
): SubjectPlan {
  const reason = `${describeRef(refOf(desired))} is missing`;
  const mends = mendOf(refOf(desired), desired);
  const action = { kind: "create", object: desired } as const;
  const steps: Step[] = [step(subject, [reason], action, { ...options, mends })];
  if (options.created && !ofNew) steps.push(eventStep(subject, options.created));
  return { steps, held: [] };
}

function correction<T extends KubeObject>(
  subject: Subject,
  desired: T,
  observed: T,
  given: EnsureOptions<T>,
): SubjectPlan {
  const differences = given.compare(desired, observed);
  if (differences.length === 0) return NOTHING;
  const options = { ...given, mends: mendOf(refOf(desired), desired, observed, differences) };
  const { uid = "" } = observed.metadata;
  if (hasEffect(differences, "recreate")) {
    const action = { kind: "recreate", object: desired, uid, propagation: "Background" } as const;
    return { steps: [step(subject, differences, action, options)], held: [] };
  }
  const request = {
    target: refOf(desired),
    type: "merge",
    body: mergePatch(desired, observed, differences),
  } as const;
  const orRecreate = { object: desired, uid };
  const action = {
    kind: "patch",
    request,
    ...(options.whenPatchForbidden === undefined ? {} : { orRecreate }),
  } as const;
  return { steps: [step(subject, differences, action, options)], held: [] };
}

export interface AbsenceOptions extends StepOptions {
  readonly propagation?: Propagation;
  readonly reason: string;
}

/** Plans that an object is not there. Someone else's object of the same name is left alone. */
export function ensureAbsent(
  subject: Subject,
  ref: ObjectRef,
  context: Pick<PlanContext, "observed">,
  options: AbsenceOptions,
): SubjectPlan {
  const observed = observedObject(context.observed.objects, ref);
  if (!observed.known) return heldPlan(subject, "unreadable", observed.reason);
  if (observed.value === undefined || observed.value.metadata.deletionTimestamp !== undefined) {
    return NOTHING;
  }
  const { uid } = observed.value.metadata;
  const request = {
    target: ref,
    propagation: options.propagation ?? "Background",
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  } as const;
  return {
    steps: [step(subject, [options.reason], { kind: "delete", request }, options)],
    held: [],
  };
}
