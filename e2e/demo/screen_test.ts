import assert from "node:assert/strict";
import { FakeTime } from "./fake_time.fixture.ts";
import { createScreen } from "./screen.ts";

Deno.test("waitFor shows what is missing when it changes, with the time since the start", async () => {
  const time = new FakeTime();
  try {
    const lines: string[] = [];
    const screen = createScreen((line) => lines.push(line), () => Date.now());
    const answers = ["a pod", "a pod", "a primary", undefined];
    const waiting = screen.waitFor(
      () => {
        const missing = answers.shift();
        return Promise.resolve(missing === undefined ? "done" : { missing });
      },
      { limitMs: 60_000, signal: new AbortController().signal },
    );
    await time.run(2000);
    await waiting;
    assert.deepEqual(lines, ["   0.0s  waiting for a pod", "   0.4s  waiting for a primary"]);
  } finally {
    time.restore();
  }
});

Deno.test("waitFor gives up after its limit, naming what is missing", async () => {
  const time = new FakeTime();
  try {
    const screen = createScreen(() => {}, () => Date.now());
    const waiting = screen.waitFor(() => Promise.resolve({ missing: "a pod" }), {
      limitMs: 1000,
      signal: new AbortController().signal,
    });
    const rejected = assert.rejects(waiting, /after 1 s still waiting for a pod/);
    await time.run(5000);
    await rejected;
  } finally {
    time.restore();
  }
});

Deno.test("waitFor ends at once when it is called off", async () => {
  const abort = new AbortController();
  const screen = createScreen(() => {}, () => Date.now());
  const waiting = screen.waitFor(() => Promise.resolve({ missing: "a pod" }), {
    limitMs: 60_000,
    signal: abort.signal,
  });
  const rejected = assert.rejects(waiting, /Ctrl-C/);
  abort.abort(new Error("Ctrl-C"));
  await rejected;
});
