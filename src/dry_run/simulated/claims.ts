/**
 * The claims of a simulated StatefulSet's pods: made, owned and deleted as its retention policy says.
 * Layer: dry run.
 */

import type {
  KubeObject,
  OwnerReference,
  PersistentVolumeClaim,
  Pod,
  StatefulSet,
} from "../../kubernetes/types.gen.ts";
import type { SimulatedApi } from "./api.ts";
import { ownerOf } from "./stateful_set.ts";

/** Makes the claims that a pod lacks, and corrects the owners of those that are there. */
export function keepClaims(api: SimulatedApi, set: StatefulSet, pod: string): void {
  const policy = set.spec?.persistentVolumeClaimRetentionPolicy;
  const owners = policy?.whenDeleted === "Delete" ? [ownerOf(set)] : [];
  for (const template of set.spec?.volumeClaimTemplates ?? []) {
    const ref = claimRef(set, template, pod);
    const found = api.find(ref);
    if (found === undefined) api.put(claimOf(set, template, ref.name, owners));
    else if (JSON.stringify(found.metadata.ownerReferences ?? []) !== JSON.stringify(owners)) {
      const { ownerReferences: _, ...rest } = found.metadata;
      api.put({ ...found, metadata: { ...rest, ...ownedBy(owners) } });
    }
  }
}

/** Deletes the claims of a pod that was scaled away, where the policy asks for it. */
export function dropClaims(api: SimulatedApi, set: StatefulSet, pod: Pod): void {
  if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== "Delete") return;
  for (const template of set.spec?.volumeClaimTemplates ?? []) {
    api.remove(claimRef(set, template, pod.metadata.name ?? ""));
  }
}

function claimRef({ metadata }: StatefulSet, template: PersistentVolumeClaim, pod: string) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    namespace: metadata.namespace ?? "",
    name: `${template.metadata.name}-${pod}`,
  };
}

function claimOf(
  set: StatefulSet,
  template: PersistentVolumeClaim,
  name: string,
  owners: readonly OwnerReference[],
): KubeObject {
  const { namespace = "" } = set.metadata;
  const { name: _, ...metadata } = template.metadata;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...metadata,
      namespace,
      name,
      labels: { ...metadata.labels, ...set.spec?.selector?.matchLabels },
      ...ownedBy(owners),
    },
    spec: structuredClone(template.spec),
  } as KubeObject;
}

function ownedBy(owners: readonly OwnerReference[]): { ownerReferences?: OwnerReference[] } {
  return owners.length === 0 ? {} : { ownerReferences: [...owners] };
}
