/**
 * What a pass looks up before it resolves the manifest: contents of referenced objects, roles from
 * outside the manifest, and the major version that runs. Types only; `observed/read_inputs.ts` fills
 * them.
 */

import type { Observation } from "../../ports/observation.ts";
import type { Sensitive } from "../../lib/sensitive.ts";

/** A role defined once for all clusters (Zalando: pkg/controller/util.go, getInfrastructureRoles). */
export interface InfrastructureRole {
  readonly name: string;
  readonly password: Sensitive;
  readonly flags: readonly string[];
  readonly memberOf: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly adminRole?: string;
  /** `is_db_owner`: joins the additional owner roles like an owner of a database. */
  readonly isDbOwner?: boolean;
}

/** Members of one team, and whether its members become superusers. */
export interface TeamMembership {
  readonly team: string;
  readonly superuser: boolean;
  readonly members: readonly string[];
}

export interface Inputs {
  /** Data of `pod_environment_configmap`; undefined when the parameter is not set. */
  readonly podEnvironment: Observation<Readonly<Record<string, string>> | undefined>;
  /** Keys of `pod_environment_secret`; undefined when the parameter is not set. */
  readonly podEnvironmentSecretKeys: Observation<readonly string[] | undefined>;
  /** Keys of `logical_backup_cronjob_environment_secret`; undefined when it is not set. */
  readonly logicalBackupSecretKeys: Observation<readonly string[] | undefined>;
  readonly infrastructureRoles: Observation<readonly InfrastructureRole[]>;
  readonly teams: Observation<readonly TeamMembership[]>;
  /**
   * Major version that the StatefulSet starts its pods with (17); undefined for a cluster that has
   * no StatefulSet yet. Ahead of the server's own version while an upgrade is pending.
   */
  readonly runningMajorVersion: Observation<number | undefined>;
  /** Whether the API server knows FabricEventStream. */
  readonly eventStreamsSupported: Observation<boolean>;
}
