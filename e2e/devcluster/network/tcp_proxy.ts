/**
 * Carries TCP connections from a Service's address to one of its endpoints (network layer).
 *
 * As with kube-proxy, an established connection stays where it is when the endpoints change, and
 * without any endpoint a connection is refused: then nothing listens.
 */

/** An address and a port to connect to. */
export interface Target {
  readonly ip: string;
  readonly port: number;
}

/** A listening proxy. */
export interface TcpProxy {
  /** Replaces the endpoints for new connections; an empty list stops listening. */
  route(targets: readonly Target[]): void;
  /** Stops listening and ends every connection. */
  close(): void;
}

/** Makes a proxy on a loopback address; it listens once it has a target. */
export function tcpProxy(
  address: Target,
  onError: (error: unknown) => void,
): TcpProxy {
  if (!address.ip.startsWith("127.")) {
    throw new Error(`cannot serve ${address.ip}: only loopback addresses are served`);
  }
  const open = new Set<Deno.TcpConn>();
  let listener: Deno.TcpListener | undefined;
  let targets: readonly Target[] = [];
  let turn = 0;

  function listen(): Deno.TcpListener | undefined {
    try {
      const made = Deno.listen({ hostname: address.ip, port: address.port });
      accept(made);
      return made;
    } catch (error) {
      onError(new Error(`cannot listen on ${address.ip}:${address.port}`, { cause: error }));
      return undefined;
    }
  }

  async function accept(from: Deno.TcpListener): Promise<void> {
    for await (const client of from) carry(client);
  }

  async function carry(client: Deno.TcpConn): Promise<void> {
    open.add(client);
    const server = await connect();
    if (server !== undefined) {
      open.add(server);
      await Promise.all([copy(client, server), copy(server, client)]);
      end(server);
    }
    end(client);
  }

  /** Starts with the endpoint whose turn it is and takes the first that answers. */
  async function connect(): Promise<Deno.TcpConn | undefined> {
    const now = targets;
    const first = turn++;
    for (let i = 0; i < now.length; i++) {
      const target = now[(first + i) % now.length]!;
      try {
        return await Deno.connect({ hostname: target.ip, port: target.port });
      } catch {
        // The next one may be alive; with none the client sees its connection end.
      }
    }
    return undefined;
  }

  function end(connection: Deno.TcpConn): void {
    if (!open.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // Closed already.
    }
  }

  return {
    route(next) {
      targets = next;
      if (targets.length > 0) listener ??= listen();
      else listener = void listener?.close();
    },
    close() {
      listener?.close();
      for (const connection of [...open]) end(connection);
    },
  };
}

/** Passes on what one side says until it falls silent; a broken side ends both. */
async function copy(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
      for (let at = 0; at < size;) at += await to.write(buffer.subarray(at, size));
    }
    await to.closeWrite();
  } catch {
    for (const side of [from, to]) {
      try {
        side.close();
      } catch {
        // Closed already.
      }
    }
  }
}
