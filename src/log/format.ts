/**
 * Log lines as logrus writes them, so that existing log pipelines keep parsing: text with sorted
 * `key=value` pairs, quoted where needed, or one JSON object a line. Pure.
 */

import type { LogRecord } from "./record.ts";
import { timestamp } from "../lib/timestamp.ts";

/** Characters that logrus leaves without quotes. */
const PLAIN = /^[A-Za-z0-9._/@^+-]+$/;

/** What would end a line, move the cursor or change colours where a log is read. */
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Nobody's words make a second line, or a line that looks like ours. */
function oneLine(value: string): string {
  return value.replaceAll(
    CONTROL,
    (one) => ESCAPES[one] ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** One text line; `noquote` (LOG_NOQUOTE) never quotes and keeps what was given on one line. */
export function formatText(record: LogRecord, quoting: "quote" | "noquote"): string {
  const quote = (value: string) =>
    PLAIN.test(value) ? value : oneLine(quoting === "noquote" ? value : JSON.stringify(value));
  const pairs = [
    `time=${quote(timestamp(record.time))}`,
    `level=${record.level}`,
    ...(record.message === "" ? [] : [`msg=${quote(record.message)}`]),
    ...Object.entries(record.fields)
      .sort(byKey)
      .map(([key, value]) => `${key}=${quote(String(value))}`),
  ];
  return pairs.join(" ");
}

/** One JSON line with sorted keys; a field named like one of ours moves to `fields.<name>`. */
export function formatJson(record: LogRecord): string {
  const own = { level: record.level, msg: record.message, time: timestamp(record.time) };
  const fields = Object.entries(record.fields).map(
    ([key, value]) => [Object.hasOwn(own, key) ? `fields.${key}` : key, value] as const,
  );
  return oneLine(
    JSON.stringify(Object.fromEntries([...Object.entries(own), ...fields].sort(byKey))),
  );
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
