/**
 * Many clusters of one namespace whose Patroni never answers, and one cluster of another: how long
 * does the latter wait for its pass?
 */

import type { PassTools } from "../../src/cluster/pass/reconcile.ts";
import type { Controller } from "../../src/controller/controller.ts";
import { simulateCluster, type SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { silentLogger } from "../../src/testing/silent_logger.ts";
import { config } from "../../src/testing/config_fixture.ts";
import { controllerFor, toolsFor } from "../../src/testing/simulated_operator.ts";

export interface Waited {
  /** Passes that hung when the good cluster came. */
  readonly hanging: number;
  readonly waitedMs: number;
}

const CONFIG = config();
/** So many passes hang before the good cluster comes; of one namespace there can be no more. */
const MOST_HANGING = 60;
const GIVEN_UP_MS = 20_000;

/** Starts `bad` clusters whose Patroni hangs; then measures one good one. */
export async function waitBeside(bad: number): Promise<Waited> {
  const cluster = simulateCluster({
    clusterNameLabel: CONFIG.clusterNameLabel,
    roleLabel: CONFIG.podRoleLabel,
    startMs: Date.now(),
  });
  const controller = controllerOf(cluster);
  const pump = setInterval(() => cluster.clock.advance(), 1);
  controller.start();
  for (let index = 0; index < bad; index++) cluster.api.put(manifest("bad", `acid-${index}`));
  const beganMs = performance.now();
  const aside = () => controller.workers()?.aside() ?? 0;
  while (aside() < Math.min(bad, MOST_HANGING) && performance.now() - beganMs < GIVEN_UP_MS) {
    await sleep(5);
  }
  const hanging = aside();
  const startMs = performance.now();
  cluster.api.put(manifest("good", "acid-good"));
  while (
    controller.registry.get("good/acid-good")?.last === undefined &&
    performance.now() - startMs < GIVEN_UP_MS
  ) await sleep(5);
  const waitedMs = Math.round(performance.now() - startMs);
  clearInterval(pump);
  await controller.stop();
  return { hanging, waitedMs };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function manifest(namespace: string, name: string): KubeObject {
  const spec = {
    teamId: "acid",
    numberOfInstances: 1,
    volume: { size: "1Gi" },
    postgresql: { version: "17" },
  };
  const metadata = { namespace, name, uid: `${namespace}-${name}`, generation: 1 };
  return { apiVersion: "acid.zalan.do/v1", kind: "postgresql", metadata, spec } as KubeObject;
}

function controllerOf(cluster: SimulatedCluster): Controller {
  const slow = slowPatroni(cluster);
  return controllerFor(cluster, {
    tools: toolsFor(cluster, CONFIG, {
      patroni: slow,
      writers: { ...cluster.writers, patroni: slow },
      clock: { now: () => new Date() },
    }),
    config: CONFIG,
    logger: silentLogger(),
    clock: {
      now: Date.now,
      setTimer: (callback, ms) => setTimeout(callback, ms) as unknown as number,
      clearTimer: (id) => clearTimeout(id),
    },
  });
}

/** A Patroni that never answers for a pod of the bad namespace. */
function slowPatroni({ patroni }: SimulatedCluster): PassTools["patroni"] {
  const hanging = <T>(namespace: string, signal: AbortSignal, answer: () => Promise<T>) =>
    namespace !== "bad" ? answer() : new Promise<T>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  return {
    getConfig: (pod, signal) =>
      hanging(pod.namespace, signal, () => patroni.getConfig(pod, signal)),
    getCluster: (pod, signal) =>
      hanging(pod.namespace, signal, () => patroni.getCluster(pod, signal)),
    getMember: (pod, signal) =>
      hanging(pod.namespace, signal, () => patroni.getMember(pod, signal)),
    send: (pod, request, signal) =>
      hanging(pod.namespace, signal, () => patroni.send(pod, request, signal)),
  };
}
