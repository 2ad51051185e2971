/**
 * Port-forward over SPDY/3.1, as kubectl does it (dev cluster, kubelet layer): two streams a
 * connection, data and errors, that name their port and the connection that they belong to.
 */
import type { Connection } from "../runtime.ts";
import type { ByteChannel } from "./byte_channel.ts";
import { closeQuietly, writeTo } from "./pod_connection.ts";
import { createSpdySession } from "./spdy_frames.ts";

/** The subprotocol of an upgraded connection, in the header `X-Stream-Protocol-Version`. */
export const PORT_FORWARD_PROTOCOL = "portforward.k8s.io";
/** The subprotocol of a WebSocket that carries the same frames. */
export const SPDY_PROTOCOL = `SPDY/3.1+${PORT_FORWARD_PROTOCOL}`;

interface Stream {
  readonly kind: string;
  readonly port: number;
  readonly requestId: string;
  connection?: Promise<Connection>;
  writes: Promise<unknown>;
}

/** Serves port-forward on a channel. */
export function serveSpdyPortForward(
  channel: ByteChannel,
  dial: (port: number) => Promise<Connection>,
): void {
  const streams = new Map<number, Stream>();
  const session = createSpdySession((bytes) => channel.send(bytes), {
    opened(id, headers) {
      const stream: Stream = {
        kind: headers.get("streamtype") ?? "",
        port: Number(headers.get("port")),
        requestId: headers.get("requestid") ?? "",
        writes: Promise.resolve(),
      };
      streams.set(id, stream);
      if (stream.kind === "data") void pump(id, stream);
    },
    data(id, bytes, isLast) {
      const stream = streams.get(id);
      if (!stream?.connection) return;
      const { connection } = stream;
      stream.writes = stream.writes.then(async () => {
        if (bytes.length > 0) await writeTo(await connection, bytes);
        if (isLast) await (await connection).writable.close();
      }).catch(() => {});
    },
    reset(id) {
      streams.get(id)?.connection?.then(closeQuietly, () => {});
      streams.delete(id);
    },
    broken: () => channel.close(),
  });
  channel.onBytes((bytes) => session.receive(bytes));
  channel.onClose(() => {
    session.close();
    for (const { connection } of streams.values()) connection?.then(closeQuietly, () => {});
  });

  async function pump(id: number, stream: Stream): Promise<void> {
    try {
      stream.connection = dial(stream.port);
      const connection = await stream.connection;
      try {
        for await (const bytes of connection.readable) {
          session.send(id, bytes);
          await channel.drained();
        }
      } catch {
        // A reset connection ends like a closed one: kubectl quits on any text in the error stream.
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const partner = errorStreamOf(stream);
      if (partner !== undefined) session.send(partner, new TextEncoder().encode(text), true);
    }
    session.send(id, new Uint8Array(), true);
    const partner = errorStreamOf(stream);
    if (partner !== undefined) session.send(partner, new Uint8Array(), true);
    streams.delete(id);
  }

  function errorStreamOf({ requestId }: Stream): number | undefined {
    for (const [id, it] of streams) {
      if (it.kind === "error" && it.requestId === requestId) return id;
    }
    return undefined;
  }
}
