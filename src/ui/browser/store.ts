/** What all pages share: the overview, kept up to date by events or by asking, and the clock. */

import { signal } from "@preact/signals";
import type { OverviewView, RowView } from "../../debug/overview_shapes.ts";
import { ApiError, ask, MODE } from "./api.ts";
import type { Listed } from "./cost.ts";

type Operator = OverviewView["operator"];

/** How the figures come: by events, by asking every few seconds, or not at all at the moment. */
export const link = signal<"connecting" | "live" | "polling" | "lost">("connecting");
export const operator = signal<Operator | null>(null);
/** By `namespace/name`; undefined until the first answer. */
export const rows = signal<ReadonlyMap<string, RowView> | undefined>(undefined);
export const now = signal(Date.now());

const POLL_MS = 3000;
/** Streams may be blocked on the way: without one for so long, it is asked instead. */
const PATIENCE_MS = 4000;

interface Change extends OverviewView {
  readonly gone: readonly string[];
}

let following = false;

/** By `namespace/name`: requests and prices, where the settings show prices. */
export const listed = signal<ReadonlyMap<string, Listed>>(new Map());

const LIST_MS = 15_000;

/** Asks for what costs something, now and then. */
export async function followList(): Promise<void> {
  try {
    const list = await ask<readonly Listed[]>("postgresqls");
    listed.value = new Map(list.map((each) => [`${each.namespace}/${each.name}`, each]));
  } catch {
    // The overview tells of what is wrong.
  }
  setTimeout(followList, LIST_MS);
}

/** Begins to keep the overview up to date; once is enough. */
export function follow(): void {
  if (following) return;
  following = true;
  setInterval(() => (now.value = Date.now()), 1000);
  if (MODE === "ui") return void poll();
  followStream();
}

/** Asks every few seconds while there is no stream. */
async function poll(): Promise<void> {
  if (link.peek() === "live") return void (polling = false);
  polling = true;
  try {
    take(await ask<OverviewView>("overview"));
    link.value = "polling";
  } catch (error) {
    link.value = "lost";
    if (error instanceof ApiError && error.status === 401) return location.reload();
  }
  setTimeout(poll, POLL_MS);
}

let polling = false;

function followStream(): void {
  const source = new EventSource("live");
  source.addEventListener("all", (event) => {
    take(JSON.parse(event.data) as OverviewView);
    link.value = "live";
  });
  source.addEventListener("change", (event) => merge(JSON.parse(event.data) as Change));
  source.addEventListener("error", () => {
    if (link.peek() === "live") link.value = "lost";
    if (!polling) void poll();
  });
  setTimeout(() => link.peek() === "connecting" && void poll(), PATIENCE_MS);
}

function take(view: OverviewView): void {
  operator.value = view.operator;
  rows.value = new Map(view.clusters.map((row) => [keyOf(row), row]));
}

function merge(change: Change): void {
  operator.value = change.operator;
  const next = new Map(rows.peek());
  for (const row of change.clusters) next.set(keyOf(row), row);
  for (const key of change.gone) next.delete(key);
  rows.value = next;
}

function keyOf({ namespace, name }: RowView): string {
  return `${namespace}/${name}`;
}
