/**
 * Applies a plan step by step, in order. A failed step with `onError: "stop"` skips what relies on it;
 * everything else goes on. Nothing is retried here: the next pass plans anew from what it sees.
 */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import type { Plan, Step, StepOutcome } from "../plan/steps/action.ts";
import type { Subject } from "../subject.ts";
import { describeAction, perform, type Writers } from "./perform.ts";

/** `stop`: begin no further step. `abort`: give up the step under way. */
export interface Cancellation {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

/** What decides whether a step is performed. */
export interface ApplyRules {
  /** The answer that a request would get again; it is then not sent. */
  readonly refused: (step: Step) => Error | undefined;
  /** Whether the steps of one subject need those of another. */
  readonly relies: (subject: Subject, on: Subject) => boolean;
}

/** Every step is tried, and a failed one may stop all that follow. */
const EVERYTHING_IN_ORDER: ApplyRules = { refused: () => undefined, relies: () => true };

/** Performs the steps; never throws, the outcomes say what happened. */
export async function applyPlan(
  plan: Plan,
  writers: Writers,
  owner: KubeObject,
  cancellation: Cancellation,
  rules: ApplyRules = EVERYTHING_IN_ORDER,
): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  const stopped: Step[] = [];
  for (const step of plan.steps) {
    const failed = stopped.find(({ subject }) => rules.relies(step.subject, subject));
    const because = cancellation.stop.aborted
      ? asError(cancellation.stop.reason).message
      : failed && `${describeAction(failed.action)} failed`;
    if (because !== undefined) {
      outcomes.push({ step, result: "skipped", because });
      continue;
    }
    const error = rules.refused(step);
    const outcome: StepOutcome = error === undefined
      ? await applyStep(step, writers, owner, cancellation.abort)
      : { step, result: "failed", error, remembered: true };
    outcomes.push(outcome);
    if (outcome.result === "failed" && step.onError === "stop") stopped.push(step);
  }
  return outcomes;
}

async function applyStep(
  step: Step,
  writers: Writers,
  owner: KubeObject,
  signal: AbortSignal,
): Promise<StepOutcome> {
  try {
    const stored = await perform(step.action, writers, owner, signal);
    const generation = stored?.metadata.generation;
    return { step, result: "done", ...(generation === undefined ? {} : { generation }) };
  } catch (error) {
    return { step, result: "failed", error: asError(error) };
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
