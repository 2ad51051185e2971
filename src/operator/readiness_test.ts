import assert from "node:assert/strict";
import { createDebugApp } from "../debug/app.ts";
import type { OperatorView } from "../debug/view.ts";
import { createReadiness } from "./readiness.ts";

const { signal } = new AbortController();

/** An operator whose caches and leadership the test ends by hand. */
function stage() {
  const done: string[] = [];
  const step = (name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    return { run: () => (done.push(name), promise), end: resolve, fail: reject };
  };
  const [start, lead, register] = [step("fill"), step("lead"), step("register")];
  const state = { lostMs: 0 };
  const readiness = createReadiness({ start: start.run, clustersLostMs: () => state.lostMs });
  return { readiness, done, start, lead, register, state };
}

async function promises(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

Deno.test("an operator is ready once its caches are filled, and not while clusters are lost to it", async () => {
  const { readiness, start, register, state } = stage();
  const filling = readiness.fill({ lead: undefined, register: register.run, signal });
  register.end();
  await promises();
  assert.equal(readiness.ready(), false);
  start.end();
  await filling;
  assert.equal(readiness.ready(), true);
  state.lostMs = 59_999;
  assert.equal(readiness.ready(), true);
  state.lostMs = 60_000;
  assert.equal(readiness.ready(), false);
});

Deno.test("the page /readyz says 503 before the caches are filled, and 200 after", async () => {
  const { readiness, start, register } = stage();
  const view = { ready: readiness.ready } as Partial<OperatorView> as OperatorView;
  const app = createDebugApp(() => view, {
    metrics: {} as Parameters<typeof createDebugApp>[1]["metrics"],
    profiles: {} as Parameters<typeof createDebugApp>[1]["profiles"],
  });
  register.end();
  const filling = readiness.fill({ lead: undefined, register: register.run, signal });
  await promises();
  assert.equal((await app.request("/readyz")).status, 503);
  start.end();
  await filling;
  assert.equal((await app.request("/readyz")).status, 200);
});

Deno.test("an operator that is the only one registers the definitions before it fills its caches", async () => {
  const { readiness, done, register } = stage();
  void readiness.fill({ lead: undefined, register: register.run, signal });
  await promises();
  assert.deepEqual(done, ["register"]);
  register.end();
  await promises();
  assert.deepEqual(done, ["register", "fill"]);
});

Deno.test("who stands by fills its caches, and registers only when it leads", async () => {
  const { readiness, done, lead, start, register } = stage();
  let ended = false;
  const filling = readiness.fill({ lead: lead.run, register: register.run, signal })
    .then(() => void (ended = true));
  start.end();
  await promises();
  assert.deepEqual([done, readiness.ready(), ended], [["fill", "lead"], true, false]);
  lead.end();
  register.end();
  await filling;
  assert.deepEqual(done, ["fill", "lead", "register"]);
});

Deno.test("caches that cannot be filled end the start, and so does a lease that cannot be had", async () => {
  const first = stage();
  first.register.end();
  const failing = first.readiness.fill({ lead: undefined, register: first.register.run, signal });
  first.start.fail(new Error("no right to watch"));
  await assert.rejects(failing, /no right to watch/);
  assert.equal(first.readiness.ready(), false);
  const second = stage();
  const waiting = second.readiness.fill({
    lead: second.lead.run,
    register: second.register.run,
    signal,
  });
  second.start.fail(new Error("told later"));
  second.lead.fail(new Error("stopped"));
  await assert.rejects(waiting, /stopped/);
});
