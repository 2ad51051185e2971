/**
 * The look-up function of the connection pooler, in the schema that the pooler's image asks for: it
 * puts the name into SQL without quotes. It is in every database that clients connect to, before
 * the pooler is made.
 *
 * Zalando: pkg/cluster/database.go, installLookupFunction
 */

import type { DatabaseContents } from "../../observed/catalog.ts";
import { installLookup, judgeLookup } from "../../sql/pooler_lookup.ts";
import { foldedName } from "../../sql/unquoted.ts";
import {
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  type SubjectPlan,
} from "../steps/context.ts";
import { sqlChange } from "../steps/sql_step.ts";
import { unreachable } from "../steps/unreachable.ts";

const SUBJECT = "pooler";

/** Plans the function where it is missing or not as it should be; nothing without a pooler. */
export function planPoolerLookup(context: PlanContext): SubjectPlan {
  const { catalog } = context.observed;
  if (context.desired.poolers.length === 0 || catalog === undefined) return NOTHING;
  if (!catalog.known) return unreachable(context, SUBJECT, catalog.reason);
  return joinPlans(
    [...catalog.value.contents].map(([database, contents]) =>
      contents.known
        ? planDatabase(context, database, contents.value)
        : heldPlan(SUBJECT, "unreadable", contents.reason)
    ),
  );
}

/**
 * The function of Zalando's operator works and is left alone, so that a take-over writes nothing;
 * it is replaced along with the next change of the manifest.
 */
function planDatabase(
  context: PlanContext,
  database: string,
  { lookup }: DatabaseContents,
): SubjectPlan {
  const { schema: given, podUser } = context.effective.pooler;
  const schema = foldedName(given);
  const verdict = judgeLookup(lookup, podUser);
  if (verdict === "current" || (verdict === "former" && context.phase !== "update")) {
    return NOTHING;
  }
  const what = `look-up function in schema ${schema} of database ${database}`;
  const reason = {
    missing: `${what} is missing`,
    wrong: `${what} is not as it should be`,
    former: `${what} relies on the search path of its caller`,
  }[verdict];
  return sqlChange(context, {
    subject: SUBJECT,
    database,
    reasons: [reason],
    statements: () => installLookup(schema, podUser),
  });
}
