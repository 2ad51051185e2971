import assert from "node:assert/strict";
import { known } from "../../ports/observation.ts";
import { inTime } from "./in_time.ts";

const LIMIT = { ms: 20, what: "Patroni", signal: new AbortController().signal };
const LATE = { known: false, reason: "Patroni did not answer within 0.02 s" };

Deno.test("what is read in time is told as it is, and a failure too", async () => {
  assert.deepEqual(await inTime(LIMIT, () => Promise.resolve(known(1))), known(1));
  await assert.rejects(inTime(LIMIT, () => Promise.reject(new Error("a bug"))), /^Error: a bug$/);
});

Deno.test("what is read too late is unknown, whether the reader notices or not", async () => {
  assert.deepEqual(await inTime(LIMIT, () => new Promise(() => {})), LATE);
  const noticing = (signal: AbortSignal) =>
    new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  assert.deepEqual(await inTime(LIMIT, noticing), LATE);
});

Deno.test("the end of the pass is no unknown", async () => {
  const pass = new AbortController();
  const reading = inTime(
    { ...LIMIT, ms: 10_000, signal: pass.signal },
    () => new Promise(() => {}),
  );
  pass.abort(new Error("shutdown"));
  await assert.rejects(reading, /^Error: shutdown$/);
});
