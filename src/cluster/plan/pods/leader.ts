/**
 * Who leads by Patroni's own word. The label of a pod says the same a moment later, and longer where
 * a watch is broken: nobody may be taken down as a replica, or asked to hand over, by the label alone.
 */

import type { Pod } from "../../../kubernetes/types.gen.ts";
import { isLeader } from "../../observed/members.ts";
import { isTerminating } from "../../observed/pods.ts";
import type { Subject } from "../../subject.ts";
import { heldPlan, type PlanContext, type SubjectPlan } from "../steps/context.ts";

/** The pod that leads; undefined where Patroni does not say, or names none of these pods. */
export function leadingPod(
  { observed: { patroni } }: Pick<PlanContext, "observed">,
  pods: readonly Pod[],
): Pod | undefined {
  const leader = patroni?.known ? patroni.value.members.find(isLeader)?.name : undefined;
  return pods.find((pod) => pod.metadata.name === leader && !isTerminating(pod));
}

/** Waits until the label shows who leads. No event may tell, so it is looked again. */
export function awaitRole(
  context: Pick<PlanContext, "config" | "memory" | "now">,
  subject: Subject,
  leader: Pod,
): SubjectPlan {
  const reason = `${roleUnseen(leader)}: waiting until its label says so`;
  return { ...heldPlan(subject, "waiting", reason), requeueAfterMs: lookAgainMs(context) };
}

/** The longest pause between two looks at Patroni. */
const LONGEST_PAUSE_MS = 60_000;

/** When to ask Patroni again, in milliseconds: at first soon, and then less often. */
export function lookAgainMs(
  { memory, now, config }: Pick<PlanContext, "config" | "memory" | "now">,
): number {
  const waitedMs = now.getTime() - (memory.waitingSinceMs ?? now.getTime());
  const pauseMs = Math.min(waitedMs / 2, LONGEST_PAUSE_MS);
  return Math.round(Math.max(config.patroniApiCheckIntervalMs, pauseMs));
}

/** Says that the labels do not show who leads. */
export function roleUnseen({ metadata }: Pod): string {
  return `Patroni says that ${metadata.name} leads`;
}
