/** What could not be read in time is unknown; the rest of the pass goes on. */

import { type Observation, unknown } from "../../ports/observation.ts";

export interface TimeLimit {
  readonly ms: number;
  /** How the reason starts: `Patroni`. */
  readonly what: string;
  /** Of the pass. */
  readonly signal: AbortSignal;
}

type Unknown = Extract<Observation<never>, { known: false }>;

/** Reads, and gives up after a while. @throws the reason of the pass's own signal */
export async function inTime<T>(
  { ms, what, signal }: TimeLimit,
  read: (signal: AbortSignal) => Promise<T>,
): Promise<T | Unknown> {
  const late = new AbortController();
  const reason = `${what} did not answer within ${ms / 1000} s`;
  const { promise, resolve, reject } = Promise.withResolvers<Unknown>();
  const timer = setTimeout(() => {
    late.abort(new Error(reason));
    resolve(unknown(reason) as Unknown);
  }, ms);
  const onAbort = () => {
    late.abort(signal.reason);
    reject(signal.reason);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const answer = read(late.signal).catch((error: unknown) => {
    // Whoever gives up in time says so, whatever the reader made of it.
    if (late.signal.aborted) return promise;
    throw error;
  });
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    promise.catch(() => {});
  }
}
