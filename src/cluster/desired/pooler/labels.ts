/**
 * Label sets of the poolers' objects. Their `application` differs from the cluster's, so that no
 * pooler pod is taken for a PostgreSQL pod.
 *
 * Zalando: pkg/cluster/connection_pooler.go, connectionPoolerLabels
 */

import type { Config } from "../../../config/config.ts";
import type { ClusterIdentity } from "../../effective/identity.ts";
import { type MemberRole, ROLE_LABEL_VALUE } from "../labels.ts";
import { poolerName } from "../names.ts";

/** Label that tells the pods of one pooler from those of the other. */
export const POOLER_LABEL = "connection-pooler";

/** Tells the poolers' pods from those of the cluster. */
export const POOLER_APPLICATION = { application: "db-connection-pooler" };

/** Labels that find the objects of one pooler. */
export function poolerLabels(identity: ClusterIdentity, pooler: string): Record<string, string> {
  return { ...identity.labels.base, ...POOLER_APPLICATION, [POOLER_LABEL]: pooler };
}

/** Labels that a pooler's Deployment, pods and user list carry. */
export function fullPoolerLabels(
  identity: ClusterIdentity,
  role: MemberRole,
  config: Config,
): Record<string, string> {
  return {
    ...identity.labels.full,
    ...POOLER_APPLICATION,
    [POOLER_LABEL]: poolerName(identity.name, role),
    [config.podRoleLabel]: ROLE_LABEL_VALUE[role],
  };
}
