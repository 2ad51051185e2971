/** What the planner of a request gets, and what it gives back. */

import type { PostgresqlRequest } from "../../../api/types.gen.ts";
import type { Pod } from "../../../kubernetes/types.gen.ts";
import type { Plan, RequestState, Step } from "../steps/action.ts";
import type { PlanContext } from "../steps/context.ts";

export const SUBJECT = "requests" as const;

/** One request that is not answered for good, and where the cluster stands. */
export interface RequestQuestion {
  readonly context: PlanContext;
  /** What the manifest needs. */
  readonly plan: Plan;
  /** What the status says of the request; absent where it is new. */
  readonly before: PostgresqlRequest | undefined;
  /** Which request pauses the cluster, in words; absent where none does. */
  readonly paused: string | undefined;
  /** What has to be settled before pods may be disturbed, a pause too; absent where nothing has. */
  readonly busy: string | undefined;
}

/** Where the request stands, and what is done for it now. */
export interface RequestPlan {
  readonly state: RequestState;
  readonly message: string;
  readonly members?: readonly string[];
  readonly steps?: readonly Step[];
  /** When to look again although no event came. */
  readonly requeueAfterMs?: number;
}

/** Name and uid of a pod, as answers name it: `acid-orders-0=1f0e…`. */
export function memberOf({ metadata }: Pod): string {
  return `${metadata.name}=${metadata.uid ?? ""}`;
}

/** A request for which nothing was done yet. */
export function waiting(message: string, requeueAfterMs?: number): RequestPlan {
  return { state: "waiting", message, ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }) };
}

/** A request that ends without anything being done. */
export function ended(state: "done" | "failed" | "refused", message: string): RequestPlan {
  return { state, message };
}
