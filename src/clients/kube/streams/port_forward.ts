/**
 * A connection to a port of a pod through the API server. Layer: client of the API server.
 *
 * Channel 0 carries data and channel 1 an error text; on each the first message is the port's number.
 */

import { RESOURCES } from "../../../ports/resources.gen.ts";
import type { PodRef } from "../../../ports/requests.ts";
import type { KubeConnection } from "../connection/connection.ts";
import { KubeError } from "../errors.ts";
import { pathOf, requireResource } from "../request.ts";
import type { ByteStream } from "../connection/tls_stream.ts";
import { openWebSocket } from "./websocket.ts";

const CHANNEL = { data: 0, error: 1 } as const;
const PORT_NUMBER_BYTES = 2;

/** Connects to a port of a pod. @throws KubeError; later failures end `readable` with one */
export async function openPortForward(
  connection: KubeConnection,
  { pod, port }: { pod: PodRef; port: number },
  signal: AbortSignal,
): Promise<ByteStream> {
  const attempt = `cannot forward port ${port} of Pod ${pod.namespace}/${pod.name}`;
  const path = pathOf(requireResource(RESOURCES.Pod), {
    namespace: pod.namespace,
    name: pod.name,
    subresource: "portforward",
  });
  const socket = await openWebSocket({
    connection,
    target: `${path}?ports=${port}`,
    protocols: ["v4.channel.k8s.io"],
    attempt,
  }, signal);
  return {
    readable: ReadableStream.from(dataOf(socket.messages, attempt)),
    write: (bytes) => {
      const message = new Uint8Array(bytes.length + 1);
      message[0] = CHANNEL.data;
      message.set(bytes, 1);
      return socket.send(message);
    },
    close: socket.close,
  };
}

async function* dataOf(
  messages: AsyncGenerator<Uint8Array>,
  attempt: string,
): AsyncGenerator<Uint8Array> {
  const started = new Set<number>();
  for await (const message of messages) {
    const channel = message[0] ?? CHANNEL.data;
    const isFirst = !started.has(channel);
    started.add(channel);
    const bytes = message.subarray(isFirst ? 1 + PORT_NUMBER_BYTES : 1);
    if (bytes.length === 0) continue;
    if (channel === CHANNEL.error) {
      const text = new TextDecoder().decode(bytes);
      throw new KubeError(`${attempt}: ${text}`, { status: 0, reason: "PortForwardFailed" });
    }
    yield bytes;
  }
}
