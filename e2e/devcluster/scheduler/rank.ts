/**
 * Which of the nodes that a pod may run on suits it best (dev cluster, scheduler; pure): what the
 * pod prefers, then far from pods of the same owner, then where few pods are.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#internal-default-constraints
 */
import type { Node } from "../objects/placement.ts";
import type { Pod } from "../objects/pod.ts";
import { bears, fitsTerm, isNear, isOver, repels } from "./terms.ts";
import { crowdOf } from "./spread.ts";

/** The best of the nodes; undefined when there is none. Equal ones keep their order. */
export function bestNode(
  pod: Pod,
  candidates: readonly Node[],
  pods: readonly Pod[],
  nodes: readonly Node[],
): Node | undefined {
  const others = pods.filter((it) => it.metadata.uid !== pod.metadata.uid && it.spec.nodeName);
  const ranked = candidates.map((node) => ({ node, rank: rankOf(pod, node, others, nodes) }));
  return ranked.sort((a, b) => compare(a.rank, b.rank))[0]?.node;
}

/** Smaller is better, the first number counts most. */
function rankOf(pod: Pod, node: Node, others: readonly Pod[], nodes: readonly Node[]): number[] {
  const around = { pods: others, nodes };
  const wished = (pod.spec.topologySpreadConstraints ?? [])
    .filter((it) => it.whenUnsatisfiable === "ScheduleAnyway")
    .map((it) => crowdOf(it, pod, node, around));
  const here = (other: Pod) => other.spec.nodeName === node.metadata.name && !isOver(other);
  return [
    -preference(pod, node, others, nodes),
    ...wished,
    others.filter((other) => here(other) && areSiblings(pod, other)).length,
    others.filter(here).length,
  ];
}

/** The sum of the weights of what the pod would rather have, less those of what it would not. */
function preference(pod: Pod, node: Node, others: readonly Pod[], nodes: readonly Node[]): number {
  const { nodeAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const { metadata, spec } = node;
  let sum = 0;
  for (const it of nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    if (fitsTerm(it.preference, metadata.name, metadata.labels ?? {})) sum += it.weight;
  }
  for (const it of podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    const term = it.podAffinityTerm;
    const near = others.filter((other) =>
      repels(term, pod, other) && isNear(term, node, other, nodes)
    );
    sum -= it.weight * near.length;
  }
  for (const taint of spec?.taints ?? []) {
    const borne = (pod.spec.tolerations ?? []).some((by) => bears(by, taint));
    if (taint.effect === "PreferNoSchedule" && !borne) sum -= 1;
  }
  return sum;
}

function areSiblings(pod: Pod, other: Pod): boolean {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
  return owner !== undefined && !other.metadata.deletionTimestamp &&
    other.metadata.ownerReferences?.some(({ uid }) => uid === owner) === true;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}
