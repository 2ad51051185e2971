/**
 * When a cluster is looked at again after a pass: the policy of retries, back-off and refusals. Pure.
 *
 * Events bring passes too. What is decided here is only what no event would bring.
 */

import { isRefusal } from "../../ports/errors.ts";
import type { HeldKind, StepOutcome } from "../plan/steps/action.ts";
import type { PassOutcome, PassRecord } from "./outcome.ts";

/** Waits before a cluster is looked at again after a failure. */
export const RETRY_MS = {
  /** After the first failure; it doubles with every further one. */
  first: 1000,
  /** Where the API server refused for good: asking soon is no use. */
  refused: 60_000,
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
];

/**
 * - `forget`: the cluster is none of ours any more;
 * - `rest`: the next event or periodic look brings the next pass;
 * - `again`: at once, to see whether the steps had their effect;
 * - `later`: after some time, as a continuation or as another try.
 */
export type FollowUp =
  | { readonly kind: "forget" }
  | { readonly kind: "rest" }
  | { readonly kind: "again" }
  | { readonly kind: "later"; readonly cause: "requeue" | "retry"; readonly afterMs: number };

const REST: FollowUp = { kind: "rest" };

/** What follows a pass; `failures` counts the failed passes in a row, this one included. */
export function followUp(outcome: PassOutcome, failures: number): FollowUp {
  switch (outcome.kind) {
    case "gone":
      return { kind: "forget" };
    case "deleting":
      return { kind: "later", cause: "requeue", afterMs: RETRY_MS.first };
    case "unmanaged":
    case "left":
      return REST;
    case "reconciled":
      return afterReport(outcome.report, failures);
    default:
      return outcome satisfies never;
  }
}

/** What follows a pass that a fault of the operator or an unread manifest ended. */
export function afterFault(failures: number): FollowUp {
  return retry(failures, RETRY_MS.first);
}

/** True when a pass changed something, or tried to. */
export function worked({ plan }: Pick<PassRecord, "plan">): boolean {
  return plan.steps.some(({ action }) => action.kind !== "event");
}

function afterReport(report: PassRecord, failures: number): FollowUp {
  const { plan, outcomes, failure } = report;
  const busy = worked(report);
  if (failure !== undefined) {
    const idle = !busy && plan.held.length > 0 &&
      plan.held.every(({ kind }) => IDLE_KINDS.includes(kind));
    if (!idle) return retry(failures, isRefused(outcomes) ? RETRY_MS.refused : RETRY_MS.first);
  }
  if (plan.requeueAfterMs !== undefined) {
    return { kind: "later", cause: "requeue", afterMs: plan.requeueAfterMs };
  }
  return busy && failure === undefined ? { kind: "again" } : REST;
}

function retry(failures: number, firstMs: number): FollowUp {
  const afterMs = Math.min(firstMs * 2 ** (Math.max(1, failures) - 1), RETRY_MS.longest);
  return { kind: "later", cause: "retry", afterMs };
}

/** True when every failed step was refused for good. */
function isRefused(outcomes: readonly StepOutcome[]): boolean {
  const failed = outcomes.flatMap((outcome) => outcome.result === "failed" ? [outcome.error] : []);
  return failed.length > 0 && failed.every(isRefusal);
}
