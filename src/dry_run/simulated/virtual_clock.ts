/**
 * A clock that stands still until it is told to go on: what takes minutes in a cluster takes no time
 * in a dry run, and happens in the same order every time. Layer: dry run, pure but for its state.
 */

export interface VirtualClock {
  now(): number;
  setTimer(callback: () => void, ms: number): number;
  clearTimer(id: number): void;
  /** When the next timer is due, in milliseconds since the epoch. */
  nextMs(): number | undefined;
  /** Goes on to the next timer and runs it; false where there is none. */
  advance(): boolean;
  /** Goes on to a point in time without running timers. */
  moveTo(ms: number): void;
}

/** Makes a clock that shows `startMs`. */
export function createVirtualClock(startMs: number): VirtualClock {
  const timers = new Map<number, { dueMs: number; callback: () => void }>();
  let nowMs = startMs;
  let lastId = 0;

  function next(): [number, { dueMs: number; callback: () => void }] | undefined {
    let first: [number, { dueMs: number; callback: () => void }] | undefined;
    for (const entry of timers) {
      if (first === undefined || entry[1].dueMs < first[1].dueMs) first = entry;
    }
    return first;
  }

  return {
    now: () => nowMs,
    setTimer(callback, ms) {
      timers.set(++lastId, { dueMs: nowMs + Math.max(0, ms), callback });
      return lastId;
    },
    clearTimer: (id) => void timers.delete(id),
    nextMs: () => next()?.[1].dueMs,
    advance() {
      const first = next();
      if (first === undefined) return false;
      timers.delete(first[0]);
      nowMs = Math.max(nowMs, first[1].dueMs);
      first[1].callback();
      return true;
    },
    moveTo: (ms) => void (nowMs = Math.max(nowMs, ms)),
  };
}
