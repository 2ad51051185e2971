/**
 * What stays as it is in the databases until a person changes something: told from the manifest, and
 * from the last look into the databases while there is no reason for another one.
 */

import { heldPlan, joinPlans, type PlanContext, type SubjectPlan } from "./context.ts";

type LookSubject = "roles" | "databases";

/** `reasons` come from the manifest; each is told once. */
export function leftAlone(
  { observed, memory }: PlanContext,
  subject: LookSubject,
  reasons: readonly string[],
): SubjectPlan {
  const seen = observed.catalog === undefined ? memory.catalogLook?.left ?? [] : [];
  const remembered = seen.filter((one) => one.subject === subject).map(({ reason }) => reason);
  const all = new Set([...reasons, ...remembered]);
  return joinPlans([...all].map((reason) => heldPlan(subject, "left", reason)));
}
