/**
 * Listens with TLS by a certificate in files (`tls.crt`, `tls.key`: a Secret that is mounted), and takes
 * it up again when the files change. One that cannot be used leaves the former in place, and keeps
 * nothing else from going on.
 *
 * Node's server and not Deno's: of that one a peer that never begins to speak TLS cannot be got rid of.
 */

import { createServer, type Server, type TLSSocket } from "node:tls";
import type { AddressInfo } from "node:net";
import type { Connection } from "./server.ts";

/** How often the files are looked at; the kubelet itself needs up to a minute. */
const LOOK_AGAIN_MS = 10_000;
/** For the beginning of TLS. */
const HANDSHAKE_MS = 5_000;
/** Connections at once, those that have not begun to speak included. */
const MOST_CONNECTIONS = 64;

export interface RenewedOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Holds `tls.crt` and `tls.key`. */
  readonly directory: string;
  readonly logger: { info(message: string): void; warn(message: string): void };
  /** Answers one peer; never rejects. */
  readonly answer: (connection: Connection) => Promise<void>;
  /** Milliseconds between two looks at the files. */
  readonly lookAgainMs?: number;
  /** Milliseconds for the beginning of TLS. */
  readonly handshakeMs?: number;
}

/** A server whose certificate is kept up to date. */
export interface Renewed {
  /** Undefined while there is no certificate that can be used. */
  port(): number | undefined;
  stop(): Promise<void>;
}

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * Listens. Without a certificate that can be used it says so, and listens once there is one.
 * @throws where the port is taken
 */
export async function listenRenewed(options: RenewedOptions): Promise<Renewed> {
  const { directory, logger, lookAgainMs = LOOK_AGAIN_MS } = options;
  let server: Server | undefined;
  let inUse: Certificate | undefined;
  const look = async () => {
    const next = await readCertificate(directory);
    if (next.cert === inUse?.cert && next.key === inUse.key) return;
    requireUsable(next, directory);
    if (server === undefined) server = await listen(options, next);
    else {
      server.setSecureContext({ ...next });
      logger.info(`the certificate in ${directory} is new and in use`);
    }
    inUse = next;
  };
  let told = "";
  const complain = (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    const until = inUse === undefined ? "nobody is answered" : "the former one stays in use";
    if (message !== told) logger.warn(`${message}; ${until}`);
    told = message;
  };
  const done = () => void (told = "");
  await look().catch((error) => {
    if (error instanceof PortTaken) throw error;
    complain(error);
  });
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look).then(done, complain);
  }, lookAgainMs);
  return {
    port: () => (server?.address() as AddressInfo | null | undefined)?.port,
    async stop() {
      clearInterval(timer);
      await looking;
      server?.close();
    },
  };
}

class PortTaken extends Error {
  override readonly name = "PortTaken";
}

async function readCertificate(directory: string): Promise<Certificate> {
  const read = async (name: string) => {
    try {
      return await Deno.readTextFile(`${directory}/${name}`);
    } catch (cause) {
      throw new Error(
        `cannot read the certificate ${directory}/${name}, which --admission-certificate names`,
        { cause },
      );
    }
  };
  const [cert, key] = await Promise.all([read("tls.crt"), read("tls.key")]);
  return { cert, key };
}

/** Node's server takes anything, and fails at the first peer. @throws with the reason */
function requireUsable(certificate: Certificate, directory: string): void {
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...certificate }).close();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`cannot use the certificate in ${directory}: ${why}`, { cause });
  }
}

function listen(
  { hostname, port, answer, handshakeMs = HANDSHAKE_MS }: RenewedOptions,
  certificate: Certificate,
): Promise<Server> {
  const server = createServer({ ...certificate, handshakeTimeout: handshakeMs }, (socket) => {
    void answer(connectionOf(socket));
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const why = (cause as { code?: string }).code === "EADDRINUSE"
        ? "the port is taken; --admission-port names the one to use"
        : cause.message;
      reject(
        new PortTaken(`cannot answer admission reviews on ${hostname}:${port}: ${why}`, { cause }),
      );
    });
    server.listen(port, hostname, () => resolve(server));
  });
}

/** A socket of Node as a connection: what comes is handed out as it is asked for. */
function connectionOf(socket: TLSSocket): Connection {
  // What breaks off is told by the next read or write.
  socket.on("error", () => {});
  const pieces = socket[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let rest = new Uint8Array();
  return {
    async read(buffer) {
      while (rest.length === 0) {
        const next = await pieces.next();
        if (next.done) return null;
        rest = new Uint8Array(next.value);
      }
      const count = Math.min(rest.length, buffer.length);
      buffer.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
      }),
    closeWrite: () => new Promise((resolve) => socket.end(() => resolve())),
    close: () => void socket.destroy(),
  };
}
