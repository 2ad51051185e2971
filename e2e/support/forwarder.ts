/**
 * Servers in front of an API server that clients reach in other ways than by TLS with a token: plain
 * HTTP, as `kubectl proxy` serves it, and TLS that asks for a client certificate.
 */
import { createServer as createPlainServer } from "node:http";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { KubeConnection } from "../../src/clients/kube/connection/connection.ts";

/** Certificate and key, PEM. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** A running forwarder; whoever it lets in acts as the user of its upstream connection. */
export interface Forwarder {
  readonly url: string;
  stop(): Promise<void>;
}

export interface ForwarderOptions {
  readonly upstream: KubeConnection;
  /** Serves TLS and lets nobody in without a client certificate; plain HTTP when absent. */
  readonly certificate?: KeyPair;
}

/** Starts one on a free port of 127.0.0.1. */
export async function startForwarder(
  { upstream, certificate }: ForwarderOptions,
): Promise<Forwarder> {
  const stopping = new AbortController();
  const forward = forwardTo(upstream, stopping.signal);
  const server = certificate === undefined ? createPlainServer(forward) : createTlsServer({
    cert: certificate.certPem,
    key: certificate.keyPem,
    requestCert: true,
    rejectUnauthorized: false,
  }, onlyCertified(forward));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    async stop() {
      stopping.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function onlyCertified(forward: RequestListener): RequestListener {
  return (request, response) => {
    const shown = (request.socket as TLSSocket).getPeerCertificate();
    if (Object.keys(shown ?? {}).length > 0) return forward(request, response);
    response.writeHead(401).end();
  };
}

function forwardTo(upstream: KubeConnection, signal: AbortSignal): RequestListener {
  return (request, response) => {
    answer(upstream, { request, response }, signal).catch(() => response.destroy());
  };
}

async function answer(
  upstream: KubeConnection,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  signal: AbortSignal,
): Promise<void> {
  const { method = "GET", url = "/" } = request;
  const body = await new Response(Readable.toWeb(request) as ReadableStream).text();
  const type = request.headers["content-type"];
  const from = await fetch(upstream.baseUrl + url, {
    method,
    headers: { ...await upstream.headers(signal), ...(type ? { "content-type": type } : {}) },
    client: upstream.httpClient,
    signal,
    ...(body === "" ? {} : { body }),
  });
  response.writeHead(from.status, {
    "content-type": from.headers.get("content-type") ?? "application/json",
  });
  // The head goes at once: a watch may be silent for long.
  response.flushHeaders();
  for await (const chunk of from.body ?? []) response.write(chunk);
  response.end();
}
