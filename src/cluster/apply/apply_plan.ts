/**
 * Applies a plan step by step, in order. A failed step with `onError: "stop"` skips what follows;
 * others let the plan go on. Nothing is retried here: the next pass plans anew from what it sees.
 */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import type { Plan, Step, StepOutcome } from "../plan/steps/action.ts";
import { describeAction, perform, type Writers } from "./perform.ts";

/** `stop`: begin no further step. `abort`: give up the step under way. */
export interface Cancellation {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

/** Performs the steps; never throws, the outcomes say what happened. */
export async function applyPlan(
  plan: Plan,
  writers: Writers,
  owner: KubeObject,
  cancellation: Cancellation,
): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  let stopped: string | undefined;
  for (const step of plan.steps) {
    const because = cancellation.stop.aborted ? asError(cancellation.stop.reason).message : stopped;
    if (because !== undefined) {
      outcomes.push({ step, result: "skipped", because });
      continue;
    }
    const outcome = await applyStep(step, writers, owner, cancellation.abort);
    outcomes.push(outcome);
    if (outcome.result === "failed" && step.onError === "stop") {
      stopped = `${describeAction(step.action)} failed`;
    }
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
