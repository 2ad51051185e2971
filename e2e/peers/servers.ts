/** Servers on loopback that hang, drip, lie, flood and redirect. */

import { createServer, type Socket } from "node:net";

/** How a server misbehaves. */
export type Mode = "hang" | "drip" | "lie" | "flood" | "redirect";

export const MODES: readonly Mode[] = ["hang", "drip", "lie", "flood", "redirect"];

export interface HostileServer {
  readonly port: number;
  /** Requests that came where a redirect led to. */
  readonly trapped: () => number;
  close(): Promise<void>;
}

/** A gigabyte, if somebody takes it. */
const FLOOD_PIECES = 1024;
const PIECE = new Uint8Array(1024 * 1024).fill(91);
const DRIP_MS = 50;
/** JSON that is valid, deep, and nothing that was asked for. */
const LIE = "[".repeat(20_000) + "]".repeat(20_000);

/** An HTTP server that answers every request in one way. */
export function hostileHttp(mode: Mode): HostileServer {
  let trapped = 0;
  const ending = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
    signal: ending.signal,
    onError: () => new Response(null, { status: 500 }),
  }, (request) => {
    const url = new URL(request.url);
    if (url.pathname === "/trap") {
      trapped++;
      return Response.json({});
    }
    return answerOf(mode, url.origin, ending.signal);
  });
  return {
    port: server.addr.port,
    trapped: () => trapped,
    async close() {
      ending.abort();
      await server.finished.catch(() => {});
    },
  };
}

function answerOf(mode: Mode, origin: string, signal: AbortSignal): Response | Promise<Response> {
  switch (mode) {
    case "hang":
      return new Promise((resolve) =>
        signal.addEventListener("abort", () => resolve(new Response()), { once: true })
      );
    case "drip":
      return new Response(pieces(Infinity, new Uint8Array([32]), DRIP_MS));
    case "lie":
      return new Response(LIE);
    case "flood":
      return new Response(pieces(FLOOD_PIECES, PIECE, 0));
    case "redirect":
      return new Response(null, { status: 302, headers: { location: `${origin}/trap` } });
  }
}

function pieces(count: number, piece: Uint8Array, pauseMs: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      try {
        if (sent++ >= count) controller.close();
        else controller.enqueue(piece);
      } catch {
        // Nobody reads any more.
      }
    },
  }, { highWaterMark: 0 });
}

/** A TCP server in PostgreSQL's place. */
export async function hostilePostgres(mode: Mode): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    if (mode === "hang") return;
    socket.once("data", () => misbehave(mode, socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    trapped: () => 0,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function misbehave(mode: Mode, socket: Socket): void {
  if (mode === "lie" || mode === "redirect") return void socket.write("HTTP/1.1 302 Found\r\n\r\n");
  if (mode === "drip") {
    // It says that it speaks TLS, and then nothing that is a part of it.
    socket.write("S");
    const drip = setInterval(() => socket.write(new Uint8Array([22])), DRIP_MS);
    return void socket.on("close", () => clearInterval(drip));
  }
  let sent = 0;
  const flood = () => {
    while (sent++ < FLOOD_PIECES && !socket.destroyed) if (!socket.write(PIECE)) return;
  };
  socket.on("drain", flood);
  flood();
}
