/** Words for what differs. */

import { describeDifference } from "../compare/difference.ts";
import type { Mismatch } from "../compare/structure.ts";

/** `path: observed → desired`, for a mismatch that is no difference of an object's own. */
export function describeMismatch(mismatch: Mismatch): string {
  return describeDifference({ ...mismatch, effect: "rollout" });
}
