/**
 * The controller: changes lead to keys, keys to passes, passes to a report. Everything outside comes
 * in by `ControllerPorts`; this file holds no client.
 */

import type { Postgresql } from "../api/types.gen.ts";
import type { KubeObject, StatefulSet } from "../kubernetes/types.gen.ts";
import type { PassTools } from "../cluster/pass/reconcile.ts";
import { deletionNote } from "../cluster/plan/deletion.ts";
import type { Config } from "../config/config.ts";
import type { KubeReader } from "../ports/ports.ts";
import type { Logger } from "../log/logger.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Tracing } from "../ports/tracing.ts";
import { KeyQueue, type QueueClock } from "./queue.ts";
import { Registry } from "./registry.ts";
import { type Orphan, type OrphanWatch, watchOrphans } from "./orphans.ts";
import { startResync } from "./resync.ts";
import type { Change } from "./triggers.ts";
import { createWaves, type WaveCounts } from "./waves.ts";
import { type RunPass, startWorkers, type Workers } from "./workers.ts";
import { type IntakePorts, takeChange, takeTrigger } from "./intake.ts";
import { type RecordPass, type RunnerPorts, runPass } from "./runner.ts";

const SHUTDOWN_MS = 5000;

export interface ControllerPorts {
  readonly tools: PassTools;
  readonly config: Config;
  readonly controllerId: string;
  readonly logger: Logger;
  readonly clock: QueueClock;
  /** Copies of all manifests, and of Services that an unfinished deletion may have left. */
  readonly manifests: () => readonly Postgresql[];
  readonly services: () => readonly KubeObject[];
  readonly statefulSets: () => readonly StatefulSet[];
  /** Reads without a cache, for what must not be done on the word of one. */
  readonly live: KubeReader;
  readonly onChange: (listener: (change: Change) => void) => () => void;
  /** How long a pass may take, without an upgrade of the data; five minutes unless told. */
  readonly passTimeoutMs?: number;
  readonly metrics: Pick<Metrics, "keyAdded" | "keyTaken" | "passEnded">;
  readonly tracing?: Tracing;
  readonly record?: RecordPass;
  /** Told of a cluster that is looked after no longer. */
  readonly forgotten: (key: string) => void;
  /** Makes reads that no watch covers ask again for what belongs to a cluster. */
  readonly invalidate: (key: string) => void;
}

export interface Controller {
  readonly registry: Registry;
  readonly queue: KeyQueue;
  workers(): Workers | undefined;
  /** Seconds since 1970 of the last periodic pass at all clusters. */
  lastSync(): number;
  /** Clusters without a manifest. */
  orphans(): readonly Orphan[];
  /** How clusters wait for each other. */
  waves(): WaveCounts;
  /** Begins to work; caches must be filled. */
  start(): void;
  /** Ends after the writes under way; gives up on them after some seconds. */
  stop(): Promise<void>;
}

/** Makes a controller; it does nothing before `start`. */
export function createController(ports: ControllerPorts): Controller {
  const { clock } = ports;
  const registry = new Registry();
  const queue = new KeyQueue(clock, ports.metrics.keyAdded);
  const aborting = new AbortController();
  const forget = (key: string) => {
    registry.forget(key);
    ports.forgotten(key);
  };
  const now = () => new Date(clock.now());
  const intake: IntakePorts = { ...ports, registry, queue, now, forget };
  const waves = createWaves({
    config: ports.config,
    entries: () => registry.entries(),
    get: (key) => registry.get(key),
    nowMs: clock.now,
    logger: ports.logger,
  });
  const runner: RunnerPorts = {
    ...ports,
    tools: ports.config.rolloutMaxClusters > 0 ? { ...ports.tools, waves } : ports.tools,
    waves,
    registry,
    queue,
    nowMs: clock.now,
    abort: aborting.signal,
    forget,
  };
  const unsubscribe = ports.onChange((change) => takeChange(intake, change));
  const stopping = new AbortController();
  let started: Started | undefined;
  return {
    registry,
    queue,
    workers: () => started?.workers,
    lastSync: () => started?.lastSync() ?? 0,
    waves: () => waves.counts(),
    orphans: () => started?.orphans.list() ?? [],
    start() {
      takeWhatIsThere(ports, intake);
      started = startWork(ports, runner, stopping.signal);
    },
    async stop() {
      unsubscribe();
      started?.stopResync();
      started?.orphans.stop();
      stopping.abort(new Error("the operator is shutting down"));
      for (const { stop } of registry.entries()) stop.abort(stopping.signal.reason);
      queue.close();
      const timer = clock.setTimer(() => aborting.abort(new Error("shutdown")), SHUTDOWN_MS);
      await started?.workers.stopped;
      clock.clearTimer(timer);
    },
  };
}

interface Started {
  readonly workers: Workers;
  readonly orphans: OrphanWatch;
  readonly stopResync: () => void;
  /** Seconds since 1970. */
  readonly lastSync: () => number;
}

/** Every manifest gets a pass, and so does every deletion that an earlier process did not finish. */
function takeWhatIsThere(ports: ControllerPorts, intake: IntakePorts): void {
  for (const object of ports.manifests()) {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    takeTrigger(intake, { key, cause: "add" }, { object });
  }
  for (const service of ports.services()) {
    const noted = deletionNote(service, ports);
    if (noted === undefined) continue;
    const { namespace, name } = service.metadata;
    const key = `${namespace}/${name}`;
    intake.registry.entry(key).noted = noted;
    intake.queue.add(key, "delete");
  }
}

function startWork(ports: ControllerPorts, runner: RunnerPorts, signal: AbortSignal): Started {
  const { config, clock } = ports;
  const { queue, registry } = runner;
  const orphans = watchForOrphans(ports, runner, signal);
  let lastSyncMs = clock.now();
  const work: RunPass = (item, slot, leave) => runPass(runner, { item, slot, leave });
  const workers = startWorkers(config.workers, queue, work, () => new Date(clock.now()));
  const stopResync = startResync(queue, {
    resyncPeriodMs: config.resyncPeriodMs,
    repairPeriodMs: config.repairPeriodMs,
    keys: () => {
      lastSyncMs = clock.now();
      return registry.keys();
    },
    failedKeys: () => registry.failed(),
    setTimer: clock.setTimer,
    clearTimer: clock.clearTimer,
  });
  return { workers, orphans, stopResync, lastSync: () => Math.floor(lastSyncMs / 1000) };
}

/** Watches for clusters without a manifest; what goes of them is a deletion like any other. */
function watchForOrphans(
  ports: ControllerPorts,
  { registry, queue }: RunnerPorts,
  signal: AbortSignal,
): OrphanWatch {
  return watchOrphans({
    ...ports,
    signal,
    isKnown(key) {
      const isManifest = ({ metadata }: Postgresql) =>
        `${metadata.namespace}/${metadata.name}` === key;
      return registry.has(key) || ports.manifests().some(isManifest);
    },
    remove({ key, uid }) {
      registry.entry(key).orphan = uid;
      queue.add(key, "delete");
    },
  });
}
