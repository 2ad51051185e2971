/**
 * Credential Secrets: one for every role that has a password. What stands inside is decided by the
 * credentials of the plan, here are names and metadata.
 *
 * Zalando: pkg/cluster/k8sres.go, generateSingleUserSecret
 */

import type { Config } from "../../config/config.ts";
import type { ClusterIdentity } from "../effective/identity.ts";
import { inheritedOver } from "./annotations.ts";
import type { DesiredCredential } from "./cluster.ts";
import { clusterLabels } from "./labels.ts";
import { credentialSecretName, poolerName } from "./names.ts";
import { ownerFields } from "./owner.ts";
import { poolerLabels } from "./pooler/labels.ts";
import type { DesiredRole } from "./roles/role.ts";

/** The one name that gets the labels of a pooler, whatever the pooler's role is called. */
const POOLER_LABELLED = "pooler";

/** The credential Secrets of a cluster in the order of its roles. */
export function credentials(
  identity: ClusterIdentity,
  roles: readonly DesiredRole[],
  config: Config,
): readonly DesiredCredential[] {
  return roles.filter((role) => role.hasPassword).map((role) => {
    const name = credentialSecretName(role.name, identity.name, config);
    const { namespace } = role;
    const labels = role.name === POOLER_LABELLED
      ? poolerLabels(identity, poolerName(identity.name, "primary"))
      : clusterLabels(identity, "full");
    // An owner in another namespace would make the garbage collector delete the Secret.
    const owners = namespace === identity.namespace ? ownerFields(identity) : {};
    return {
      role: role.name,
      secret: { namespace, name },
      metadata: { name, namespace, labels, ...inheritedOver(identity), ...owners },
    };
  });
}
