/**
 * What the dashboard shows beside the pages of Zalando's debug API, as schemas: an overview of all
 * clusters, and one cluster from near. Everything comes from memory; null means unknown.
 */

import * as v from "valibot";

/** A time as JSON writes it, or empty. */
const time = v.pipe(v.string(), v.regex(/^(\d{4}-\d\d-\d\dT[\d:.]+Z)?$/));

const HeldShape = v.strictObject({ subject: v.string(), kind: v.string(), reason: v.string() });

const ConditionShape = v.strictObject({
  type: v.string(),
  status: v.string(),
  reason: v.string(),
  message: v.string(),
  since: v.string(),
});

/** `critical`: the database is down or writes are refused; `warning`: it may come to that. */
export const SeverityShape = v.picklist(["critical", "warning", "notice"]);

/** What a fixed rule found, and what it goes by. */
export const FindingShape = v.strictObject({
  rule: v.string(),
  severity: SeverityShape,
  title: v.string(),
  evidence: v.array(v.string()),
  /** What a person may do. */
  advice: v.string(),
});

/** One cluster in a line. */
export const RowShape = v.strictObject({
  namespace: v.string(),
  name: v.string(),
  team: v.string(),
  created: v.string(),
  /** `PostgresClusterStatus`; empty before the first pass. */
  word: v.string(),
  conditions: v.array(ConditionShape),
  version: v.string(),
  volume: v.string(),
  wanted: v.number(),
  ready: v.nullable(v.number()),
  primary: v.nullable(v.string()),
  /** Of the replica that is furthest behind. */
  lagBytes: v.nullable(v.number()),
  held: v.array(HeldShape),
  failure: v.nullable(v.string()),
  /** A pass under way. */
  running: v.nullable(v.strictObject({ worker: v.number(), since: time })),
  deleting: v.boolean(),
  lastPass: v.nullable(v.strictObject({ at: time, cause: v.string(), steps: v.number() })),
  lastSuccess: time,
  /** When a base or logical backup was last finished; empty where none is known. */
  lastBackup: v.string(),
  findings: v.array(v.strictObject({ severity: SeverityShape, title: v.string() })),
});

/** The operator and all of its clusters. */
export const OverviewShape = v.strictObject({
  operator: v.strictObject({
    version: v.string(),
    ready: v.boolean(),
    /** Seconds since 1970; 0 before the first periodic pass. */
    lastSync: v.number(),
    waiting: v.number(),
    workers: v.array(v.nullable(v.strictObject({
      namespace: v.string(),
      name: v.string(),
      cause: v.string(),
      since: time,
    }))),
    orphans: v.array(v.strictObject({ namespace: v.string(), name: v.string(), since: time })),
  }),
  clusters: v.array(RowShape),
});

/** One pod of a cluster, as Kubernetes and Patroni tell of it. */
export const MemberShape = v.strictObject({
  name: v.string(),
  role: v.string(),
  /** Patroni's word for PostgreSQL; empty where it did not say. */
  state: v.string(),
  ready: v.boolean(),
  timeline: v.nullable(v.number()),
  lagBytes: v.nullable(v.number()),
  pendingRestart: v.boolean(),
  node: v.string(),
  address: v.string(),
  phase: v.string(),
  /** Restarts of the container with PostgreSQL. */
  restarts: v.number(),
  started: v.string(),
});

/** An Event that the operator sent since it started. */
export const EventShape = v.strictObject({
  at: time,
  type: v.string(),
  reason: v.string(),
  message: v.string(),
});

/** Times as the API server keeps them; empty where nothing is known. */
const stored = v.string();

/** What is known of backups; looked up at periodic looks. */
export const BackupsShape = v.strictObject({
  /** `working`, `failing`, `idle`; empty where no WAL is archived. */
  archiver: v.string(),
  lastFailedWal: v.string(),
  lastBaseBackup: stored,
  oldestRecoverablePoint: stored,
  lastLogicalBackup: stored,
});

/** What somebody asked for by an annotation, and what came of it. */
export const RequestShape = v.strictObject({
  what: v.string(),
  id: v.string(),
  state: v.string(),
  message: v.string(),
  time: stored,
});

/** Why something was restarted, recreated or handed over. */
export const RestartShape = v.strictObject({
  what: v.string(),
  pod: v.string(),
  why: v.string(),
  time: stored,
});

/** One cluster from near. */
export const DetailShape = v.strictObject({
  row: RowShape,
  /** Null where none are made, as far as the status tells. */
  backups: v.nullable(BackupsShape),
  requests: v.array(RequestShape),
  /** Newest first. */
  restarts: v.array(RestartShape),
  members: v.array(MemberShape),
  findings: v.array(FindingShape),
  events: v.array(EventShape),
});

export type Finding = v.InferOutput<typeof FindingShape>;
export type RowView = v.InferOutput<typeof RowShape>;
export type OverviewView = v.InferOutput<typeof OverviewShape>;
export type MemberView = v.InferOutput<typeof MemberShape>;
export type RequestView = v.InferOutput<typeof RequestShape>;
export type EventView = v.InferOutput<typeof EventShape>;
export type DetailView = v.InferOutput<typeof DetailShape>;
