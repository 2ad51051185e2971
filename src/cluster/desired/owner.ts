/** Owner references of a cluster's objects; no field where there are none. */

import type { OwnerReference } from "../../kubernetes/types.gen.ts";
import type { ClusterIdentity } from "../effective/identity.ts";

/** The part of an object's metadata that holds owners: one field, or none. */
export interface OwnerFields {
  ownerReferences?: OwnerReference[];
}

/** Owners of an object in the cluster's own namespace. */
export function ownerFields(identity: ClusterIdentity): OwnerFields {
  if (identity.ownerReferences.length === 0) return {};
  return { ownerReferences: identity.ownerReferences.map((owner) => ({ ...owner })) };
}
