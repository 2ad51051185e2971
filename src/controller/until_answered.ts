/**
 * A start goes on asking an API server that does not answer, or fails: it ends only for what no
 * waiting mends. So an operator that comes up beside an API server in trouble needs nobody to start
 * it again.
 */

import { failureKind } from "../ports/errors.ts";
import type { BootstrapPorts } from "./bootstrap.ts";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Calls until the call succeeds, with growing pauses; each failure is told once with the next try.
 * @throws what is no failure of a port, what the API server does not accept, and when aborted
 */
export async function untilAnswered<T>(
  { logger, sleep }: Pick<BootstrapPorts, "logger" | "sleep">,
  call: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error)) throw error;
      logger.warn(`${error.message}; the start waits, next try in ${pauseMs / 1000} s`);
    }
    await sleep(pauseMs, signal);
  }
}

/** A role or a token may come later, an answer may be another one then; what was wrong stays wrong. */
function mayPass(error: unknown): error is Error {
  const kind = failureKind(error);
  return kind !== undefined && kind !== "invalid";
}
