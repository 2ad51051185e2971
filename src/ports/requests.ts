/**
 * Plain data of one call to the outside world. Planners make these values, clients send them; both
 * sides import this file and nothing else of each other.
 */

import type { KubeObject } from "../kubernetes/types.gen.ts";
import type { Sensitive } from "../lib/sensitive.ts";

/** Who we are to server-side apply and in `managedFields`; Zalando's operator has the same name. */
export const FIELD_MANAGER = "postgres-operator";

/** Names one object of the API server. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export type PatchType = "merge" | "json" | "strategic" | "apply";

/** One PATCH; `body` is sent as JSON under the content type of `type`. */
export interface PatchRequest {
  readonly target: ObjectRef;
  readonly type: PatchType;
  readonly body: unknown;
  readonly subresource?: "status" | "scale";
}

export type Propagation = "Orphan" | "Background" | "Foreground";

/** What the server checks before it deletes. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** One DELETE. */
export interface DeleteRequest {
  readonly target: ObjectRef;
  readonly propagation?: Propagation;
  readonly preconditions?: Preconditions;
}

/** A running pod as Patroni and exec calls need it. */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  /** `status.podIP`; IPv6 without brackets. */
  readonly ip: string;
}

/** One SQL statement. `sensitive` text never reaches a log, a plan or the debug API. */
export interface SqlText {
  readonly text: string;
  readonly sensitive?: boolean;
  /** What the statement does, in words: shown in plans instead of a sensitive text. */
  readonly purpose: string;
}

/** How to reach one database of one cluster. */
export interface SqlTarget {
  readonly namespace: string;
  readonly cluster: string;
  readonly database: string;
  readonly user: string;
  readonly password: Sensitive;
}

/** The calls of Patroni's REST API that change something. */
export type PatroniRequest =
  | { readonly call: "patchConfig"; readonly body: Readonly<Record<string, unknown>> }
  | { readonly call: "restart"; readonly body: { readonly restart_pending: true } }
  | {
    readonly call: "switchover";
    readonly body: {
      readonly leader: string;
      readonly member: string;
      /** `YYYY-MM-DDTHH:MM+00`; empty to switch over at once. */
      readonly scheduled_at: string;
    };
  };

/** A command in a container of a pod. */
export interface ExecRequest {
  readonly pod: PodRef;
  readonly container: string;
  readonly command: readonly string[];
  /**
   * What the command reads. The end of it is not told on every connection, so the command has to
   * know where to stop. The command itself stands in the audit log of the API server, this does not.
   */
  readonly stdin?: Sensitive;
  /** After so long it is given up; a minute unless told. */
  readonly timeoutMs?: number;
}

/** The commands of one attempt at a major version upgrade; versions as PostgreSQL numbers them. */
export interface UpgradeRequest {
  readonly from: number;
  readonly to: number;
  /** Prints the user that commands run as. */
  readonly userId: ExecRequest;
  /** The upgrade for either user. */
  readonly asRoot: ExecRequest;
  readonly asPostgres: ExecRequest;
  /** Prints what the upgrade said last. */
  readonly lastLine: ExecRequest;
}

/** What a command printed and how it ended. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Names an object by what it says of itself. */
export function refOf(object: KubeObject): ObjectRef {
  const { namespace, name } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    ...(namespace === undefined ? {} : { namespace }),
    name: name ?? "",
  };
}

/** `kind namespace/name`, as messages and keys show an object. */
export function describeRef(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace === undefined ? "" : ref.namespace + "/"}${ref.name}`;
}
