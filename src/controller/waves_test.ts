/** A fleet that gets another image: who restarts when, also across a kill and a cluster that fails. */

import assert from "node:assert/strict";
import type { Config } from "../config/config.ts";
import { simulateCluster } from "../dry_run/simulated/cluster.ts";
import type { KubeObject, StatefulSet } from "../kubernetes/types.gen.ts";
import { createLogger } from "../log/logger.ts";
import { config as configOf } from "../testing/config_fixture.ts";
import { controllerFor, runUntil, toolsFor, writerAround } from "../testing/simulated_operator.ts";

const FLEET = 30;
const MINUTE_MS = 60_000;
const PLAIN = { enableTeamsApi: false, enableDatabaseAccess: false };
const WAVES = {
  ...PLAIN,
  dockerImage: "spilo:next",
  rolloutMaxClusters: 3,
  rolloutBakeTimeMs: MINUTE_MS,
};

function nameOf(at: number): string {
  return `acid-${String(at).padStart(2, "0")}`;
}

function manifest(name: string): KubeObject {
  const spec = {
    teamId: "acid",
    numberOfInstances: 2,
    volume: { size: "1Gi" },
    postgresql: { version: "17" },
  };
  return {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: { namespace: "shop", name },
    spec,
  };
}

/** A fleet on a simulated API server, which operators look after one after the other. */
function fleetOf(size: number) {
  const { clusterNameLabel, podRoleLabel: roleLabel } = configOf();
  const startMs = Date.parse("2026-01-14T12:00:30Z");
  const cluster = simulateCluster({ clusterNameLabel, roleLabel, startMs, serverVersion: 170005 });
  for (let at = 0; at < size; at++) cluster.api.put(manifest(nameOf(at)));
  const log: string[] = [];
  /** Names of StatefulSets that nobody may change. */
  const broken = new Set<string>();
  const brokenServices = new Set<string>();
  const writes: string[] = [];
  const operator = (overrides: Partial<Config>) => {
    const config = configOf(overrides);
    const kube = writerAround(cluster.writers.kube, (verb, ref, write) => {
      writes.push(`${verb} ${ref.kind} ${ref.name}`);
      const isBroken = ref.kind === "StatefulSet" && broken.has(ref.name) ||
        ref.kind === "Service" && brokenServices.has(ref.name);
      return isBroken ? Promise.reject(new Error("a policy is against it")) : write();
    });
    const controller = controllerFor(cluster, {
      config,
      tools: toolsFor(cluster, config, { writers: { ...cluster.writers, kube } }),
      logger: createLogger({
        format: "text-noquote",
        verbosity: 0,
        now: () => new Date(cluster.clock.now()),
        write: (line) => void log.push(line),
      }),
    });
    controller.start();
    return controller;
  };
  const runFor = async (controller: ReturnType<typeof operator>, ms: number) => {
    const endMs = cluster.clock.now() + ms;
    await runUntil(cluster, controller, () => endMs);
  };
  const sets = () =>
    cluster.api.objects().filter(({ kind }) => kind === "StatefulSet") as StatefulSet[];
  /** Clusters whose template has an image. */
  const withImage = (image: string) =>
    sets().filter(({ spec }) => spec?.template?.spec?.containers[0]?.image === image)
      .map(({ metadata }) => metadata.name ?? "").sort();
  const statusOf = (name: string) => {
    const ref = { apiVersion: "acid.zalan.do/v1", kind: "postgresql", namespace: "shop", name };
    return cluster.api.find(ref)?.["status"] as {
      readonly PostgresClusterStatus: string;
      readonly conditions: readonly { type: string; status: string; message: string }[];
    };
  };
  return { cluster, operator, runFor, withImage, statusOf, broken, brokenServices, log, writes };
}

type Fleet = ReturnType<typeof fleetOf>;

/** Makes the clusters with the configuration before. */
async function settle({ operator, runFor, writes }: Fleet): Promise<void> {
  const before = operator(PLAIN);
  await runFor(before, 10 * MINUTE_MS);
  await before.stop();
  writes.length = 0;
}

Deno.test("another image reaches the fleet three clusters at a time, with a pause between", async () => {
  const fleet = fleetOf(FLEET);
  await settle(fleet);
  const controller = fleet.operator(WAVES);
  const reached: number[] = [];
  for (let minutes = 0; minutes < 120 && reached.at(-1) !== FLEET; minutes++) {
    await fleet.runFor(controller, MINUTE_MS / 2);
    const count = fleet.withImage("spilo:next").length;
    if (count !== reached.at(-1)) reached.push(count);
    const { rolling } = controller.waves();
    assert.ok(rolling <= 3, `${rolling} at once`);
  }
  assert.equal(reached.at(-1), FLEET, reached.join());
  reached.forEach((count, at) => assert.ok(count - (reached[at - 1] ?? 0) <= 3, reached.join()));
  await fleet.runFor(controller, 2 * MINUTE_MS);
  assert.deepEqual(controller.waves(), { waiting: 0, rolling: 0, degraded: 0 });
  await controller.stop();
});

