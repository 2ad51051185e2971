/**
 * Frames of SPDY/3.1 (dev cluster, kubelet layer): streams with headers, data, ping and reset. No
 * flow control, as Kubernetes has none either.
 * https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 */
import { createInflate, type Inflate } from "node:zlib";
import { SPDY_DICTIONARY } from "./spdy_dictionary.ts";

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const FIN = 1;

/** What a peer does. Each is called after the one before has ended. */
export interface SpdyHandlers {
  /** A stream begins; names of headers are in lower case. */
  opened(id: number, headers: ReadonlyMap<string, string>): void | Promise<void>;
  data(id: number, bytes: Uint8Array, isLast: boolean): void | Promise<void>;
  reset(id: number): void;
  /** Bytes came that are no frames, or a handler failed. */
  broken(): void;
}

/** One connection that frames come and go on. */
export interface SpdySession {
  /** Takes bytes as they come from the network. */
  receive(bytes: Uint8Array): void;
  /** Sends data of a stream; `isLast` ends it. */
  send(id: number, bytes: Uint8Array, isLast?: boolean): void;
  close(): void;
}

/** Speaks SPDY as the side that answers; `write` passes bytes to the network. */
export function createSpdySession(
  write: (bytes: Uint8Array<ArrayBuffer>) => void,
  handlers: SpdyHandlers,
): SpdySession {
  const inflate = createInflate({ dictionary: SPDY_DICTIONARY });
  let received = new Uint8Array();
  let work: Promise<void> = Promise.resolve();
  let replied = false;

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
    if (!isControl) return await handlers.data(id, frame.subarray(8), (frame[4]! & FIN) !== 0);
    const type = frame[2]! << 8 | frame[3]!;
    if (type === SYN_STREAM) await open(id, frame.subarray(18));
    else if (type === PING) write(frame.slice());
    else if (type === RST_STREAM) handlers.reset(id);
  }

  async function open(id: number, compressed: Uint8Array): Promise<void> {
    const headers = readHeaders(await inflateBlock(inflate, compressed));
    write(synReply(id, replied));
    replied = true;
    await handlers.opened(id, headers);
  }

  return {
    receive(bytes) {
      work = work.then(async () => {
        received = concat(received, bytes);
        for (let frame = nextFrame(); frame; frame = nextFrame()) await handle(frame);
      }).catch(() => handlers.broken());
    },
    send: (id, bytes, isLast = false) => write(dataFrame(id, bytes, isLast ? FIN : 0)),
    close: () => inflate.close(),
  };
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
