/**
 * Patroni's REST API on pods. Layer: client of Patroni, implements the pass's port.
 *
 * Zalando: pkg/util/patroni/patroni.go (port 8008, half a minute, every 2xx is a success).
 */

import type { PatroniApi } from "../../ports/ports.ts";
import type { PodRef } from "../../ports/requests.ts";
import { plainText } from "../../lib/plain_text.ts";
import { readText } from "../../peers/bounded_text.ts";
import { decodeCluster, decodeConfig, decodeMember } from "./decode.ts";
import { PatroniError } from "./error.ts";
import { baseUrlOf, type PatroniHttpRequest, requestOf } from "./request.ts";

export interface PatroniOptions {
  /** How long one call may take. */
  readonly timeoutMs?: number;
  readonly port?: number;
  /** Sends a request; the platform's `fetch` unless told. */
  readonly send?: (url: string, init: RequestInit) => Promise<Response>;
}

const PORT = 8008;
const TIMEOUT_MS = 30_000;
const MAX_WORDS = 300;
/** Patroni keeps its configuration in an annotation, and those may have 256 KiB. */
const MAX_BYTES = 1024 * 1024;

/** Makes the port. */
export function createPatroniApi(options: PatroniOptions = {}): PatroniApi {
  const get = async <T>(
    call: { pod: PodRef; path: string; signal: AbortSignal },
    decode: (value: unknown) => T,
  ): Promise<T> => {
    const request = { method: "GET" as const, path: call.path };
    const body = await sendTo(options, { ...call, request });
    try {
      return decode(JSON.parse(body));
    } catch (cause) {
      const why = cause instanceof TypeError ? cause.message : "the answer is no JSON";
      throw new PatroniError(`${attemptText(call.pod, request)}: ${why}`, 200);
    }
  };
  return {
    getConfig: (pod, signal) => get({ pod, path: "/config", signal }, decodeConfig),
    getCluster: (pod, signal) => get({ pod, path: "/cluster", signal }, decodeCluster),
    getMember: (pod, signal) => get({ pod, path: "/patroni", signal }, decodeMember),
    async send(pod, request, signal) {
      await sendTo(options, { pod, request: requestOf(request), signal });
    },
  };
}

interface Call {
  readonly pod: PodRef;
  readonly request: PatroniHttpRequest;
  readonly signal: AbortSignal;
}

async function sendTo(options: PatroniOptions, { pod, request, signal }: Call): Promise<string> {
  const { send = fetch, port = PORT, timeoutMs = TIMEOUT_MS } = options;
  signal.throwIfAborted();
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), timeoutMs);
  try {
    const answer = await send(baseUrlOf(pod, port) + request.path, {
      method: request.method,
      ...(request.body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(request.body) }),
      redirect: "manual",
      signal: AbortSignal.any([signal, timer.signal]),
    });
    const { text, whole } = await readText(answer, MAX_BYTES);
    if (answer.ok && whole) return text;
    const words = answer.ok ? `more than ${MAX_BYTES} bytes` : saidBy(pod, text);
    throw new PatroniError(
      `${attemptText(pod, request)}: Patroni answered ${answer.status}: ${words}`,
      answer.status,
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PatroniError) throw error;
    const why = timer.signal.aborted
      ? `no answer within ${timeoutMs / 1000} s`
      : saidBy(pod, innermost(error).replace(/^.*client error \(\w+\): /, ""));
    throw new PatroniError(`${attemptText(pod, request)}: ${why}`, 0);
  } finally {
    clearTimeout(timeout);
  }
}

/** Patroni repeats what it was told, and what it was told may hold a secret. */
function saidBy({ namespace, name, ip }: PodRef, text: string): string {
  return plainText(text, { known: [namespace, name, ip], limit: MAX_WORDS }) || "it says nothing";
}

function attemptText(pod: PodRef, { method, path }: PatroniHttpRequest): string {
  return `cannot ${method} ${path} of Patroni on Pod ${pod.namespace}/${pod.name} (${pod.ip})`;
}

function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? innermost(error.cause) : error.message;
}
