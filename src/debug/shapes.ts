/**
 * The shapes of the debug API's answers as schemas: the description of the API is made of them, and
 * the tests hold every answer to them. Field names are Zalando's (pkg/spec/types.go,
 * pkg/cluster/types.go); what we add has names of its own.
 */

import * as v from "valibot";

/** A time as Go and JSON write it, or empty. */
const time = v.pipe(v.string(), v.regex(/^(\d{4}-\d\d-\d\dT[\d:.]+Z)?$/));

/** An object of Kubernetes, redacted; null where it is not there or was not read yet. */
const object = v.nullable(v.looseObject({}));

export const ErrorShape = v.strictObject({ error: v.string() });

export const StatusShape = v.strictObject({
  /** Seconds since 1970 of the last periodic resync of all clusters. */
  LastSyncTime: v.number(),
  Clusters: v.number(),
  /** Keys that wait, by worker. */
  WorkerQueueSize: v.record(v.string(), v.number()),
});

export const ConfigShape = v.strictObject({
  controller: v.looseObject({ InfrastructureRoles: v.record(v.string(), v.looseObject({})) }),
  operator: v.looseObject({ WatchedNamespace: v.string() }),
});

export const TeamsShape = v.record(v.string(), v.array(v.string()));

/** Clusters without a manifest, and since when. */
export const OrphansShape = v.array(v.strictObject({
  namespace: v.string(),
  name: v.string(),
  since: time,
}));

export const NamesShape = v.array(v.string());

export const ProcessShape = v.strictObject({ Name: v.string(), StartTime: time });

export const ClusterShape = v.strictObject({
  Team: v.string(),
  Cluster: v.string(),
  Namespace: v.string(),
  MasterService: object,
  ReplicaService: object,
  MasterEndpoint: object,
  ReplicaEndpoint: object,
  StatefulSet: object,
  PrimaryPodDisruptionBudget: object,
  CriticalOpPodDisruptionBudget: object,
  CurrentProcess: ProcessShape,
  Worker: v.number(),
  Status: v.looseObject({}),
  Spec: v.looseObject({}),
  Error: v.nullable(v.string()),
});

export const LogShape = v.array(v.strictObject({
  Time: time,
  Level: v.string(),
  ClusterName: v.optional(v.string()),
  Worker: v.optional(v.number()),
  Message: v.string(),
}));

export const HistoryShape = v.array(v.strictObject({
  /** When the change was seen, and when the first pass with it began; empty before that. */
  EventTime: time,
  ProcessTime: time,
  /** A line for each field: path, value before, value after. */
  Diff: v.array(v.string()),
  /** Who wrote the manifest last, as the API server noted it; empty where it did not. */
  Manager: v.string(),
}));

export const PlanShape = v.strictObject({
  cluster: v.string(),
  generation: v.number(),
  cause: v.string(),
  at: time,
  steps: v.array(v.strictObject({
    subject: v.string(),
    action: v.string(),
    effect: v.string(),
    reasons: v.array(v.string()),
    /** The reasons that are not about a field. */
    sentences: v.array(v.string()),
    /** The fields among the reasons, before and after; both empty where they are not shown. */
    changes: v.array(v.strictObject({
      path: v.string(),
      from: v.string(),
      to: v.string(),
      hidden: v.boolean(),
    })),
    /** `planned` until it was tried. */
    result: v.string(),
  })),
  held: v.array(v.strictObject({ subject: v.string(), reason: v.string() })),
  requeueAfterMs: v.optional(v.number()),
});

/** A plan that did something. */
export const KeptPlanShape = v.strictObject({
  ...PlanShape.entries,
  /** How often it was tried as it is, and when first. */
  times: v.number(),
  since: time,
});

/** Passes that did something, oldest first, as `postgres-operator replay` takes them. */
export const RecordingsShape = v.array(v.strictObject({
  key: v.string(),
  id: v.number(),
  at: time,
  cause: v.string(),
  generation: v.number(),
  /** What the worst of its steps does to running pods. */
  effect: v.string(),
  steps: v.number(),
  /** Of the operator. */
  version: v.string(),
  /** Base64 of gzip of JSON: what the plan was made of, secrets hidden, and the plan. */
  packed: v.string(),
}));

export const QueueShape = v.strictObject({
  Keys: v.array(v.string()),
  List: v.array(v.strictObject({
    EventTime: time,
    EventType: v.string(),
    UID: v.string(),
    WorkerID: v.number(),
    NewSpec: v.looseObject({}),
  })),
});

/** What a worker does, or the word `idle`. */
export const WorkerShape = v.union([
  v.literal("idle"),
  v.strictObject({
    CurrentCluster: v.strictObject({ Namespace: v.string(), Name: v.string() }),
    CurrentProcess: ProcessShape,
  }),
]);

export type StatusView = v.InferOutput<typeof StatusShape>;
export type OrphansView = v.InferOutput<typeof OrphansShape>;
export type ConfigView = v.InferOutput<typeof ConfigShape>;
export type ClusterView = v.InferOutput<typeof ClusterShape>;
export type LogView = v.InferOutput<typeof LogShape>;
export type HistoryView = v.InferOutput<typeof HistoryShape>;
export type RecordingsView = v.InferOutput<typeof RecordingsShape>;
export type PlanView = v.InferOutput<typeof PlanShape>;
export type KeptPlanView = v.InferOutput<typeof KeptPlanShape>;
export type QueueView = v.InferOutput<typeof QueueShape>;
export type WorkerView = v.InferOutput<typeof WorkerShape>;
