/** Repeatable randomness: the same seed makes the same run (mulberry32). */

/** Numbers from 0 to 1, without 1. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of them. @throws Error when there is none */
export function oneOf<T>(random: () => number, items: readonly T[]): T {
  if (items.length === 0) throw new Error("cannot choose from nothing");
  return items[Math.floor(random() * items.length)]!;
}
