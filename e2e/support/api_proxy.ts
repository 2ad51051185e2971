/**
 * An HTTPS proxy in front of an API server. It passes everything on as it comes, watches included,
 * and asks its hooks about every request: to count, to hold back, to withhold an answer.
 */
import type { KubeConnection } from "../../src/clients/kube/connection/connection.ts";

/** One request as it passes. */
export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Text of the body; empty for requests without one. */
  readonly body: string;
}

/** What happens to a request or an answer; `drop` leaves the client without an answer for good. */
export type Passage = "pass" | "drop";

/** Who is asked. Both may decide late: the request waits. */
export interface ProxyHooks {
  readonly arrived?: (request: ProxiedRequest) => Passage | Promise<Passage>;
  readonly answered?: (request: ProxiedRequest, status: number) => Passage | Promise<Passage>;
  /** What is sent in its place, as a mutating webhook would have it; undefined for the same. */
  readonly rewritten?: (request: ProxiedRequest) => Promise<Rewritten | undefined>;
}

/** A request with another body, of JSON. */
export interface Rewritten {
  readonly method: string;
  readonly body: string;
}

export interface ApiProxyOptions {
  readonly upstream: KubeConnection;
  readonly certificate: { readonly certPem: string; readonly keyPem: string };
  readonly hooks: ProxyHooks;
}

/** A running proxy. */
export interface ApiProxy {
  readonly url: string;
  /** Breaks all connections; nothing that was sent to it is passed on afterwards. */
  stop(): Promise<void>;
}

/** Headers that belong to one connection, or that `fetch` makes itself. */
const HOP_HEADERS = [
  "connection",
  "content-encoding",
  "content-length",
  "host",
  "keep-alive",
  "transfer-encoding",
];

/** Starts a proxy on a free port of 127.0.0.1. */
export function startApiProxy({ upstream, certificate, hooks }: ApiProxyOptions): ApiProxy {
  const stopping = new AbortController();
  const { signal } = stopping;
  const never = new Promise<Response>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("the proxy has ended")));
  });
  never.catch(() => {});

  async function serve(request: Request): Promise<Response> {
    const { pathname: path, search, searchParams: query } = new URL(request.url);
    if (request.headers.get("upgrade") !== null) {
      return new Response("this proxy does not pass on upgraded connections\n", { status: 501 });
    }
    const body = request.body === null ? "" : await request.text();
    const passing: ProxiedRequest = { method: request.method, path, query, body };
    if (await hooks.arrived?.(passing) === "drop") return await never;
    const other = await hooks.rewritten?.(passing);
    const forwarded = await forwardedHeaders(upstream, request, signal);
    if (other !== undefined) forwarded.set("content-type", "application/json");
    const sent = other?.body ?? body;
    const answer = await fetch(upstream.baseUrl + path + search, {
      method: other?.method ?? request.method,
      headers: forwarded,
      client: upstream.httpClient,
      signal,
      ...(sent === "" ? {} : { body: sent }),
    });
    if (await hooks.answered?.(passing, answer.status) === "drop") {
      await answer.body?.cancel();
      return await never;
    }
    const headers = withoutHop(answer.headers);
    return new Response(answer.body, { status: answer.status, headers });
  }

  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: certificate.certPem,
    key: certificate.keyPem,
    signal,
    onListen: () => {},
    onError: () => new Response("the proxy lost the API server\n", { status: 502 }),
  }, serve);
  return {
    url: `https://127.0.0.1:${server.addr.port}`,
    async stop() {
      stopping.abort();
      await server.finished;
    },
  };
}

/** A client that says who it is stays that one; any other goes as the proxy's own user. */
async function forwardedHeaders(
  upstream: KubeConnection,
  request: Request,
  signal: AbortSignal,
): Promise<Headers> {
  const headers = withoutHop(request.headers);
  headers.set("accept-encoding", "identity");
  if (headers.has("authorization")) return headers;
  for (const [name, value] of Object.entries(await upstream.headers(signal))) {
    headers.set(name, value);
  }
  return headers;
}

function withoutHop(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of HOP_HEADERS) kept.delete(name);
  return kept;
}
