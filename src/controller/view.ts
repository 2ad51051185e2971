/** What the debug API shows, made from the registry: redacted copies, no client, no write. */

import type { ObjectRef } from "../ports/requests.ts";
import type {
  ClusterView,
  ConfigView,
  HistoryView,
  QueueView,
  RecordingsView,
  WorkerView,
} from "../debug/shapes.ts";
import type { OperatorView } from "../debug/view.ts";
import { redacted } from "../lib/redact.ts";
import type { LogRing } from "../log/ring.ts";
import type { Postgresql } from "../api/types.gen.ts";
import { isAlive } from "./liveness.ts";
import { planView, shownPlans } from "./plans.ts";
import type { QueueItem } from "./queue_item.ts";
import { detailOf, overviewOf, type OverviewSources } from "./overview/overview.ts";
import type { ClusterEntry, Registry } from "./registry.ts";
import type { ShownObjects } from "./seen.ts";
import type { SlotState } from "./workers.ts";

/** What the view shows beside the controller itself. */
export interface ViewSources extends OverviewSources {
  readonly ring: LogRing;
  /** Passes of a cluster that are kept. */
  readonly recordings: (key: string) => RecordingsView;
  /** The configuration under Zalando's names, without secrets. */
  readonly config: () => ConfigView;
}

/** Makes the view of an operator. */
export function createView(sources: ViewSources): OperatorView {
  const { controller, ready, now, workers, ring, config } = sources;
  const { registry, queue } = controller;
  const entryOf = (namespace: string, name: string) => registry.get(`${namespace}/${name}`);
  const waitingFor = (id: number) => queue.waiting().filter((_, place) => place % workers === id);
  return {
    ready,
    alive: () =>
      isAlive({
        busy: controller.workers()?.busy() ?? [],
        workers,
        waiting: queue.waiting().length,
        now: now(),
        upgrades: ({ key }) =>
          registry.get(key)?.last?.plan.steps.some(({ action }) => action.kind === "upgrade") ??
            false,
      }),
    status: () => ({
      LastSyncTime: controller.lastSync(),
      Clusters: registry.keys().length,
      WorkerQueueSize: queueSizes(queue.waiting().length, workers),
    }),
    config,
    teams: () => grouped(registry.entries(), ({ spec }) => spec.teamId ?? "", nameOf),
    databases: () => databasesOf(registry.entries()),
    orphans: () =>
      controller.orphans().map(({ key, since }) => {
        const [namespace = "", name = ""] = key.split("/");
        return { namespace, name, since: since.toISOString() };
      }),
    cluster(namespace, name) {
      const entry = entryOf(namespace, name);
      return entry?.cr && clusterView(entry, sources.object);
    },
    plan(namespace, name) {
      const entry = entryOf(namespace, name);
      return entry?.last && planView(entry.key, entry.last);
    },
    plans(namespace, name) {
      const entry = entryOf(namespace, name);
      return entry && shownPlans(entry.plans);
    },
    logs(namespace, name) {
      const entry = entryOf(namespace, name);
      return entry && [...ring.ofCluster(entry.key) ?? []];
    },
    history(namespace, name) {
      const entry = entryOf(namespace, name);
      return entry && historyView(entry);
    },
    recordings(namespace, name) {
      const entry = entryOf(namespace, name);
      return entry && sources.recordings(entry.key);
    },
    overview: () => overviewOf(sources),
    detail: (namespace, name) => detailOf(entryOf(namespace, name), sources),
    workers: () => workers,
    worker: (id) => workerView(controller.workers()?.busy().find(({ slot }) => slot === id)),
    queue: (id) => queueView(waitingFor(id), id, registry),
    workerLogs: (id) => [...ring.ofWorker(id) ?? []],
  };
}

/** All workers share one queue: what waits is dealt out to them in turn, as they would take it. */
function queueSizes(waiting: number, workers: number): Record<string, number> {
  const sizes = Array.from({ length: workers }, (_, id) => Math.ceil((waiting - id) / workers));
  return Object.fromEntries(sizes.map((size, id) => [String(id), Math.max(0, size)]));
}

function nameOf({ metadata }: Postgresql): string {
  return metadata.name ?? "";
}

function grouped(
  entries: readonly ClusterEntry[],
  keyOf: (cr: Postgresql) => string,
  valueOf: (cr: Postgresql) => string,
): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { cr } of entries) {
    if (cr === undefined) continue;
    const key = keyOf(cr);
    groups.set(key, [...groups.get(key) ?? [], valueOf(cr)]);
  }
  return groups;
}

/** Zalando: pkg/controller/logs_and_api.go, ClusterDatabasesMap; clusters of one name are one row. */
function databasesOf(entries: readonly ClusterEntry[]): Map<string, string[]> {
  const databases = new Map<string, string[]>();
  for (const { cr } of entries) {
    const names = Object.keys(cr?.spec.databases ?? {});
    if (cr === undefined || names.length === 0) continue;
    const name = nameOf(cr);
    databases.set(name, [...databases.get(name) ?? [], ...names].sort());
  }
  return databases;
}

function historyView({ history }: ClusterEntry): HistoryView {
  return history.map(({ at, begunAt, lines, manager }) => ({
    EventTime: at.toISOString(),
    ProcessTime: begunAt?.toISOString() ?? "",
    Diff: [...lines],
    Manager: manager,
  }));
}

function workerView(state: SlotState | undefined): WorkerView {
  if (state === undefined) return "idle";
  const [Namespace = "", Name = ""] = state.key.split("/");
  return {
    CurrentCluster: { Namespace, Name },
    CurrentProcess: { Name: state.cause, StartTime: state.startedAt.toISOString() },
  };
}

function queueView(items: readonly QueueItem[], worker: number, registry: Registry): QueueView {
  const list = items.map(({ key, cause, sinceMs }) => {
    const [namespace = "", name = ""] = key.split("/");
    return {
      EventTime: new Date(sinceMs).toISOString(),
      EventType: cause.toUpperCase(),
      UID: registry.get(key)?.cr?.metadata.uid ?? "",
      WorkerID: worker,
      NewSpec: { metadata: { namespace, name } },
    };
  });
  return { Keys: list.map(({ EventType, UID }) => `${EventType}-${UID}`), List: list };
}

function clusterView(
  { cr, last, running }: ClusterEntry,
  objectOf: ViewSources["object"],
): ClusterView {
  const { namespace = "", name = "" } = cr?.metadata ?? {};
  const objects: Partial<ShownObjects> = last?.seen?.objects ?? {};
  const live = (ref: ObjectRef | undefined): ClusterView["MasterService"] =>
    ref === undefined ? null : redacted(objectOf(ref) ?? null);
  return {
    Team: cr?.spec.teamId ?? "",
    Cluster: name,
    Namespace: namespace,
    MasterService: live(objects.primaryService),
    ReplicaService: live(objects.replicaService),
    MasterEndpoint: live(objects.endpoints),
    ReplicaEndpoint: null,
    StatefulSet: live(objects.statefulSet),
    PrimaryPodDisruptionBudget: live(objects.primaryBudget),
    CriticalOpPodDisruptionBudget: live(objects.criticalBudget),
    CurrentProcess: running
      ? { Name: "reconcile", StartTime: running.since.toISOString() }
      : { Name: "", StartTime: "" },
    Worker: running?.slot ?? 0,
    Status: { ...cr?.status },
    Spec: redacted(cr?.spec ?? {}),
    Error: last?.failure ?? null,
  };
}
