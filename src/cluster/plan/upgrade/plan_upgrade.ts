/**
 * Upgrades the data of a cluster to a newer major version, in place and last of all. Each pass plans
 * the next step for the state seen, so that an operator may end after any write. An attempt whose
 * end was not seen comes first: nothing else may touch pods or databases while its script runs. The
 * table of states is in `upgrade.md`.
 *
 * Zalando: pkg/cluster/majorversionupgrade.go, majorVersionUpgrade
 */

import type { Pod } from "../../../kubernetes/types.gen.ts";
import { upgradeGoal } from "../../effective/version.ts";
import type { ObservedPatroni } from "../../observed/cluster.ts";
import { isRunning, isTerminating } from "../../observed/pods.ts";
import { refOf } from "../../../ports/requests.ts";
import type { Step } from "../steps/action.ts";
import {
  eventStep,
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  step,
  type SubjectPlan,
} from "../steps/context.ts";
import {
  INTERRUPTED,
  markOf,
  markSteps,
  SUBJECT,
  unmarkSteps,
  upgradeRequest,
  waitRequest,
} from "./attempt.ts";
import { type Leader, leadersOf, unfitness } from "./readiness.ts";
import { clusterEvent } from "../../events.ts";
import { timestamp } from "../../../lib/timestamp.ts";

const SUCCESS = "last-major-upgrade-success";
const FAILURE = "last-major-upgrade-failure";

/** How soon to look again while members are not fit. */
const RECHECK_MS = 10_000;
/** How soon to look again for the new version after the script has ended, and for how long. */
const AFTER_SCRIPT_MS = 2000;
const PATIENCE_MS = 60_000;

/**
 * Writes down that an attempt failed, in whatever state it left the cluster; waits for the script of
 * one that an earlier process, or a broken connection, left behind.
 */
export function planInterruptedUpgrade(context: PlanContext): SubjectPlan {
  const { attempt, awaited } = context.memory.upgrade ?? { attempt: undefined, awaited: false };
  if (attempt?.result === "failed") return failure(context, attempt.message);
  if (awaited || attempt?.result === "ended") return NOTHING;
  const marked = podsOf(context).filter((pod) =>
    markOf(pod) !== undefined && isRunning(pod) && !isTerminating(pod)
  );
  if (marked.length === 0) return NOTHING;
  const reasons = ["wait for the script of an attempt whose end was not seen"];
  const steps = marked.map((pod) =>
    step(INTERRUPTED, reasons, { kind: "exec", request: waitRequest(pod) })
  );
  const reason = "an attempt at a major upgrade was left before its end";
  return { ...heldPlan(INTERRUPTED, "waiting", reason), steps };
}

/** Plans the next step of a major version upgrade, or says what it waits for. */
export function planUpgrade(context: PlanContext): SubjectPlan {
  const { version } = context.effective;
  const goal = upgradeGoal(context.effective, context.config);
  if (goal === undefined) {
    const held = version.held === undefined ? NOTHING : untilWindow(context, version.held);
    return joinPlans([held, { steps: unmarkSteps(podsOf(context)), held: [] }]);
  }
  // The failure is being written down.
  if (context.memory.upgrade?.attempt?.result === "failed") return NOTHING;
  const { patroni } = context.observed;
  if (patroni?.known === false) return postponed(patroni.reason);
  const leaders = patroni === undefined ? [] : leadersOf(podsOf(context), patroni.value);
  const current = leaders[0]?.state.serverVersion ?? context.memory.serverVersion;
  if (current !== undefined && current >= goal) return upToDate(context, goal);
  if (patroni === undefined) return NOTHING;
  const [leader] = leaders;
  if (leader === undefined) return postponed("no member says that it leads");
  if (leaders.length > 1) return postponed("more than one member says that it leads");
  const from = leader.state.serverVersion;
  if (from === undefined) return postponed(`${leader.pod.metadata.name} tells no version`);
  return planDue(context, { patroni: patroni.value, leader, from, goal });
}

function podsOf({ observed }: PlanContext): readonly Pod[] {
  return observed.pods.known ? observed.pods.value : [];
}

/** Held without making the cluster less than `Running`: it works, with the version that it has. */
function postponed(reason: string, requeueAfterMs = RECHECK_MS): SubjectPlan {
  return { ...heldPlan(SUBJECT, "postponed", reason), requeueAfterMs };
}

function untilWindow({ effective, now }: PlanContext, reason: string): SubjectPlan {
  const { nextStart } = effective.maintenance;
  const held = heldPlan(SUBJECT, "postponed", reason);
  return nextStart === undefined
    ? held
    : { ...held, requeueAfterMs: nextStart.getTime() - now.getTime() };
}

