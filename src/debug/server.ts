/**
 * Serves the debug API over plain HTTP. Neither Deno's server nor, on older runtimes, Node's ends a
 * connection that never finishes its request, so this one speaks HTTP itself: one request for each
 * connection, whose body is dropped, and a limit on everything.
 */

import {
  bodyBytes,
  type BodyRule,
  type HostRule,
  parseHead,
  PLAN_BODIES,
  type Refusal,
} from "./request_head.ts";

/** A listening debug API. */
export interface DebugServer {
  readonly port: number;
  shutdown(): Promise<void>;
}

/** What answers, such as a Hono application. */
export interface Answering {
  fetch(request: Request): Response | Promise<Response>;
}

/** Limits of one connection and of all. */
export interface ServerLimits {
  /** For the whole of a request. */
  readonly headMs: number;
  readonly headBytes: number;
  /** For taking the answer. */
  readonly writeMs: number;
  /** Connections at once; more are closed. */
  readonly connections: number;
}

const LIMITS: ServerLimits = {
  headMs: 10_000,
  headBytes: 16 * 1024,
  writeMs: 30_000,
  connections: 256,
};
const SHUTDOWN_MS = 2_000;
const END = "\r\n\r\n";

/**
 * Listens on `hostname:port`; port 0 takes a free one. On a loopback address only requests that
 * name this machine are answered, so that no page in a browser can read along.
 * @throws an error that names address and parameter when the port is taken
 */
export function serveDebugApp(
  app: Answering,
  hostname: string,
  port: number,
  limits: ServerLimits = LIMITS,
): DebugServer {
  const listener = listen(hostname, port);
  const hosts: HostRule = /^(127\.|::1$|localhost$)/.test(hostname) ? "loopback" : "any";
  const serving = serveApp(app, { hosts, bodies: PLAN_BODIES, limits });
  void acceptAll(listener, serving.answer);
  return {
    port: listener.addr.port,
    async shutdown() {
      listener.close();
      await serving.shutdown();
    },
  };
}

/** How a server stands its peers. */
export interface ServerRules {
  readonly hosts: HostRule;
  readonly bodies: BodyRule;
  readonly limits: ServerLimits;
}

/** A connection in the clear, or with TLS. */
export interface Connection {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  /** Ends it at once, whatever is under way. @throws where it is closed already */
  close(): void;
}

/** What accepts connections in the clear. */
interface Listener {
  accept(): Promise<Connection>;
}

/** An application that answers whoever is let in. */
export interface Served {
  /** Answers one peer, within the limits; never rejects. */
  answer(connection: Connection): Promise<void>;
  /** Ends what is under way, within seconds; who listens is closed by who opened it. */
  shutdown(): Promise<void>;
}

/** Lets an application answer. */
export function serveApp(app: Answering, { hosts, bodies, limits }: ServerRules): Served {
  const open = new Set<Connection>();
  const streams = new Set<Connection>();
  const held = new Set<Connection>();
  const serve = async (connection: Connection) => {
    if (open.size >= limits.connections) return closeQuietly(connection);
    open.add(connection);
    try {
      await serveOne(connection, { app, hosts, limits, streams, bodies, held });
    } catch {
      // A peer that goes or breaks off gets no answer.
    } finally {
      open.delete(connection);
      held.delete(connection);
      closeQuietly(connection);
    }
  };
  return {
    answer: serve,
    async shutdown() {
      streams.forEach(closeQuietly);
      const endMs = performance.now() + SHUTDOWN_MS;
      while (open.size > 0 && performance.now() < endMs) await pause(20);
      open.forEach(closeQuietly);
    },
  };
}

function listen(hostname: string, port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (cause) {
    const why = cause instanceof Deno.errors.AddrInUse
      ? "the port is taken, perhaps by another operator; api_port names the one to use"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new Error(`cannot serve the debug API on ${hostname}:${port}: ${why}`, { cause });
  }
}

/** A connection that fails while it is accepted must not end the server. */
async function acceptAll(
  listener: Listener,
  serve: (connection: Connection) => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      void serve(await listener.accept());
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      await pause(100);
    }
  }
}

interface Serving {
  readonly app: Answering;
  readonly hosts: HostRule;
  readonly limits: ServerLimits;
  /** Connections with an answer that has no end of its own. */
  readonly streams: Set<Connection>;
  readonly bodies: BodyRule;
  /** Connections with a body that is kept in memory. */
  readonly held: Set<Connection>;
}

async function serveOne(connection: Connection, serving: Serving): Promise<void> {
  const { app, hosts, limits, bodies } = serving;
  const request = await within(connection, limits.headMs, async () => {
    const head = await readHead(connection, limits);
    if ("status" in head) return head;
    const parsed = parseHead(head.text, hosts, bodies);
    if (!(parsed instanceof Request)) return parsed;
    if (bodies.reads(parsed)) return await withBody(connection, parsed, head.rest, serving);
    await drop(connection, bodyBytes(parsed.headers) - head.rest.length);
    return parsed;
  });
  const response = request instanceof Request ? await answer(app, request) : refuse(request);
  if (isStream(response)) return await passOn(connection, response, serving);
  const bodiless = request instanceof Request && request.method === "HEAD";
  const bytes = await bytesOf(response, bodiless);
  await within(connection, limits.writeMs, async () => {
    await writeAll(connection, bytes);
    await connection.closeWrite();
  });
}

