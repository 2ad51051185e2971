/**
 * One request to a peer and its answer, bounded in time and size. A redirect is an answer like any
 * other: what was meant for one address goes to no second one.
 */

import { type BoundedText, readText } from "./bounded_text.ts";

export interface ExchangeOptions {
  /** How long it may take to send, wait and read. */
  readonly timeoutMs: number;
  /** What of the answer is read at the most. */
  readonly maxBytes: number;
  /** Ends the exchange early. */
  readonly signal: AbortSignal;
  /** Sends a request; the platform's `fetch` unless told. */
  readonly send?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
}

/** What came back, or why nothing did. The texts are the peer's and the platform's own words. */
export type Exchange =
  | { readonly kind: "answer"; readonly status: number } & BoundedText
  | { readonly kind: "late"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string };

/** Sends a request. @throws the signal's reason when it is aborted, nothing else */
export async function exchange(
  url: string,
  request: Pick<RequestInit, "method" | "headers" | "body">,
  { timeoutMs, maxBytes, signal, send = fetch }: ExchangeOptions,
): Promise<Exchange> {
  signal.throwIfAborted();
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), timeoutMs);
  try {
    const answer = await send(url, {
      ...request,
      redirect: "manual",
      signal: AbortSignal.any([signal, timer.signal]),
    });
    return { kind: "answer", status: answer.status, ...await readText(answer, maxBytes) };
  } catch (error) {
    signal.throwIfAborted();
    if (!timer.signal.aborted) return { kind: "failed", why: causeText(error) };
    return { kind: "late", why: `no answer within ${timeoutMs / 1000} s` };
  } finally {
    clearTimeout(timeout);
  }
}

/** The innermost cause of a failed `fetch`, without its own preamble. */
export function causeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return causeText(error.cause);
  return error.message.replace(/^.*client error \(\w+\): /, "");
}
