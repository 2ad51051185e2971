/**
 * A plan as text, for comparing it to the byte: everything of it but what must not be shown, and but
 * hashes over that, which stand there as `[redacted]`. Pure.
 */

import type { Plan } from "../cluster/plan/steps/action.ts";
import { describedChange, type Mismatch } from "../cluster/plan/compare/difference.ts";
import { WISH_LABEL } from "../cluster/plan/pods/wish.ts";
import { REDACTED, redactedText, type Segment } from "../lib/redact.ts";
import { isMark } from "./seal.ts";
import { type TextRules, toTagged } from "./tagged.ts";

/** Fields of a plan that hold sentences and words of the operator. */
const WORDS: readonly string[] = [
  ...["key", "subject", "effect", "onError", "object", "path", "manager", "what", "id", "state"],
  ...["reason", "reasons", "message", "because", "purpose", "call", "container", "propagation"],
  ...["subresource", "time", "members", "fields", "kind", "database", "user", "from", "to"],
];
/** Parts of a step that hold what is written. */
const VALUES: readonly string[] = ["object", "body", "successor", "orRecreate", "statements"];
const HASHES: readonly string[] = ["wish", WISH_LABEL];

const RULES: TextRules = {
  text(text, path) {
    const fields = path.filter(({ element }) => !element).map(({ key }) => key);
    const last = fields.at(-1) ?? "";
    if (HASHES.includes(last)) return REDACTED;
    // Of a rule the words are judged one by one, also where it is a single mark.
    const isRule = path.at(-1)?.element === true && path.at(-2)?.key === "pg_hba";
    if (isMark(text) && !isRule) return REDACTED;
    if (WORDS.includes(last) && !fields.some((field) => VALUES.includes(field))) return text;
    return redactedText(text, path);
  },
  sensitive: () => REDACTED,
  object: (value, path) => ({ value: isMismatch(value) ? shown(value) : value, path }),
};

function isMismatch(
  value: Readonly<Record<string, unknown>>,
): value is Readonly<Record<string, unknown>> & Mismatch {
  return "desired" in value && "observed" in value && typeof value["path"] === "string";
}

/** Values are shown where people see them too. */
function shown(
  { desired: _, observed: __, ...rest }: Readonly<Record<string, unknown>> & Mismatch,
): Readonly<Record<string, unknown>> {
  const { from, to } = describedChange({ ...rest, desired: _, observed: __ });
  return { ...rest, from, to };
}

const ROOT: readonly Segment[] = [{ key: "plan", element: false }];

/** The plan as one line of JSON. */
export function planText({ steps, ...plan }: Plan): string {
  const own = steps.map(({ subject, reasons, action, onError, effect, mends, asked }) => ({
    ...{ subject, reasons, action, onError, effect },
    ...(mends === undefined ? {} : { mends }),
    ...(asked === undefined ? {} : { asked }),
  }));
  return JSON.stringify(toTagged({ ...plan, steps: own }, RULES, ROOT));
}
