/**
 * Everything that one cluster should consist of, as values: the input of the plan. The builders of
 * this folder make the parts; `desired_cluster.ts` puts them together.
 */

import type {
  CronJob,
  Deployment,
  Endpoints,
  ObjectMeta,
  PodDisruptionBudget,
  RoleBinding,
  Service,
  ServiceAccount,
  StatefulSet,
} from "../../kubernetes/types.gen.ts";
import type { FabricEventStream } from "../../api/types.gen.ts";
import type { ObjectRef } from "../../ports/requests.ts";
import type { DesiredDatabases } from "./roles/databases.ts";
import type { DesiredRole, HeldRoles, RoleProblem } from "./roles/role.ts";

/** One credential Secret: who logs in with it and what surrounds the data. */
export interface DesiredCredential {
  /** Role name, the Secret's `username` unless rotation changed it. */
  readonly role: string;
  readonly secret: { readonly namespace: string; readonly name: string };
  readonly metadata: ObjectMeta;
}

/** One connection pooler: its objects and the Secret with its user list. */
export interface DesiredPooler {
  readonly role: "primary" | "replica";
  readonly deployment: Deployment;
  readonly service: Service;
  /** Secret `<pooler>-u` without data; the plan fills `userlist.txt` from credentials. */
  readonly authSecret: ObjectMeta;
}

/** Patroni's dynamic configuration as the manifest asks for it (Zalando: sync.go, syncPatroniConfig). */
export interface DesiredPatroni {
  /** Top-level keys that the manifest or the configuration decides, as `PATCH /config` has them. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly slots: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly parameters: Readonly<Record<string, string>>;
  /** Rules of pg_hba.conf; none means that the manifest leaves them to Spilo. */
  readonly hba: readonly string[];
  /**
   * The `standby_cluster` section, null where the cluster is no standby, undefined where the
   * operator has no say in it (a standby by environment variables alone).
   */
  readonly standby: Readonly<Record<string, unknown>> | null | undefined;
}

export interface DesiredCluster {
  readonly serviceAccount: ServiceAccount;
  readonly roleBinding: RoleBinding;
  readonly services: { readonly primary: Service; readonly replica: Service };
  /** Only where Patroni keeps its state in Endpoints (or etcd). */
  readonly endpoints?: Endpoints;
  /** Metadata that Patroni's own objects should carry (owner references, inherited annotations). */
  readonly patroniObjects: {
    readonly refs: readonly ObjectRef[];
    readonly metadata: ObjectMeta;
  };
  readonly statefulSet: StatefulSet;
  readonly disruptionBudgets: {
    readonly primary: PodDisruptionBudget;
    readonly criticalOperation: PodDisruptionBudget;
  };
  readonly credentials: readonly DesiredCredential[];
  readonly logicalBackup?: CronJob;
  readonly poolers: readonly DesiredPooler[];
  readonly eventStreams: readonly FabricEventStream[];
  readonly patroni: DesiredPatroni;
  readonly roles: readonly DesiredRole[];
  /** Sources of roles that could not be read: their roles are neither made nor taken for gone. */
  readonly heldRoles: readonly HeldRoles[];
  /** Roles that are left out, and why. */
  readonly roleProblems: readonly RoleProblem[];
  readonly databases: DesiredDatabases;
  /** Objects that must not exist: switched-off poolers, backup job and so on. */
  readonly absent: readonly ObjectRef[];
}
