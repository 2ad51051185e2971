/**
 * Quoting of SQL identifiers and literals: the only way that names and values come into a
 * statement. What PostgreSQL would cut short or cannot hold is refused instead.
 *
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */

/** PostgreSQL cuts longer names silently, so that they never are what was asked for. */
const MAX_NAME_BYTES = 63;

/** Why a name cannot be one of PostgreSQL's, or undefined where it can. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.includes("\0")) return "it contains a zero byte";
  if (!name.isWellFormed()) return "it is no valid Unicode text";
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > MAX_NAME_BYTES) return `it has ${bytes} bytes, more than ${MAX_NAME_BYTES}`;
  return undefined;
}

/** A name in double quotes. @throws {RangeError} where `nameProblem` finds something. */
export function identifier(name: string): string {
  const problem = nameProblem(name);
  if (problem !== undefined) {
    throw new RangeError(`Cannot quote the name ${JSON.stringify(name)}: ${problem}`);
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** Names in double quotes, separated by commas. */
export function identifiers(names: readonly string[]): string {
  return names.map(identifier).join(", ");
}

/**
 * A string constant that reads the same whether `standard_conforming_strings` is on or off.
 * @throws {RangeError} for a zero byte, which no text of PostgreSQL can hold.
 */
export function literal(value: string): string {
  if (value.includes("\0") || !value.isWellFormed()) {
    throw new RangeError("Cannot quote a text with a zero byte or broken Unicode");
  }
  const doubled = value.replaceAll("'", "''");
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}

/** An array of texts. */
export function textArray(values: readonly string[]): string {
  return `ARRAY[${values.map(literal).join(", ")}]::pg_catalog.text[]`;
}
