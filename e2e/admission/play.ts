/**
 * Plays a cluster in memory under a policy: the operator's own controller, an API server that
 * changes what it stores, pods that come and go, and a clock that runs ahead. Counts what happens.
 */

import { parse } from "yaml";
import type { Postgresql } from "../../src/api/types.gen.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import type { Config } from "../../src/config/config.ts";
import type { Controller } from "../../src/controller/controller.ts";
import { simulateCluster, type SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import { type ObjectRef, refOf } from "../../src/ports/requests.ts";
import { config as configured } from "../../src/testing/config_fixture.ts";
import { refusal, stored } from "../conformance/control_plane.ts";
import {
  controllerFor,
  loggerFor,
  runUntil,
  toolsFor,
  writerAround,
  type WriteVerb,
} from "../../src/testing/simulated_operator.ts";

const NAMESPACE = "shop";
const START = Date.parse("2026-01-14T12:00:30Z");

/** How long a cluster is given to come to rest, and how often it is then looked at. */
const SETTLE_MS = 20 * 60_000;
const LOOK_MS = 30 * 60_000;

/** What happened since the last count. */
export interface Counts {
  /** Pods of the cluster by name: how often each was created. */
  readonly pods: Readonly<Record<string, number>>;
  readonly statefulSets: number;
  /** Writes of the operator, status aside: `verb kind/name`. */
  readonly writes: readonly string[];
  readonly statusWrites: number;
}

export interface Play {
  /** What the operators have logged. */
  readonly lines: readonly string[];
  readonly cluster: SimulatedCluster;
  manifest(): Postgresql;
  /** Applies a change of the manifest's spec. */
  change(spec: Record<string, unknown>): void;
  /** Lets the cluster come to rest. */
  settle(): Promise<void>;
  /** Two periodic passes. */
  look(): Promise<void>;
  /** Ends the operator and starts another one that remembers nothing. */
  restart(): Promise<void>;
  /** Counts since the last call. */
  counts(): Counts;
  /** Calls `act` right before each write of the operator, after it has read what it writes. */
  beforeWrites(act: Wrote): void;
  stop(): Promise<void>;
}

/** Starts an operator for one manifest; `policy` changes every object that is stored. */
export function play(
  spec: Record<string, unknown>,
  policy: (object: KubeObject) => KubeObject,
  settings: Partial<Config> = {},
): Play {
  const config = configured({ enableTeamsApi: false, enableDatabaseAccess: false, ...settings });
  const cluster = clusterUnder(policy, config);
  const counter = countIn(cluster);
  cluster.api.put({ ...MANIFEST, spec } as KubeObject);
  const manifest = () => cluster.api.find(refOf(MANIFEST)) as unknown as Postgresql;
  const lines: string[] = [];
  let before: Wrote = () => {};
  const wrote: Wrote = (verb, ref) => {
    before(verb, ref);
    counter.wrote(verb, ref);
  };
  const start = () => {
    const started = startOperator(cluster, config, lines, wrote);
    started.start();
    return started;
  };
  let controller = start();
  const runFor = async (ms: number) => {
    const endMs = cluster.clock.now() + ms;
    await runUntil(cluster, controller, () => endMs);
  };
  return {
    cluster,
    lines,
    manifest,
    change(change) {
      const before = manifest() as unknown as KubeObject;
      cluster.api.put({ ...before, spec: { ...before["spec"] as object, ...change } });
    },
    settle: () => runFor(SETTLE_MS),
    async look() {
      for (let turn = 0; turn < 2; turn++) {
        for (const key of controller.registry.keys()) controller.queue.add(key, "sync");
        await runFor(LOOK_MS);
      }
    },
    async restart() {
      await controller.stop();
      controller = start();
    },
    counts: counter.take,
    beforeWrites: (act) => void (before = act),
    stop: () => controller.stop(),
  };
}

const MANIFEST = {
  apiVersion: "acid.zalan.do/v1",
  kind: "postgresql",
  metadata: { namespace: NAMESPACE, name: "acid-orders", labels: { team: "acid" } },
};

function clusterUnder(
  policy: (object: KubeObject) => KubeObject,
  config: Config,
): SimulatedCluster {
  const cluster: SimulatedCluster = simulateCluster({
    clusterNameLabel: config.clusterNameLabel,
    roleLabel: config.podRoleLabel,
    startMs: START,
    serverVersion: 170005,
    stored: (object) => policy(stored(object)),
    refuses: (object, old) => refusal(cluster, NAMESPACE, object, old),
  });
  return cluster;
}

export type Wrote = (verb: WriteVerb, object: ObjectRef) => void;

/** Counts what is created in a cluster, and what is reported by `wrote`. */
function countIn({ api }: SimulatedCluster): { wrote: Wrote; take(): Counts } {
  let counted = { pods: {} as Record<string, number>, sets: 0, writes: [] as string[], status: 0 };
  api.onChange(({ type, object, old }) => {
    if (type !== "apply" || old !== undefined) return;
    const { name = "" } = object.metadata;
    if (object.kind === "StatefulSet") counted.sets++;
    if (object.kind === "Pod") counted.pods[name] = (counted.pods[name] ?? 0) + 1;
  });
  return {
    wrote(verb, { kind, name }) {
      if (kind === "postgresql") counted.status++;
      else counted.writes.push(`${verb} ${kind}/${name}`);
    },
    take() {
      const { pods, sets, writes, status } = counted;
      counted = { pods: {}, sets: 0, writes: [], status: 0 };
      return { pods, statefulSets: sets, writes, statusWrites: status };
    },
  };
}

function startOperator(
  cluster: SimulatedCluster,
  config: Config,
  lines: string[],
  wrote: Wrote,
): Controller {
  const kube = writerAround(cluster.writers.kube, (verb, ref, write) => {
    wrote(verb, ref);
    return write();
  });
  return controllerFor(cluster, {
    config,
    tools: toolsFor(cluster, config, { writers: { ...cluster.writers, kube } }),
    logger: loggerFor(cluster, (line) => lines.push(line)),
  });
}

/** A manifest that makes one of every object. */
export function everything(): Record<string, unknown> {
  return parse(`
teamId: acid
numberOfInstances: 2
volume: {size: 1Gi}
postgresql: {version: "17"}
enableConnectionPooler: true
enableLogicalBackup: true
resources:
  requests: {cpu: 100m, memory: 100Mi}
  limits: {cpu: 500m, memory: 500Mi}
tolerations:
- {key: postgres, operator: Exists, effect: NoSchedule}
`);
}
