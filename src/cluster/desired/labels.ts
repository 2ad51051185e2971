/**
 * Label sets of a cluster's objects, and the wire values in them. `desired/names.ts` holds names.
 *
 * Zalando: pkg/cluster/util.go, labelsSet and roleLabelsSet
 */

import type { Config } from "../../config/config.ts";
import type { ClusterIdentity } from "../effective/identity.ts";

/** Which member of a cluster an object is about. */
export type MemberRole = "primary" | "replica";

/** What Patroni writes into the role label; ports and people rely on it. */
export const ROLE_LABEL_VALUE: Readonly<Record<MemberRole, string>> = {
  primary: "master",
  replica: "replica",
};

/** Label of pods that must not be disturbed: while they bootstrap or are being upgraded. */
export const CRITICAL_OPERATION_LABEL = "critical-operation";

/** Which label set an object needs: to be found by, or to carry. */
export type LabelScope = "base" | "full";

/** The base or full label set, as a copy. */
export function clusterLabels(
  identity: ClusterIdentity,
  scope: LabelScope,
): Record<string, string> {
  return { ...identity.labels[scope] };
}

/** A cluster's labels together with the role of one of its members. */
export function roleLabels(
  identity: ClusterIdentity,
  scope: LabelScope,
  role: MemberRole,
  config: Config,
): Record<string, string> {
  return { ...identity.labels[scope], [config.podRoleLabel]: ROLE_LABEL_VALUE[role] };
}
