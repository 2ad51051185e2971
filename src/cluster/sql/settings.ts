/**
 * Settings of roles: how a value of the manifest is written in a statement, and when a value of
 * the catalogue is the same. Values reach us with and without quotes.
 *
 * Zalando: pkg/util/users/users.go, quoteParameterValue
 */

import { identifier, literal } from "./quote.ts";

/**
 * Settings that PostgreSQL keeps as lists of quoted names: written as one string they would become
 * a list of one odd name (GUC_LIST_QUOTE in guc_tables.c).
 */
const LISTS = new Set([
  "local_preload_libraries",
  "search_path",
  "session_preload_libraries",
  "shared_preload_libraries",
  "temp_tablespaces",
  "unix_socket_directories",
]);

/** The name of a setting in a statement; extensions have names with a dot. */
export function settingName(name: string): string {
  return name.split(".").map(identifier).join(".");
}

/** The value of a setting in a statement. */
export function settingValue(name: string, value: string): string {
  if (!isList(name)) return literal(unquoted(value));
  return listOf(withoutSingle(value)).map(literal).join(", ");
}

/** True when the catalogue's value is what the manifest asks for. */
export function sameSetting(name: string, wanted: string, stored: string): boolean {
  if (!isList(name)) return unquoted(wanted) === stored;
  const [a, b] = [listOf(withoutSingle(wanted)), listOf(stored)];
  return a.length === b.length && a.every((entry, index) => entry === b[index]);
}

/** Names of settings do not tell upper from lower case. */
export function settingKey(name: string): string {
  return name.toLowerCase();
}

function isList(name: string): boolean {
  return LISTS.has(settingKey(name));
}

/** Outer quotes of either kind belong to the manifest, not to the value. */
function unquoted(value: string): string {
  const text = withoutSingle(value);
  const oneName = text === value.trim() && /^"(?:[^"]|"")*"$/.test(text);
  return oneName ? text.slice(1, -1).replaceAll('""', '"') : text;
}

function withoutSingle(value: string): string {
  const text = value.trim();
  const quoted = /^'(?:[^']|'')*'$/.test(text);
  return quoted ? text.slice(1, -1).replaceAll("''", "'") : text;
}

/**
 * The entries of a list; names without quotes are in lower case, as PostgreSQL takes them. An empty
 * list is one empty name there.
 */
function listOf(text: string): string[] {
  if (text.trim() === "") return [""];
  const entries = text.match(/\s*(?:"(?:[^"]|"")*"|[^,"])+/g) ?? [];
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== "").map((entry) =>
    /^".*"$/s.test(entry) ? entry.slice(1, -1).replaceAll('""', '"') : entry.toLowerCase()
  );
}
