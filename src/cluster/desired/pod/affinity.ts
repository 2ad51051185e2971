/**
 * Affinity of pods to nodes and to each other.
 *
 * Zalando: pkg/cluster/k8sres.go, podAffinity
 */

import type { Affinity, PodAffinityTerm } from "../../../kubernetes/types.gen.ts";
import type { StringMap } from "../../effective/identity.ts";
import type { EffectiveScheduling } from "../../effective/pod/scheduling.ts";

/** Keeps pods with the given labels apart where that is asked for; undefined for no affinity. */
export function apartFrom(
  labels: StringMap,
  scheduling: Pick<EffectiveScheduling, "antiAffinity" | "nodeAffinity">,
): Affinity | undefined {
  const { antiAffinity, nodeAffinity } = scheduling;
  if (antiAffinity === undefined) return nodeAffinity && { nodeAffinity };
  const term = affinityTerm(labels, antiAffinity.topologyKey);
  return {
    ...(nodeAffinity ? { nodeAffinity } : {}),
    podAntiAffinity: antiAffinity.strength === "preferred"
      ? preferred(term)
      : { requiredDuringSchedulingIgnoredDuringExecution: [term] },
  };
}

function affinityTerm(labels: StringMap, topologyKey: string): PodAffinityTerm {
  return { labelSelector: { matchLabels: { ...labels } }, topologyKey };
}

function preferred(term: PodAffinityTerm) {
  return {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }],
  };
}
