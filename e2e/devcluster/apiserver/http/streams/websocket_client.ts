/**
 * A WebSocket client of its own: the standard one refuses the protocol name with a slash that
 * kubectl's port-forward uses (`SPDY/3.1+portforward.k8s.io`), and hides why a server says no.
 * https://www.rfc-editor.org/rfc/rfc6455
 */

const CONTINUATION = 0;
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

export interface WebSocketPeer {
  protocol: string;
  send(data: Uint8Array | string): Promise<void>;
  /** Whole messages until the peer closes. */
  messages(): AsyncGenerator<Uint8Array | string>;
  close(): void;
}

/** What the server answers instead of upgrading. */
export class UpgradeRefused extends Error {
  constructor(readonly status: number, readonly body: string) {
    super(`cannot open a stream to the kubelet: it answers ${status}: ${body.trim()}`);
  }
}

/** Reads exact numbers of bytes from a connection. */
class ByteReader {
  #connection: Deno.Conn;
  #buffer = new Uint8Array();

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  async #fill(): Promise<boolean> {
    const chunk = new Uint8Array(64 * 1024);
    const count = await this.#connection.read(chunk);
    if (count === null) return false;
    const joined = new Uint8Array(this.#buffer.length + count);
    joined.set(this.#buffer);
    joined.set(chunk.subarray(0, count), this.#buffer.length);
    this.#buffer = joined;
    return true;
  }

  async take(count: number): Promise<Uint8Array | undefined> {
    while (this.#buffer.length < count) if (!await this.#fill()) return undefined;
    const taken = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  /** The text up to an empty line. */
  async head(): Promise<string> {
    for (;;) {
      const text = new TextDecoder("latin1").decode(this.#buffer);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#buffer = this.#buffer.subarray(end + 4);
        return text.slice(0, end);
      }
      if (!await this.#fill()) return text;
    }
  }

  async rest(): Promise<string> {
    while (await this.#fill());
    return new TextDecoder().decode(this.#buffer);
  }
}

function frame(opcode: number, payload: Uint8Array): Uint8Array {
  const long = payload.length > 65_535 ? 8 : payload.length > 125 ? 2 : 0;
  const bytes = new Uint8Array(2 + long + 4 + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80 | opcode;
  bytes[1] = 0x80 | (long === 8 ? 127 : long === 2 ? 126 : payload.length);
  if (long === 2) view.setUint16(2, payload.length);
  if (long === 8) view.setBigUint64(2, BigInt(payload.length));
  const mask = crypto.getRandomValues(new Uint8Array(4));
  bytes.set(mask, 2 + long);
  for (let index = 0; index < payload.length; index++) {
    bytes[6 + long + index] = payload[index]! ^ mask[index & 3]!;
  }
  return bytes;
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

async function handshake(
  connection: Deno.Conn,
  url: URL,
  protocols: string,
): Promise<[ByteReader, string]> {
  const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    ...protocols ? [`Sec-WebSocket-Protocol: ${protocols}`] : [],
  ];
  await writeAll(connection, new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n"));
  const reader = new ByteReader(connection);
  const [status = "", ...headers] = (await reader.head()).split("\r\n");
  const code = Number(status.split(" ")[1]);
  const header = (name: string) =>
    headers.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1)
      .trim();
  if (code !== 101) {
    const length = header("content-length");
    const body = length === undefined ? await reader.rest() : await reader.take(Number(length));
    throw new UpgradeRefused(
      code,
      typeof body === "string" ? body : new TextDecoder().decode(body),
    );
  }
  return [reader, header("sec-websocket-protocol") ?? ""];
}

interface Frame {
  final: boolean;
  opcode: number;
  payload: Uint8Array;
}

async function readFrame(reader: ByteReader): Promise<Frame | undefined> {
  const head = await reader.take(2);
  if (!head) return undefined;
  let length = head[1]! & 0x7f;
  if (length >= 126) {
    const more = await reader.take(length === 126 ? 2 : 8);
    if (!more) return undefined;
    const view = new DataView(more.buffer, more.byteOffset);
    length = length === 126 ? view.getUint16(0) : Number(view.getBigUint64(0));
  }
  const payload = await reader.take(length);
  return payload && { final: (head[0]! & 0x80) !== 0, opcode: head[0]! & 0x0f, payload };
}

async function* readMessages(
  reader: ByteReader,
  send: (opcode: number, payload: Uint8Array) => Promise<void>,
): AsyncGenerator<Uint8Array | string> {
  let parts: Uint8Array[] = [];
  let kind = 0;
  for (;;) {
    const next = await readFrame(reader);
    if (!next || next.opcode === CLOSE) return;
    if (next.opcode === PING) {
      await send(PONG, next.payload);
    } else if (next.opcode !== PONG) {
      if (next.opcode !== CONTINUATION) kind = next.opcode;
      parts.push(next.payload);
      if (!next.final) continue;
      const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      parts = [];
      yield kind === TEXT ? new TextDecoder().decode(whole) : whole;
    }
  }
}

/** Opens a WebSocket to an http:// URL on loopback. @throws UpgradeRefused when the server says no. */
export async function connectWebSocket(url: URL, protocols: string): Promise<WebSocketPeer> {
  const connection = await Deno.connect({ hostname: url.hostname, port: Number(url.port || 80) });
  try {
    const [reader, protocol] = await handshake(connection, url, protocols);
    // Frames must not mix: each write waits for the one before.
    let writes: Promise<void> = Promise.resolve();
    const send = (opcode: number, payload: Uint8Array) =>
      writes = writes.then(() => writeAll(connection, frame(opcode, payload)));
    let closed = false;
    return {
      protocol,
      send: (data) =>
        typeof data === "string" ? send(TEXT, new TextEncoder().encode(data)) : send(2, data),
      messages: () => readMessages(reader, send),
      close: () => {
        if (closed) return;
        closed = true;
        send(CLOSE, new Uint8Array([3, 232])).catch(() => {}).finally(() => connection.close());
      },
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}
