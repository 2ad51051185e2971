/**
 * Plays a cluster in memory under a policy: the operator's own controller, an API server that
 * changes what it stores, pods that come and go, and a clock that runs ahead. Counts what happens.
 */

import { parse } from "yaml";
import type { Postgresql } from "../../src/api/types.gen.ts";
import type { KubeObject, StatefulSet } from "../../src/kubernetes/types.gen.ts";
import type { PassTools } from "../../src/cluster/pass/reconcile.ts";
import { createDerivedVerifiers } from "../../src/cluster/pass/passwords.ts";
import type { Config } from "../../src/config/config.ts";
import { type Controller, createController } from "../../src/controller/controller.ts";
import { simulateCluster, type SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import { createTeamReader } from "../../src/controller/teams.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { createLogger } from "../../src/log/logger.ts";
import { known } from "../../src/ports/observation.ts";
import { config as configured } from "../../src/testing/config_fixture.ts";
import { refusal, stored } from "../conformance/control_plane.ts";

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
  /** Two periodic looks. */
  look(): Promise<void>;
  /** Ends the operator and starts another one that remembers nothing. */
  restart(): Promise<void>;
  /** Counts since the last call. */
  counts(): Counts;
  stop(): Promise<void>;
}

/** Starts an operator for one manifest; `policy` changes every object that is stored. */
export function play(
  spec: Record<string, unknown>,
  policy: (object: KubeObject) => KubeObject,
  settings: Partial<Config> = {},
): Play {
  const config = configured({ enableTeamsApi: false, enableDatabaseAccess: false, ...settings });
  const cluster: SimulatedCluster = simulateCluster({
    clusterNameLabel: config.clusterNameLabel,
    roleLabel: config.podRoleLabel,
    startMs: START,
    serverVersion: 170005,
    stored: (object) => policy(stored(object)),
    refuses: (object, old) => refusal(cluster, NAMESPACE, object, old),
  });
  const counted = {
    pods: {} as Record<string, number>,
    sets: 0,
    writes: [] as string[],
    status: 0,
  };
  cluster.api.onChange(({ type, object, old }) => {
    if (type !== "apply" || old !== undefined) return;
    const { name = "" } = object.metadata;
    if (object.kind === "StatefulSet") counted.sets++;
    if (object.kind === "Pod") counted.pods[name] = (counted.pods[name] ?? 0) + 1;
  });
  const ref = { apiVersion: "acid.zalan.do/v1", kind: "postgresql", namespace: NAMESPACE };
  const manifest = () => cluster.api.find({ ...ref, name: "acid-orders" }) as unknown as Postgresql;
  cluster.api.put({
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: { namespace: NAMESPACE, name: "acid-orders", labels: { team: "acid" } },
    spec,
  } as KubeObject);
  const lines: string[] = [];
  const start = () => {
    const started = startOperator(cluster, config, lines, (verb, object) => {
      if (object.kind === "postgresql") counted.status++;
      else counted.writes.push(`${verb} ${object.kind}/${object.name}`);
    });
    started.start();
    return started;
  };
  let controller = start();
  return {
    cluster,
    lines,
    manifest,
    change(change) {
      const before = manifest() as unknown as KubeObject;
      cluster.api.put({ ...before, spec: { ...before["spec"] as object, ...change } });
    },
    settle: () => runFor(cluster, controller, SETTLE_MS),
    async look() {
      for (let turn = 0; turn < 2; turn++) {
        for (const key of controller.registry.keys()) controller.queue.add(key, "sync");
        await runFor(cluster, controller, LOOK_MS);
      }
    },
    async restart() {
      await controller.stop();
      controller = start();
    },
    counts() {
      const { pods, sets, writes, status } = structuredClone(counted);
      Object.assign(counted, { pods: {}, sets: 0, writes: [], status: 0 });
      return { pods, statefulSets: sets, writes, statusWrites: status };
    },
    stop: () => controller.stop(),
  };
}

/** Lets virtual time go on, pass by pass. */
async function runFor(
  { clock }: SimulatedCluster,
  controller: Controller,
  ms: number,
): Promise<void> {
  const endMs = clock.now() + ms;
  for (;;) {
    await idle(controller);
    const next = clock.nextMs();
    if (next === undefined || next > endMs) return clock.moveTo(endMs);
    clock.advance();
  }
}

/** More turns than this between two timers: passes that follow each other without an end. */
const MOST_TURNS = 50_000;

async function idle(controller: Controller): Promise<void> {
  for (let quiet = 0, turns = 0; quiet < 25; quiet++) {
    await Promise.resolve();
    if (++turns > MOST_TURNS) throw new Error("the passes do not come to an end");
    const busy = (controller.workers()?.busy().length ?? 0) + controller.queue.waiting().length;
    if (busy > 0) quiet = 0;
  }
}

type Wrote = (verb: string, object: { readonly kind: string; readonly name: string }) => void;

function startOperator(
  cluster: SimulatedCluster,
  config: Config,
  lines: string[],
  wrote: Wrote,
): Controller {
  const { api, clock } = cluster;
  const kind = (name: string) => api.objects().filter((object) => object.kind === name);
  return createController({
    forgotten: () => {},
    metrics: { keyAdded: () => {}, keyTaken: () => {}, passEnded: () => {} },
    live: api.reader,
    tools: toolsOf(cluster, config, wrote),
    config,
    controllerId: "",
    logger: createLogger({
      format: "text",
      verbosity: 0,
      now: () => new Date(clock.now()),
      write: (line) => lines.push(line),
    }),
    clock,
    manifests: () => structuredClone(kind("postgresql")) as unknown as Postgresql[],
    services: () => structuredClone(kind("Service")),
    statefulSets: () => structuredClone(kind("StatefulSet")) as StatefulSet[],
    onChange: api.onChange,
    invalidate() {},
  });
}

function toolsOf(
  { api, clock, patroni, writers }: SimulatedCluster,
  config: Config,
  wrote: Wrote,
): PassTools {
  const { kube } = writers;
  let passwords = 0;
  const named = ({ kind, metadata }: KubeObject) => ({ kind, name: metadata.name ?? "" });
  return {
    config,
    kube: api.reader,
    inputs: {
      kube: api.reader,
      owned: api.reader,
      teams: createTeamReader(config, undefined, clock.now),
      postgresTeams: () => [],
      infrastructureRoleDefinitions: [],
      eventStreamsSupported: () => known(false),
    },
    patroni,
    catalog: () => Promise.resolve(undefined),
    derived: createDerivedVerifiers(),
    writers: {
      ...writers,
      kube: {
        ...kube,
        create(object, signal) {
          wrote("create", named(object));
          return kube.create(object, signal);
        },
        replace(object, signal) {
          wrote("replace", named(object));
          return kube.replace(object, signal);
        },
        patch(request, signal) {
          wrote("patch", request.target);
          return kube.patch(request, signal);
        },
        delete(request, signal) {
          wrote("delete", request.target);
          return kube.delete(request, signal);
        },
      },
    },
    clock: { now: () => new Date(clock.now()) },
    newPassword: () => new Sensitive(`P${String(++passwords).padStart(63, "x")}`),
  };
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
