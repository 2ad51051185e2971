/**
 * Resolves as whom the pods run and what the PostgreSQL container may do.
 *
 * Zalando: pkg/cluster/k8sres.go, generatePodTemplate and generateCapabilities
 */

import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import type { Config } from "../../../config/config.ts";

export interface EffectiveSecurity {
  readonly runAsUser: number | undefined;
  readonly runAsGroup: number | undefined;
  readonly fsGroup: number | undefined;
  readonly privileged: boolean;
  readonly allowPrivilegeEscalation: boolean | undefined;
  /** In upper case, as the kernel names them. */
  readonly capabilities: readonly string[];
}

/** Resolves the security settings of the pods. */
export function resolveSecurity(spec: PostgresqlSpec, config: Config): EffectiveSecurity {
  return {
    runAsUser: spec.spiloRunAsUser ?? config.spiloRunasuser,
    runAsGroup: spec.spiloRunAsGroup ?? config.spiloRunasgroup,
    fsGroup: spec.spiloFSGroup ?? config.spiloFsgroup,
    privileged: config.spiloPrivileged,
    allowPrivilegeEscalation: config.spiloAllowPrivilegeEscalation,
    capabilities: config.additionalPodCapabilities.map((name) => name.toUpperCase()),
  };
}