interface Due {
  readonly patroni: ObservedPatroni;
  readonly leader: Leader;
  readonly from: number;
  readonly goal: number;
}

/** The server is older than it should be. */
function planDue(context: PlanContext, due: Due): SubjectPlan {
  const { patroni, leader, from, goal } = due;
  const pods = podsOf(context);
  const ended = { steps: unmarkSteps(pods), held: [] };
  if (context.cr.metadata.annotations?.[FAILURE] !== undefined) {
    const reason = `the last attempt failed; remove the annotation ${FAILURE} to try again`;
    return joinPlans([ended, heldPlan(SUBJECT, "postponed", reason)]);
  }
  if (leader.standby) {
    const reason = `a standby cluster has to be recreated for version ${goal / 10_000}`;
    return joinPlans([ended, heldPlan(SUBJECT, "postponed", reason)]);
  }
  const unfit = unfitness(pods, patroni, leader);
  if (unfit !== undefined) return postponed(unfit);
  const begun = pods.some((pod) => markOf(pod) !== undefined);
  const resumed = begun ? resume(context, due) : undefined;
  if (resumed !== undefined) return resumed;
  if (context.effective.maintenance.window === "closed") {
    const reason = `major version ${goal / 10_000} waits for a maintenance window (now: ${from})`;
    return joinPlans([ended, untilWindow(context, reason)]);
  }
  return begin(pods, due);
}

/** Judges an attempt that did not have its effect; undefined where another one may begin. */
function resume(context: PlanContext, { from, goal }: Due): SubjectPlan | undefined {
  const attempt = context.memory.upgrade?.attempt;
  const message = `upgrade from ${from} to ${goal} FAILED:`;
  if (attempt?.result === "ended") {
    const sinceMs = attempt.sinceMs ?? context.now.getTime();
    if (context.now.getTime() - sinceMs < PATIENCE_MS) {
      return postponed("the script has ended; the new version does not show yet", AFTER_SCRIPT_MS);
    }
    return failure(context, `${message} the script reported success, but the server is still old`);
  }
  if (attempt?.result !== "lost") return undefined;
  return failure(context, `${message} ${attempt.message}; the script has ended since`);
}

/** Protects the pods, then runs the script. Its outcome is written down by the next pass. */
function begin(pods: readonly Pod[], { leader, from, goal }: Due): SubjectPlan {
  const request = upgradeRequest(leader.pod, pods.length, { from, to: goal });
  const { name } = leader.pod.metadata;
  const reasons = [`upgrade the data from ${from} to ${goal} on ${name}`];
  return {
    steps: [
      ...markSteps(pods, from),
      eventStep(SUBJECT, clusterEvent("upgradeBegun", name ?? "", pods.length)),
      step(SUBJECT, reasons, { kind: "upgrade", request }, { effect: "restart" }),
    ],
    held: [],
  };
}

/** Writes a failure down, which keeps further attempts off until somebody removes it. */
function failure(context: PlanContext, message: string): SubjectPlan {
  return {
    steps: [
      annotate(context, { [FAILURE]: timestamp(context.now) }, message),
      eventStep(SUBJECT, clusterEvent("upgradeFailed", message)),
      ...unmarkSteps(podsOf(context)),
    ],
    held: [],
  };
}

/** The server is as new as it should be: an attempt under way has succeeded. */
function upToDate(context: PlanContext, goal: number): SubjectPlan {
  const pods = podsOf(context);
  const from = pods.map(markOf).find((mark) => mark !== undefined);
  const failed = context.cr.metadata.annotations?.[FAILURE] !== undefined;
  if (from === undefined) {
    const steps = failed ? [annotate(context, { [FAILURE]: null }, "the version is right")] : [];
    return { steps, held: [] };
  }
  const message = `upgrade from ${from} to ${goal} finished`;
  const annotations = {
    [SUCCESS]: timestamp(context.now),
    ...(failed ? { [FAILURE]: null } : {}),
  };
  return {
    steps: [
      annotate(context, annotations, message),
      eventStep(SUBJECT, clusterEvent("upgradeFinished", message)),
      ...unmarkSteps(pods),
    ],
    held: [],
  };
}

function annotate(
  { cr }: PlanContext,
  annotations: Readonly<Record<string, string | null>>,
  reason: string,
): Step {
  const request = {
    target: refOf(cr),
    type: "merge",
    body: { metadata: { annotations } },
  } as const;
  return step(SUBJECT, [reason], { kind: "patch", request });
}
