/**
 * Periodic passes: every cluster once a `resync_period`, spread over it so that no burst follows a
 * restart, and failed ones every `repair_period`. Zalando: pkg/controller/postgresql.go, clusterResync
 */

import type { KeyQueue } from "./queue.ts";

export interface ResyncOptions {
  readonly resyncPeriodMs: number;
  readonly repairPeriodMs: number;
  /** All clusters, and those whose last pass failed. */
  readonly keys: () => readonly string[];
  readonly failedKeys: () => readonly string[];
  readonly setTimer: (callback: () => void, ms: number) => number;
  readonly clearTimer: (id: number) => void;
}

/** Longest time between two slices of a spread resync. */
const SLICE_MS = 1000;

/** Starts both periods; the returned function stops them. */
export function startResync(queue: KeyQueue, options: ResyncOptions): () => void {
  const timers = new Map<string, number>();
  function every(name: string, ms: number, action: () => void): void {
    if (ms <= 0) return;
    const again = () => {
      timers.set(name, options.setTimer(() => (action(), again()), ms));
    };
    again();
  }
  const slices = Math.max(1, Math.floor(options.resyncPeriodMs / SLICE_MS));
  let slice = 0;
  let due: readonly string[] = [];
  every("resync", Math.min(SLICE_MS, options.resyncPeriodMs), () => {
    if (slice === 0) due = options.keys();
    for (const key of sliceOf(due, slice, slices)) queue.add(key, "sync");
    slice = (slice + 1) % slices;
  });
  every("repair", options.repairPeriodMs, () => {
    for (const key of options.failedKeys()) queue.add(key, "repair");
  });
  return () => {
    for (const timer of timers.values()) options.clearTimer(timer);
  };
}

/** The keys of one of `count` equal parts of a period. */
export function sliceOf<T>(items: readonly T[], index: number, count: number): readonly T[] {
  const start = Math.floor(items.length * index / count);
  return items.slice(start, Math.floor(items.length * (index + 1) / count));
}
