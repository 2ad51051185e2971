/** The ways in which an API server fails a request. */

import { answer, type Asked, status } from "./answers.ts";

/** What becomes of a request that fails. */
export interface Failure {
  readonly answer?: (asked: Asked) => Response;
  /** Nobody answers. */
  readonly isSilent?: true;
  /** A watch is accepted and ended at once. */
  readonly dropsWatches?: true;
  /** Reads show what was there some changes ago. */
  readonly isStale?: true;
}

function refusing(
  code: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Failure {
  const text = `injected fault: ${reason}`;
  return { answer: () => answer(code, status(code, reason, text), headers) };
}

/** By the names that the table prints. */
export const FAILURES: Readonly<Record<string, Failure>> = {
  "401": refusing(401, "Unauthorized"),
  "403": refusing(403, "Forbidden"),
  "404": refusing(404, "NotFound"),
  "409": refusing(409, "Conflict"),
  "410": refusing(410, "Expired"),
  "429": refusing(429, "TooManyRequests", { "retry-after": "1" }),
  "500": refusing(500, "InternalError"),
  "503": refusing(503, "ServiceUnavailable"),
  "504": refusing(504, "Timeout"),
  "no answer": { isSilent: true },
  "dropped watch": { dropsWatches: true },
  "stale read": { isStale: true },
};

/** Whether a failure means anything for a verb. */
export function concerns({ dropsWatches, isStale }: Failure, verb: Asked["verb"]): boolean {
  if (dropsWatches) return verb === "watch";
  return !isStale || verb === "get" || verb === "list";
}
