/**
 * Decides whether and when a failed attempt is made again. Layer: client of the API server, pure.
 *
 * The server says so itself by 429 or by `Retry-After`; other failures are retried for reads only,
 * since a write may have been done.
 */

import type { Method } from "../request.ts";

/** How one attempt ended; status 0 means that there was no answer. */
export interface Attempt {
  readonly method: Method;
  readonly status: number;
  /** The header, in seconds. */
  readonly retryAfter: string | null;
  /** 1 for the first attempt. */
  readonly number: number;
  /** From 0 to 1. */
  readonly random: number;
}

const MAX_ATTEMPTS_WHEN_ASKED = 10;
const MAX_ATTEMPTS_OF_READS = 4;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;

/** The pause before the next attempt in milliseconds, or `undefined` to give up. */
export function retryPauseMs(attempt: Attempt): number | undefined {
  const { status, method, number } = attempt;
  const seconds = attempt.retryAfter === null ? NaN : Number.parseInt(attempt.retryAfter, 10);
  if (status === 429 || (status >= 500 && seconds >= 0)) {
    if (number >= MAX_ATTEMPTS_WHEN_ASKED) return undefined;
    const askedMs = Number.isNaN(seconds) ? 1000 : seconds * 1000;
    // Not all clients at the same moment.
    return Math.min(LONGEST_PAUSE_MS, askedMs) + attempt.random * FIRST_PAUSE_MS;
  }
  const mayRepeat = method === "GET" && (status === 0 || status >= 500);
  if (!mayRepeat || number >= MAX_ATTEMPTS_OF_READS) return undefined;
  return FIRST_PAUSE_MS * 2 ** (number - 1) * (0.5 + attempt.random);
}
