/**
 * Reads the body of a watch: one JSON event a line. Layer: client of the API server.
 */

import { openBody } from "../../../peers/body_reader.ts";
import { KubeError } from "../errors.ts";
import type { KubeObject, WatchEvent } from "../../../kubernetes/types.gen.ts";

/** One watch to read. */
export interface WatchSource {
  /** Sends the request; the body is read from its answer. */
  readonly open: (signal: AbortSignal) => Promise<Response>;
  /** `cannot watch …`, for messages. */
  readonly attempt: string;
  readonly signal: AbortSignal;
  /** Bookmarks come about every minute: a longer silence means a dead connection. */
  readonly idleTimeoutMs?: number;
}

const DEFAULT_IDLE_TIMEOUT_MS = 150_000;
/** In UTF-16 units; an object has at most 1.5 MiB where etcd is set up as usual. */
const MAX_LINE_LENGTH = 16 * 1024 * 1024;

/** Yields the events of one watch; ends when the server ends it. @throws KubeError */
export async function* readWatch(source: WatchSource): AsyncGenerator<WatchEvent<KubeObject>> {
  const idle = createIdleTimer(source.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS);
  const signal = AbortSignal.any([source.signal, idle.signal]);
  try {
    const answer = await source.open(signal);
    if (answer.body === null) return;
    const lines = linesOf(answer.body, { touch: idle.touch, signal });
    for await (const line of lines) yield parseEvent(line, source);
    signal.throwIfAborted();
  } catch (error) {
    source.signal.throwIfAborted();
    if (error instanceof KubeError) throw error;
    const why = idle.signal.aborted ? "nothing came for too long" : "the connection broke";
    throw new KubeError(`${source.attempt}: ${why}`, {
      status: 0,
      reason: "Disconnected",
      cause: error,
    });
  } finally {
    idle.stop();
  }
}

/** Splits a byte stream into lines without their newline; `touch` is called for each chunk. */
async function* linesOf(
  body: ReadableStream<Uint8Array>,
  { touch, signal }: { readonly touch: () => void; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = openBody(body);
  // Aborting the request alone leaves a read of its body pending now and then.
  signal.addEventListener("abort", reader.cancel);
  if (signal.aborted) reader.cancel();
  // A large object comes in many chunks: joining only at its end keeps this linear.
  let parts: string[] = [];
  let length = 0;
  try {
    for (let bytes = await reader.read(); bytes !== undefined; bytes = await reader.read()) {
      touch();
      const [first = "", ...rest] = decoder.decode(bytes, { stream: true }).split("\n");
      parts.push(first);
      length += first.length;
      if (length > MAX_LINE_LENGTH) throw new Error("a line is too long");
      for (const next of rest) {
        const line = parts.join("");
        if (line !== "") yield line;
        parts = [next];
        length = next.length;
      }
    }
  } finally {
    signal.removeEventListener("abort", reader.cancel);
    reader.cancel();
  }
  // A line without its end is half an event: the next watch brings it again.
}

function parseEvent(line: string, source: WatchSource): WatchEvent<KubeObject> {
  try {
    return JSON.parse(line);
  } catch {
    // V8's error quotes the line, which may hold a Secret: no cause.
    throw new KubeError(`${source.attempt}: a line is no JSON`, { status: 0, reason: "BadAnswer" });
  }
}

interface IdleTimer {
  readonly signal: AbortSignal;
  touch(): void;
  stop(): void;
}

function createIdleTimer(ms: number): IdleTimer {
  const controller = new AbortController();
  let heardMs = performance.now();
  let timer = setTimeout(look, ms);
  // Set anew only when it rings: news come by the thousand.
  function look(): void {
    const leftMs = heardMs + ms - performance.now();
    if (leftMs <= 0) controller.abort();
    else timer = setTimeout(look, leftMs);
  }
  return {
    signal: controller.signal,
    touch: () => void (heardMs = performance.now()),
    stop: () => clearTimeout(timer),
  };
}
