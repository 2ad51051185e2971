/**
 * An operator among foreign objects: several namespaces in a simulated cluster, an operator that can be
 * stopped, killed at a write and started again, and a record of everything that it writes. No
 * network, no waiting: the clock is virtual.
 */

import type { Postgresql } from "../../src/api/types.gen.ts";
import type { PassTools } from "../../src/cluster/pass/reconcile.ts";
import type { Config } from "../../src/config/config.ts";
import type { Controller } from "../../src/controller/controller.ts";
import { namesakesOf } from "../../src/cluster/pass/ownership.ts";
import { simulateCluster, type SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { known, type Observation, unknown } from "../../src/ports/observation.ts";
import type { KubeReader } from "../../src/ports/ports.ts";
import { describeRef, type ObjectRef, refOf } from "../../src/ports/requests.ts";
import { config as configOf } from "../../src/testing/config_fixture.ts";
import { keepEndpoints, stored } from "../conformance/control_plane.ts";
import {
  controllerFor,
  loggerFor,
  runUntil,
  toolsFor,
  writerAround,
  type WriteVerb,
} from "../../src/testing/simulated_operator.ts";
import { timestamp } from "../../src/lib/timestamp.ts";

/** One write of the operator, with the object as it was before. */
export interface Write {
  readonly verb: WriteVerb;
  readonly ref: ObjectRef;
  readonly before: KubeObject | undefined;
}

export interface WorldOptions {
  readonly config?: Partial<Config>;
  readonly controllerId?: string;
  /** Which objects the operator's caches do not show, although they are there. */
  readonly hidden?: (ref: ObjectRef) => boolean;
  /** Which kinds cannot be listed from the caches. */
  readonly unlisted?: (kind: string) => boolean;
  /** Whether the API server answers reads that go past the caches. */
  readonly answers?: () => boolean;
}

export interface World {
  readonly cluster: SimulatedCluster;
  readonly config: Config;
  readonly writes: Write[];
  /** `Reason: message` of every Event, in order. */
  readonly told: () => readonly string[];
  readonly log: string[];
  readonly controller: () => Controller;
  /** Creates or replaces an object as a person would. */
  apply(object: KubeObject): KubeObject;
  remove(ref: ObjectRef): void;
  find(kind: string, namespace: string, name: string): KubeObject | undefined;
  status(namespace: string, name: string): string;
  start(): void;
  stop(): Promise<void>;
  /** From its next `writes` writes on the operator does nothing any more, as if it were killed. */
  killAfter(writes: number): void;
  killed(): boolean;
  /** Lets virtual time go on until nothing was written for `quietMs`. */
  settle(quietMs?: number): Promise<void>;
}

const START = new Date("2026-01-14T12:00:30Z");
const VERSIONS: Readonly<Record<string, string>> = {
  postgresql: "acid.zalan.do/v1",
  StatefulSet: "apps/v1",
  Deployment: "apps/v1",
  CronJob: "batch/v1",
  PodDisruptionBudget: "policy/v1",
};

/** `apiVersion` and names of an object. */
export function refFor(kind: string, namespace: string, name: string): ObjectRef {
  return { apiVersion: VERSIONS[kind] ?? "v1", kind, namespace, name };
}

/** Makes a world without an operator. */
export function createWorld(options: WorldOptions = {}): World {
  const config = configOf({
    enableDatabaseAccess: false,
    enableTeamsApi: false,
    ...options.config,
  });
  const cluster = simulateCluster({
    clusterNameLabel: config.clusterNameLabel,
    roleLabel: config.podRoleLabel,
    startMs: START.getTime(),
    serverVersion: 170005,
    stored: (object) => dated(stored(object), cluster),
  });
  keepEndpoints(cluster);
  const writes: Write[] = [];
  const log: string[] = [];
  const life: Life = { writesLeft: Infinity };
  let controller: Controller | undefined;
  const find = (kind: string, namespace: string, name: string) =>
    cluster.api.find(refFor(kind, namespace, name));
  const running = () => {
    if (controller === undefined) throw new Error("no operator was started");
    return controller;
  };
  return {
    cluster,
    config,
    writes,
    log,
    told: () => cluster.events.map(({ reason, message }) => `${reason}: ${message}`),
    controller: running,
    apply: (object) => cluster.api.put({ ...cluster.api.find(refOf(object)), ...object }),
    remove: (ref) => cluster.api.remove(ref),
    find,
    status: (namespace, name) =>
      (find("postgresql", namespace, name) as Postgresql | undefined)?.status
        ?.PostgresClusterStatus ?? "",
    start() {
      life.writesLeft = Infinity;
      controller = startOperator({ options, config, cluster, writes, log, life });
    },
    stop: () => running().stop(),
    killAfter: (count) => void (life.writesLeft = count),
    killed: () => life.writesLeft <= 0,
    async settle(quietMs = 5000) {
      await settle(cluster, running(), { quietMs, writes });
    },
  };
}

/** As the API server does: the time of creation stays. */
function dated(object: KubeObject, { api, clock }: SimulatedCluster): KubeObject {
  const before = api.find(refOf(object))?.metadata.creationTimestamp;
  const now = timestamp(new Date(clock.now()));
  const creationTimestamp = before ?? object.metadata.creationTimestamp ?? now;
  return { ...object, metadata: { ...object.metadata, creationTimestamp } };
}

interface Life {
  writesLeft: number;
}

interface Parts {
  readonly options: WorldOptions;
  readonly config: Config;
  readonly cluster: SimulatedCluster;
  readonly writes: Write[];
  readonly log: string[];
  readonly life: Life;
}

function startOperator(parts: Parts): Controller {
  const { options, config, cluster, log } = parts;
  const controller = controllerFor(cluster, {
    tools: toolsOf(parts),
    config,
    controllerId: options.controllerId ?? "",
    logger: loggerFor(cluster, (line) => void log.push(line)),
    live: answering(cluster.api.reader, options.answers),
  });
  controller.start();
  return controller;
}

function answering(reader: KubeReader, answers: () => boolean = () => true): KubeReader {
  return {
    ...reader,
    read: (ref, signal) =>
      answers() ? reader.read(ref, signal) : Promise.resolve(unknown("connection refused")),
  };
}

function toolsOf({ options, config, cluster, writes, life }: Parts): PassTools {
  const { api, writers } = cluster;
  const { hidden = () => false, unlisted = () => false } = options;
  const reader: KubeReader = {
    ...api.reader,
    read: (ref, signal): Promise<Observation<KubeObject | undefined>> =>
      hidden(ref) ? Promise.resolve(known(undefined)) : api.reader.read(ref, signal),
    async listOfCluster(query, signal) {
      if (unlisted(query.kind)) return unknown(`cannot list ${query.kind}: forbidden`);
      const listed = await api.reader.listOfCluster(query, signal);
      return listed.known ? known(listed.value.filter((one) => !hidden(refOf(one)))) : listed;
    },
  };
  const kube = writerAround(writers.kube, async (verb, ref, write) => {
    if (--life.writesLeft < 0) throw new Error("the operator was killed");
    const before = api.find(ref);
    writes.push({ verb, ref, before: before && structuredClone(before) });
    return await write();
  });
  return toolsFor(cluster, config, {
    kube: reader,
    inputs: { kube: reader, owned: reader },
    namesakes: (of) => {
      const manifests = api.objects().filter(({ kind }) => kind === "postgresql");
      return namesakesOf(structuredClone(manifests) as Postgresql[], of, config);
    },
    writers: { ...writers, kube },
  });
}

async function settle(
  cluster: SimulatedCluster,
  controller: Controller,
  { quietMs, writes }: { readonly quietMs: number; readonly writes: readonly Write[] },
): Promise<void> {
  const { clock } = cluster;
  let [endMs, seen] = [clock.now() + quietMs, writes.length];
  await runUntil(cluster, controller, () => {
    if (writes.length !== seen) [endMs, seen] = [clock.now() + quietMs, writes.length];
    return endMs;
  });
}

/** Every object of the world by its name, as text; what is noted about times and versions is left out. */
export function snapshot(
  { cluster }: World,
  counts: (object: KubeObject) => boolean = () => true,
): Map<string, string> {
  const text = (object: KubeObject) => {
    const { resourceVersion: _, generation: __, managedFields: ___, ...metadata } = object.metadata;
    return JSON.stringify({ ...object, metadata });
  };
  return new Map(
    cluster.api.objects().filter(counts).map((
      object,
    ) => [describeRef(refOf(object)), text(object)]),
  );
}
