/**
 * Patroni's REST API on pods. Layer: client of Patroni, implements the pass's port.
 *
 * Zalando: pkg/util/patroni/patroni.go (port 8008, half a minute, every 2xx is a success).
 */

import type { PatroniApi } from "../../ports/ports.ts";
import type { PodRef } from "../../ports/requests.ts";
import { plainText } from "../../lib/plain_text.ts";
import { exchange } from "../../peers/exchange.ts";
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
  const { send, port = PORT, timeoutMs = TIMEOUT_MS } = options;
  const { method, path, body } = request;
  const json = body === undefined
    ? {}
    : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const limits = { timeoutMs, maxBytes: MAX_BYTES, signal, send };
  const answer = await exchange(baseUrlOf(pod, port) + path, { method, ...json }, limits);
  const failure = (why: string, status = 0) =>
    new PatroniError(`${attemptText(pod, request)}: ${why}`, status);
  if (answer.kind === "late") throw failure(answer.why);
  if (answer.kind === "failed") throw failure(saidBy(pod, answer.why));
  const { status, text, whole } = answer;
  const ok = status >= 200 && status < 300;
  if (ok && whole) return text;
  const words = ok ? `more than ${MAX_BYTES} bytes` : saidBy(pod, text);
  throw failure(`Patroni answered ${status}: ${words}`, status);
}

/** Patroni repeats what it was told, and what it was told may hold a secret. */
function saidBy({ namespace, name, ip }: PodRef, text: string): string {
  return plainText(text, { known: [namespace, name, ip], limit: MAX_WORDS }) || "it says nothing";
}

function attemptText(pod: PodRef, { method, path }: PatroniHttpRequest): string {
  return `cannot ${method} ${path} of Patroni on Pod ${pod.namespace}/${pod.name} (${pod.ip})`;
}
