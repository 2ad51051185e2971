/**
 * What one pass over a cluster needs of the outside world. Readers and writers are different types:
 * a function that takes a reader cannot write.
 */

import type { KubeObject } from "../kubernetes/types.gen.ts";
import type { Observation } from "./observation.ts";
import type {
  DeleteRequest,
  ExecRequest,
  ExecResult,
  ObjectRef,
  PatchRequest,
  PatroniRequest,
  PodRef,
  SqlTarget,
  SqlText,
} from "./requests.ts";

/**
 * Reads objects of the API server, from a watch cache where there is one. What it returns is the
 * caller's own copy. A failed read is an unknown, an absent object a known `undefined`.
 */
export interface KubeReader {
  read(ref: ObjectRef, signal: AbortSignal): Promise<Observation<KubeObject | undefined>>;
  /** Objects of a kind that carry the cluster's name label; all of `kind` and `namespace`. */
  listOfCluster(query: ClusterQuery, signal: AbortSignal): Promise<Observation<KubeObject[]>>;
}

/** Objects of one kind that belong to one cluster by its name label. */
export interface ClusterQuery {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly cluster: string;
}

/** Writes objects; every call either succeeds or throws an error that names verb and object. */
export interface KubeWriter {
  create(object: KubeObject, signal: AbortSignal): Promise<KubeObject>;
  patch(request: PatchRequest, signal: AbortSignal): Promise<KubeObject>;
  /** HTTP PUT: what Kubernetes calls replace. */
  replace(object: KubeObject, signal: AbortSignal): Promise<KubeObject>;
  /**
   * Asks whether the API server would take an object, without creating it. Gives its words where it
   * refuses the object for good; undefined where it takes it, and where nobody can tell (no right to
   * create such objects, no answer).
   */
  tryCreate(object: KubeObject, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Whether the operator's role lets it patch objects like this one, as the API server says. True
   * where nobody can tell.
   */
  mayPatch(target: ObjectRef, signal: AbortSignal): Promise<boolean>;
  /** An object that is already gone counts as deleted. */
  delete(request: DeleteRequest, signal: AbortSignal): Promise<void>;
  /** Resolves once the object is gone (or has another uid): for delete-then-create. */
  awaitGone(request: DeleteRequest, signal: AbortSignal): Promise<void>;
}

/** One Event about an object. */
export interface EventNote {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** Sends Events; repeated ones are counted up, failures are only logged. */
export interface EventSink {
  emit(about: KubeObject, note: EventNote): void;
}

/** Patroni's REST API on one pod. Reads throw when the pod does not answer. */
export interface PatroniApi {
  getConfig(pod: PodRef, signal: AbortSignal): Promise<Record<string, unknown>>;
  getCluster(pod: PodRef, signal: AbortSignal): Promise<PatroniMember[]>;
  getMember(pod: PodRef, signal: AbortSignal): Promise<PatroniMemberState>;
  send(pod: PodRef, request: PatroniRequest, signal: AbortSignal): Promise<void>;
}

/** One row of Patroni's `GET /cluster`. */
export interface PatroniMember {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly timeline?: number;
  /** Bytes behind the leader; absent when Patroni does not know. */
  readonly lagBytes?: number;
}

/** What `GET /patroni` says of one member. */
export interface PatroniMemberState {
  readonly state: string;
  readonly role: string;
  /** As PostgreSQL numbers it: 170005. Absent while the server is down. */
  readonly serverVersion?: number;
  readonly pendingRestart: boolean;
  /** When its server was started, milliseconds since 1970 by the clock of its node. */
  readonly startedMs?: number;
  /** By parameter what it runs with and what it waits for; absent where Patroni does not say. */
  readonly restartReasons?: Readonly<Record<string, { readonly from: string }>>;
  readonly patroniVersion?: string;
}

/** A session on one database. */
export interface SqlSession {
  query(statement: SqlText): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

/** Opens SQL sessions: TLS required, `search_path` pinned, time-outs set. */
export interface SqlConnector {
  open(target: SqlTarget, signal: AbortSignal): Promise<SqlSession>;
}

/** Runs a command in a pod. */
export interface PodExec {
  exec(request: ExecRequest, signal: AbortSignal): Promise<ExecResult>;
}

/** Members of a team by the Teams API. A team that the API does not know has none. */
export interface TeamsApi {
  members(team: string, signal: AbortSignal): Promise<readonly string[]>;
}

/** The wall clock. */
export interface Clock {
  now(): Date;
}
