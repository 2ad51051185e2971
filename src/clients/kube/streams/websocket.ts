/**
 * A WebSocket client over a raw connection. Deno's own takes neither a client's certificate settings
 * nor tells the status and body of a refused handshake; `docs/adr/0011-own-websocket.md` says why it
 * is no library. Layer: client of the API server.
 *
 * https://www.rfc-editor.org/rfc/rfc6455
 */

import type { KubeConnection } from "../connection/connection.ts";
import { errorOfAnswer, KubeError } from "../errors.ts";
import type { ByteStream } from "../connection/tls_stream.ts";
import { unreachableError } from "../connection/transport.ts";
import {
  closeFrame,
  createFrameParser,
  type Frame,
  maskedFrame,
  MAX_MESSAGE_BYTES,
  OPCODE,
} from "./websocket_frames.ts";

/** An open WebSocket of binary messages. */
export interface WebSocketStream {
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  /** Ends when the server closes; throws when the connection breaks. */
  readonly messages: AsyncGenerator<Uint8Array>;
  send(message: Uint8Array): Promise<void>;
  close(): void;
}

export interface WebSocketOptions {
  readonly connection: KubeConnection;
  /** Path and query below the server's address. */
  readonly target: string;
  readonly protocols: readonly string[];
  /** `cannot exec in Pod ns/x`: how errors start. */
  readonly attempt: string;
}

/** Longer than any idle time-out of a load balancer should be, shorter than the usual minute. */
const PING_MS = 30_000;
const MAX_HEAD_BYTES = 64 * 1024;
/** Of the answer to a refused handshake. */
const MAX_BODY_BYTES = 64 * 1024;

/** Connects and upgrades. @throws KubeError with the server's words */
export async function openWebSocket(
  options: WebSocketOptions,
  signal: AbortSignal,
): Promise<WebSocketStream> {
  const { connection, attempt } = options;
  for (let tries = 1;; tries++) {
    const stream = await connection.dial(signal).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw unreachableError(attempt, connection, cause);
    });
    const onAbort = () => stream.close();
    signal.addEventListener("abort", onAbort, { once: true });
    const release = () => {
      signal.removeEventListener("abort", onAbort);
      stream.close();
    };
    try {
      const reader = stream.readable.getReader();
      const { status, headers, rest } = await handshake(options, { stream, reader, signal });
      if (status === 101) {
        const protocol = headers.get("sec-websocket-protocol") ?? "";
        return webSocketOf({ stream, reader, rest, attempt, signal, protocol, release });
      }
      const body = await readBody(reader, rest, Number(headers.get("content-length") ?? "0"));
      if (status !== 401 || tries > 1) throw errorOfAnswer(attempt, status, body);
      connection.forgetToken();
    } catch (error) {
      release();
      signal.throwIfAborted();
      throw error instanceof KubeError ? error : brokenError(attempt, error);
    }
    release();
  }
}

type ByteReader = ReadableStreamDefaultReader<Uint8Array>;

interface Head {
  readonly status: number;
  readonly headers: Headers;
  /** Bytes that came after the head. */
  readonly rest: Uint8Array;
}

async function handshake(
  { connection, target, protocols, attempt }: WebSocketOptions,
  { stream, reader, signal }: { stream: ByteStream; reader: ByteReader; signal: AbortSignal },
): Promise<Head> {
  const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const server = new URL(connection.server);
  const credentials = await connection.headers(signal);
  const lines = [
    `GET ${server.pathname.replace(/\/$/, "")}${target} HTTP/1.1`,
    `Host: ${server.host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Protocol: ${protocols.join(", ")}`,
    ...Object.entries(credentials).map(([name, value]) => `${name}: ${value}`),
  ];
  await stream.write(new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n"));
  const head = await readHead(reader, attempt);
  if (head.status === 101 && head.headers.get("sec-websocket-accept") !== await acceptOf(key)) {
    throw new KubeError(
      `${attempt}: the answer to the WebSocket handshake is not for our request`,
      {
        status: 0,
        reason: "BadAnswer",
      },
    );
  }
  return head;
}

async function acceptOf(key: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
  return btoa(String.fromCharCode(...digest));
}

async function readHead(reader: ByteReader, attempt: string): Promise<Head> {
  let bytes = new Uint8Array();
  for (;;) {
    // One character a byte, so that its index is the byte's.
    const text = new TextDecoder("latin1").decode(bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) {
      const [first = "", ...lines] = text.slice(0, end).split("\r\n");
      const headers = new Headers(lines.map((line): [string, string] => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }));
      return { status: Number(first.split(" ")[1] ?? 0), headers, rest: bytes.slice(end + 4) };
    }
    const { done, value } = await reader.read();
    if (done || bytes.length > MAX_HEAD_BYTES) {
      throw brokenError(attempt, new Error("the server closed the connection in the handshake"));
    }
    bytes = concat(bytes, value);
  }
}

async function readBody(reader: ByteReader, rest: Uint8Array, length: number): Promise<string> {
  let bytes = rest;
  while (bytes.length < Math.min(length, MAX_BODY_BYTES)) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes = concat(bytes, value);
  }
  return new TextDecoder().decode(bytes);
}

interface Opened {
  readonly stream: ByteStream;
  readonly reader: ByteReader;
  readonly rest: Uint8Array;
  readonly attempt: string;
  readonly signal: AbortSignal;
  readonly protocol: string;
  readonly release: () => void;
}

function webSocketOf(opened: Opened): WebSocketStream {
  const { stream } = opened;
  const pings = setInterval(() => {
    stream.write(maskedFrame(OPCODE.ping, new Uint8Array())).catch(() => {});
  }, PING_MS);
  const closing = new AbortController();
  const close = () => {
    if (closing.signal.aborted) return;
    closing.abort();
    clearInterval(pings);
    stream.write(closeFrame()).catch(() => {}).finally(opened.release);
  };
  return {
    protocol: opened.protocol,
    messages: messagesOf(opened, { close, closed: closing.signal }),
    send: (message) => stream.write(maskedFrame(OPCODE.binary, message)),
    close,
  };
}

async function* messagesOf(
  opened: Opened,
  { close, closed }: { close: () => void; closed: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const { stream, reader, attempt, signal } = opened;
  const parser = createFrameParser();
  let parts: Uint8Array = new Uint8Array();
  try {
    for (let chunk: Uint8Array = opened.rest;;) {
      for (const frame of parser.take(chunk)) {
        if (frame.opcode === OPCODE.close) return;
        if (frame.opcode === OPCODE.ping) {
          await stream.write(maskedFrame(OPCODE.pong, frame.payload));
        }
        if (!isData(frame)) continue;
        if (parts.length + frame.payload.length > MAX_MESSAGE_BYTES) {
          throw new Error("a WebSocket message is too large");
        }
        parts = concat(parts, frame.payload);
        if (!frame.final) continue;
        yield parts;
        parts = new Uint8Array();
      }
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (closed.aborted) return;
      if (done) throw new Error("the server ended the connection without closing the WebSocket");
      chunk = value;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!closed.aborted) throw brokenError(attempt, error);
  } finally {
    close();
  }
}

function isData({ opcode }: Frame): boolean {
  return opcode === OPCODE.text || opcode === OPCODE.binary || opcode === OPCODE.continuation;
}

function brokenError(attempt: string, cause: unknown): KubeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new KubeError(`${attempt}: the connection broke: ${why}`, {
    status: 0,
    reason: "Disconnected",
    cause,
  });
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
