/**
 * Applies a plan in order; creations that need nothing of each other go out together. A failed step
 * with `onError: "stop"` skips what relies on it and has not gone out yet; everything else goes on.
 * Nothing is retried here: the next pass plans again from what it sees.
 *
 * A new cluster whose creation meets a name that is taken goes no further: the caches do not show
 * objects without our labels, so only the next pass knows whose the name is.
 */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import type { Plan, Step, StepOutcome } from "../plan/steps/action.ts";
import { failureKind } from "../../ports/errors.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";
import type { Subject } from "../subject.ts";
import { describeAction, perform, type Writers } from "./perform.ts";

/** `stop`: begin no further step. `abort`: give up the step under way. */
export interface Cancellation {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
  /** Gives up also what is not bound to the time of a pass; `abort` where it is left out. */
  readonly process?: AbortSignal;
  /** Does work that may take hours, while the time of the pass stands still. */
  readonly untimed?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** What decides whether a step is performed, and what goes out at the same time. */
export interface ApplyRules {
  /** The answer that a request would get again; it is then not sent. */
  readonly refused: (step: Step) => Error | undefined;
  /** Whether the steps of one subject need those of another. */
  readonly relies: (subject: Subject, on: Subject) => boolean;
  /** Whether a step need not wait for the end of an earlier one. */
  readonly together: (step: Step, earlier: Step) => boolean;
}

/** Every step is tried, and a failed one may stop all that follow. */
const EVERYTHING_IN_ORDER: ApplyRules = {
  refused: () => undefined,
  relies: () => true,
  together: () => false,
};

/** What is done: where, and by which rules. */
interface Run {
  readonly writers: Writers;
  readonly owner: KubeObject;
  readonly cancellation: Cancellation;
  readonly rules: ApplyRules;
  /** Failed steps that stop what relies on them. */
  readonly stopped: Step[];
  /** A step that found the name of a new cluster's object taken: nothing comes after it. */
  taken: Step | undefined;
}

/** Performs the steps; never throws, the outcomes say what happened. */
export async function applyPlan(
  plan: Plan,
  writers: Writers,
  owner: KubeObject,
  cancellation: Cancellation,
  rules: ApplyRules = EVERYTHING_IN_ORDER,
): Promise<StepOutcome[]> {
  const run: Run = { writers, owner, cancellation, rules, stopped: [], taken: undefined };
  const isNew = beginsCluster(plan);
  const outcomes: StepOutcome[] = [];
  for (const stage of stagesOf(plan.steps, rules)) {
    const sent = await Promise.all(
      stage.filter((step) => !tells(step)).map(async (step) => ({
        step,
        outcome: await outcomeOf(step, run),
      })),
    );
    for (const step of stage) {
      // News are told in their place, after what they tell of.
      const outcome = sent.find((one) => one.step === step)?.outcome ?? await outcomeOf(step, run);
      outcomes.push(outcome);
      if (outcome.result !== "failed") continue;
      if (step.onError === "stop") run.stopped.push(step);
      if (isNew && failureKind(outcome.error) === "already exists") run.taken ??= step;
    }
  }
  return outcomes;
}

/** Groups steps that go out together, without a change of their order; news hold up nothing. */
function stagesOf(steps: readonly Step[], { together }: ApplyRules): Step[][] {
  const stages: Step[][] = [];
  for (const step of steps) {
    const stage = stages.at(-1);
    const sent = stage?.filter((earlier) => !tells(earlier)) ?? [];
    const joins = sent.length > 0 &&
      (tells(step) || sent.every((earlier) => together(step, earlier)));
    if (joins) stage?.push(step);
    else stages.push([step]);
  }
  return stages;
}

/** True where the plan makes the cluster's StatefulSet. */
function beginsCluster({ steps }: Plan): boolean {
  return steps.some(({ action }) =>
    action.kind === "create" && action.object.kind === RESOURCES.StatefulSet.kind
  );
}

function tells({ action }: Step): boolean {
  return action.kind === "event";
}

async function outcomeOf(step: Step, run: Run): Promise<StepOutcome> {
  const { writers, owner, cancellation, rules, stopped, taken } = run;
  const failed = taken ?? stopped.find(({ subject }) => rules.relies(step.subject, subject));
  const because = cancellation.stop.aborted
    ? asError(cancellation.stop.reason).message
    : failed && `${describeAction(failed.action)} failed`;
  if (because !== undefined) return { step, result: "skipped", because };
  const error = rules.refused(step);
  return error === undefined
    ? await applyTimed(step, writers, owner, cancellation)
    : { step, result: "failed", error, remembered: true };
}

/** An upgrade, and the wait for one, take as long as the data is large. */
function applyTimed(
  step: Step,
  writers: Writers,
  owner: KubeObject,
  { abort, process, untimed }: Cancellation,
): Promise<StepOutcome> {
  const { action } = step;
  const long = action.kind === "upgrade" ||
    (action.kind === "exec" && action.request.timeoutMs !== undefined);
  if (!long || untimed === undefined) return applyStep(step, writers, owner, abort);
  return untimed(() => applyStep(step, writers, owner, process ?? abort));
}

async function applyStep(
  step: Step,
  writers: Writers,
  owner: KubeObject,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const span = writers.span?.child(`step ${step.subject}`, {
    "pgop.step.subject": step.subject,
    "pgop.step.action": describeAction(step.action),
    "pgop.step.effect": step.effect,
  });
  const outcome = await tryStep(step, writers, owner, signal);
  if (outcome.result === "failed") span?.fail(outcome.error.message);
  span?.end();
  return outcome;
}

async function tryStep(
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