async function answer(app: Answering, request: Request): Promise<Response> {
  try {
    return await app.fetch(request);
  } catch {
    return Response.json({ error: "the page cannot be made" }, { status: 500 });
  }
}

function refuse({ status, why }: Refusal): Response {
  return Response.json({ error: why }, { status });
}

/** The same request with its body, which follows the head. */
async function withBody(
  connection: Connection,
  request: Request,
  start: Uint8Array,
  { bodies, held }: Serving,
): Promise<Request | Refusal> {
  if (held.size >= bodies.atOnce) return { status: 503, why: "others are asking; try again" };
  held.add(connection);
  const body = new Uint8Array(bodyBytes(request.headers));
  body.set(start.subarray(0, body.length));
  for (let filled = Math.min(start.length, body.length); filled < body.length;) {
    const count = await connection.read(body.subarray(filled));
    if (count === null) throw new Error("the peer has gone");
    filled += count;
  }
  return new Request(request.url, { method: request.method, headers: request.headers, body });
}

/** Takes what nobody reads: a connection that is closed before loses its answer. */
async function drop(connection: Connection, bytes: number): Promise<void> {
  const buffer = new Uint8Array(4096);
  for (let left = bytes; left > 0;) {
    const count = await connection.read(buffer);
    if (count === null) return;
    left -= count;
  }
}

/**
 * Everything up to the empty line, and what came after it.
 * @throws Error where the peer ends before
 */
async function readHead(
  connection: Connection,
  { headBytes }: ServerLimits,
): Promise<{ readonly text: string; readonly rest: Uint8Array } | Refusal> {
  const buffer = new Uint8Array(headBytes);
  let text = "";
  for (let filled = 0; filled < headBytes;) {
    const count = await connection.read(buffer.subarray(filled));
    if (count === null) throw new Error("the peer has gone");
    filled += count;
    // One character a byte: a character that takes several is no part of a head's grammar.
    text = new TextDecoder("latin1").decode(buffer.subarray(0, filled));
    const end = text.indexOf(END);
    if (end >= 0) {
      return { text: text.slice(0, end), rest: buffer.subarray(end + END.length, filled) };
    }
  }
  return { status: 431, why: `the head has more than ${headBytes} bytes` };
}

function isStream(response: Response): boolean {
  return response.body !== null &&
    response.headers.get("content-type") === "text/event-stream";
}

/** Sends what comes as it comes, until one of both ends; each piece has to be taken in time. */
async function passOn(
  connection: Connection,
  response: Response,
  { limits: { writeMs }, streams }: Serving,
): Promise<void> {
  const reader = response.body!.getReader();
  streams.add(connection);
  const gone = untilGone(connection).then(() => reader.cancel());
  try {
    let piece = new TextEncoder().encode(headOf(response, ""));
    for (;;) {
      const bytes = piece;
      await within(connection, writeMs, () => writeAll(connection, bytes));
      const next = await reader.read();
      if (next.done) return;
      piece = next.value;
    }
  } finally {
    streams.delete(connection);
    closeQuietly(connection);
    await gone;
  }
}

/** Resolves when the peer has ended the connection, or it was closed here. */
async function untilGone(connection: Connection): Promise<void> {
  const buffer = new Uint8Array(256);
  try {
    while (await connection.read(buffer) !== null);
  } catch {
    // Closed here.
  }
}

function headOf(response: Response, lengthLine: string): string {
  const headers = [...response.headers]
    .filter(([name]) => !["connection", "content-length", "transfer-encoding"].includes(name))
    .map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `HTTP/1.1 ${response.status} ${response.statusText || "-"}\r\n` +
    `${headers}${lengthLine}connection: close\r\n\r\n`;
}

async function bytesOf(response: Response, bodiless: boolean): Promise<Uint8Array> {
  const body = new Uint8Array(await response.arrayBuffer());
  // A server that answers HEAD leaves the length to the application.
  const length = bodiless ? response.headers.get("content-length") ?? "" : String(body.length);
  const lengthLine = length === "" ? "" : `content-length: ${length}\r\n`;
  const start = new TextEncoder().encode(headOf(response, lengthLine));
  const bytes = new Uint8Array(start.length + (bodiless ? 0 : body.length));
  bytes.set(start);
  if (!bodiless) bytes.set(body, start.length);
  return bytes;
}

async function writeAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

/** Closes the connection when the work takes too long, which ends the work. */
async function within<T>(
  connection: Connection,
  ms: number,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setTimeout(() => closeQuietly(connection), ms);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

function closeQuietly(connection: Connection): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
