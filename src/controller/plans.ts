/**
 * Plans as the debug API shows them, and the last ones that did something: a cluster at rest has a
 * last plan that is empty, and people ask what was done before. Pure.
 */

import { describeAction } from "../cluster/apply/perform.ts";
import { describedChange } from "../cluster/plan/compare/difference.ts";
import type { Step, StepOutcome } from "../cluster/plan/steps/action.ts";
import { mismatchesOf, reasonTexts, sentencesOf } from "../cluster/plan/steps/reasons.ts";
import type { KeptPlanView, PlanView } from "../debug/shapes.ts";
import type { LastPass } from "./registry.ts";

/** Plans that are kept of one cluster. */
const KEPT = 5;

/**
 * Kept plans, oldest first. As texts they take a byte a character, and nothing holds on to the
 * objects that the steps would write.
 */
export type KeptPlans = readonly string[];

/** A pass for people: its steps with reasons and results, and what is held back. */
export function planView(key: string, { plan, outcomes, cause, at }: LastPass): PlanView {
  return {
    cluster: key,
    generation: plan.generation,
    cause,
    at: at.toISOString(),
    steps: plan.steps.map((step, index) => stepView(step, outcomes[index])),
    held: plan.held.map(({ subject, reason }) => ({ subject, reason })),
    ...(plan.requeueAfterMs === undefined ? {} : { requeueAfterMs: plan.requeueAfterMs }),
  };
}

function stepView(step: Step, outcome: StepOutcome | undefined): PlanView["steps"][number] {
  const { subject, effect } = step;
  const reasons = reasonTexts(step);
  const sentences = sentencesOf(step);
  const changes = mismatchesOf(step).map(describedChange);
  const result = outcome === undefined
    ? "planned"
    : outcome.result === "failed"
    ? `failed: ${outcome.error.message}`
    : outcome.result === "skipped"
    ? `skipped: ${outcome.because}`
    : "done";
  return {
    subject,
    action: describeAction(step.action),
    effect,
    reasons,
    sentences,
    changes,
    result,
  };
}

/**
 * The kept plans with that of a pass. One that only tells an Event did nothing; one that is tried
 * again as it was takes the place of the last, and is counted.
 */
export function withPlan(kept: KeptPlans, key: string, pass: LastPass): KeptPlans {
  if (pass.plan.steps.every(({ action }) => action.kind === "event")) return kept;
  const view = planView(key, pass);
  const before = shownPlans(kept)[0];
  if (before === undefined || !isSameTry(before, view)) {
    const next: KeptPlanView = { ...view, times: 1, since: view.at };
    return [...kept, JSON.stringify(next)].slice(-KEPT);
  }
  const { times, since } = before;
  return [...kept.slice(0, -1), JSON.stringify({ ...view, times: times + 1, since })];
}

/** What a step is about; its result may be another one each time. */
function isSameTry(before: PlanView, after: PlanView): boolean {
  const about = ({ generation, steps }: PlanView) =>
    JSON.stringify([generation, steps.map(({ result: _result, ...step }) => step)]);
  return about(before) === about(after);
}

/** The kept plans, newest first. */
export function shownPlans(kept: KeptPlans): KeptPlanView[] {
  return kept.map((text) => JSON.parse(text) as KeptPlanView).reverse();
}
