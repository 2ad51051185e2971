/**
 * The last lines of every cluster and of every worker, for `/clusters/…/logs` and `/workers/…/logs`.
 *
 * Zalando: pkg/util/ringlog, pkg/spec/types.go LogEntry (field names and their order).
 */

import type { LogRecord } from "./record.ts";

/** One line as the debug API shows it; the part that the path names is left out. */
export interface LogEntry {
  readonly Time: string;
  readonly Level: string;
  readonly ClusterName?: string;
  readonly Worker?: number;
  readonly Message: string;
}

/** Keeps recent lines; older ones fall out. */
export interface LogRing {
  /** Takes a record that has the field `cluster-name`, and keeps it by `worker` too; drops others. */
  add(record: LogRecord): void;
  /** Lines of a cluster `namespace/name`, oldest first; `undefined` if it never logged. */
  ofCluster(cluster: string): readonly LogEntry[] | undefined;
  /** Lines of a worker, oldest first; `undefined` if it never logged. */
  ofWorker(worker: number): readonly LogEntry[] | undefined;
  /** Drops the lines of a cluster that is gone. */
  forget(cluster: string): void;
  /** Sets how many lines are kept each (`ring_log_lines`). */
  setSize(lines: number): void;
}

/** Makes a ring that keeps `lines` lines a cluster and a worker. */
export function createLogRing(lines: number): LogRing {
  let size = lines;
  const clusters = new Map<string, LogEntry[]>();
  const workers = new Map<number, LogEntry[]>();
  return {
    add(record) {
      const cluster = record.fields["cluster-name"];
      // Zalando mirrors only lines about a cluster, also into the worker's ring.
      if (typeof cluster !== "string") return;
      const worker = record.fields["worker"];
      const start = { Time: record.time.toISOString(), Level: record.level };
      push(clusters, cluster, {
        ...start,
        ...(typeof worker === "number" ? { Worker: worker } : {}),
        Message: record.message,
      }, size);
      if (typeof worker !== "number") return;
      push(workers, worker, { ...start, ClusterName: cluster, Message: record.message }, size);
    },
    ofCluster: (cluster) => clusters.get(cluster)?.slice(),
    ofWorker: (worker) => workers.get(worker)?.slice(),
    forget: (cluster) => void clusters.delete(cluster),
    setSize: (lines) => {
      size = lines;
    },
  };
}

function push<Key>(rings: Map<Key, LogEntry[]>, key: Key, entry: LogEntry, size: number): void {
  const ring = rings.get(key) ?? [];
  rings.set(key, ring);
  ring.push(entry);
  if (ring.length > size) ring.splice(0, ring.length - size);
}
