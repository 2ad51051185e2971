/**
 * Ports of pods over a WebSocket (dev cluster, kubelet layer).
 *
 * Two shapes: channels (`v4`/`v5.channel.k8s.io`: two a port, data and errors, each beginning
 * with the port as 16 bits, little-endian) and, as kubectl does it, SPDY frames inside binary
 * messages (`SPDY/3.1+portforward.k8s.io`).
 */
import type { PodWorker } from "../pod_worker.ts";
import type { Connection } from "../runtime.ts";
import { webSocketChannel } from "./byte_channel.ts";
import { serveSpdyPortForward, SPDY_PROTOCOL } from "./spdy_port_forward.ts";
import { drained, sendFrame, upgrade } from "./upgrade.ts";
import { closeQuietly, writeTo } from "./pod_connection.ts";

const CHANNELS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/** Connects the client to the pod's ports. */
export function servePortForward(
  request: Request,
  worker: PodWorker,
  query: URLSearchParams,
): Response {
  const upgraded = upgrade(request, [SPDY_PROTOCOL, ...CHANNELS]);
  if (upgraded instanceof Response) return upgraded;
  const { socket, protocol, response } = upgraded;
  const dial = dialerOf(worker);
  if (protocol === SPDY_PROTOCOL) serveSpdyPortForward(webSocketChannel(socket), dial);
  else {
    const ports = query.getAll("ports").concat(query.getAll("port")).flatMap((it) => it.split(","));
    serveChannels(socket, ports.map(Number), dial);
  }
  return response;
}

/** Opens connections to a pod's ports. @throws Error where it does not run */
export function dialerOf(worker: PodWorker): (port: number) => Promise<Connection> {
  return (port) => {
    if (!worker.running) throw new Error("the pod is not running");
    return worker.running.dial(port);
  };
}

function serveChannels(
  socket: WebSocket,
  ports: readonly number[],
  dial: (port: number) => Promise<Connection>,
): void {
  const opened = ports.map((port) => openChannel(socket, ports.indexOf(port) * 2, port, dial));
  socket.onmessage = ({ data }) => {
    const frame = new Uint8Array(data as ArrayBuffer);
    if (frame[0]! % 2 === 0) opened[frame[0]! / 2]?.write(frame.slice(1));
  };
  socket.onclose = () => opened.forEach((it) => it.close());
  socket.onopen = () => opened.forEach((it) => it.begin());
}

function openChannel(
  socket: WebSocket,
  channel: number,
  port: number,
  dial: (port: number) => Promise<Connection>,
) {
  const connection = Promise.withResolvers<Connection>();
  // A failed dial is reported in `begin`; writes to it go nowhere.
  connection.promise.catch(() => {});
  let writes: Promise<unknown> = Promise.resolve();

  async function begin(): Promise<void> {
    const head = new Uint8Array([port & 255, port >> 8]);
    sendFrame(socket, channel, head);
    sendFrame(socket, channel + 1, head);
    try {
      connection.resolve(await dial(port));
      for await (const bytes of (await connection.promise).readable) {
        sendFrame(socket, channel, bytes);
        await drained(socket);
      }
    } catch (error) {
      connection.reject(error);
      const text = error instanceof Error ? error.message : String(error);
      sendFrame(socket, channel + 1, new TextEncoder().encode(text));
    }
    // There is no end of one channel, so the end of the connection ends the socket.
    if (socket.readyState === WebSocket.OPEN) socket.close();
  }

  return {
    begin: () => void begin(),
    write(bytes: Uint8Array) {
      writes = writes.then(async () => await writeTo(await connection.promise, bytes))
        .catch(() => {});
    },
    close() {
      connection.promise.then((it) => closeQuietly(it), () => {});
    },
  };
}
