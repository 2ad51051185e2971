/**
 * Recreates marked pods, one disruptive step a pass: replicas first, then a switchover, then the
 * old primary. What comes next follows from the pods alone, so it does not matter who made the step
 * before. The table of states is in `rollout.md`.
 *
 * Zalando: pkg/cluster/pod.go, recreatePods
 */

import type { Pod } from "../../../kubernetes/types.gen.ts";
import {
  describePod,
  isFlagged,
  isMember,
  isRunning,
  isTerminating,
  isWholeOnce,
  podRef,
  primariesOf,
} from "../../observed/pods.ts";
import {
  eventStep,
  heldPlan,
  NOTHING,
  type PlanContext,
  type SubjectPlan,
} from "../steps/context.ts";
import { awaitRole, leadingPod } from "./leader.ts";
import { unfollowedPassword } from "../roles/pod_passwords.ts";
import { recreatePod } from "./recreate_pod.ts";
import { standstill } from "./standstill.ts";
import { switchoverSteps } from "./switchover.ts";
import { heldTakeover, takeoverFrom } from "./takeover.ts";
import { clusterEvent } from "../../events.ts";

const SUBJECT = "rollout";
const NEXT_PASS_MS = 1000;

/** Plans the next step of a rolling restart, or what it waits for. */
export function planRollout(context: PlanContext): SubjectPlan {
  const { pods } = context.observed;
  if (!pods.known) return heldPlan(SUBJECT, "unreadable", pods.reason);
  const label = context.config.podRoleLabel;
  const flagged = pods.value.filter((pod) => isFlagged(pod) && !isTerminating(pod));
  const missing = unfinished(context, pods.value);
  if (flagged.length === 0) return missing ?? (context.memory.rolling ? rolloutDone() : NOTHING);
  const still = standstill(context, SUBJECT);
  if (still !== undefined) return still;
  const behind = unfollowedPassword(context);
  if (behind !== undefined) return afterPassword(behind);
  const primaries = primariesOf(pods.value, label);
  const broken = flagged.find((pod) => !isRunning(pod));
  if (broken !== undefined && primaries[0] !== broken) {
    return recreatePod(SUBJECT, broken, "it does not run and is marked for a restart");
  }
  if (missing !== undefined) return missing;
  const leader = leadingPod(context, pods.value);
  if (leader !== undefined && leader !== primaries[0]) return awaitRole(context, SUBJECT, leader);
  const replica = flagged.find((pod) => pod !== primaries[0]);
  if (replica !== undefined) return recreatePod(SUBJECT, replica, "marked for a restart");
  return primaryStep(context, pods.value, primaries[0]);
}

/** The database follows in this very pass; one that refuses holds nothing up in the next. */
function afterPassword(role: string): SubjectPlan {
  const reason = `the database takes over the password of role ${role} first`;
  return { ...heldPlan(SUBJECT, "waiting", reason), requeueAfterMs: NEXT_PASS_MS };
}

/** Says what a rollout waits for while the pods are not all there and in their roles. */
function unfinished(context: PlanContext, pods: readonly Pod[]): SubjectPlan | undefined {
  const want = context.desired.statefulSet.spec?.replicas ?? 1;
  const label = context.config.podRoleLabel;
  const leaving = pods.find(isTerminating);
  const { podDeletionWaitTimeoutMs, podLabelWaitTimeoutMs } = context.config;
  if (leaving) {
    const reason = `waiting until ${leaving.metadata.name} is gone`;
    return limited(reason, podDeletionWaitTimeoutMs);
  }
  if (pods.length < want) {
    return heldPlan(SUBJECT, "waiting", `waiting for pods: ${pods.length} of ${want} are there`);
  }
  const late = pods.find((pod) =>
    isFlagged(pod)
      ? isRunning(pod) && !isMember(pod, label)
      // A new pod whose sidecar never came up is no reason to go on to the next one.
      : !isMember(pod, label) || !isWholeOnce(pod)
  );
  if (late) return limited(`waiting: ${describePod(late, label)}`, podLabelWaitTimeoutMs);
  return undefined;
}

/** A wait that is a failure after some time. */
function limited(reason: string, limitMs: number): SubjectPlan {
  return { steps: [], held: [{ subject: SUBJECT, kind: "waiting", reason, limitMs }] };
}

/** All replicas are new: hand over, or take the downtime where nobody can take over. */
function primaryStep(
  context: PlanContext,
  pods: readonly Pod[],
  primary: Pod | undefined,
): SubjectPlan {
  if (primary === undefined) {
    return heldPlan(SUBJECT, "waiting", "no pod has the primary's role");
  }
  const others = pods.filter((pod) => pod !== primary);
  if (others.length === 0) {
    return recreatePod(SUBJECT, primary, "it is the only pod, there is no replica");
  }
  if (!isRunning(primary)) return recreatePod(SUBJECT, primary, "the primary does not run");
  const found = takeoverFrom(context, primary, others);
  if (found.kind !== "candidate") return heldTakeover(context, SUBJECT, found, "");
  const reasons = [`${primary.metadata.name} is marked for a restart`];
  return {
    steps: switchoverSteps(SUBJECT, podRef(primary), found.pod.metadata.name ?? "", reasons),
    held: [],
    requeueAfterMs: context.config.patroniApiCheckIntervalMs,
  };
}

/** The Event that ends a rolling restart, told once when no marked pod is left. */
function rolloutDone(): SubjectPlan {
  return { steps: [eventStep(SUBJECT, clusterEvent("rollingUpdateDone"))], held: [] };
}
