/**
 * Waves over all clusters: work that restarts pods although nobody changed their manifest (another
 * configuration, another image, another operator) waits until it is the cluster's turn. Whose turn it
 * is comes in as data. Pure.
 *
 * What a person asked for of this one cluster does not wait, nor do new passwords, which mark pods by
 * another subject, nor what has begun: marked pods are restarted anyway.
 */

import { isFlagged } from "../../observed/pods.ts";
import type { Subject } from "../../subject.ts";
import type { Step } from "../steps/action.ts";
import type { PlanContext, SubjectPlan } from "../steps/context.ts";

/** The plan of a subject, or that it waits for its wave. */
export function inTurn(
  subject: Subject,
  plan: SubjectPlan,
  context: Pick<PlanContext, "turn" | "phase" | "observed">,
): SubjectPlan {
  const { turn } = context;
  if (turn?.kind !== "closed" || !waits(plan.steps, context)) return plan;
  const { reason, againMs } = turn;
  return {
    steps: [],
    held: [...plan.held, { subject, kind: "postponed", reason, wave: true }],
    requeueAfterMs: Math.min(plan.requeueAfterMs ?? Infinity, againMs),
  };
}

/** True where the steps of a cluster are work for a wave. */
export function waits(
  steps: readonly Step[],
  { phase, observed }: Pick<PlanContext, "phase" | "observed">,
): boolean {
  if (phase !== "sync") return false;
  const begun = observed.pods.known && observed.pods.value.some(isFlagged);
  return !begun && steps.some((step) => marks(step) || step.action.kind === "upgrade") &&
    // Pods without their StatefulSet are not left alone.
    !steps.some(({ subject, action }) => subject === "statefulset" && action.kind === "create");
}

function marks({ subject, effect }: Step): boolean {
  return subject === "statefulset" && effect === "restart";
}
