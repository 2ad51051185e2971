/**
 * The brake of a pass: steps that do not last are not repeated on and on, and a cluster is not
 * restarted more often than any change of a manifest needs. It looks at the plan alone, so it also
 * stops what no planner has expected: policies, other controllers, faults of the operator. Pure.
 */

import { createHash } from "node:crypto";
import { describeAction } from "../apply/perform.ts";
import type { DesiredCluster } from "../desired/cluster.ts";
import type { BrakeLedger } from "./memory.ts";
import { describeMismatch } from "../plan/compare/difference.ts";
import { eventStep } from "../plan/steps/context.ts";
import { isConflict } from "../../ports/errors.ts";
import type { Held, Plan, Step, StepOutcome } from "../plan/steps/action.ts";
import { clusterEvent } from "../events.ts";
import { mismatchesOf } from "../plan/steps/reasons.ts";
import { timestamp } from "../../lib/timestamp.ts";

/** How often a step is done in a row before it is left, and for how long. */
export const MOST_REPETITIONS = 5;
export const HOLD_MS = 5 * 60_000;
/** A step that was not needed for so long has had its effect. */
const FORGOTTEN_MS = 2 * HOLD_MS;
const HOUR_MS = 60 * 60_000;
/** Whatever is wanted: a wish that changes on and on must not restart pods on and on either. */
const WISHES_AN_HOUR = 10;

/** What the brake judges by. */
export interface BrakeView {
  readonly ledger: Readonly<BrakeLedger>;
  /** Hash of all that is wanted. */
  readonly wish: string;
  readonly nowMs: number;
  /** Pods that the cluster has or should have, poolers included. */
  readonly pods: number;
}

/** Hash of everything that is wanted of a cluster: another wish makes a fresh start. */
export function wishOf(desired: DesiredCluster): string {
  return createHash("sha256").update(JSON.stringify(desired)).digest("base64");
}

/** Restarts, switchovers and recreations that one wish may cost within an hour. */
export function disruptionLimit(pods: number): number {
  return 8 + 4 * pods;
}

/** The plan without the steps that are left for now; what was left is held, and told once. */
export function brake(plan: Plan, view: BrakeView): Plan {
  if (plan.steps.length === 0) return plan;
  const untilMs = new Map<Step, number>();
  const reached = capReached(view);
  for (const step of plan.steps) {
    const until = reached !== undefined && disrupts(step) ? reached : repeatedUntil(step, view);
    if (until !== undefined) untilMs.set(step, until);
  }
  if (untilMs.size === 0) return plan;
  const held = [...new Set([...untilMs.keys()].map(({ subject }) => subject))].map((subject) => {
    const left = [...untilMs].filter(([step]) => step.subject === subject);
    return heldBack(left, reached, view);
  });
  const steps = plan.steps.filter((step) => !untilMs.has(step) && !follows(step, plan, untilMs));
  const waitMs = Math.min(...untilMs.values()) - view.nowMs;
  const message = held.map(({ reason }) => reason).join("; ");
  const told = view.ledger.told === message ? [] : [newsOf(held, message)];
  return {
    ...plan,
    steps: [...steps, ...told],
    held: [...plan.held, ...held],
    requeueAfterMs: Math.min(plan.requeueAfterMs ?? Infinity, Math.max(waitMs, 1000)),
  };
}

/** Counts what a pass has done; `ledger` is changed. */
export function noteSteps(
  ledger: BrakeLedger,
  outcomes: readonly StepOutcome[],
  view: Pick<BrakeView, "wish" | "nowMs">,
): void {
  if (outcomes.length === 0) return;
  const { wish, nowMs } = view;
  if (ledger.wish !== wish) {
    ledger.wish = wish;
    ledger.repeated.clear();
  }
  for (const [key, { lastMs }] of ledger.repeated) {
    if (nowMs - lastMs > FORGOTTEN_MS) ledger.repeated.delete(key);
  }
  ledger.disruptions = ledger.disruptions.filter(({ atMs }) => nowMs - atMs < HOUR_MS);
  for (const outcome of outcomes) {
    const { step, result } = outcome;
    // A conflict is tried again at once, so it counts; other failures have their back-off.
    const conflict = outcome.result === "failed" && isConflict(outcome.error);
    if (result !== "done" && !conflict) continue;
    if (step.action.kind === "event") {
      if (step.action.note.id === "restartsPrevented") ledger.told = step.action.note.message;
      continue;
    }
    const key = keyOf(step);
    const count = (ledger.repeated.get(key)?.count ?? 0) + 1;
    ledger.repeated.set(key, { count, lastMs: nowMs });
    if (result === "done" && disrupts(step)) ledger.disruptions.push({ atMs: nowMs, wish });
    const causes = step.subject === "statefulset" ? mismatchesOf(step).map(describeMismatch) : [];
    if (causes.length > 0) ledger.causes = causes;
  }
}

