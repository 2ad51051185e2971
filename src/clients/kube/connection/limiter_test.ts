import assert from "node:assert/strict";
import FakeTimers from "@sinonjs/fake-timers";
import { createLimiter, sleep } from "./limiter.ts";

const signal = new AbortController().signal;

Deno.test("no more requests than places run at once, in the order of arrival", async () => {
  const limiter = createLimiter({ concurrency: 2 });
  const order: number[] = [];
  const releases: (() => void)[] = [];
  const all = [0, 1, 2, 3].map(async (index) => {
    const release = await limiter.acquire(signal);
    order.push(index);
    releases.push(release);
  });
  await Promise.all(all.slice(0, 2));
  assert.deepEqual(order, [0, 1]);
  releases[0]?.();
  await all[2];
  assert.deepEqual(order, [0, 1, 2]);
  releases[1]?.();
  await Promise.all(all);
  assert.deepEqual(order, [0, 1, 2, 3]);
});

Deno.test("releasing twice frees one place only", async () => {
  const limiter = createLimiter({ concurrency: 1 });
  const release = await limiter.acquire(signal);
  release();
  release();
  await limiter.acquire(signal);
  let got = false;
  void limiter.acquire(signal).then(() => {
    got = true;
  });
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(got, false);
});

Deno.test("an aborted waiter leaves the queue and loses nobody's place", async () => {
  const limiter = createLimiter({ concurrency: 1 });
  const release = await limiter.acquire(signal);
  const stopping = new AbortController();
  const aborted = limiter.acquire(stopping.signal);
  const next = limiter.acquire(signal);
  stopping.abort(new Error("stop"));
  await assert.rejects(aborted, /stop/);
  release();
  (await next)();
});

Deno.test("qps and burst let a burst through and then so many a second", async () => {
  const clock = FakeTimers.install({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    const limiter = createLimiter({ concurrency: 100, qps: 10, burst: 3 });
    const atMs: number[] = [];
    const all = Array.from({ length: 6 }, async () => {
      await limiter.acquire(signal);
      atMs.push(performance.now());
    });
    await clock.tickAsync(1000);
    await Promise.all(all);
    assert.deepEqual(atMs, [0, 0, 0, 100, 200, 300]);
    await clock.tickAsync(10_000);
    const later = Array.from({ length: 4 }, async () => {
      await limiter.acquire(signal);
      atMs.push(performance.now());
    });
    await clock.tickAsync(1000);
    await Promise.all(later);
    assert.deepEqual(atMs.slice(6), [11_000, 11_000, 11_000, 11_100]);
  } finally {
    clock.uninstall();
  }
});

Deno.test("sleep ends early with the reason of the abort", async () => {
  const stopping = new AbortController();
  const sleeping = sleep(60_000, stopping.signal);
  stopping.abort(new Error("stop"));
  await assert.rejects(sleeping, /stop/);
});
