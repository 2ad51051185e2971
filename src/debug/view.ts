/**
 * What the debug API may see of the operator: frozen, redacted values, never a client, a lock or a
 * write. Field names and shapes are Zalando's (pkg/apiserver/apiserver.go, pkg/cluster/types.go).
 */

export interface StatusView {
  /** Seconds since 1970 of the last periodic look at all clusters. */
  readonly LastSyncTime: number;
  readonly Clusters: number;
  /** Keys that wait, by worker slot; all slots share one queue, shown under "0". */
  readonly WorkerQueueSize: Readonly<Record<string, number>>;
}

/** One step or wait of a plan as people read it. */
export interface PlanStepView {
  readonly subject: string;
  readonly action: string;
  readonly effect: string;
  readonly reasons: readonly string[];
  /** `planned` until it was tried. */
  readonly result: string;
}

export interface PlanView {
  readonly cluster: string;
  readonly generation: number;
  readonly cause: string;
  readonly at: string;
  readonly steps: readonly PlanStepView[];
  readonly held: readonly { readonly subject: string; readonly reason: string }[];
  readonly requeueAfterMs: number | undefined;
}

/** One cluster as Zalando's API shows it, without anything secret. */
export interface ClusterView {
  readonly Team: string;
  readonly Cluster: string;
  readonly Namespace: string;
  readonly MasterService: unknown;
  readonly ReplicaService: unknown;
  readonly MasterEndpoint: unknown;
  readonly ReplicaEndpoint: unknown;
  readonly StatefulSet: unknown;
  readonly PrimaryPodDisruptionBudget: unknown;
  readonly CriticalOpPodDisruptionBudget: unknown;
  readonly CurrentProcess: { readonly Name: string; readonly StartTime: string };
  readonly Worker: number;
  readonly Status: unknown;
  readonly Spec: unknown;
  readonly Error: string | null;
}

export interface OperatorView {
  /** True once every cache has been filled and clusters are being looked after. */
  ready(): boolean;
  status(): StatusView;
  /** Names of clusters by team. */
  teams(): Readonly<Record<string, readonly string[]>>;
  cluster(namespace: string, name: string): ClusterView | undefined;
  /** The last plan of a cluster. */
  plan(namespace: string, name: string): PlanView | undefined;
}
