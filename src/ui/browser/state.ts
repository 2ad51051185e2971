/** What the colour and the order of a cluster go by. Pure. */

import type { RowView } from "../../debug/overview_shapes.ts";

/** How much a cluster needs a person, the most first. */
export const TONES = ["bad", "warn", "busy", "idle", "good"] as const;
export type Tone = (typeof TONES)[number];

/** What stands on the filters and in the pill's title. */
export const TONE_WORDS: Readonly<Record<Tone, string>> = {
  bad: "failing",
  warn: "to look at",
  busy: "changing",
  idle: "not looked at yet",
  good: "fine",
};

/** The tone of a cluster. */
export function toneOf(row: RowView): Tone {
  if (row.deleting) return row.failure === null ? "busy" : "bad";
  if (row.failure !== null || /Failed$|^Invalid$/.test(row.word)) return "bad";
  if (["Creating", "Updating"].includes(row.word)) return "busy";
  if (row.findings.some(({ severity }) => severity === "critical")) return "bad";
  if (row.findings.some(({ severity }) => severity === "warning")) return "warn";
  if (row.word === "") return "idle";
  return row.held.some(({ kind }) => WAITS.includes(kind)) ? "busy" : "good";
}

const WAITS: readonly string[] = ["waiting", "blocked"];

/** The status word, or what stands for it. */
export function wordOf(row: RowView): string {
  return row.deleting ? "Deleting" : row.word || "New";
}

/** The one sentence that says what is going on; empty where nothing is. */
export function noteOf(row: RowView): string {
  if (row.failure !== null) return row.failure;
  const held = row.held.find(({ kind }) => kind !== "overridden");
  if (held !== undefined) return `${held.subject}: ${held.reason}`;
  const unmet = row.conditions.find(({ type, status }) => type === "Ready" && status === "False");
  if (unmet !== undefined) return unmet.message;
  const [finding] = row.findings;
  return finding?.title ?? "";
}

/** True where every word of the search is in the name, namespace, team or version. */
export function matches(row: RowView, search: string): boolean {
  const text = `${row.namespace}/${row.name} ${row.team} ${row.version} ${wordOf(row)}`
    .toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** How many clusters have each tone. */
export function tally(rows: readonly RowView[]): Record<Tone, number> {
  const counts = { bad: 0, warn: 0, busy: 0, idle: 0, good: 0 };
  for (const row of rows) counts[toneOf(row)]++;
  return counts;
}
