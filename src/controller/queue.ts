/**
 * The queue of cluster keys: a key stands in it once, however many events there were, and is never
 * handed to two workers at a time. Changes by people go before periodic work.
 */

import { Line } from "./line.ts";
import type { Cause, QueueItem } from "./queue_item.ts";

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

/** Objects that change within so long after a pass share the next one: a pod that starts changes often. */
export const GATHER_MS = 200;

/** Timers and time, so that tests can bring their own. */
export interface QueueClock {
  now(): number;
  setTimer(callback: () => void, ms: number): number;
  clearTimer(id: number): void;
}

export class KeyQueue {
  readonly #clock: QueueClock;
  readonly #onAdd: () => void;
  readonly #urgent = new Line();
  readonly #background = new Line();
  readonly #running = new Map<string, QueueItem | undefined>();
  readonly #delayed = new Map<string, { timer: number; dueMs: number }>();
  /** Keys of running passes of which an object changed meanwhile. */
  readonly #changed = new Set<string>();
  /** When the passes of the last moment ended, the oldest first. */
  readonly #ended = new Map<string, number>();
  readonly #takers: ((item: QueueItem | undefined) => void)[] = [];
  #isFull: (namespace: string) => boolean = () => false;
  #closed = false;

  /** `onAdd` is told of every key that is asked for and did not wait yet. */
  constructor(clock: QueueClock, onAdd: () => void = () => {}) {
    this.#clock = clock;
    this.#onAdd = onAdd;
  }

  /** Whether a pass is asked for that has not begun. */
  #isWanted(key: string): boolean {
    return this.#urgent.get(key) !== undefined || this.#background.get(key) !== undefined ||
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
    (merged.urgent ? this.#urgent : this.#background).push(merged);
    this.#serve();
  }

  /** Asks for a pass because an object changed: at once, unless there was one a moment ago. */
  addChange(key: string): void {
    const endedMs = this.#ended.get(key) ?? -Infinity;
    if (this.#running.has(key)) this.#changed.add(key);
    else if (this.#isWanted(key)) this.add(key, "object");
    else this.addAfter(key, "object", endedMs + GATHER_MS - this.#clock.now());
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
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      this.#serve();
    });
  }

  /** Says which namespaces have enough passes under way: their keys wait. */
  restrain(isFull: (namespace: string) => boolean): void {
    this.#isFull = isFull;
  }

  /** Gives keys to those who wait for one. */
  #serve(): void {
    while (this.#takers.length > 0) {
      const next = this.#urgent.shift(this.#isFull) ?? this.#background.shift(this.#isFull);
      if (next === undefined) return;
      this.#running.set(next.key, undefined);
      this.#takers.shift()?.(next);
    }
  }

  /** Says that the pass of a key has ended; what was asked for meanwhile is queued. */
  done(key: string): void {
    const next = this.#running.get(key);
    this.#running.delete(key);
    this.#noteEnd(key);
    const changed = this.#changed.delete(key);
    if (next) this.add(key, next.cause);
    else if (changed) this.addChange(key);
    this.#serve();
  }

  #noteEnd(key: string): void {
    const nowMs = this.#clock.now();
    this.#ended.delete(key);
    this.#ended.set(key, nowMs);
    for (const [oldest, endedMs] of this.#ended) {
      if (nowMs - endedMs < GATHER_MS) return;
      this.#ended.delete(oldest);
    }
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
    return [...this.#urgent.items(), ...this.#background.items()];
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
