/**
 * Answers to what people ask for. Before the first step of a request the status says that it was
 * begun, and the API server must have kept that: whoever comes after a killed operator finds it there.
 */

import type { PostgresqlRequest } from "../../api/types.gen.ts";
import { isLasting } from "../effective/requests.ts";
import type { Asked, Held, Plan, StepOutcome } from "../plan/steps/action.ts";
import { isFinal, timeOf } from "../plan/requests/plan_requests.ts";
import { failureKind } from "../../ports/errors.ts";

/** The answers after the steps; undefined where nobody asks. */
export function answersAfter(
  { requests }: Plan,
  outcomes: readonly StepOutcome[],
  now: Date,
): readonly PostgresqlRequest[] | undefined {
  return requests?.map((request) => {
    const own = outcomes.filter(({ step }) => isAbout(step.asked, request));
    return own.reduce((answer, outcome) => afterStep(answer, outcome, now), request);
  });
}

function isAbout(asked: Asked | undefined, { what, id }: PostgresqlRequest): boolean {
  return asked?.what === what && asked.id === id;
}

function afterStep(
  answer: PostgresqlRequest,
  outcome: StepOutcome,
  now: Date,
): PostgresqlRequest {
  const { step, result } = outcome;
  if (step.asked === undefined || result === "skipped" || isFinal(answer)) return answer;
  const next = (state: string, message: string) => ({
    ...answer,
    state,
    message,
    time: state === answer.state ? answer.time : timeOf(now),
  });
  if (result === "done" || failureKind(outcome.error) === "already exists") {
    return next(step.asked.then.state, step.asked.then.message);
  }
  const { message } = outcome.error;
  return mayGoOn(answer, step.asked, outcome.error)
    ? next(answer.state, message)
    : next("failed", message);
}

/** What lasts, what marks pods and what nobody answered is not over with one failure. */
function mayGoOn({ what, state }: PostgresqlRequest, asked: Asked, error: Error): boolean {
  if (isLasting({ what }) || failureKind(error) === "unavailable") return true;
  return what === "restart" && state === "started" && asked.then.state === "started" &&
    failureKind(error) === "conflict";
}

/** True when a step of a request is about to be done. */
export function beginsRequest({ steps }: Plan): boolean {
  return steps.some(({ asked }) => asked !== undefined);
}

/**
 * The plan as far as its requests are known to be kept. An API server whose definition of postgresql
 * is older drops them: then nothing is done that could be done twice.
 */
export function keptRequests(plan: Plan, kept: readonly PostgresqlRequest[] | undefined): Plan {
  const isKept = (asked: Asked) =>
    kept?.some((one) => isAbout(asked, one) && wanted(plan, asked)?.state === one.state) === true;
  const lost = plan.steps.filter(({ asked }) => asked !== undefined && !isKept(asked));
  if (lost.length === 0) return plan;
  const reason = "status.requests was not kept by the API server, so nothing of it is begun: " +
    "its definition of postgresqls is that of another operator";
  const held: Held = { subject: "requests", kind: "postponed", reason };
  return {
    ...plan,
    steps: plan.steps.filter((step) => !lost.includes(step)),
    held: [...plan.held, held],
  };
}

function wanted({ requests }: Plan, asked: Asked): PostgresqlRequest | undefined {
  return requests?.find((one) => isAbout(asked, one));
}

/** Answers that a person wants to hear of: ends, and what holds from now on. */
export function newlyAnswered(
  before: readonly PostgresqlRequest[] | undefined,
  after: readonly PostgresqlRequest[] | undefined,
): PostgresqlRequest[] {
  return (after ?? []).filter((one) => {
    if (!isFinal(one) && one.state !== "active") return false;
    const known = before?.find(({ what, id }) => what === one.what && id === one.id);
    return known?.state !== one.state || (one.what === "pause" && known.message !== one.message);
  });
}

/** `switchover a1: done: acid-orders-1 is the primary`. */
export function answerText({ what, id, state, message }: PostgresqlRequest): string {
  return `${what} ${id}: ${state}${message === undefined ? "" : `: ${message}`}`;
}

/** Conditions that stand while a request holds. */
export function lastingConditions(
  requests: readonly PostgresqlRequest[] | undefined,
): Record<string, { readonly status: string; readonly reason: string; readonly message: string }> {
  const types = { pause: "Paused", hibernate: "Hibernated" } as const;
  return Object.fromEntries(
    Object.entries(types).flatMap(([what, type]) => {
      const active = requests?.find((one) => one.what === what && one.state === "active");
      if (active === undefined) return [];
      const message = `request ${active.id}: ${active.message ?? ""}`;
      return [[type, { status: "True", reason: "AskedFor", message }]];
    }),
  );
}
