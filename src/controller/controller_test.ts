/** The controller over a simulated cluster: what it takes up at its start, and how it ends. */

import assert from "node:assert/strict";
import { simulateCluster } from "../dry_run/simulated/cluster.ts";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import type { KubeWriter } from "../ports/ports.ts";
import { config as configOf } from "../testing/config_fixture.ts";
import { silentLogger } from "../testing/silent_logger.ts";
import { controllerFor, runUntil, toolsFor, writerAround } from "../testing/simulated_operator.ts";

const CONFIG = configOf({ enableTeamsApi: false, enableDatabaseAccess: false });
const START_MS = Date.parse("2026-01-14T12:00:30Z");

function manifest(name: string): KubeObject {
  const spec = {
    teamId: "acid",
    numberOfInstances: 1,
    volume: { size: "1Gi" },
    postgresql: { version: "17" },
  };
  const metadata = { namespace: "shop", name, labels: { team: "acid" } };
  return { apiVersion: "acid.zalan.do/v1", kind: "postgresql", metadata, spec };
}

/** An operator with a writer of the test's own. */
function stage(change: (kube: KubeWriter) => KubeWriter, objects: readonly KubeObject[] = []) {
  const cluster = simulateCluster({
    clusterNameLabel: CONFIG.clusterNameLabel,
    roleLabel: CONFIG.podRoleLabel,
    startMs: START_MS,
    serverVersion: 170005,
  });
  for (const object of objects) cluster.api.put(object);
  const written: string[] = [];
  const kube = writerAround(change(cluster.writers.kube), (verb, ref, write) => {
    if (ref.kind !== "postgresql") written.push(`${verb} ${ref.kind}`);
    return write();
  });
  const controller = controllerFor(cluster, {
    config: CONFIG,
    tools: toolsFor(cluster, CONFIG, { writers: { ...cluster.writers, kube } }),
    logger: silentLogger(),
  });
  const runFor = async (ms: number) => {
    const endMs = cluster.clock.now() + ms;
    await runUntil(cluster, controller, () => endMs);
  };
  return { cluster, controller, written, runFor };
}

/** Lets everything go on that waits for nothing but promises. */
async function promises(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
}

Deno.test("every manifest that is there gets a pass at the start, and one that comes later its own", async () => {
  const { cluster, controller, runFor } = stage((kube) => kube, [manifest("acid-one")]);
  assert.deepEqual(controller.queue.waiting(), [], "nothing before the start");
  controller.start();
  await runFor(60_000);
  cluster.api.put(manifest("acid-two"));
  await runFor(60_000);
  const words = ["acid-one", "acid-two"].map((name) => {
    const found = cluster.api.find({ ...manifest(name), namespace: "shop", name });
    return (found?.["status"] as { PostgresClusterStatus: string }).PostgresClusterStatus;
  });
  assert.deepEqual(words, ["Running", "Running"]);
  await controller.stop();
});

Deno.test("the end waits for the writes under way, and begins no further one", async () => {
  const held = Promise.withResolvers<void>();
  const slow = (kube: KubeWriter): KubeWriter => ({
    ...kube,
    async create(object, signal) {
      await held.promise;
      return await kube.create(object, signal);
    },
  });
  const { controller, written } = stage(slow, [manifest("acid-one")]);
  controller.start();
  await promises();
  // The account and its binding go out at the same time.
  const underWay = ["create ServiceAccount", "create RoleBinding"];
  assert.deepEqual(written, underWay);
  let ended = false;
  const end = controller.stop().then(() => void (ended = true));
  await promises();
  assert.equal(ended, false, "the writes have no answer yet");
  held.resolve();
  await end;
  assert.deepEqual(written, underWay);
});

Deno.test("a write without an answer is given up five seconds after the end began", async () => {
  const silent = (kube: KubeWriter): KubeWriter => ({
    ...kube,
    create: (_object, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  const { cluster, controller } = stage(silent, [manifest("acid-one")]);
  controller.start();
  await promises();
  let ended = false;
  const end = controller.stop().then(() => void (ended = true));
  await promises();
  while ((cluster.clock.nextMs() ?? Infinity) < START_MS + 5_000) cluster.clock.advance();
  await promises();
  assert.equal(ended, false);
  cluster.clock.advance();
  await end;
  assert.equal(cluster.clock.now(), START_MS + 5_000);
});

Deno.test("after its end a controller takes in nothing", async () => {
  const { cluster, controller, written, runFor } = stage((kube) => kube);
  controller.start();
  await runFor(1000);
  await controller.stop();
  cluster.api.put(manifest("acid-late"));
  await promises();
  assert.deepEqual([controller.registry.keys(), controller.queue.waiting(), written], [[], [], []]);
});
