/**
 * Timers and clocks of the whole program follow a virtual clock, so ten minutes cost no time; chance
 * follows a seed, so that a run can be repeated.
 */

import { setImmediate } from "node:timers";
import type { VirtualClock } from "../../src/dry_run/simulated/virtual_clock.ts";

/** Puts a clock and a seed in the place of the platform's; the result puts the platform's back. */
export function useVirtualTime(clock: VirtualClock, seed: number): () => void {
  const before = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    now: Date.now,
    performanceNow: performance.now,
    random: Math.random,
  };
  const startMs = clock.now();
  const set = (callback: () => void, ms = 0) => clock.setTimer(callback, ms);
  Object.assign(globalThis, {
    setTimeout: set,
    clearTimeout: (id: number | undefined) => id !== undefined && clock.clearTimer(id),
  });
  Math.random = randomFrom(seed);
  Date.now = () => clock.now();
  performance.now = () => clock.now() - startMs;
  return () => {
    Object.assign(globalThis, {
      setTimeout: before.setTimeout,
      clearTimeout: before.clearTimeout,
    });
    Date.now = before.now;
    performance.now = before.performanceNow;
    Math.random = before.random;
  };
}

/** The generator "mulberry32". */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Everything is in memory, so a turn of the event loop does all that can be done now. */
const TURNS = 2;

async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time go on to `endMs`, or until `over` says so; it is asked every `everyMs`. */
export async function runUntil(
  clock: VirtualClock,
  { endMs, everyMs, over }: {
    readonly endMs: number;
    readonly everyMs: number;
    readonly over: () => boolean;
  },
): Promise<boolean> {
  await settled();
  for (let askMs = clock.now(); clock.now() < endMs;) {
    if (clock.now() >= askMs) {
      if (over()) return true;
      askMs = clock.now() + everyMs;
    }
    const next = clock.nextMs();
    if (next === undefined || next > Math.min(askMs, endMs)) clock.moveTo(Math.min(askMs, endMs));
    else clock.advance();
    await settled();
  }
  return over();
}
