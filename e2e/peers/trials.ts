/** Every client against every way of misbehaving. */

import { LIMIT_MS, type Peer, PEERS } from "./calls.ts";
import { type Cost, measured } from "./measure.ts";
import { type Mode, MODES } from "./servers.ts";

export interface Trial extends Cost {
  readonly peer: string;
  readonly mode: Mode;
  /** Calls that ended as if all was well. */
  readonly succeeded: number;
  /** Requests that followed a redirect. */
  readonly trapped: number;
}

/** What no trial may go beyond; the time is that of one limit to connect and one to answer. */
export const BOUNDS = { tookMs: 2 * LIMIT_MS + 2000, p99Ms: 50, grewMb: 150 };

/**
 * Makes `calls` calls at the same time for each pair of peer and mode. One that goes beyond its bounds
 * is tried again: the machine may have been busy with something else.
 */
export async function* trials(calls: number): AsyncGenerator<Trial> {
  for (const peer of PEERS) {
    for (const mode of MODES) {
      let found = await trial(peer, mode, calls);
      for (let again = 0; again < MOST_REPEATS && excesses(found).length > 0; again++) {
        found = await trial(peer, mode, calls);
      }
      yield found;
    }
  }
}

const MOST_REPEATS = 4;

async function trial(peer: Peer, mode: Mode, calls: number): Promise<Trial> {
  const server = await peer.serve(mode);
  const { signal } = new AbortController();
  let succeeded = 0;
  const once = () => peer.call(server.port, signal).then(() => void succeeded++, () => {});
  const cost = await measured(() => Promise.all(Array.from({ length: calls }, once)));
  const trapped = server.trapped();
  await server.close();
  return { peer: peer.name, mode, succeeded, trapped, ...cost };
}

/** What is wrong with a trial; empty where it kept within its bounds. */
export function excesses({ peer, mode, ...trial }: Trial): string[] {
  const where = `${peer}, ${mode}`;
  return [
    ...(trial.succeeded > 0 ? [`${where}: ${trial.succeeded} calls succeeded`] : []),
    ...(trial.trapped > 0 ? [`${where}: a redirect was followed`] : []),
    ...(Object.entries(BOUNDS) as [keyof typeof BOUNDS, number][])
      .filter(([what, most]) => trial[what] > most)
      .map(([what, most]) => `${where}: ${what} is ${trial[what]}, more than ${most}`),
  ];
}
