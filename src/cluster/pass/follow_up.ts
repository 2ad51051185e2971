/**
 * When a cluster is looked at again after a pass: the policy of retries, back-off and refusals. Pure.
 *
 * Events bring passes too. What is decided here is only what no event would bring.
 */

import { isConflict } from "../../ports/errors.ts";
import type { HeldKind, StepOutcome } from "../plan/steps/action.ts";
import type { PassOutcome, PassRecord } from "./outcome.ts";
import { isRefused, REFUSED_MS } from "./refused.ts";

/** Waits before a cluster is looked at again after a failure. */
export const RETRY_MS = {
  /** After the first failure; it doubles with every further one. */
  first: 1000,
  longest: 5 * 60_000,
} as const;

/** What a failed pass may be held by and still need no early look. */
const IDLE_KINDS: readonly HeldKind[] = [
  "refused",
  "waiting",
  "postponed",
  "left",
  "braked",
  "overridden",
  "paused",
];

/**
 * - `forget`: the cluster is none of ours any more;
 * - `rest`: the next event or periodic pass brings the next pass;
 * - `again`: at once, to see whether the steps had their effect;
 * - `later`: after some time, as a continuation or as another try.
 */
export type FollowUp =
  | { readonly kind: "forget" }
  | { readonly kind: "rest" }
  | { readonly kind: "again" }
  | { readonly kind: "later"; readonly cause: "requeue" | "retry"; readonly afterMs: number };

/** When a request is looked at again whose step failed. */
const ASKED_AGAIN_MS = 30_000;

const REST: FollowUp = { kind: "rest" };

/**
 * What follows a pass. `failures` counts the passes in a row that failed for something that may pass,
 * this one included; `pauseMs` is how long refused requests are left.
 */
export function followUp(
  outcome: PassOutcome,
  failures: number,
  pauseMs: number = REFUSED_MS.first,
): FollowUp {
  switch (outcome.kind) {
    case "gone":
      return { kind: "forget" };
    case "deleting":
      return { kind: "later", cause: "requeue", afterMs: RETRY_MS.first };
    case "unmanaged":
    case "left":
      return REST;
    case "reconciled":
      return afterReport(outcome.report, failures, pauseMs);
    default:
      return outcome satisfies never;
  }
}

/** What follows a pass that a fault of the operator or an unread manifest ended. */
export function afterFault(failures: number): FollowUp {
  return retry(failures);
}

/** True when a pass changed something, or tried to. */
export function worked({ outcomes }: Pick<PassRecord, "outcomes">): boolean {
  return outcomes.some((outcome) =>
    outcome.step.action.kind !== "event" && !(outcome.result === "failed" && outcome.remembered)
  );
}

/** True for a failure that another attempt may not meet: no answer, a fault of the server, a read. */
export function mayPass({ plan, outcomes }: Pick<PassRecord, "plan" | "outcomes">): boolean {
  const passing = outcomes.some((outcome) =>
    outcome.result === "failed" && !isRefused(outcome) && !isConflict(outcome.error) &&
    outcome.step.asked === undefined
  );
  return passing || plan.held.some(({ kind }) => !IDLE_KINDS.includes(kind));
}

/** The earliest look that any part of the pass asks for, so that none holds up another. */
function afterReport(report: PassRecord, failures: number, pauseMs: number): FollowUp {
  const { plan, outcomes, failure } = report;
  const looks: (FollowUp & { kind: "later" })[] = [];
  if (plan.requeueAfterMs !== undefined) {
    looks.push({ kind: "later", cause: "requeue", afterMs: plan.requeueAfterMs });
  } else if (outcomes.some(isProgress)) return { kind: "again" };
  if (failure !== undefined && mayPass(report)) looks.push(retry(failures));
  if (outcomes.some(({ step, result }) => step.asked !== undefined && result === "failed")) {
    looks.push({ kind: "later", cause: "retry", afterMs: ASKED_AGAIN_MS });
  }
  if (outcomes.some(isRefused)) looks.push({ kind: "later", cause: "retry", afterMs: pauseMs });
  // That nothing came of a wait brings no event.
  const limits = plan.held.flatMap(({ limitMs }) => limitMs || []);
  if (failure === undefined && limits.length > 0) {
    looks.push({ kind: "later", cause: "requeue", afterMs: Math.min(...limits) });
  }
  return looks.sort((a, b) => a.afterMs - b.afterMs)[0] ?? REST;
}

/** Something was done, or may be done now that another writer was faster. */
function isProgress(outcome: StepOutcome): boolean {
  if (outcome.step.action.kind === "event") return false;
  return outcome.result === "done" || outcome.result === "failed" && isConflict(outcome.error);
}

function retry(failures: number): FollowUp & { kind: "later" } {
  const afterMs = Math.min(RETRY_MS.first * 2 ** (Math.max(1, failures) - 1), RETRY_MS.longest);
  return { kind: "later", cause: "retry", afterMs };
}
