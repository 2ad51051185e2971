/** The plan of a pass, from everything that it is made of. Pure: the same values give the same plan. */

import type { Plan } from "../plan/steps/action.ts";
import type { PlanContext } from "../plan/steps/context.ts";
import { planCluster } from "../plan/plan_cluster.ts";
import { brake, type BrakeView, wishOf } from "./brake.ts";
import type { BrakeLedger } from "./memory.ts";
import { leaveToOthers } from "./others.ts";

/** What the cluster needs, without what is left to others and what was done too often of late. */
export function planPass(context: PlanContext, view: BrakeView): Plan {
  return brake(leaveToOthers(planCluster(context), context.memory.writes, view.nowMs), view);
}

/** What the brake of a pass judges by. */
export function brakeView(
  ledger: BrakeLedger,
  { desired, observed, now }: Pick<PlanContext, "desired" | "observed" | "now">,
): BrakeView {
  const { pods, poolerPods } = observed;
  const count = (found: typeof pods) => found.known ? found.value.length : 0;
  const wanted = desired.statefulSet.spec?.replicas ?? 1;
  let wish: string | undefined;
  return {
    ledger,
    // Most passes have nothing to do and need no hash.
    get wish() {
      return wish ??= wishOf(desired);
    },
    nowMs: now.getTime(),
    pods: Math.max(wanted, count(pods)) + count(poolerPods),
  };
}
