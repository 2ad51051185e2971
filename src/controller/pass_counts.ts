/** What of a pass is counted: its steps by what they did to the cluster. */

import type { Action, StepOutcome } from "../cluster/plan/steps/action.ts";
import type { StepEnded } from "../metrics/metrics.ts";

/** The steps of a pass as metrics count them; Events are none. */
export function countedSteps(outcomes: readonly StepOutcome[]): StepEnded[] {
  return outcomes
    .filter(({ step }) => step.action.kind !== "event")
    .map(({ step, result }) => ({ subject: step.subject, result, act: actOf(step.action) }));
}

function actOf(action: Action): StepEnded["act"] {
  switch (action.kind) {
    case "patroni":
      if (action.request.call === "switchover") return "switchover";
      return action.request.call === "restart" ? "restart" : "other";
    case "delete":
      return action.request.target.kind === "Pod" ? "restart" : "other";
    case "create":
      return action.object.kind === "Secret" ? "credential" : "other";
    case "patch":
      return action.request.target.kind === "Secret" ? "credential" : "other";
    default:
      return "other";
  }
}
