/**
 * Names that others write into SQL without quotes: the server then reads letters A to Z as small ones,
 * and does not take every name.
 *
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS,
 * https://www.postgresql.org/docs/current/sql-keywords-appendix.html
 */

import { nameProblem } from "./quote.ts";

/** Key words that no schema can be named by without quotes: reserved, and those of types and functions. */
const KEY_WORDS = new Set(
  (`all analyse analyze and any array as asc asymmetric authorization binary both case cast check
  collate collation column concurrently constraint create cross current_catalog current_date
  current_role current_schema current_time current_timestamp current_user default deferrable desc
  distinct do else end except false fetch for foreign freeze from full grant group having ilike in
  initially inner intersect into is isnull join lateral leading left like limit localtime
  localtimestamp natural not notnull null offset on only or order outer overlaps placing primary
  references returning right select session_user similar some symmetric system_user table tablesample
  then to trailing true union unique user using variadic verbose when where window with`)
    .split(/\s+/),
);

const UNQUOTED = /^[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_$\u0080-\u{10ffff}]*$/u;

/** The name that the server reads where it stands without quotes. */
export function foldedName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Why a schema cannot be named without quotes, or not made at all; undefined where it can. */
export function unquotedSchemaProblem(name: string): string | undefined {
  const problem = nameProblem(name);
  if (problem !== undefined) return problem;
  if (!UNQUOTED.test(name)) return "it would need quotes, because of its letters";
  const folded = foldedName(name);
  if (KEY_WORDS.has(folded)) return `it would need quotes, because ${folded} is a key word of SQL`;
  if (folded.startsWith("pg_")) return "names that begin with pg_ are the server's own";
  return undefined;
}
