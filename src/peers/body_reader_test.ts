import assert from "node:assert/strict";
import { openBody } from "./body_reader.ts";

const TEXT = "abcdefghij".repeat(10_000);

/** A stream as the network's: it fills the buffers of who reads. */
function byteStream(text: string): { stream: ReadableStream<Uint8Array>; buffers: number[] } {
  const bytes = new TextEncoder().encode(text);
  const buffers: number[] = [];
  let at = 0;
  const stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const request = controller.byobRequest;
      const view = request?.view as Uint8Array;
      buffers.push(view.buffer.byteLength);
      const piece = bytes.subarray(at, at + Math.min(1_000, view.byteLength));
      view.set(piece);
      at += piece.length;
      if (piece.length === 0) controller.close();
      request?.respond(piece.length);
    },
  });
  return { stream, buffers };
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = openBody(stream);
  const decoder = new TextDecoder();
  let text = "";
  for (let bytes = await reader.read(); bytes !== undefined; bytes = await reader.read()) {
    text += decoder.decode(bytes, { stream: true });
  }
  return text;
}

Deno.test("a body is read whole through one small buffer, however many pieces it comes in", async () => {
  const { stream, buffers } = byteStream(TEXT);
  assert.equal(await readAll(stream), TEXT);
  assert.equal(buffers.length, 101);
  assert.deepEqual(new Set(buffers), new Set([16 * 1024]));
});

Deno.test("a stream that brings its own pieces is read as it is", async () => {
  const pieces = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const word of ["one ", "two ", "three"]) {
        controller.enqueue(new TextEncoder().encode(word));
      }
      controller.close();
    },
  });
  assert.equal(await readAll(pieces), "one two three");
  assert.equal(await readAll(new Response(TEXT).body!), TEXT);
});

Deno.test("a read that waits ends when the reader wants no more", async () => {
  for (const type of ["bytes", undefined] as const) {
    const silent = new ReadableStream({ ...(type && { type }) } as UnderlyingByteSource);
    const reader = openBody(silent);
    const waiting = reader.read();
    reader.cancel();
    assert.equal(await waiting, undefined);
  }
});

Deno.test("a body that breaks off fails the read", async () => {
  const broken = new ReadableStream({
    type: "bytes",
    pull: (controller) => controller.error(new Error("broke off")),
  });
  await assert.rejects(openBody(broken).read(), /broke off/);
});
