/**
 * A raw connection to the API server over TCP or TLS, for WebSockets and for the tunnel. Node's TLS
 * rather than Deno's, because it can skip verification and check another name than it connects to.
 * Layer: client of the API server.
 */

import type { Socket } from "node:net";

/** Bytes both ways. */
export interface ByteStream {
  readonly readable: ReadableStream<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
  /** Ends both directions at once. */
  close(): void;
}

/** How to connect and what to check. */
export interface TlsStreamOptions {
  readonly hostname: string;
  readonly port: number;
  /** PEM; trusted beside the system's. */
  readonly ca?: readonly string[];
  /** Client certificate and its key, PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that the server's certificate must have, if not `hostname`. */
  readonly serverName?: string;
  readonly verify?: "none";
  readonly plain?: true;
}

const CONNECT_TIMEOUT_MS = 30_000;

/** Connects and shakes hands. @throws Error with the system's or TLS's words */
export async function openTlsStream(
  options: TlsStreamOptions,
  signal: AbortSignal,
): Promise<ByteStream> {
  signal.throwIfAborted();
  const socket = options.plain ? await plainSocket(options) : await tlsSocket(options);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(
    () => reject(new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`)),
    CONNECT_TIMEOUT_MS,
  );
  socket.once("error", reject);
  socket.once(options.plain ? "connect" : "secureConnect", resolve);
  try {
    await promise;
    return byteStreamOf(socket);
  } catch (error) {
    socket.on("error", () => {});
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    socket.off("error", reject);
  }
}

async function plainSocket(options: TlsStreamOptions): Promise<Socket> {
  const { connect } = await import("node:net");
  return connect({ host: options.hostname, port: options.port });
}

async function tlsSocket(options: TlsStreamOptions): Promise<Socket> {
  const { connect, rootCertificates } = await import("node:tls");
  const isAddress = options.hostname.includes(":") || /^[\d.]+$/.test(options.hostname);
  const name = options.serverName ?? (isAddress ? undefined : options.hostname);
  return connect({
    host: options.hostname,
    port: options.port,
    ALPNProtocols: ["http/1.1"],
    ...(name === undefined ? {} : { servername: name }),
    // Node replaces the roots by `ca`; a kubeconfig adds to them.
    ...(options.ca === undefined ? {} : { ca: [...rootCertificates, ...options.ca] }),
    ...(options.cert === undefined ? {} : { cert: options.cert }),
    ...(options.key === undefined ? {} : { key: options.key }),
    rejectUnauthorized: options.verify !== "none",
  });
}

function byteStreamOf(socket: Socket): ByteStream {
  socket.setNoDelay(true);
  let closed = false;
  const readable = new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (error?: Error) => {
        if (closed) return;
        closed = true;
        if (error === undefined) controller.close();
        else controller.error(error);
        socket.destroy();
      };
      socket.on("data", (chunk: Uint8Array) => {
        if (closed) return;
        controller.enqueue(chunk);
        if ((controller.desiredSize ?? 1) <= 0) socket.pause();
      });
      socket.on("end", () => end());
      socket.on("close", () => end());
      socket.on("error", (error: Error) => end(error));
    },
    pull: () => void socket.resume(),
    cancel: () => {
      closed = true;
      socket.destroy();
    },
  }, { highWaterMark: 16 });
  return {
    readable,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error?: Error | null) => error ? reject(error) : resolve());
      }),
    close: () => socket.destroy(),
  };
}