const MOST_CAUSES = 3;

/** True for a step that takes a server down, moves the primary or recreates the StatefulSet. */
function disrupts({ action }: Step): boolean {
  if (action.kind === "delete") return action.request.target.kind === "Pod";
  if (action.kind === "recreate") return action.object.kind === "StatefulSet";
  return action.kind === "patroni" && action.request.call !== "patchConfig";
}

/** What a step does and about which fields; values change while two parties set them in turn. */
function keyOf({ subject, action, reasons }: Step): string {
  const fields = reasons.map((reason) =>
    typeof reason === "string" ? reason : [reason.path, reason.of]
  );
  return JSON.stringify([subject, describeAction(action), fields]);
}

/** When a step may be done again that was done too often in a row; undefined where it may be now. */
function repeatedUntil(step: Step, { ledger, wish, nowMs }: BrakeView): number | undefined {
  if (step.action.kind === "event" || ledger.wish !== wish) return undefined;
  const before = ledger.repeated.get(keyOf(step));
  if (before === undefined || before.count < MOST_REPETITIONS) return undefined;
  if (nowMs - before.lastMs > FORGOTTEN_MS) return undefined;
  const until = before.lastMs + HOLD_MS;
  return until > nowMs ? until : undefined;
}

/** When the next disruption is allowed; undefined while the limit of the hour is not reached. */
function capReached({ ledger, wish, nowMs, pods }: BrakeView): number | undefined {
  const recent = ledger.disruptions.filter(({ atMs }) => nowMs - atMs < HOUR_MS);
  const limit = disruptionLimit(pods);
  const ofWish = recent.filter((one) => one.wish === wish);
  const waits = [[ofWish, limit], [recent, WISHES_AN_HOUR * limit]] as const;
  const ends = waits.flatMap(([done, most]) => {
    const oldest = done[done.length - most];
    return oldest === undefined ? [] : [oldest.atMs + HOUR_MS];
  });
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/**
 * True for what belongs to a step that is left: its Events, what would have followed it, and while the
 * StatefulSet is not written, what takes pods down: they would come back as they were.
 */
function follows(step: Step, plan: Plan, left: ReadonlyMap<Step, number>): boolean {
  const same = [...left.keys()].filter(({ subject }) => subject === step.subject);
  if (same.length > 0 && step.action.kind === "event") return true;
  const at = plan.steps.indexOf(step);
  const before = [...left.keys()].filter((one) =>
    one.onError === "stop" && plan.steps.indexOf(one) < at
  );
  return before.some(({ subject }) =>
    subject === step.subject || (subject === "statefulset" && disrupts(step))
  );
}

function heldBack(
  left: readonly (readonly [Step, number])[],
  reached: number | undefined,
  { ledger, pods }: BrakeView,
): Held {
  const steps = left.map(([step]) => step);
  const subject = steps[0]?.subject ?? "manifest";
  const until = timestamp(new Date(Math.max(...left.map(([, ms]) => ms))));
  const restarts = steps.some((step) => disrupts(step) || step.effect !== "none");
  const capped = reached !== undefined && steps.some(disrupts);
  const own = steps.flatMap(mismatchesOf).map(describeMismatch);
  const causes = (own.length > 0 ? own : restarts ? ledger.causes : []).slice(0, MOST_CAUSES);
  const why = capped
    ? `${disruptionLimit(pods)} restarts, switchovers and recreations an hour are the limit`
    : `done ${MOST_REPETITIONS} times in a row without lasting effect`;
  const what = [...new Set(steps.map(({ action }) => describeAction(action)))].join(", ");
  const cause = causes.length === 0 ? "" : `; ${causes.join("; ")}`;
  return {
    subject,
    kind: "braked",
    reason: `left until ${until}: ${what}: ${why}${cause}`,
    ...(restarts ? { restarts } : {}),
  };
}

function newsOf(held: readonly Held[], message: string): Step {
  return eventStep(held[0]?.subject ?? "manifest", clusterEvent("restartsPrevented", message));
}
