/** The other side of SPDY, for tests: what an API server sends to a kubelet. */
import { constants, createDeflate } from "node:zlib";
import { SPDY_DICTIONARY } from "./spdy_dictionary.ts";

/** A data frame that was received. */
export interface DataFrame {
  readonly id: number;
  readonly text: string;
  readonly isLast: boolean;
}

/** Makes the frames of one connection; the compressor's state goes on from stream to stream. */
export function spdyClient() {
  const deflate = createDeflate({ dictionary: SPDY_DICTIONARY });
  return {
    async open(id: number, headers: Readonly<Record<string, string>>): Promise<Uint8Array> {
      const block = await compressed(deflate, headerBlock(headers));
      const body = new Uint8Array(10 + block.length);
      new DataView(body.buffer).setUint32(0, id);
      body.set(block, 10);
      return frame(0x80030001, 0, body);
    },
    data: (id: number, text: string, isLast = false) =>
      frame(id, isLast ? 1 : 0, new TextEncoder().encode(text)),
    ping: () => frame(0x80030006, 0, new Uint8Array([0, 0, 0, 7])),
    close: () => deflate.close(),
  };
}

/** The data frames in what was received; control frames are left out. */
export function dataFrames(bytes: Uint8Array): DataFrame[] {
  const frames: DataFrame[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at + 4) & 0xffffff;
    const text = new TextDecoder().decode(bytes.subarray(at + 8, at + 8 + length));
    const id = view.getUint32(at);
    if (id < 0x80000000) frames.push({ id, text, isLast: bytes[at + 4] === 1 });
    at += 8 + length;
  }
  return frames;
}

function frame(head: number, flags: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, head);
  view.setUint32(4, body.length);
  bytes[4] = flags;
  bytes.set(body, 8);
  return bytes;
}

function headerBlock(headers: Readonly<Record<string, string>>): Uint8Array {
  const texts = Object.entries(headers).flat().map((text) => new TextEncoder().encode(text));
  const block = new Uint8Array(4 + texts.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(block.buffer);
  view.setUint32(0, texts.length / 2);
  let at = 4;
  for (const text of texts) {
    view.setUint32(at, text.length);
    block.set(text, at + 4);
    at += 4 + text.length;
  }
  return block;
}

function compressed(
  deflate: ReturnType<typeof createDeflate>,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const parts: number[] = [];
    const collect = (part: Uint8Array) => void parts.push(...part);
    deflate.on("data", collect);
    deflate.write(bytes);
    deflate.flush(constants.Z_SYNC_FLUSH, () => {
      deflate.off("data", collect);
      resolve(new Uint8Array(parts));
    });
  });
}
