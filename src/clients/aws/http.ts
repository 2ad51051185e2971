/** One exchange with a server of AWS, bounded in time and size. Layer: client of AWS. */

import { plainText } from "../../lib/plain_text.ts";
import { readText } from "../../peers/bounded_text.ts";
import { AwsError } from "./error.ts";

/** Sends a request; the platform's `fetch` unless told. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpCall {
  /** `cannot describe volumes vol-1`. */
  readonly attempt: string;
  readonly url: string;
  readonly init: RequestInit;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** Room for the description of a thousand volumes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Sends one request and reads the answer. @throws AwsError where nobody answers */
export async function exchange(send: Send, call: HttpCall): Promise<HttpAnswer> {
  const { attempt, url, init, timeoutMs, signal } = call;
  signal.throwIfAborted();
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), timeoutMs);
  try {
    const answer = await send(url, {
      ...init,
      // Keys and tokens are for this address and no other.
      redirect: "manual",
      signal: AbortSignal.any([signal, timer.signal]),
    });
    const { text, whole } = await readText(answer, MAX_BYTES);
    if (whole) return { status: answer.status, text };
  } catch (error) {
    signal.throwIfAborted();
    const why = timer.signal.aborted
      ? `no answer within ${timeoutMs / 1000} s`
      : plainText(innermost(error).replace(/^.*client error \(\w+\): /, ""));
    throw new AwsError(`${attempt}: ${new URL(url).host}: ${why}`, "unavailable");
  } finally {
    clearTimeout(timeout);
  }
  throw new AwsError(`${attempt}: the answer has more than ${MAX_BYTES} bytes`, "too large");
}

function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? innermost(error.cause) : error.message;
}
