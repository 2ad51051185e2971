/**
 * The queue of cluster keys: a key stands in it once, however many events there were, and is never
 * handed to two workers at a time. Changes by people go before periodic work.
 */

/** Why a key is looked at. It never changes what is done; it is logged and shown. */
export type Cause =
  | "delete"
  | "add"
  | "update"
  | "object"
  | "requeue"
  | "retry"
  | "repair"
  | "sync";

const BACKGROUND: ReadonlySet<Cause> = new Set(["sync", "repair", "retry"]);

/** Causes from the most telling one on: the first of several merged ones is kept. */
const WEIGHT: readonly Cause[] = [
  "delete",
  "add",
  "update",
  "sync",
  "repair",
  "object",
  "requeue",
  "retry",
];

export interface QueueItem {
  readonly key: string;
  readonly cause: Cause;
  /** When it was first asked for, in milliseconds of `clock`. */
  readonly sinceMs: number;
  /** Somebody or something waits for it; false for periodic work. */
  readonly urgent: boolean;
}

/** Timers and time, so that tests can bring their own. */
export interface QueueClock {
  now(): number;
  setTimer(callback: () => void, ms: number): number;
  clearTimer(id: number): void;
}

/** Namespaces whose turns are remembered. */
const MOST_NAMESPACES = 10_000;

/** The namespace of a key `namespace/name`. */
export function namespaceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf("/")));
}

export class KeyQueue {
  readonly #clock: QueueClock;
  readonly #onAdd: () => void;
  readonly #urgent = new Map<string, QueueItem>();
  readonly #background = new Map<string, QueueItem>();
  readonly #running = new Map<string, QueueItem | undefined>();
  readonly #delayed = new Map<string, { timer: number; dueMs: number }>();
  readonly #takers: ((item: QueueItem | undefined) => void)[] = [];
  /** When a namespace had its last turn. */
  readonly #turns = new Map<string, number>();
  #turn = 0;
  #closed = false;

  /** `onAdd` is told of every key that is asked for anew. */
  constructor(clock: QueueClock, onAdd: () => void = () => {}) {
    this.#clock = clock;
    this.#onAdd = onAdd;
  }

  /** Whether a pass is asked for that has not begun. */
  #isWanted(key: string): boolean {
    return this.#urgent.has(key) || this.#background.has(key) ||
      this.#running.get(key) !== undefined;
  }

  /** Asks for a pass; while the key's pass runs, another one follows it. */
  add(key: string, cause: Cause): void {
    if (this.#closed) return;
    if (!this.#isWanted(key)) this.#onAdd();
    const item = { key, cause, sinceMs: this.#clock.now(), urgent: !BACKGROUND.has(cause) };
    if (this.#running.has(key)) {
      this.#running.set(key, merge(this.#running.get(key), item));
      return;
    }
    const merged = merge(this.#urgent.get(key) ?? this.#background.get(key), item);
    this.#urgent.delete(key);
    this.#background.delete(key);
    this.#cancelDelay(key);
    const taker = this.#takers.shift();
    if (taker) this.#hand(merged, taker);
    else (merged.urgent ? this.#urgent : this.#background).set(key, merged);
  }

  /** Asks for a pass after `ms`; an earlier one that is due stays. */
  addAfter(key: string, cause: Cause, ms: number): void {
    if (this.#closed) return;
    if (ms <= 0) return this.add(key, cause);
    const dueMs = this.#clock.now() + ms;
    const planned = this.#delayed.get(key);
    if (planned && planned.dueMs <= dueMs) return;
    this.#cancelDelay(key);
    const timer = this.#clock.setTimer(() => {
      this.#delayed.delete(key);
      this.add(key, cause);
    }, ms);
    this.#delayed.set(key, { timer, dueMs });
  }

  /** The next key, or undefined once the queue is closed. */
  take(): Promise<QueueItem | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    for (const line of [this.#urgent, this.#background]) {
      const first = this.#nextOf(line);
      if (first === undefined) continue;
      line.delete(first.key);
      this.#running.set(first.key, undefined);
      return Promise.resolve(first);
    }
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Namespaces take turns: one with thousands of clusters holds up no other. */
  #nextOf(line: ReadonlyMap<string, QueueItem>): QueueItem | undefined {
    const [first] = line.values();
    if (first === undefined) return undefined;
    let best = first;
    let bestTurn = this.#turns.get(namespaceOf(first.key)) ?? 0;
    const seen = new Set<string>();
    for (const item of line.values()) {
      const namespace = namespaceOf(item.key);
      if (seen.has(namespace)) continue;
      seen.add(namespace);
      const turn = this.#turns.get(namespace) ?? 0;
      if (turn < bestTurn) [best, bestTurn] = [item, turn];
    }
    if (this.#turns.size > MOST_NAMESPACES) this.#turns.clear();
    this.#turns.set(namespaceOf(best.key), ++this.#turn);
    return best;
  }

  /** Says that the pass of a key has ended; what was asked for meanwhile is queued. */
  done(key: string): void {
    const next = this.#running.get(key);
    this.#running.delete(key);
    if (next) this.add(key, next.cause);
  }

  /** Forgets a key that is planned for later. */
  forget(key: string): void {
    this.#urgent.delete(key);
    this.#background.delete(key);
    this.#cancelDelay(key);
  }

  /** Ends every `take`, now and later; timers are stopped. */
  close(): void {
    this.#closed = true;
    for (const key of [...this.#delayed.keys()]) this.#cancelDelay(key);
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  /** Keys that wait for a worker, urgent ones first. */
  waiting(): readonly QueueItem[] {
    return [...this.#urgent.values(), ...this.#background.values()];
  }

  #hand(item: QueueItem, taker: (item: QueueItem) => void): void {
    this.#running.set(item.key, undefined);
    taker(item);
  }

  #cancelDelay(key: string): void {
    const planned = this.#delayed.get(key);
    if (!planned) return;
    this.#clock.clearTimer(planned.timer);
    this.#delayed.delete(key);
  }
}

function merge(before: QueueItem | undefined, item: QueueItem): QueueItem {
  if (before === undefined) return item;
  const cause = WEIGHT.find((one) => one === before.cause || one === item.cause) ?? item.cause;
  return { key: item.key, cause, sinceMs: before.sinceMs, urgent: before.urgent || item.urgent };
}