Deno.test("who waits runs, and says that it waits, in one write of its status", async () => {
  const fleet = fleetOf(6);
  await settle(fleet);
  const controller = fleet.operator({ ...WAVES, rolloutMaxClusters: 1, rolloutBakeTimeMs: 1e9 });
  await fleet.runFor(controller, 30 * MINUTE_MS);
  const done = fleet.withImage("spilo:next");
  assert.equal(done.length, 1);
  const waiting = [0, 1, 2, 3, 4, 5].map(nameOf).filter((name) => !done.includes(name));
  for (const name of waiting) {
    const { PostgresClusterStatus: word, conditions } = fleet.statusOf(name);
    assert.equal(word, "Running");
    const synced = conditions.find(({ type }) => type === "Synced");
    assert.match(synced?.message ?? "", /statefulset: waits for its wave: .*rollout_max_clusters/);
    assert.equal(fleet.writes.filter((write) => write.endsWith(` ${name}`)).length, 1);
  }
  assert.equal(controller.waves().waiting, 5);
  await controller.stop();
});

Deno.test("a cluster that fails in the second wave leaves at least 24 as they were", async () => {
  const fleet = fleetOf(FLEET);
  await settle(fleet);
  const controller = fleet.operator(WAVES);
  await fleet.runFor(controller, MINUTE_MS);
  const first = fleet.withImage("spilo:next");
  assert.equal(first.length, 3);
  // Whoever comes next fails.
  for (let at = 0; at < FLEET; at++) if (!first.includes(nameOf(at))) fleet.broken.add(nameOf(at));
  await fleet.runFor(controller, 20 * MINUTE_MS);
  assert.ok(fleet.withImage("spilo:next").length <= 6);
  assert.ok(controller.waves().degraded > 0);
  assert.ok(controller.waves().rolling <= 3);
  const told = fleet.log.filter((line) => /rollout_max_degraded/.test(line));
  assert.ok(told.length >= 1 && told.length <= 3, told.join("\n"));
  // It goes on by itself once the clusters are well.
  fleet.broken.clear();
  await fleet.runFor(controller, 20 * MINUTE_MS);
  assert.ok(fleet.withImage("spilo:next").length > 6);
  await controller.stop();
});

Deno.test("a cluster that failed before its turn for something else stops nobody", async () => {
  const fleet = fleetOf(6);
  await settle(fleet);
  // Its Service is not as wanted, and may not be changed.
  const ref = { apiVersion: "v1", kind: "Service", namespace: "shop", name: nameOf(0) };
  const service = fleet.cluster.api.find(ref)!;
  fleet.cluster.api.put({ ...service, metadata: { ...service.metadata, labels: {} } });
  fleet.brokenServices.add(nameOf(0));
  const controller = fleet.operator(WAVES);
  await fleet.runFor(controller, 30 * MINUTE_MS);
  assert.match(fleet.statusOf(nameOf(0)).PostgresClusterStatus, /SyncFailed/);
  assert.equal(fleet.withImage("spilo:next").length, 6);
  await controller.stop();
});

Deno.test("an operator that is started again goes on with the wave that it finds", async () => {
  const fleet = fleetOf(9);
  await settle(fleet);
  const bake = { ...WAVES, rolloutBakeTimeMs: 30 * MINUTE_MS };
  for (let start = 0; start < 6; start++) {
    const controller = fleet.operator(bake);
    // Killed in the middle of a roll, and later while the wave bakes.
    await fleet.runFor(controller, start === 0 ? 2_000 : MINUTE_MS);
    await controller.stop();
    assert.ok(fleet.withImage("spilo:next").length <= 3, `start ${start}`);
  }
  const controller = fleet.operator(bake);
  await fleet.runFor(controller, 120 * MINUTE_MS);
  assert.equal(fleet.withImage("spilo:next").length, 9);
  await controller.stop();
});

Deno.test("a changed manifest does not wait for a wave", async () => {
  const fleet = fleetOf(6);
  await settle(fleet);
  const controller = fleet.operator({ ...WAVES, rolloutMaxClusters: 1, rolloutBakeTimeMs: 1e9 });
  await fleet.runFor(controller, 5 * MINUTE_MS);
  const [first] = fleet.withImage("spilo:next");
  const changed = [4, 5].map(nameOf).filter((name) => name !== first)[0]!;
  const ref = { apiVersion: "acid.zalan.do/v1", kind: "postgresql", namespace: "shop" };
  const found = fleet.cluster.api.find({ ...ref, name: changed })!;
  const spec = { ...found["spec"] as Record<string, unknown>, numberOfInstances: 3 };
  fleet.cluster.api.put({ ...found, spec });
  await fleet.runFor(controller, 5 * MINUTE_MS);
  assert.deepEqual(fleet.withImage("spilo:next"), [first, changed].sort());
  await controller.stop();
});

Deno.test("without waves all clusters begin at once", async () => {
  const fleet = fleetOf(8);
  await settle(fleet);
  const controller = fleet.operator({ ...PLAIN, dockerImage: "spilo:next" });
  await fleet.runFor(controller, MINUTE_MS);
  assert.equal(fleet.withImage("spilo:next").length, 8);
  assert.deepEqual(controller.waves(), { waiting: 0, rolling: 0, degraded: 0 });
  await controller.stop();
});
