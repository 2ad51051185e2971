/** Serves the debug API over plain HTTP. */

import type { Hono } from "hono";

/** A listening debug API. */
export interface DebugServer {
  readonly port: number;
  shutdown(): Promise<void>;
}

/**
 * Listens on `hostname:port`; port 0 takes a free one.
 * @throws an error that names address and parameter when the port is taken
 */
export function serveDebugApp(app: Hono, hostname: string, port: number): DebugServer {
  try {
    const server = Deno.serve({ hostname, port, onListen: () => {} }, app.fetch);
    return { port: server.addr.port, shutdown: () => server.shutdown() };
  } catch (cause) {
    const why = cause instanceof Deno.errors.AddrInUse
      ? "the port is taken, perhaps by another operator; api_port names the one to use"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new Error(`cannot serve the debug API on ${hostname}:${port}: ${why}`, { cause });
  }
}
