/**
 * What to make of databases that cannot be reached. A primary that just started or takes over is
 * back within moments, so the plan waits; one that stays away is a failure.
 */

import { heldPlan, type PlanContext, type SubjectPlan } from "./context.ts";
import type { Subject } from "../../subject.ts";

/** How long a running cluster may be without its databases before it counts as a failure. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 5_000;

/** Holds a subject back until the databases can be read. */
export function unreachable(context: PlanContext, subject: Subject, reason: string): SubjectPlan {
  const nowMs = context.now.getTime();
  const waitedMs = nowMs - (context.memory.waitingSinceMs ?? nowMs);
  const failed = context.phase === "sync" && waitedMs >= PATIENCE_MS;
  if (failed) return heldPlan(subject, "unreadable", reason);
  return { ...heldPlan(subject, "waiting", reason), requeueAfterMs: RETRY_MS };
}
