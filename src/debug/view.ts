/**
 * What the debug API may see of the operator: frozen, redacted values from memory, never a client, a
 * lock or a write. The shapes are in `shapes.ts`.
 */

import type {
  ClusterView,
  ConfigView,
  HistoryView,
  KeptPlanView,
  LogView,
  OrphansView,
  PlanView,
  QueueView,
  RecordingsView,
  StatusView,
  WorkerView,
} from "./shapes.ts";
import type { DetailView, OverviewView } from "./overview_shapes.ts";

export interface OperatorView {
  /** True once every cache has been filled, and while changes of clusters are heard of. */
  ready(): boolean;
  /** False when only a restart would help. */
  alive(): boolean;
  status(): StatusView;
  config(): ConfigView;
  /** Names of clusters by team. */
  teams(): ReadonlyMap<string, readonly string[]>;
  /** Names of the databases that manifests ask for, by cluster. */
  databases(): ReadonlyMap<string, readonly string[]>;
  /** Clusters whose manifests are gone. */
  orphans(): OrphansView;
  cluster(namespace: string, name: string): ClusterView | undefined;
  /** The last plan of a cluster. */
  plan(namespace: string, name: string): PlanView | undefined;
  /** The last plans of a cluster that did something, newest first. */
  plans(namespace: string, name: string): KeptPlanView[] | undefined;
  /** Recent lines of the log about a cluster. */
  logs(namespace: string, name: string): LogView | undefined;
  /** Recent changes of a cluster's manifest. */
  history(namespace: string, name: string): HistoryView | undefined;
  /** Recent passes of a cluster that did something, packed. */
  recordings(namespace: string, name: string): RecordingsView | undefined;
  /** All clusters in a line each, and what the workers do. */
  overview(): OverviewView;
  /** One cluster from near: members, findings, Events. */
  detail(namespace: string, name: string): DetailView | undefined;
  /** How many workers there are; they count from 0. */
  workers(): number;
  worker(id: number): WorkerView;
  /** What waits for a worker. */
  queue(id: number): QueueView;
  workerLogs(id: number): LogView;
}
