/**
 * The overview as server-sent events: everything once, then what has changed. One look serves all
 * readers, and looks come at most once a second and cost no more than a twentieth of the time.
 */

import type { OverviewView } from "./overview_shapes.ts";

/** Streams at once; more readers are told to poll. */
const MOST_STREAMS = 32;
const LOOK_MS = 1000;
const COST_SHARE = 20;
/** A sign of life for proxies, which end silent connections. */
const BEAT_MS = 15_000;

/** Time and timers of the stream. */
export interface LiveClock {
  now(): number;
  /** Calls back once after some milliseconds; gives back how to call that off. */
  after(ms: number, then: () => void): () => void;
}

export interface Live {
  /** A stream that begins with everything; undefined where there are too many. */
  open(): ReadableStream<Uint8Array> | undefined;
}

/** What was sent last, as texts: comparing them is comparing the values. */
interface Sent {
  readonly operator: string;
  readonly rows: ReadonlyMap<string, string>;
}

/** Makes the streams of an operator; nothing is looked at while nobody reads. */
export function createLive(look: () => OverviewView | undefined, clock: LiveClock): Live {
  const readers = new Set<ReadableStreamDefaultController<Uint8Array>>();
  let sent: Sent = { operator: "", rows: new Map() };
  let lastMs = 0;
  let cancel: (() => void) | undefined;

  function send(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (const reader of readers) {
      // Who takes nothing for so long begins again with everything.
      if ((reader.desiredSize ?? 0) < -50) end(reader);
      else reader.enqueue(bytes);
    }
    lastMs = clock.now();
  }

  function end(reader: ReadableStreamDefaultController<Uint8Array>): void {
    readers.delete(reader);
    reader.close();
  }

  function turn(): void {
    const begun = clock.now();
    const next = textsOf(look());
    const change = changeOf(sent, next);
    sent = next;
    if (change !== undefined) send(`event: change\ndata: ${change}\n\n`);
    else if (clock.now() - lastMs >= BEAT_MS) send(": beat\n\n");
    wait(Math.max(LOOK_MS, (clock.now() - begun) * COST_SHARE));
  }

  function wait(ms: number): void {
    cancel = readers.size === 0 ? undefined : clock.after(ms, turn);
  }

  return {
    open() {
      if (readers.size >= MOST_STREAMS) return undefined;
      let own: ReadableStreamDefaultController<Uint8Array> | undefined;
      return new ReadableStream({
        start(reader) {
          own = reader;
          if (readers.size === 0) sent = textsOf(look());
          readers.add(reader);
          reader.enqueue(new TextEncoder().encode(`event: all\ndata: ${allOf(sent)}\n\n`));
          if (cancel === undefined) wait(LOOK_MS);
        },
        cancel() {
          if (own !== undefined) readers.delete(own);
          if (readers.size > 0) return;
          cancel?.();
          cancel = undefined;
        },
      });
    },
  };
}

function textsOf(view: OverviewView | undefined): Sent {
  if (view === undefined) return { operator: "null", rows: new Map() };
  return {
    operator: JSON.stringify(view.operator),
    rows: new Map(
      view.clusters.map((row) => [`${row.namespace}/${row.name}`, JSON.stringify(row)]),
    ),
  };
}

function allOf({ operator, rows }: Sent): string {
  return `{"operator":${operator},"clusters":[${[...rows.values()].join(",")}]}`;
}

/** Undefined where nothing has changed. */
function changeOf(before: Sent, after: Sent): string | undefined {
  const rows = [...after.rows].filter(([key, text]) => before.rows.get(key) !== text)
    .map(([, text]) => text);
  const gone = [...before.rows.keys()].filter((key) => !after.rows.has(key));
  if (rows.length === 0 && gone.length === 0 && before.operator === after.operator) {
    return undefined;
  }
  return `{"operator":${after.operator},"clusters":[${rows.join(",")}],` +
    `"gone":${JSON.stringify(gone)}}`;
}
