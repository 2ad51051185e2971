/** The queue merges, orders, delays and never runs a key twice at once. */

import assert from "node:assert/strict";
import FakeTimers from "@sinonjs/fake-timers";
import { GATHER_MS, KeyQueue, type QueueClock } from "./queue.ts";

function setUp() {
  const clock = FakeTimers.createClock();
  const queueClock: QueueClock = {
    now: () => clock.now,
    setTimer: (callback, ms) => clock.setTimeout(callback, ms) as unknown as number,
    clearTimer: (id) => clock.clearTimeout(id as never),
  };
  return { clock, queue: new KeyQueue(queueClock) };
}

Deno.test("a key stands in the queue once, with its most telling cause", async () => {
  const { queue } = setUp();
  queue.add("a", "object");
  queue.add("a", "update");
  queue.add("a", "sync");
  assert.deepEqual(queue.waiting().map(({ key, cause }) => [key, cause]), [["a", "update"]]);
  assert.equal((await queue.take())?.cause, "update");
  assert.equal(queue.waiting().length, 0);
});

Deno.test("a change goes before periodic work", async () => {
  const { queue } = setUp();
  for (const key of ["a", "b", "c"]) queue.add(key, "sync");
  queue.add("d", "update");
  queue.add("b", "object");
  const order = [];
  for (let turn = 0; turn < 4; turn++) order.push((await queue.take())?.key);
  assert.deepEqual(order, ["d", "b", "a", "c"]);
});

Deno.test("a key whose pass runs comes again once, after its pass", async () => {
  const { queue } = setUp();
  queue.add("a", "add");
  await queue.take();
  queue.add("a", "object");
  queue.add("a", "object");
  assert.equal(queue.waiting().length, 0);
  queue.done("a");
  assert.deepEqual(queue.waiting().map(({ key }) => key), ["a"]);
  await queue.take();
  queue.done("a");
  assert.equal(queue.waiting().length, 0);
});

Deno.test("what changes within a moment after a pass shares the next one", async () => {
  const { clock, queue } = setUp();
  const waiting = () => queue.waiting().map(({ key, cause }) => [key, cause]);
  queue.addChange("a");
  assert.deepEqual(waiting(), [["a", "object"]], "the first change is looked at at once");
  await queue.take();
  queue.addChange("a");
  queue.done("a");
  queue.addChange("a");
  clock.tick(GATHER_MS - 1);
  assert.deepEqual(waiting(), []);
  clock.tick(1);
  assert.deepEqual(waiting(), [["a", "object"]]);
  await queue.take();
  queue.done("a");
  clock.tick(GATHER_MS);
  queue.addChange("a");
  assert.deepEqual(waiting(), [["a", "object"]], "nothing happened for a while");
});

Deno.test("a person's change and the continuation of a pass wait for no other changes", async () => {
  const { queue } = setUp();
  for (const cause of ["update", "requeue"] as const) {
    queue.add("a", cause);
    await queue.take();
    queue.addChange("a");
    queue.add("a", cause);
    queue.done("a");
    assert.deepEqual(queue.waiting().map((item) => item.cause), [cause]);
    await queue.take();
    queue.done("a");
    queue.addChange("a");
    assert.equal(queue.waiting().length, 0);
    queue.add("a", cause);
    assert.deepEqual(queue.waiting().map((item) => item.cause), [cause]);
    await queue.take();
    queue.done("a");
  }
});

Deno.test("the earlier of two delays counts, and an event outruns a delay", async () => {
  const { clock, queue } = setUp();
  queue.addAfter("a", "requeue", 5000);
  queue.addAfter("a", "requeue", 1000);
  queue.addAfter("a", "requeue", 3000);
  clock.tick(999);
  assert.equal(queue.waiting().length, 0);
  clock.tick(1);
  assert.equal(queue.waiting().length, 1);
  await queue.take();
  queue.done("a");
  queue.addAfter("a", "retry", 1000);
  queue.add("a", "update");
  await queue.take();
  queue.done("a");
  clock.tick(10_000);
  assert.equal(queue.waiting().length, 0, "the delayed request was merged into the event");
});

Deno.test("a waiting worker gets a key at once; closing ends all workers", async () => {
  const { queue } = setUp();
  const first = queue.take();
  const second = queue.take();
  queue.add("a", "add");
  assert.equal((await first)?.key, "a");
  queue.close();
  assert.equal(await second, undefined);
  assert.equal(await queue.take(), undefined);
});
