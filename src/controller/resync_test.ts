/** Every cluster is looked at once a period; failed ones by a timer of their own. */

import assert from "node:assert/strict";
import FakeTimers from "@sinonjs/fake-timers";
import fc from "fast-check";
import { KeyQueue } from "./queue.ts";
import { sliceOf, startResync } from "./resync.ts";

function setUp(keys: readonly string[], failed: readonly string[]) {
  const clock = FakeTimers.createClock();
  const setTimer = (callback: () => void, ms: number) =>
    clock.setTimeout(callback, ms) as unknown as number;
  const clearTimer = (id: number) => clock.clearTimeout(id as never);
  const queue = new KeyQueue({ now: () => clock.now, setTimer, clearTimer });
  const stop = startResync(queue, {
    resyncPeriodMs: 10_000,
    repairPeriodMs: 3000,
    keys: () => keys,
    failedKeys: () => failed,
    setTimer,
    clearTimer,
  });
  return { clock, queue, stop };
}

Deno.test("the parts of a period hold every key exactly once", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 50 }), (keys, n) => {
    const parts = Array.from({ length: n }, (_, index) => sliceOf(keys, index, n));
    assert.deepEqual(parts.flat(), keys);
  }));
});

Deno.test("all clusters are looked at within a period, spread over it", async () => {
  const keys = ["a", "b", "c", "d", "e"];
  const { clock, queue, stop } = setUp(keys, []);
  await clock.tickAsync(5000);
  const early = queue.waiting().length;
  assert.ok(early > 0 && early < keys.length, `${early} of ${keys.length} after half a period`);
  await clock.tickAsync(6000);
  assert.deepEqual(queue.waiting().map(({ key, cause }) => `${cause} ${key}`).sort(), [
    "sync a",
    "sync b",
    "sync c",
    "sync d",
    "sync e",
  ]);
  stop();
});

Deno.test("failed clusters are looked at every repair period", async () => {
  const { clock, queue, stop } = setUp([], ["broken"]);
  await clock.tickAsync(3000);
  assert.deepEqual(queue.waiting().map(({ key, cause }) => [key, cause]), [["broken", "repair"]]);
  stop();
  assert.equal((await queue.take())?.key, "broken");
  await clock.tickAsync(30_000);
  assert.equal(queue.waiting().length, 0);
});
