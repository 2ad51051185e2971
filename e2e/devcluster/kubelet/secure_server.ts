/**
 * The kubelet's endpoint as a real API server asks for it (dev cluster, kubelet layer): HTTPS, paths
 * without a secret, commands and ports over SPDY. Whoever asks has to show a certificate of the given
 * CA, as with `--client-ca-file` of a real kubelet: other users of the machine have none.
 * https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
 */
import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { makeServerCertificate } from "../pki.ts";
import { HOST_IP, type KubeletContext } from "./context.ts";
import { type FindPod, type Refusal, serveLogs, type Target, targetOf } from "./server.ts";
import { type ByteChannel, duplexChannel } from "./streams/byte_channel.ts";
import { dialerOf } from "./streams/port_forward_socket.ts";
import { EXEC_PROTOCOL, serveSpdyExec } from "./streams/spdy_exec.ts";
import { PORT_FORWARD_PROTOCOL, serveSpdyPortForward } from "./streams/spdy_port_forward.ts";

export interface SecureServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts the endpoint on a free port; `clientCaPem` is the CA of those who may ask. */
export async function startSecureServer(
  context: KubeletContext,
  find: FindPod,
  clientCaPem: string,
): Promise<SecureServer> {
  const { certPem, keyPem } = await makeServerCertificate([HOST_IP], [context.nodeName]);
  const server = createServer({
    cert: certPem,
    key: keyPem,
    ca: clientCaPem,
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    answer(context, find, request, response).catch(() => response.destroy());
  });
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, stream: Duplex) => {
    upgraded.add(stream);
    stream.once("close", () => upgraded.delete(stream));
    upgrade(find, request, stream);
  });
  const port = await listen(server);
  return {
    port,
    async stop() {
      for (const stream of upgraded) stream.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST_IP, () => resolve((server.address() as { port: number }).port));
  });
}

function read(find: FindPod, { url = "/" }: IncomingMessage) {
  const { pathname, searchParams: query } = new URL(url, `https://${HOST_IP}`);
  return { target: targetOf(find, pathname.split("/").slice(1).map(decodeURIComponent)), query };
}

async function answer(
  context: KubeletContext,
  find: FindPod,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { target, query } = read(find, request);
  if ("status" in target || target.verb !== "containerLogs") {
    const { status, text } = refusalOf(target, "an upgrade is needed");
    return void response.writeHead(status).end(`${text}\n`);
  }
  const { status, headers, body } = serveLogs(context, target, query);
  response.writeHead(status, Object.fromEntries(headers));
  for await (const bytes of body ?? []) response.write(bytes);
  response.end();
}

function refusalOf(target: Target | Refusal, text: string): Refusal {
  return "status" in target ? target : { status: 400, text };
}

/** Takes the channel once both sides have agreed on the protocol. */
type Serve = (channel: ByteChannel) => void;

function upgrade(find: FindPod, request: IncomingMessage, stream: Duplex): void {
  const { target, query } = read(find, request);
  const offered = String(request.headers["x-stream-protocol-version"] ?? "").split(/\s*,\s*/);
  const [protocol, serve] = serviceOf(target, query) ?? [];
  if (
    request.headers.upgrade !== "SPDY/3.1" || protocol === undefined || !offered.includes(protocol)
  ) {
    const { status, text } = refusalOf(target, "no known protocol was offered");
    stream.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\n\r\n${text}\n`);
    return;
  }
  stream.write(
    "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n" +
      `x-stream-protocol-version: ${protocol}\r\n\r\n`,
  );
  serve?.(duplexChannel(stream));
}

function serviceOf(
  target: Target | Refusal,
  query: URLSearchParams,
): [protocol: string, serve: Serve] | undefined {
  if ("status" in target || target.verb === "containerLogs") return undefined;
  if (target.verb === "exec") {
    return [EXEC_PROTOCOL, (channel) => serveSpdyExec(channel, target.running, query)];
  }
  const dial = dialerOf(target.worker);
  return [PORT_FORWARD_PROTOCOL, (channel) => serveSpdyPortForward(channel, dial)];
}
