/** A pass that waits for its own peers costs nobody else's time. */

import assert from "node:assert/strict";
import { KeyQueue } from "./queue.ts";
import type { QueueItem } from "./queue_item.ts";
import { type RunPass, startWorkers } from "./workers.ts";

const clock = { now: () => 0, setTimer: () => 0, clearTimer: () => {} };
const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Workers whose passes of `slow…` wait until they are let go. */
function setUp(count: number, leaves: boolean) {
  const queue = new KeyQueue(clock);
  const done: string[] = [];
  const letGo: (() => void)[] = [];
  const run: RunPass = async ({ key }: QueueItem, _slot, leave) => {
    if (key.includes("/slow")) {
      await turn();
      if (leaves) leave();
      await new Promise<void>((resolve) => letGo.push(resolve));
    }
    done.push(key);
  };
  const workers = startWorkers(count, queue, run, () => new Date(0));
  return { queue, done, letGo, workers };
}

for (const [leaves, want] of [[true, ["b/quick"]], [false, []]] as const) {
  Deno.test(`a slow pass that ${leaves ? "leaves its slot lets" : "keeps its slot keeps"} others ${leaves ? "go on" : "waiting"}`, async () => {
    const { queue, done, letGo, workers } = setUp(2, leaves);
    for (let index = 0; index < 10; index++) queue.add(`a/slow-${index}`, "update");
    for (let index = 0; index < 30; index++) await turn();
    queue.add("b/quick", "update");
    for (let index = 0; index < 10; index++) await turn();
    assert.deepEqual(done, want);
    queue.close();
    for (let index = 0; index < 30; index++) {
      for (const go of letGo.splice(0)) go();
      await turn();
    }
    await workers.stopped;
    assert.equal(workers.aside(), 0);
  });
}

Deno.test("a key whose pass goes on beside its slot is not begun a second time", async () => {
  const { queue, done, letGo, workers } = setUp(2, true);
  queue.add("a/slow", "update");
  for (let index = 0; index < 5; index++) await turn();
  queue.add("a/slow", "object");
  for (let index = 0; index < 5; index++) await turn();
  assert.equal(letGo.length, 1);
  assert.equal(workers.aside(), 1);
  letGo.pop()?.();
  for (let index = 0; index < 5; index++) await turn();
  assert.deepEqual(done, ["a/slow"]);
  assert.equal(letGo.length, 1, "what was asked for meanwhile comes after it");
  queue.close();
  letGo.pop()?.();
  await workers.stopped;
});

Deno.test("of one namespace only so many passes are under way, and others go on", async () => {
  const { queue, done, letGo, workers } = setUp(4, true);
  for (let index = 0; index < 200; index++) queue.add(`a/slow-${index}`, "update");
  for (let index = 0; index < 300; index++) await turn();
  assert.equal(workers.aside(), 64);
  assert.equal(workers.busy().length, 0);
  queue.add("b/quick", "update");
  for (let index = 0; index < 5; index++) await turn();
  assert.ok(done.includes("b/quick"));
  queue.close();
  for (let index = 0; index < 10; index++) {
    for (const go of letGo.splice(0)) go();
    await turn();
  }
  await workers.stopped;
});

Deno.test("however many namespaces fill the room with slow passes, each gets its share", async () => {
  const { queue, done, letGo, workers } = setUp(4, true);
  for (let index = 0; index < 800; index++) queue.add(`bad-${index % 8}/slow-${index}`, "update");
  for (let index = 0; index < 400; index++) await turn();
  assert.equal(workers.aside(), 256);
  assert.deepEqual(workers.busy(), [], "nobody waits in a slot");
  const others = ["b/quick", "c/slow", "c/quick-2", "d/quick", "d/quick-2"];
  for (const key of others) queue.add(key, "update");
  for (let index = 0; index < 30; index++) await turn();
  assert.deepEqual(done.sort(), ["b/quick", "c/quick-2", "d/quick", "d/quick-2"]);
  assert.equal(workers.aside(), 257, "those that have too much get nothing more");
  queue.close();
  for (let index = 0; index < 10; index++) {
    for (const go of letGo.splice(0)) go();
    await turn();
  }
  await workers.stopped;
});

Deno.test("namespaces take turns, however many keys one of them has", async () => {
  const queue = new KeyQueue(clock);
  for (let index = 0; index < 100; index++) queue.add(`a/${index}`, "update");
  queue.add("b/1", "update");
  queue.add("c/1", "update");
  const order: string[] = [];
  for (let index = 0; index < 4; index++) order.push((await queue.take())?.key ?? "");
  assert.deepEqual(order, ["a/0", "b/1", "c/1", "a/1"]);
});
