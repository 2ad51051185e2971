/** What the debug API shows of a controller that works. */

import assert from "node:assert/strict";
import * as v from "valibot";
import type { ConfigView } from "../debug/shapes.ts";
import { QueueShape, WorkerShape } from "../debug/shapes.ts";
import { createLogRing } from "../log/ring.ts";
import { cluster } from "../testing/cluster_fixture.ts";
import type { Controller } from "./controller.ts";
import { KeyQueue } from "./queue.ts";
import { Registry } from "./registry.ts";
import { createView } from "./view.ts";
import type { SlotState } from "./workers.ts";

const NOW = Date.parse("2026-05-04T10:20:30.000Z");
const CONFIG: ConfigView = {
  controller: { InfrastructureRoles: {} },
  operator: { WatchedNamespace: "" },
};

function fixture({ waiting = [], busy = [] }: {
  waiting?: readonly string[];
  busy?: readonly SlotState[];
}) {
  const registry = new Registry();
  const queue = new KeyQueue({ now: () => NOW, setTimer: () => 0, clearTimer: () => {} });
  for (const key of waiting) {
    const [namespace = "", name = ""] = key.split("/");
    const cr = cluster();
    Object.assign(cr.metadata, { namespace, name, uid: `uid-${name}` });
    registry.entry(key).cr = cr;
    queue.add(key, "update");
  }
  const ring = createLogRing(10);
  const controller = {
    registry,
    queue,
    workers: () => ({ busy: () => busy, stopped: Promise.resolve() }),
    lastSync: () => 7,
    orphans: () => [],
  } as unknown as Controller;
  const view = createView({
    recordings: () => [],
    controller,
    ready: () => true,
    now: () => new Date(NOW),
    workers: 2,
    ring,
    config: () => CONFIG,
    roleLabel: "spilo-role",
    events: { of: () => [] },
    object: () => undefined,
  });
  return { view, ring, registry };
}

Deno.test("what waits in the one queue is dealt out to the workers in turn", () => {
  const { view } = fixture({ waiting: ["a/acid-1", "a/acid-2", "a/acid-3"] });
  assert.deepEqual(view.status().WorkerQueueSize, { "0": 2, "1": 1 });
  const queues = [view.queue(0), view.queue(1)];
  assert.deepEqual(queues.map(({ Keys }) => Keys), [
    ["UPDATE-uid-acid-1", "UPDATE-uid-acid-3"],
    ["UPDATE-uid-acid-2"],
  ]);
  for (const queue of queues) v.parse(QueueShape, queue);
  assert.deepEqual(queues[1]?.List[0]?.NewSpec, {
    metadata: { namespace: "a", name: "acid-2" },
  });
});

Deno.test("a busy worker says what it does, the others are idle", () => {
  const state = { slot: 1, key: "a/acid-1", cause: "sync", startedAt: new Date(NOW) };
  const { view } = fixture({ busy: [state] });
  assert.equal(view.worker(0), "idle");
  assert.deepEqual(v.parse(WorkerShape, view.worker(1)), {
    CurrentCluster: { Namespace: "a", Name: "acid-1" },
    CurrentProcess: { Name: "sync", StartTime: "2026-05-04T10:20:30.000Z" },
  });
});

Deno.test("lines of the log are there for clusters that are looked after, and for workers", () => {
  const { view, ring } = fixture({ waiting: ["a/acid-1"] });
  const fields = { "cluster-name": "a/acid-1", worker: 1 };
  ring.add({ time: new Date(NOW), level: "info", message: "hello", fields });
  const time = "2026-05-04T10:20:30.000Z";
  assert.deepEqual(view.logs("a", "acid-1"), [
    { Time: time, Level: "info", Worker: 1, Message: "hello" },
  ]);
  assert.deepEqual(view.workerLogs(1), [
    { Time: time, Level: "info", ClusterName: "a/acid-1", Message: "hello" },
  ]);
  assert.deepEqual(view.workerLogs(0), []);
  assert.equal(view.logs("a", "other"), undefined);
});

Deno.test("teams and databases are grouped by name, whatever the names are", () => {
  const { view, registry } = fixture({ waiting: ["a/acid-1", "b/constructor"] });
  const odd = registry.get("b/constructor")!.cr!;
  odd.spec.teamId = "__proto__";
  odd.spec.databases = { toString: "owner" };
  registry.get("a/acid-1")!.cr!.spec.databases = { b: "owner", a: "owner" };
  assert.deepEqual([...view.teams()], [["acid", ["acid-1"]], ["__proto__", ["constructor"]]]);
  assert.deepEqual([...view.databases()], [["acid-1", ["a", "b"]], ["constructor", ["toString"]]]);
});

Deno.test("one cluster from near tells of its backups what the status says, and nothing where it does not", () => {
  const { view, registry } = fixture({ waiting: ["a/acid-1"] });
  assert.equal(view.detail("a", "acid-1")?.backups, null);
  const backups = { archiver: "working", lastBaseBackup: "2026-05-04T01:00:00Z" };
  Object.assign(registry.entry("a/acid-1").cr ?? {}, {
    status: { PostgresClusterStatus: "Running", backups },
  });
  const { backups: shown, row } = view.detail("a", "acid-1")!;
  assert.deepEqual(shown, {
    archiver: "working",
    lastFailedWal: "",
    lastBaseBackup: "2026-05-04T01:00:00Z",
    oldestRecoverablePoint: "",
    lastLogicalBackup: "",
  });
  assert.equal(row.lastBackup, "2026-05-04T01:00:00Z");
});
