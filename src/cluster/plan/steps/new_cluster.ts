/** Whether a cluster is being made: it then waits for everything that it asks for. */

import { observedObject } from "../../observed/cluster.ts";
import { refOf } from "../../../ports/requests.ts";
import type { PlanContext } from "./context.ts";

/**
 * True while a cluster has never had pods. One that lost its StatefulSet, or whose StatefulSet could
 * not be read, is not new: nothing that is wrong with one role may keep its pods from coming back.
 */
export function isNew(
  { phase, observed, desired }: Pick<PlanContext, "phase" | "observed" | "desired">,
): boolean {
  const set = observedObject(observed.objects, refOf(desired.statefulSet));
  return phase === "creation" && set.known && set.value === undefined;
}
