import assert from "node:assert/strict";
import FakeTimers from "@sinonjs/fake-timers";
import { createPins } from "./pins.ts";
import type { SelectionCache } from "./selection_cache.ts";

const HOUR_MS = 3600_000;

function pins() {
  const started: string[] = [];
  const stopped: string[] = [];
  const all = createPins(({ name }) => {
    started.push(name);
    return { stop: () => Promise.resolve(void stopped.push(name)) } as unknown as SelectionCache;
  });
  return { all, started, stopped };
}

function ref(name: string) {
  return { apiVersion: "v1", kind: "Secret", namespace: "ns", name };
}

async function withClock(test: (clock: FakeTimers.Clock) => void): Promise<void> {
  const clock = FakeTimers.install({ toFake: ["performance"] });
  try {
    await test(clock);
  } finally {
    clock.uninstall();
  }
}

Deno.test("an object is followed once", () => {
  const { all, started } = pins();
  all.pin(ref("a"));
  all.pin(ref("a"));
  assert.deepEqual(started, ["a"]);
  assert.notEqual(all.get(ref("a")), undefined);
  assert.equal(all.get({ ...ref("a"), namespace: "other" }), undefined);
});

Deno.test("no more than 64 objects are followed", () => {
  const { all, started } = pins();
  for (let index = 0; index < 70; index++) all.pin(ref(`s${index}`));
  assert.equal(started.length, 64);
  assert.equal(all.get(ref("s69")), undefined);
});

Deno.test("objects that no one reads make room, others stay", () =>
  withClock((clock) => {
    const { all, stopped } = pins();
    for (let index = 0; index < 64; index++) all.pin(ref(`s${index}`));
    clock.tick(3 * HOUR_MS);
    all.get(ref("s7"));
    all.pin(ref("new"));
    assert.notEqual(all.get(ref("new")), undefined);
    assert.notEqual(all.get(ref("s7")), undefined);
    assert.equal(stopped.length, 63);
  }));
