/**
 * Resolves the logical backup of a cluster: when it runs, with what, and where it goes.
 *
 * Zalando: pkg/cluster/k8sres.go, generateLogicalBackupJob, generateLogicalBackupPodEnvVars
 */

import type { Postgresql } from "../../api/types.gen.ts";
import type { ResourceRequirements } from "../../kubernetes/types.gen.ts";
import type { Config } from "../../config/config.ts";
import type { Findings } from "./findings.ts";
import type { Inputs } from "./inputs.ts";
import { postgresDefaults, resolveResources } from "./pod/resources.ts";
import { type EffectiveScheduling, resolveScheduling } from "./pod/scheduling.ts";

export interface EffectiveBackup {
  readonly schedule: string;
  readonly image: string;
  readonly resources: ResourceRequirements;
  /** How long backups are kept, as GNU date says it: `1 week`; '' means for ever. */
  readonly retention: string;
  /** Major version of the cluster's dumps. */
  readonly version: string;
  /** Keys of the Secret whose values the job gets as variables, sorted. */
  readonly secretKeys: readonly string[];
  /** As for the cluster's pods, but without the manifest's node affinity. */
  readonly scheduling: EffectiveScheduling;
}

/** Name of the job's only container. */
export const BACKUP_CONTAINER = "logical-backup";

/**
 * Settles the backup; undefined where none is wanted. Where the Secret for its variables could not
 * be read, the subject is reported as unknown.
 */
export function resolveBackup(
  cluster: Postgresql,
  config: Config,
  inputs: Pick<Inputs, "logicalBackupSecretKeys">,
  findings: Findings,
): EffectiveBackup | undefined {
  const { spec } = cluster;
  if (spec.enableLogicalBackup !== true) return undefined;
  const keys = inputs.logicalBackupSecretKeys;
  const { nodeAffinity: _, ...placement } = spec;
  if (!keys.known) findings.unknowns.push({ subject: "logical backup", reason: keys.reason });
  return {
    schedule: spec.logicalBackupSchedule || config.logicalBackupSchedule,
    image: config.logicalBackupDockerImage,
    resources: resolveResources({
      subject: "logical backup",
      path: "logical_backup",
      container: BACKUP_CONTAINER,
      wanted: {
        requests: {
          cpu: config.logicalBackupCpuRequest,
          memory: config.logicalBackupMemoryRequest,
        },
        limits: { cpu: config.logicalBackupCpuLimit, memory: config.logicalBackupMemoryLimit },
      },
      defaults: postgresDefaults(config),
      setMemoryRequestToLimit: config.setMemoryRequestToLimit,
    }, findings),
    retention: spec.logicalBackupRetention || config.logicalBackupS3RetentionTime,
    version: spec.postgresql.version,
    secretKeys: keys.known ? [...keys.value ?? []].sort() : [],
    scheduling: resolveScheduling(placement, config),
  };
}
