/**
 * Servers that did not answer: they are left alone for a while, longer after each time, so that a
 * cluster whose server hangs does not take up a session at every look.
 */

import { BoundedMap } from "../../lib/bounded_map.ts";

const FIRST_MS = 5_000;
const LONGEST_MS = 5 * 60_000;
const MOST_SERVERS = 10_000;

export interface Silences {
  /** Milliseconds for which a server is still to be left alone; 0 where it may be asked. */
  leftMs(server: string): number;
  /** It did not answer in time. */
  silent(server: string): void;
  answered(server: string): void;
}

/** Makes the memory; `now` is in milliseconds. */
export function createSilences(now: () => number): Silences {
  const known = new BoundedMap<string, { readonly times: number; readonly untilMs: number }>(
    MOST_SERVERS,
  );
  return {
    leftMs: (server) => Math.max(0, (known.get(server)?.untilMs ?? 0) - now()),
    silent(server) {
      const times = (known.get(server)?.times ?? 0) + 1;
      const pauseMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** (times - 1));
      known.set(server, { times, untilMs: now() + pauseMs });
    },
    answered: (server) => void known.delete(server),
  };
}
