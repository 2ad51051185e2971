/**
 * An operator in shadow mode beside another one: it writes nothing, says nothing of clusters that are
 * as it would have them, and names those that somebody has changed. Prints its counts.
 */

import assert from "node:assert/strict";
import type { Controller } from "../../src/controller/controller.ts";
import { shadowReadings } from "../../src/controller/shadow_readings.ts";
import { simulateCluster, type SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import type { Config } from "../../src/config/config.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { withoutWrites } from "../../src/leadership/shadow.ts";
import { config } from "../../src/testing/config_fixture.ts";
import {
  controllerFor,
  loggerFor,
  runUntil,
  toolsFor,
  writerAround,
} from "../../src/testing/simulated_operator.ts";

const CLUSTERS = 50;
const CHANGED = 10;
const PATIENCE_MS = 10 * 60_000;

function nameOf(index: number): string {
  return `acid-c${String(index).padStart(2, "0")}`;
}

function manifest(index: number): KubeObject {
  return {
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: { namespace: "shop", name: nameOf(index) },
    spec: {
      ...{ teamId: "acid", numberOfInstances: 1 + index % 3, volume: { size: "1Gi" } },
      ...{ postgresql: { version: "17" }, users: { shop: [] }, databases: { shop: "shop" } },
    },
  } as KubeObject;
}

interface Play {
  readonly controller: Controller;
  /** What was written, or tried. */
  readonly writes: string[];
}

/** One of the two operators; both see the same API server. */
function operator(cluster: SimulatedCluster, settings: Config, shadow: boolean): Play {
  const writes: string[] = [];
  const kube = writerAround(cluster.writers.kube, (verb, { kind, name }, write) => {
    writes.push(`${verb} ${kind} ${name}`);
    return write();
  });
  const { send } = cluster.patroni;
  const patroni: typeof cluster.writers.patroni = {
    ...cluster.writers.patroni,
    send(pod, request, signal) {
      writes.push(`patroni ${request.call} ${pod.name}`);
      return send(pod, request, signal);
    },
  };
  const writers = { ...cluster.writers, kube, patroni };
  const controller = controllerFor(cluster, {
    config: settings,
    logger: loggerFor(cluster, () => {}),
    tools: toolsFor(cluster, settings, {
      writers: shadow ? withoutWrites(writers) : writers,
      ...(shadow ? { shadow } : {}),
    }),
  });
  return { controller, writes };
}

async function rest(cluster: SimulatedCluster, { controller }: Play): Promise<void> {
  const endMs = cluster.clock.now() + PATIENCE_MS;
  await runUntil(cluster, controller, () => endMs);
}

/** Somebody changes what the manifest does not ask for, each time in another object. */
function change({ api }: SimulatedCluster, index: number): void {
  const name = nameOf(index);
  const kinds = [
    { apiVersion: "v1", kind: "Service", name },
    { apiVersion: "apps/v1", kind: "StatefulSet", name },
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", name: `postgres-${name}-pdb` },
  ];
  const ref = { namespace: "shop", ...kinds[index % kinds.length]! };
  const found = api.find(ref);
  assert.ok(found, JSON.stringify(ref));
  const metadata = { ...found.metadata, labels: { ...found.metadata.labels } };
  const spec = structuredClone(found["spec"]) as Record<string, unknown>;
  if (ref.kind === "StatefulSet") spec["replicas"] = 7;
  if (ref.kind === "PodDisruptionBudget") spec["minAvailable"] = 0;
  if (ref.kind === "Service") spec["type"] = "NodePort";
  api.put({ ...found, metadata, spec } as KubeObject);
}

/** Clusters of which the shadow says that it would do something. */
function diverging({ controller }: Play): string[] {
  const [reading] = shadowReadings(controller.registry);
  return [...reading?.read() ?? []].filter(({ value }) => value > 0)
    .map(({ labels }) => labels?.["cluster"] ?? "");
}

Deno.test("a shadow writes nothing and names the clusters that somebody has changed, and no other", async () => {
  const settings = config({ enableDatabaseAccess: false });
  const cluster = simulateCluster({
    clusterNameLabel: settings.clusterNameLabel,
    roleLabel: settings.podRoleLabel,
    startMs: Date.parse("2026-01-14T12:00:30Z"),
  });
  const indices = Array.from({ length: CLUSTERS }, (_, index) => index);
  const first = operator(cluster, settings, false);
  first.controller.start();
  for (const index of indices) cluster.api.put(manifest(index));
  await rest(cluster, first);
  await first.controller.stop();

  const clean = operator(cluster, settings, true);
  clean.controller.start();
  await rest(cluster, clean);
  assert.equal(clean.controller.registry.keys().length, CLUSTERS);
  assert.deepEqual(diverging(clean), []);
  await clean.controller.stop();

  for (const index of indices.slice(0, CHANGED)) change(cluster, index);
  const shadow = operator(cluster, settings, true);
  shadow.controller.start();
  await rest(cluster, shadow);
  const named = [...new Set(diverging(shadow))].sort();
  const writes = [...clean.writes, ...shadow.writes];
  await shadow.controller.stop();
  const counts = `${CLUSTERS} clusters, ${CHANGED} changed, ${named.length} named, ` +
    `${writes.length} writes\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(counts));
  assert.deepEqual(named, indices.slice(0, CHANGED).map(nameOf));
  assert.deepEqual(writes, []);
});
