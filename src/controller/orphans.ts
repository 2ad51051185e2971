/**
 * Clusters that were deleted while no operator ran: their manifest is gone and everything else is
 * still there. They are reported, and removed only where the configuration says so.
 *
 * A StatefulSet counts as left behind when it is one that the operator would make, and the API
 * server itself said twice, minutes apart, that its manifest is gone.
 */

import type { Config } from "../config/config.ts";
import { isClusterStatefulSet } from "../cluster/desired/own_objects.ts";
import type { StatefulSet } from "../kubernetes/types.gen.ts";
import type { Logger } from "../log/logger.ts";
import { liveManifest, type LivePorts } from "../cluster/pass/live_manifest.ts";
import type { QueueClock } from "./queue.ts";

/** Between two checks, and so between the two times that the API server is asked. */
const CHECK_MS = 5 * 60_000;

/** A cluster without a manifest. */
export interface Orphan {
  /** `namespace/name`. */
  readonly key: string;
  /** `metadata.uid` of the StatefulSet. */
  readonly uid: string;
  /** When the API server first said that the manifest is gone. */
  readonly since: Date;
}

export interface OrphanPorts extends LivePorts {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: QueueClock;
  /** Copies of all StatefulSets that carry a cluster's label. */
  readonly statefulSets: () => readonly StatefulSet[];
  /** True where a manifest is there, whoever looks after it, or its deletion is under way. */
  readonly isKnown: (key: string) => boolean;
  /** Told of an orphan that may be removed. */
  readonly remove: (orphan: Orphan) => void;
  readonly signal: AbortSignal;
}

export interface OrphanWatch {
  /** Those that were confirmed, oldest first. */
  list(): readonly Orphan[];
  stop(): void;
}

/** Checks for orphans: now, and every few minutes. */
export function watchOrphans(ports: OrphanPorts): OrphanWatch {
  const { clock, logger } = ports;
  const suspects = new Map<string, Orphan>();
  const confirmed = new Map<string, Orphan>();
  let timer: number | undefined;

  async function check(): Promise<void> {
    const sets = new Map(
      ports.statefulSets().filter((set) => isClusterStatefulSet(set, ports.config))
        .map((set) => [keyOf(set), set]),
    );
    for (const known of [suspects, confirmed]) {
      for (const [key, { uid }] of known) {
        if (ports.isKnown(key) || sets.get(key)?.metadata.uid !== uid) known.delete(key);
      }
    }
    for (const [key, set] of sets) {
      if (!ports.isKnown(key) && !confirmed.has(key)) await ask(key, set);
    }
  }

  async function ask(key: string, { metadata: { uid = "" } }: StatefulSet): Promise<void> {
    const suspect = suspects.get(key);
    if (await liveManifest(ports, key, ports.signal) !== undefined) {
      suspects.delete(key);
      return;
    }
    if (suspect === undefined) {
      suspects.set(key, { key, uid, since: new Date(clock.now()) });
      return;
    }
    suspects.delete(key);
    confirmed.set(key, suspect);
    report(suspect);
    if (mayRemove(ports)) ports.remove(suspect);
  }

  function report({ key, since }: Orphan): void {
    const [, name = ""] = key.split("/");
    const rest = mayRemove(ports)
      ? "what is left of it is removed (enable_orphan_deletion)"
      : "apply the manifest again, or delete what is left of it by the label " +
        `${ports.config.clusterNameLabel}=${name}`;
    const text = `StatefulSet ${key} has had no manifest since ${since.toISOString()}: ${rest}`;
    logger.warn(text, { "cluster-name": key });
  }

  function again(): void {
    timer = clock.setTimer(run, CHECK_MS);
  }

  function run(): void {
    check().catch((error: Error) => {
      if (!ports.signal.aborted) logger.warn(error.message);
    }).finally(() => {
      if (!ports.signal.aborted) again();
    });
  }

  run();
  return {
    list: () => [...confirmed.values()].sort((a, b) => a.since.getTime() - b.since.getTime()),
    stop() {
      if (timer !== undefined) clock.clearTimer(timer);
    },
  };
}

/**
 * Removal has to be asked for. Where annotations protect from deletions nobody can give them any
 * more, and with several operators nobody knows whose the cluster was: there it is only reported.
 */
function mayRemove({ config, controllerId }: OrphanPorts): boolean {
  const isProtected = config.deleteAnnotationDateKey !== "" ||
    config.deleteAnnotationNameKey !== "";
  return config.enableOrphanDeletion && !isProtected && controllerId === "";
}

function keyOf({ metadata: { namespace = "", name = "" } }: StatefulSet): string {
  return `${namespace}/${name}`;
}
