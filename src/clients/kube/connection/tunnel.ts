/**
 * Lets `fetch` reach a server whose certificate it would refuse: fetch speaks plain HTTP through a
 * SOCKS proxy of this process, each of whose connections is carried on over a TLS connection that
 * checks what the kubeconfig asks for. Layer: client of the API server.
 *
 * Deno's own switch (`--unsafely-ignore-certificate-errors`) would hold for the whole process, that
 * is also for other peers. The proxy listens on a loopback address, needs no file, and asks for a
 * password made for this process, so nobody else can use the client certificate of the tunnel.
 */

import { randomBytes } from "node:crypto";
import { acceptSocks, type SocksAccount } from "./socks_handshake.ts";
import type { ByteStream } from "./tls_stream.ts";

/** A proxy that leads to the API server, whatever address it is asked for. */
export interface Tunnel {
  /** For `Deno.createHttpClient`. */
  readonly proxy: { readonly url: string; readonly basicAuth: SocksAccount };
  /** Why the last connection could not be carried on; `undefined` if it could. */
  failure(): unknown;
  close(): void;
}

const USERNAME = "tunnel";
/** A connection that does not log in is closed. */
const HANDSHAKE_MS = 10_000;

/** Starts listening; `dial` opens the connection to the server. */
export function openTunnel(dial: (signal: AbortSignal) => Promise<ByteStream>): Tunnel {
  const basicAuth = { username: USERNAME, password: newPassword() };
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.unref();
  const stopping = new AbortController();
  let failure: unknown;
  const dialAndNote = async (signal: AbortSignal) => {
    try {
      const stream = await dial(signal);
      failure = undefined;
      return stream;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  void acceptAll(listener, async (connection) => {
    if (await logsIn(connection, basicAuth)) {
      await carry(connection, dialAndNote, stopping.signal);
    }
  });
  return {
    proxy: { url: `socks5h://127.0.0.1:${listener.addr.port}`, basicAuth },
    failure: () => failure,
    close() {
      stopping.abort();
      listener.close();
    },
  };
}

async function acceptAll(
  listener: Deno.TcpListener,
  serve: (connection: Deno.TcpConn) => Promise<void>,
): Promise<void> {
  for await (const connection of listener) void serve(connection);
}

function newPassword(): string {
  return randomBytes(32).toString("hex");
}

/** False, and the connection closed, for everybody but this process. */
async function logsIn(connection: Deno.TcpConn, account: SocksAccount): Promise<boolean> {
  const timer = setTimeout(() => closeQuietly(connection), HANDSHAKE_MS);
  try {
    await acceptSocks(connection, account);
    return true;
  } catch {
    closeQuietly(connection);
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Copies both ways until either side ends; a failed dial ends the request's connection. */
async function carry(
  connection: Deno.TcpConn,
  dial: (signal: AbortSignal) => Promise<ByteStream>,
  signal: AbortSignal,
): Promise<void> {
  let stream: ByteStream | undefined;
  try {
    const opened = await dial(signal);
    stream = opened;
    signal.addEventListener("abort", opened.close, { once: true });
    const down = opened.readable.pipeTo(connection.writable);
    const up = connection.readable.pipeTo(
      new WritableStream({ write: (bytes) => opened.write(bytes), close: opened.close }),
    );
    await Promise.allSettled([down, up]);
  } catch {
    // fetch sees its connection end and reports that.
  } finally {
    if (stream !== undefined) signal.removeEventListener("abort", stream.close);
    stream?.close();
    closeQuietly(connection);
  }
}

function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed with its streams.
  }
}
