/** A pass ends when its time is over, and a long step does not count. */

import assert from "node:assert/strict";
import FakeTimers from "@sinonjs/fake-timers";
import { startPassTime } from "./pass_time.ts";

function setUp(limitMs: number) {
  const fake = FakeTimers.createClock();
  const stopping = new AbortController();
  const aborting = new AbortController();
  const clock = {
    now: () => fake.now,
    setTimer: (callback: () => void, ms: number) =>
      fake.setTimeout(callback, ms) as unknown as number,
    clearTimer: (id: number) => fake.clearTimeout(id as never),
  };
  const time = startPassTime({
    clock,
    limitMs,
    stopping: stopping.signal,
    aborting: aborting.signal,
  });
  return { fake, time, aborting, stopping };
}

Deno.test("a pass that takes too long stops, gives up its step, and can still tell its status", () => {
  const { fake, time } = setUp(1000);
  const { stop, abort, process } = time.cancellation;
  fake.tick(999);
  assert.deepEqual([stop.aborted, abort.aborted], [false, false]);
  fake.tick(1);
  assert.deepEqual([stop.aborted, abort.aborted, process?.aborted], [true, true, false]);
  assert.match(String(stop.reason), /took longer than 1 s/);
});

Deno.test("a pass that ends in time leaves no timer", () => {
  const { fake, time } = setUp(1000);
  time.end();
  assert.equal(fake.countTimers(), 0);
});

Deno.test("an upgrade of hours does not count, what follows it does", async () => {
  const { fake, time } = setUp(1000);
  fake.tick(600);
  const { untimed, stop } = time.cancellation;
  await untimed?.(() => Promise.resolve(void fake.tick(3_600_000)));
  assert.equal(stop.aborted, false);
  fake.tick(400);
  assert.equal(stop.aborted, true);
});

Deno.test("the end of the process ends the pass", () => {
  const { time, aborting, stopping } = setUp(1000);
  stopping.abort(new Error("shutdown"));
  assert.deepEqual([time.cancellation.stop.aborted, time.cancellation.abort.aborted], [
    true,
    false,
  ]);
  aborting.abort(new Error("shutdown"));
  assert.equal(time.cancellation.abort.aborted, true);
  time.end();
});
