/**
 * Whose the Secret of a role is. One that people made, or copied from another cluster, is used
 * without being taken over. In other namespaces clusters of one name come to Secrets of one name: such a Secret
 * belongs to the cluster that lives there, otherwise to the one that was made first.
 */

import type { Postgresql } from "../../../api/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { ownValue } from "../../../lib/own_value.ts";
import { known } from "../../../ports/observation.ts";
import { describeRef } from "../../../ports/requests.ts";
import { RESOURCES } from "../../../ports/resources.gen.ts";
import { type Namespaced, refTo } from "../../../ports/typed.ts";
import { credentialSecretName } from "../../desired/names.ts";
import { desiredRoles } from "../../desired/roles/desired_roles.ts";
import type { PlanContext } from "../steps/context.ts";
import { belongsTo, isOlder } from "../steps/ownership.ts";

type Claimant = Pick<PlanContext, "cr" | "config" | "secretRivals">;

/** Why a Secret is not this cluster's, whether it is there already or not; undefined where it is. */
export function strangeSecret(
  place: Namespaced,
  secret: KubeObject | undefined,
  { cr, config, secretRivals }: Claimant,
): string | undefined {
  const { name = "", namespace } = cr.metadata;
  const what = describeRef(refTo(RESOURCES.Secret, place));
  const cluster = ownValue(secret?.metadata.labels, config.clusterNameLabel) ?? name;
  const asking = secretRivals.filter((other) => asksFor(other, place, config));
  if (place.namespace === namespace) {
    // People copy Secrets with their labels, for a standby cluster for one: those are used.
    const theirs = asking.some(({ metadata }) =>
      metadata.name === cluster && metadata.namespace === namespace
    );
    return theirs ? belongsTo(what, `${namespace}/${cluster}`) : undefined;
  }
  if (cluster !== name) return belongsTo(what, `${place.namespace}/${cluster}`);
  const first = asking.find((other) =>
    other.metadata.namespace === place.namespace || isOlder(other, cr)
  );
  return first && belongsTo(what, `${first.metadata.namespace}/${name}`);
}

/** True when another cluster of the same name needs a Secret that is in a namespace of others. */
export function isNeededAbroad(
  { metadata: { namespace = "", name = "" } }: KubeObject,
  { cr, config, secretRivals }: Claimant,
): boolean {
  return namespace !== cr.metadata.namespace &&
    secretRivals.some((other) => asksFor(other, { namespace, name }, config));
}

const NO_INPUTS = { infrastructureRoles: known([]), teams: known([]) };

/** Whether a manifest leads to a Secret of this name in this namespace. */
function asksFor(cluster: Postgresql, place: Namespaced, config: Config): boolean {
  const { roles } = desiredRoles({ cluster, config, inputs: NO_INPUTS, poolerUser: undefined });
  return roles.some(({ name, namespace, hasPassword }) =>
    hasPassword && namespace === place.namespace &&
    credentialSecretName(name, cluster.metadata.name ?? "", config) === place.name
  );
}
