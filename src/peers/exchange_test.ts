import assert from "node:assert/strict";
import { causeText, exchange, type ExchangeOptions } from "./exchange.ts";

const LIMITS = { timeoutMs: 1000, maxBytes: 8, signal: new AbortController().signal };

function ask(send: ExchangeOptions["send"], changes: Partial<ExchangeOptions> = {}) {
  return exchange("http://peer/", { method: "GET" }, { ...LIMITS, send, ...changes });
}

/** Answers when it is aborted alone. */
function hang(_url: string, { signal }: RequestInit): Promise<Response> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}

Deno.test("an answer is read up to its limit, whatever its status", async () => {
  const send = () => Promise.resolve(new Response("far too long", { status: 503 }));
  assert.deepEqual(await ask(send), {
    kind: "answer",
    status: 503,
    text: "far too ",
    whole: false,
  });
});

Deno.test("a redirect is not followed", async () => {
  let mode: string | undefined;
  const found = await ask((_url, init) => {
    mode = init.redirect;
    return Promise.resolve(new Response(null, { status: 302 }));
  });
  assert.deepEqual([mode, found.kind === "answer" && found.status], ["manual", 302]);
});

Deno.test("a peer that says nothing in time is late", async () => {
  const why = "no answer within 0.005 s";
  assert.deepEqual(await ask(hang, { timeoutMs: 5 }), { kind: "late", why });
});

Deno.test("a body that stalls is late as well", async () => {
  const stalled: ExchangeOptions["send"] = (_url, { signal }) =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          start: (controller) =>
            signal?.addEventListener("abort", () => controller.error(signal.reason)),
        }),
      ),
    );
  assert.equal((await ask(stalled, { timeoutMs: 5 })).kind, "late");
});

Deno.test("a failed connection gives its innermost cause", async () => {
  const refused = new TypeError("error sending request", {
    cause: new Error("client error (Connect): tcp connect error: Connection refused"),
  });
  assert.deepEqual(await ask(() => Promise.reject(refused)), {
    kind: "failed",
    why: "tcp connect error: Connection refused",
  });
  assert.equal(causeText("text"), "text");
});

Deno.test("an abort throws its own reason, before and while it waits", async () => {
  const stopping = new AbortController();
  const call = ask(hang, { signal: stopping.signal });
  stopping.abort(new Error("shutdown"));
  await assert.rejects(call, /^Error: shutdown$/);
  await assert.rejects(ask(hang, { signal: stopping.signal }), /^Error: shutdown$/);
});
