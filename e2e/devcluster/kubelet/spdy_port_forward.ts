/**
 * Port-forward as kubectl does it: SPDY/3.1 frames inside binary WebSocket messages
 * (dev cluster, kubelet layer). Only what port-forward needs of SPDY: streams with headers,
 * data, ping, reset; no flow control, as kubectl has none either.
 * https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 */
import { createInflate, type Inflate } from "node:zlib";
import { closeQuietly, writeTo } from "./pod_connection.ts";
import type { Connection } from "./runtime.ts";
import { SPDY_DICTIONARY } from "./spdy_dictionary.ts";
import { drained } from "./upgrade.ts";

export const SPDY_PROTOCOL = "SPDY/3.1+portforward.k8s.io";

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const FIN = 1;

interface Stream {
  readonly kind: string;
  readonly port: number;
  readonly requestId: string;
  connection?: Promise<Connection>;
  writes: Promise<unknown>;
}

/** Serves port-forward on an upgraded socket. */
export function serveSpdyPortForward(
  socket: WebSocket,
  dial: (port: number) => Promise<Connection>,
): void {
  const streams = new Map<number, Stream>();
  const inflate = createInflate({ dictionary: SPDY_DICTIONARY });
  let received = new Uint8Array();
  let work: Promise<void> = Promise.resolve();
  let replied = false;

  const send = (frame: Uint8Array<ArrayBuffer>) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(frame);
  };

  socket.onmessage = ({ data }) => {
    const bytes = new Uint8Array(data as ArrayBuffer);
    work = work.then(async () => {
      received = concat(received, bytes);
      for (let frame = nextFrame(); frame; frame = nextFrame()) await handle(frame);
    }).catch(() => socket.close());
  };
  socket.onclose = () => {
    inflate.close();
    for (const { connection } of streams.values()) connection?.then(closeQuietly, () => {});
  };

  function nextFrame(): Uint8Array | undefined {
    if (received.length < 8) return undefined;
    const length = 8 + (readInt(received, 4) & 0xffffff);
    if (received.length < length) return undefined;
    const frame = received.slice(0, length);
    received = received.slice(length);
    return frame;
  }

  async function handle(frame: Uint8Array): Promise<void> {
    const isControl = frame[0]! >= 128;
    const id = readInt(frame, isControl ? 8 : 0) & 0x7fffffff;
    const body = frame.subarray(8);
    if (!isControl) return handleData(id, body, frame[4]! & FIN);
    const type = frame[2]! << 8 | frame[3]!;
    if (type === SYN_STREAM) await openStream(id, frame.subarray(18));
    else if (type === PING) send(frame.slice());
    else if (type === RST_STREAM) closeStream(id);
  }

  async function openStream(id: number, compressed: Uint8Array): Promise<void> {
    const headers = readHeaders(await inflateBlock(inflate, compressed));
    const stream: Stream = {
      kind: headers.get("streamtype") ?? "",
      port: Number(headers.get("port")),
      requestId: headers.get("requestid") ?? "",
      writes: Promise.resolve(),
    };
    streams.set(id, stream);
    send(synReply(id, replied));
    replied = true;
    if (stream.kind === "data") void pump(id, stream);
  }

  async function pump(id: number, stream: Stream): Promise<void> {
    try {
      stream.connection = dial(stream.port);
      const connection = await stream.connection;
      try {
        for await (const bytes of connection.readable) {
          send(dataFrame(id, bytes, 0));
          await drained(socket);
        }
      } catch {
        // A reset connection ends like a closed one: kubectl quits on any text in the error stream.
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const partner = errorStreamOf(stream);
      if (partner !== undefined) send(dataFrame(partner, new TextEncoder().encode(text), FIN));
    }
    send(dataFrame(id, new Uint8Array(), FIN));
    const partner = errorStreamOf(stream);
    if (partner !== undefined) send(dataFrame(partner, new Uint8Array(), FIN));
    streams.delete(id);
  }

  function errorStreamOf({ requestId }: Stream): number | undefined {
    for (const [id, it] of streams) {
      if (it.kind === "error" && it.requestId === requestId) return id;
    }
    return undefined;
  }

  function handleData(id: number, bytes: Uint8Array, fin: number): void {
    const stream = streams.get(id);
    if (!stream?.connection) return;
    const { connection } = stream;
    stream.writes = stream.writes.then(async () => {
      if (bytes.length > 0) await writeTo(await connection, bytes);
      if (fin) await (await connection).writable.close();
    }).catch(() => {});
  }

  function closeStream(id: number): void {
    streams.get(id)?.connection?.then(closeQuietly, () => {});
    streams.delete(id);
  }
}

function readInt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function dataFrame(id: number, bytes: Uint8Array, flags: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(8);
  const view = new DataView(head.buffer);
  view.setUint32(0, id);
  view.setUint32(4, bytes.length);
  head[4] = flags;
  return concat(head, bytes);
}

/** The first header block: a zlib head and an empty list of headers in a stored block. */
const FIRST_HEADERS = [0x78, 0x01];
const EMPTY_HEADERS = [0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function synReply(id: number, replied: boolean): Uint8Array<ArrayBuffer> {
  const headers = replied ? EMPTY_HEADERS : [...FIRST_HEADERS, ...EMPTY_HEADERS];
  const frame = new Uint8Array(12 + headers.length);
  const view = new DataView(frame.buffer);
  view.setUint16(0, 0x8003);
  view.setUint16(2, SYN_REPLY);
  view.setUint32(4, 4 + headers.length);
  view.setUint32(8, id);
  frame.set(headers, 12);
  return frame;
}

/** Inflates one header block; the compressor's state goes on from block to block. */
function inflateBlock(inflate: Inflate, bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    const collect = (part: Uint8Array) => void parts.push(part);
    inflate.on("data", collect);
    inflate.once("error", reject);
    inflate.write(bytes, () =>
      inflate.flush(() => {
        inflate.off("data", collect);
        inflate.off("error", reject);
        resolve(parts.reduce(concat, new Uint8Array()));
      }));
  });
}

function readHeaders(block: Uint8Array): Map<string, string> {
  const headers = new Map<string, string>();
  const decoder = new TextDecoder();
  let at = 4;
  const text = () => {
    const length = readInt(block, at);
    at += 4 + length;
    return decoder.decode(block.subarray(at - length, at));
  };
  for (let left = readInt(block, 0); left > 0; left--) headers.set(text().toLowerCase(), text());
  return headers;
}
