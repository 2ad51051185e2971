/**
 * Lets `fetch` reach a server whose certificate it would refuse: fetch speaks plain HTTP to a Unix
 * socket of this process, each of whose connections is carried on over a TLS connection that checks
 * what the kubeconfig asks for. Layer: client of the API server.
 *
 * Deno's own switch (`--unsafely-ignore-certificate-errors`) would hold for the whole process, that
 * is also for other peers. The socket lies in a directory of mode 0700, so nobody else can use the
 * client certificate of the tunnel.
 */

import type { ByteStream } from "./tls_stream.ts";

/** A Unix socket that leads to the API server. */
export interface Tunnel {
  readonly path: string;
  /** Why the last connection could not be carried on; `undefined` if it could. */
  failure(): unknown;
  close(): void;
}

/** Starts listening; `dial` opens the connection to the server. */
export async function openTunnel(
  dial: (signal: AbortSignal) => Promise<ByteStream>,
): Promise<Tunnel> {
  const directory = await Deno.makeTempDir({ prefix: "postgres-operator-" });
  await Deno.chmod(directory, 0o700);
  const path = `${directory}/api-server`;
  const listener = Deno.listen({ transport: "unix", path });
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
  void acceptAll(listener, (connection) => carry(connection, dialAndNote, stopping.signal));
  const removeDirectory = () => Deno.removeSync(directory, { recursive: true });
  // A process that exits without closing leaves nothing behind.
  addEventListener("unload", removeDirectory, { once: true });
  return {
    path,
    failure: () => failure,
    close() {
      stopping.abort();
      listener.close();
      removeEventListener("unload", removeDirectory);
      removeDirectory();
    },
  };
}

async function acceptAll(
  listener: Deno.UnixListener,
  serve: (connection: Deno.UnixConn) => Promise<void>,
): Promise<void> {
  for await (const connection of listener) void serve(connection);
}

/** Copies both ways until either side ends; a failed dial ends the request's connection. */
async function carry(
  connection: Deno.UnixConn,
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

function closeQuietly(connection: Deno.UnixConn): void {
  try {
    connection.close();
  } catch {
    // Closed with its streams.
  }
}
