/**
 * Sends requests to one API server: credentials, limits, retries, time-outs, log and counters.
 * Layer: client of the API server; `client.ts` gives it the requests of `request.ts`.
 */

import { readText } from "../../../peers/bounded_text.ts";
import { causeText } from "../../../peers/exchange.ts";
import type { Logger } from "../../../log/logger.ts";
import type { KubeConnection } from "./connection.ts";
import { CredentialsError } from "./credentials_error.ts";
import { errorOfAnswer, KubeError, TOO_LARGE } from "../errors.ts";
import { createLimiter, type LimiterOptions, sleep } from "./limiter.ts";
import { type ApiRequest, targetOf, type Verb } from "../request.ts";
import { retryPauseMs } from "./retry.ts";

/** One finished attempt, for metrics. `status` 0: no answer. */
export interface RequestSeen {
  readonly verb: Verb;
  readonly resource: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface TransportOptions extends Partial<LimiterOptions> {
  readonly connection: KubeConnection;
  readonly logger: Logger;
  readonly userAgent?: string;
  /** How long one attempt may take, answer included. */
  readonly timeoutMs?: number;
  readonly onRequest?: (seen: RequestSeen) => void;
  /** Sends a request; the platform's `fetch` over the connection's pool unless told. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** From 0 to 1; spreads retries. */
  readonly random?: () => number;
}

export interface Transport {
  readonly server: string;
  /** Gives the body of a successful answer. @throws KubeError */
  send(request: ApiRequest, signal: AbortSignal): Promise<string>;
  /** Gives a successful answer whose body is still to be read, without a time-out on it. */
  open(request: ApiRequest, signal: AbortSignal): Promise<Response>;
}

const DEFAULT_CONCURRENCY = 32;
const DEFAULT_TIMEOUT_MS = 60_000;
const MIB = 1024 * 1024;
/** An object has at most 1.5 MiB where etcd is set up as usual; a page of a list has many of them. */
const MAX_BYTES = { object: 16 * MIB, list: 64 * MIB, failure: MIB / 4 };
/** klog writes request lines from 6 on; 8 is what people know. */
const REQUEST_LINE_VERBOSITY = 6;

/** Makes the transport over one connection. */
export function createTransport(options: TransportOptions): Transport {
  const limiter = createLimiter({
    ...options,
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
  });
  const attempt: AttemptFunction = (request, signal) => attemptOnce(options, request, signal);
  return {
    server: options.connection.server,
    send: (request, signal) =>
      withRetries(options, { request, signal }, async () => {
        const release = await limiter.acquire(signal);
        const deadline = createDeadline(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, signal);
        try {
          const answer = await attempt(request, deadline.signal);
          return { answer, body: await bodyOf(answer, request) };
        } catch (error) {
          if (deadline.expired()) throw timeoutError(options, request, error);
          if (error instanceof KubeError || error instanceof CredentialsError) throw error;
          signal.throwIfAborted();
          throw unreachableError(attemptText(request), options.connection, error);
        } finally {
          deadline.clear();
          release();
        }
      }).then((sent) => sent.body),
    open: (request, signal) =>
      withRetries(options, { request, signal }, async () => {
        const answer = await attempt(request, signal);
        return { answer, body: answer.ok ? "" : await bodyOf(answer, request) };
      }).then((sent) => sent.answer),
  };
}

/** The body, of a failure no more than its beginning. @throws KubeError `TooLarge` */
async function bodyOf(answer: Response, request: ApiRequest): Promise<string> {
  const limit = !answer.ok
    ? MAX_BYTES.failure
    : request.verb === "list"
    ? MAX_BYTES.list
    : MAX_BYTES.object;
  const { text, whole } = await readText(answer, limit);
  if (whole || !answer.ok) return text;
  throw new KubeError(`${attemptText(request)}: the answer has more than ${limit} bytes`, {
    status: answer.status,
    reason: TOO_LARGE,
  });
}

type AttemptFunction = (request: ApiRequest, signal: AbortSignal) => Promise<Response>;

interface Sent {
  readonly answer: Response;
  readonly body: string;
}

interface Job {
  readonly request: ApiRequest;
  readonly signal: AbortSignal;
}

async function withRetries(
  options: TransportOptions,
  { request, signal }: Job,
  once: () => Promise<Sent>,
): Promise<Sent> {
  let renewed = false;
  for (let number = 1;; number++) {
    const sent = await once().catch((error: unknown) => failureOf(error, signal));
    if (!(sent instanceof KubeError) && sent.answer.ok) return sent;
    if (!(sent instanceof KubeError) && sent.answer.status === 401 && !renewed) {
      renewed = true;
      options.connection.forgetToken();
      continue;
    }
    const pauseMs = retryPauseMs({
      method: request.method,
      status: sent instanceof KubeError ? 0 : sent.answer.status,
      retryAfter: sent instanceof KubeError ? null : sent.answer.headers.get("retry-after"),
      number,
      random: (options.random ?? Math.random)(),
    });
    if (pauseMs === undefined) throw errorOf(request, sent);
    await sleep(pauseMs, signal);
  }
}

function failureOf(error: unknown, signal: AbortSignal): KubeError {
  signal.throwIfAborted();
  // Asked again it would be as large.
  if (error instanceof KubeError && error.reason !== TOO_LARGE) return error;
  throw error;
}

function errorOf(request: ApiRequest, sent: KubeError | Sent): KubeError {
  if (sent instanceof KubeError) return sent;
  return errorOfAnswer(attemptText(request), sent.answer.status, sent.body);
}

async function attemptOnce(
  options: TransportOptions,
  request: ApiRequest,
  signal: AbortSignal,
): Promise<Response> {
  const { connection } = options;
  const startMs = performance.now();
  const headers = { ...request.headers, ...await connection.headers(signal) };
  signal.throwIfAborted();
  let status = 0;
  try {
    const send = options.fetch ?? fetch;
    const answer = await send(connection.baseUrl + targetOf(request), {
      method: request.method,
      headers: { ...headers, "user-agent": options.userAgent ?? "postgres-operator" },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      redirect: "manual",
      signal,
      client: connection.httpClient,
    } as RequestInit);
    status = answer.status;
    return answer;
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachableError(attemptText(request), connection, error);
  } finally {
    const durationMs = performance.now() - startMs;
    logRequest(options, request, { status, durationMs });
    options.onRequest?.({ verb: request.verb, resource: request.resource, status, durationMs });
  }
}

function logRequest(
  options: TransportOptions,
  request: ApiRequest,
  { status, durationMs }: Pick<RequestSeen, "status" | "durationMs">,
): void {
  if (!options.logger.verbose(REQUEST_LINE_VERBOSITY)) return;
  const url = options.connection.server + targetOf(request);
  const outcome = status === 0 ? "no answer" : String(status);
  // Written whatever the level is: the user asked for it by -v. Bodies may hold secrets.
  options.logger.info(
    `${request.method} ${url} ${outcome} in ${Math.round(durationMs)} ms`,
    { pkg: "kube" },
  );
}

/** Says that nothing answers at the server's address, and what to do. */
export function unreachableError(
  attempt: string,
  connection: KubeConnection,
  cause: unknown,
): KubeError {
  return new KubeError(
    `${attempt}: cannot reach the API server at ${connection.server}: ` +
      `${causeText(connection.dialFailure?.() ?? cause)}. ` +
      "Check that it runs, that the address and the CA are right and that this host may connect to it",
    { status: 0, reason: "Unreachable", cause },
  );
}

function timeoutError(options: TransportOptions, request: ApiRequest, cause: unknown): KubeError {
  const seconds = (options.timeoutMs ?? DEFAULT_TIMEOUT_MS) / 1000;
  return new KubeError(
    `${
      attemptText(request)
    }: the API server at ${options.connection.server} did not answer in ${seconds} s`,
    { status: 0, reason: "Timeout", cause },
  );
}

/** `cannot <verb> <subject>`: how messages about a request start. */
export function attemptText(request: ApiRequest): string {
  return `cannot ${request.verb} ${request.subject}`;
}

interface Deadline {
  readonly signal: AbortSignal;
  expired(): boolean;
  clear(): void;
}

function createDeadline(ms: number, signal: AbortSignal): Deadline {
  const controller = new AbortController();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    controller.abort(new DOMException("timed out", "TimeoutError"));
  }, ms);
  // By hand: `AbortSignal.any` costs each request more than its timer.
  const abort = () => controller.abort(signal.reason);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  return {
    signal: controller.signal,
    expired: () => late && !signal.aborted,
    clear() {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    },
  };
}
