/** What a run leaves behind, and when it brings the next one. */

import assert from "node:assert/strict";
import type { Postgresql } from "../api/types.gen.ts";
import type { PassTools } from "../cluster/pass/reconcile.ts";
import { silentLogger } from "../testing/silent_logger.ts";
import { known, type Observation, unknown } from "../ports/observation.ts";
import type { KubeReader } from "../ports/ports.ts";
import { PortError } from "../ports/errors.ts";
import type { PatchRequest } from "../ports/requests.ts";
import { cluster } from "../testing/cluster_fixture.ts";
import { config } from "../testing/config_fixture.ts";
import { KeyQueue } from "./queue.ts";
import { Registry } from "./registry.ts";
import { runPass } from "./runner.ts";

const NOW_MS = Date.parse("2026-01-05T12:00:00Z");

interface Stage {
  /** What the cache has of the manifest; a fault where it is thrown. */
  readonly read: () => Observation<Postgresql | undefined>;
  readonly patch?: (request: PatchRequest) => Promise<void>;
  /** Passes that failed before. */
  readonly failures?: number;
  readonly settings?: Parameters<typeof config>[0];
}

async function play({ read, patch, failures = 0, settings }: Stage, prepare = () => {}) {
  const timers: number[] = [];
  const done: string[] = [];
  const clock = {
    now: () => NOW_MS,
    setTimer: (_: () => void, ms: number) => timers.push(ms),
    clearTimer: () => {},
  };
  const registry = new Registry();
  const queue = new KeyQueue(clock);
  const seen = cluster();
  const key = `${seen.metadata.namespace}/${seen.metadata.name}`;
  const entry = registry.entry(key);
  entry.memory.failures = failures;
  const kube = { read: () => Promise.resolve(read()) } as unknown as KubeReader;
  const writer = {
    patch: (request: PatchRequest) => {
      done.push(`patch ${request.subresource ?? "main"} of ${request.target.kind}`);
      return patch?.(request) ?? Promise.resolve({});
    },
  };
  const events = { emit: (_: unknown, { reason }: { reason: string }) => done.push(reason) };
  const tools = {
    config: config(settings),
    kube,
    writers: { kube: writer, events },
    clock: { now: () => new Date(NOW_MS) },
  } as unknown as PassTools;
  const stage = { registry, queue, entry };
  prepare.call(stage);
  await runPass(
    {
      ...stage,
      tools,
      config: tools.config,
      live: kube,
      controllerId: "",
      logger: silentLogger(),
      metrics: {
        keyTaken: () => {},
        passEnded: ({ result }: { result: string }) => void done.push(result),
      },
      nowMs: clock.now,
      // The end of the pass itself is no wake-up.
      clock: { ...clock, setTimer: () => 0 },
      abort: new AbortController().signal,
      invalidate: () => done.push("invalidate"),
      forget: (gone: string) => done.push(`forget ${gone === key}`),
      waves: { passed: () => {} },
    },
    {
      item: { key, cause: "update", sinceMs: NOW_MS, urgent: true },
      slot: 0,
      leave: () => {},
    },
  );
  const next = queue.waiting().map(({ cause }) => cause);
  return { done, timers, next, entry };
}

Deno.test("a cluster of which nothing is left is forgotten", async () => {
  const { done, timers } = await play({ read: () => known(undefined) });
  assert.deepEqual(done, ["forget true", "success"]);
  assert.deepEqual(timers, []);
});

Deno.test("a manifest of another operator is forgotten without a write", async () => {
  const annotations = { "acid.zalan.do/controller": "other" };
  const { done } = await play({ read: () => known(cluster({ metadata: { annotations } })) });
  assert.deepEqual(done, ["forget true", "success"]);
});

Deno.test("a manifest that cannot be read is tried again, each time after twice the wait", async () => {
  for (const [failures, wait] of [[0, 1000], [1, 2000], [3, 8000], [40, 300_000]] as const) {
    const { done, timers, entry } = await play({ read: () => unknown("403"), failures });
    assert.deepEqual(timers, [wait]);
    assert.deepEqual(done, ["error"]);
    assert.equal(entry.memory.failures, failures + 1);
    assert.equal(entry.running, undefined);
  }
});

Deno.test("a fault of the operator ends the pass, not the run", async () => {
  const fault = () => {
    throw new TypeError("x is undefined");
  };
  const { done, timers } = await play({ read: fault });
  assert.deepEqual(done, ["error"]);
  assert.deepEqual(timers, [1000]);
});

Deno.test("a manifest that is not taken on is told once, and brings no further pass", async () => {
  const settings = { enableTeamIdClusternamePrefix: true };
  const other = cluster({ spec: { teamId: "other" } });
  const sent: PatchRequest[] = [];
  const patch = (request: PatchRequest) => Promise.resolve(void sent.push(request));
  const { done, timers, next } = await play({ read: () => known(other), settings, patch });
  assert.deepEqual(done, ["Create", "patch status of postgresql", "success"]);
  assert.deepEqual([timers, next], [[], []]);
  const { status } = sent[0]?.body as { status: Postgresql["status"] };
  const told = { ...other, ...(status === undefined ? {} : { status }) };
  const again = await play({ read: () => known(told), settings });
  assert.deepEqual(again.done, ["success"]);
});

Deno.test("a manifest that asks for what cannot be waits for its change", async () => {
  const wrong = cluster({ spec: { numberOfInstances: -1 } });
  const { done, timers, next, entry } = await play({ read: () => known(wrong) });
  assert.deepEqual(done, ["patch status of postgresql", "Create", "error"]);
  assert.deepEqual([timers, next], [[], []]);
  assert.match(entry.last?.failure ?? "", /numberOfInstances.*must not be negative/);
});

Deno.test("a status that cannot be written is tried again", async () => {
  const wrong = cluster({ spec: { numberOfInstances: -1 } });
  const patch = () => Promise.reject(new PortError("no", "unavailable"));
  const { timers } = await play({ read: () => known(wrong), patch });
  assert.deepEqual(timers, [1000]);
});

Deno.test("after the stop of a cluster no further pass is asked for", async () => {
  function stop(this: unknown): void {
    (this as { entry: { stop: AbortController } }).entry.stop.abort();
  }
  const { timers, next } = await play({ read: () => unknown("403") }, stop);
  assert.deepEqual([timers, next], [[], []]);
});
