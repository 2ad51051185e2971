/**
 * References to what a cluster must not have: poolers and a backup that are switched off. What is
 * there by such a name and belongs to the cluster is deleted by the plan.
 *
 * Zalando: pkg/cluster/connection_pooler.go, deleteConnectionPooler; pkg/cluster/resources.go,
 * deleteLogicalBackupJob
 */

import type { Config } from "../../config/config.ts";
import type { ClusterIdentity } from "../effective/identity.ts";
import type { EffectiveBackup } from "../effective/backup.ts";
import type { EffectivePooler } from "../effective/pooler.ts";
import type { ObjectRef } from "../../ports/requests.ts";
import type { MemberRole } from "./labels.ts";
import {
  credentialSecretName,
  logicalBackupName,
  poolerAuthSecretName,
  poolerName,
} from "./names.ts";
import type { DesiredRole } from "./roles/role.ts";

/** The part of an effective spec that says what is switched off. */
export interface AbsentSource {
  readonly identity: ClusterIdentity;
  readonly pooler: EffectivePooler;
  readonly backup: EffectiveBackup | undefined;
}

/**
 * Objects that must not exist. The Secret of the pooler's role is among them once no pooler is
 * left, unless another role of the cluster has it.
 */
export function absentObjects(
  source: AbsentSource,
  roles: readonly DesiredRole[],
  config: Config,
): readonly ObjectRef[] {
  const { identity, pooler, backup } = source;
  const wanted = new Set(pooler.roles);
  const off = (["primary", "replica"] as const).filter((role) => !wanted.has(role));
  return [
    ...off.flatMap((role) => poolerRefs(identity, role)),
    ...(wanted.size === 0 ? poolerCredential(source, roles, config) : []),
    ...(backup === undefined
      ? [ref(identity, "batch/v1", "CronJob", logicalBackupName(identity.name, config))]
      : []),
  ];
}

function poolerRefs(identity: ClusterIdentity, role: MemberRole): ObjectRef[] {
  const name = poolerName(identity.name, role);
  return [
    ref(identity, "apps/v1", "Deployment", name),
    ref(identity, "v1", "Service", name),
    ref(identity, "v1", "Secret", poolerAuthSecretName(identity.name, role)),
  ];
}

function poolerCredential(
  { identity, pooler }: AbsentSource,
  roles: readonly DesiredRole[],
  config: Config,
): ObjectRef[] {
  const secretName = (role: string) => credentialSecretName(role, identity.name, config);
  const name = secretName(pooler.user);
  const taken = roles.some((role) => role.hasPassword && secretName(role.name) === name);
  return taken ? [] : [ref(identity, "v1", "Secret", name)];
}

function ref(
  { namespace }: ClusterIdentity,
  apiVersion: string,
  kind: string,
  name: string,
): ObjectRef {
  return { apiVersion, kind, namespace, name };
}
