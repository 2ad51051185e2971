/**
 * The frames of a WebSocket: parsing the server's, making the client's. Layer: client of the API
 * server.
 *
 * https://www.rfc-editor.org/rfc/rfc6455#section-5
 */

export const OPCODE = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** One frame as it came. */
export interface Frame {
  readonly final: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** Collects bytes into frames. */
export interface FrameParser {
  /** Takes the next bytes; gives the frames that are whole now. @throws Error for an oversized frame */
  take(chunk: Uint8Array): Frame[];
}

/** Servers send the output of commands in pieces of 32 KiB. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Makes a parser of one connection's bytes. */
export function createFrameParser(): FrameParser {
  let pending: Uint8Array = new Uint8Array();
  return {
    take(chunk) {
      const joined = new Uint8Array(pending.length + chunk.length);
      joined.set(pending);
      joined.set(chunk, pending.length);
      const frames: Frame[] = [];
      let offset = 0;
      for (;;) {
        const parsed = parseFrame(joined, offset);
        if (parsed === undefined) break;
        frames.push(parsed.frame);
        offset = parsed.end;
      }
      pending = joined.slice(offset);
      return frames;
    },
  };
}

function parseFrame(bytes: Uint8Array, start: number): { frame: Frame; end: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  if (view.byteLength < 2) return undefined;
  const first = view.getUint8(0);
  const second = view.getUint8(1);
  const short = second & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const isMasked = (second & 0x80) !== 0;
  const headBytes = 2 + lengthBytes + (isMasked ? 4 : 0);
  if (view.byteLength < headBytes) return undefined;
  const length = lengthBytes === 0
    ? short
    : lengthBytes === 2
    ? view.getUint16(2)
    : Number(view.getBigUint64(2));
  if (length > MAX_MESSAGE_BYTES) {
    throw new Error(`a WebSocket frame of ${length} bytes is too large`);
  }
  if (view.byteLength < headBytes + length) return undefined;
  const from = start + headBytes;
  const payload = bytes.slice(from, from + length);
  if (isMasked) mask(payload, bytes.slice(from - 4, from));
  return {
    frame: { final: (first & 0x80) !== 0, opcode: first & 0x0f, payload },
    end: from + length,
  };
}

/** A whole message in one frame, masked as the protocol wants it of clients. */
export function maskedFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 0x10000 ? 2 : 8;
  const frame = new Uint8Array(2 + lengthBytes + 4 + length);
  const view = new DataView(frame.buffer);
  view.setUint8(0, 0x80 | opcode);
  view.setUint8(1, 0x80 | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127));
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  const key = crypto.getRandomValues(new Uint8Array(4));
  frame.set(key, 2 + lengthBytes);
  frame.set(payload, 6 + lengthBytes);
  mask(frame.subarray(6 + lengthBytes), key);
  return frame;
}

/** Status 1000: normal closure. */
export function closeFrame(): Uint8Array {
  return maskedFrame(OPCODE.close, new Uint8Array([0x03, 0xe8]));
}

function mask(payload: Uint8Array, key: Uint8Array): void {
  for (let index = 0; index < payload.length; index++) {
    payload[index] = (payload[index] ?? 0) ^ (key[index % 4] ?? 0);
  }
}
