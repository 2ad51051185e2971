/**
 * How evenly pods lie over hosts, zones and other domains (dev cluster, scheduler; pure).
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
import type { Node, TopologySpreadConstraint } from "../objects/placement.ts";
import type { Pod } from "../objects/pod.ts";
import { covers, isOver } from "./terms.ts";

/** What is there: pods that are on nodes, and the nodes whose domains count. */
export interface Surroundings {
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
}

/** Whether the pod on this node would make the domains differ by more than the constraint bears. */
export function breaksSpread(
  constraint: TopologySpreadConstraint,
  pod: Pod,
  node: Node,
  around: Surroundings,
): boolean {
  const domain = node.metadata.labels?.[constraint.topologyKey];
  if (domain === undefined) return true;
  const counts = podsByDomain(constraint, pod, around);
  const own = covers(constraint.labelSelector, pod.metadata.labels ?? {}) ? 1 : 0;
  const least = Math.min(...counts.values());
  return (counts.get(domain) ?? 0) + own - least > constraint.maxSkew;
}

/** How many pods that a constraint is about are in the node's domain already. */
export function crowdOf(
  constraint: TopologySpreadConstraint,
  pod: Pod,
  node: Node,
  around: Surroundings,
): number {
  const domain = node.metadata.labels?.[constraint.topologyKey];
  return domain === undefined ? Infinity : podsByDomain(constraint, pod, around).get(domain) ?? 0;
}

function podsByDomain(
  { topologyKey, labelSelector }: TopologySpreadConstraint,
  pod: Pod,
  { pods, nodes }: Surroundings,
): Map<string, number> {
  const domains = new Map<string, string>();
  for (const { metadata } of nodes) {
    const domain = metadata.labels?.[topologyKey];
    if (domain !== undefined) domains.set(metadata.name, domain);
  }
  const counts = new Map([...domains.values()].map((domain) => [domain, 0]));
  for (const other of pods) {
    const domain = domains.get(other.spec.nodeName ?? "");
    const counted = other.metadata.namespace === pod.metadata.namespace && !isOver(other) &&
      !other.metadata.deletionTimestamp && covers(labelSelector, other.metadata.labels ?? {});
    if (domain !== undefined && counted) counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  return counts;
}
