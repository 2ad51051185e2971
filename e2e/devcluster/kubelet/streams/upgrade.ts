/**
 * WebSockets with one of Kubernetes' subprotocols (dev cluster, kubelet layer).
 */

/** An open socket and the subprotocol that was agreed. */
export interface Upgraded {
  readonly socket: WebSocket;
  readonly protocol: string;
  readonly response: Response;
}

/**
 * Accepts the first of the protocols offered that is known here; an error response otherwise.
 * The protocol is put into the answer by hand: `Deno.upgradeWebSocket` compares it with the
 * whole header, so it finds none in `v5.channel.k8s.io,v4.channel.k8s.io`.
 */
export function upgrade(request: Request, known: readonly string[]): Upgraded | Response {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return new Response("a WebSocket upgrade is needed\n", { status: 400 });
  }
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(/\s*,\s*/);
  const protocol = known.find((it) => offered.includes(it));
  if (!protocol) return new Response("no known subprotocol was offered\n", { status: 400 });
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  response.headers.set("sec-websocket-protocol", protocol);
  socket.binaryType = "arraybuffer";
  return { socket, protocol, response };
}

/** Sends one frame, its channel first, unless the peer has gone. */
export function sendFrame(socket: WebSocket, channel: number, bytes: Uint8Array): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  const frame = new Uint8Array(bytes.length + 1);
  frame[0] = channel;
  frame.set(bytes, 1);
  socket.send(frame);
}

/** Waits until the socket has passed most of what it was given to the network. */
export async function drained(socket: WebSocket): Promise<void> {
  while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount > HIGH_WATER) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const HIGH_WATER = 4 * 1024 * 1024;
