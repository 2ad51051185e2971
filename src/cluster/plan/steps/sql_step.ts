/** Steps that change a database: one session each, a failure never holds up what is independent. */

import type { SqlText } from "../../../ports/requests.ts";
import type { Step } from "./action.ts";
import type { Subject } from "../../subject.ts";
import { heldPlan, type PlanContext, step, type SubjectPlan } from "./context.ts";
import { describeReason } from "./reasons.ts";
import type { Reason } from "./action.ts";

export interface SqlChange {
  readonly subject: Subject;
  readonly database: string;
  readonly reasons: readonly Reason[];
  /** Makes the statements; throws a RangeError for a name that PostgreSQL cannot have. */
  readonly statements: () => readonly SqlText[];
  readonly mode?: "transaction" | "autocommit";
}

/** Plans one change as the superuser. A name that cannot be holds only this change back. */
export function sqlChange(context: PlanContext, change: SqlChange): SubjectPlan {
  const { subject, database, reasons, mode = "transaction" } = change;
  const superuser = context.credentials.credentials.get(context.config.superUsername);
  if (superuser?.state !== "ready") {
    return heldPlan(subject, "waiting", "the credentials of the superuser are not settled");
  }
  let statements: readonly SqlText[];
  try {
    statements = change.statements();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return heldPlan(
      subject,
      "refused",
      `${reasons.map(describeReason).join("; ")}: ${error.message}`,
    );
  }
  const { namespace, name: cluster } = context.effective.identity;
  const { username: user, password } = superuser;
  const target = { namespace, cluster, database, user, password };
  return { steps: [sqlStep(subject, reasons, { target, statements, mode })], held: [] };
}

function sqlStep(
  subject: Subject,
  reasons: readonly Reason[],
  sql: Omit<Extract<Step["action"], { kind: "sql" }>, "kind">,
): Step {
  return step(subject, reasons, { kind: "sql", ...sql }, { onError: "continue" });
}
