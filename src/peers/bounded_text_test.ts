import assert from "node:assert/strict";
import { readText } from "./bounded_text.ts";

/** A body in pieces, and whether its reader gave up on it. */
function bodyOf(pieces: readonly Uint8Array[]) {
  const state = { pulled: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces[state.pulled++];
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
    cancel: () => void (state.cancelled = true),
  }, { highWaterMark: 0 });
  return { state, answer: new Response(body) };
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("an answer within the limit is read whole, also where a character is cut in two", async () => {
  const text = bytes("aß");
  const { answer, state } = bodyOf([text.subarray(0, 2), text.subarray(2)]);
  assert.deepEqual(await readText(answer, 3), { text: "aß", whole: true });
  assert.equal(state.cancelled, false);
});

Deno.test("an answer over the limit is left after the limit, and nothing more of it is asked for", async () => {
  const endless = Array.from({ length: 1000 }, () => bytes("abcd"));
  const { answer, state } = bodyOf(endless);
  assert.deepEqual(await readText(answer, 6), { text: "abcdab", whole: false });
  assert.deepEqual(state, { pulled: 2, cancelled: true });
});

Deno.test("an answer without a body is an empty text", async () => {
  assert.deepEqual(await readText(new Response(null, { status: 204 }), 1), {
    text: "",
    whole: true,
  });
});
