/**
 * Security contexts of pods and of the containers that run PostgreSQL's tools.
 *
 * Zalando: pkg/cluster/k8sres.go, generatePodTemplate and generateContainer
 */

import type { PodSecurityContext, SecurityContext } from "../../../kubernetes/types.gen.ts";
import type { EffectiveSecurity } from "../../effective/pod/security.ts";

/** As whom all containers of a pod run; empty where nothing is asked for. */
export function podSecurityContext(
  security: Partial<Pick<EffectiveSecurity, "runAsUser" | "runAsGroup" | "fsGroup">>,
): PodSecurityContext {
  const { runAsUser, runAsGroup, fsGroup } = security;
  return {
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...(fsGroup === undefined ? {} : { fsGroup }),
  };
}

/** What a container with PostgreSQL may do; the backup job's has no capabilities. */
export function containerSecurityContext(
  security: Pick<EffectiveSecurity, "privileged" | "allowPrivilegeEscalation" | "capabilities">,
): SecurityContext {
  const { privileged, allowPrivilegeEscalation, capabilities } = security;
  return {
    ...(allowPrivilegeEscalation === undefined ? {} : { allowPrivilegeEscalation }),
    privileged,
    readOnlyRootFilesystem: false,
    ...(capabilities.length === 0 ? {} : { capabilities: { add: [...capabilities] } }),
  };
}
