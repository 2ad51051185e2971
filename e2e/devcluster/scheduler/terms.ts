/** What selectors, tolerations and affinity terms mean (dev cluster, scheduler; pure). */
import type { LabelSelector, SelectorRequirement } from "../objects/meta.ts";
import type {
  Node,
  NodeSelectorTerm,
  PodAffinityTerm,
  Taint,
  Toleration,
} from "../objects/placement.ts";
import type { Pod } from "../objects/pod.ts";

/** Whether a toleration covers a taint. */
/** Whether a toleration covers a taint. */
export function bears(by: Toleration, taint: Taint): boolean {
  if (by.effect && by.effect !== taint.effect) return false;
  if (!by.key) return by.operator === "Exists";
  if (by.key !== taint.key) return false;
  return by.operator === "Exists" || (by.value ?? "") === (taint.value ?? "");
}

/** Whether a node is what a term describes; an empty term describes none. */
export function fitsTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  name: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return matchExpressions.every((it) => holds(it, labels[it.key])) &&
    matchFields.every((it) => holds(it, it.key === "metadata.name" ? name : undefined));
}

function holds({ operator, values = [] }: SelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(values[0]);
    default:
      return operator === "Lt" && Number(value) < Number(values[0]);
  }
}

/** Whether a term of `pod` is about the other one. */
export function repels(term: PodAffinityTerm, pod: Pod, other: Pod): boolean {
  const namespaces = term.namespaces ?? [pod.metadata.namespace!];
  return namespaces.includes(other.metadata.namespace!) && !isOver(other) &&
    covers(term.labelSelector, other.metadata.labels ?? {});
}

/** Whether nothing of a pod runs any more. */
export function isOver({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

/** Whether a selector covers labels; an absent one covers nothing. */
export function covers(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (!selector) return false;
  return Object.entries(selector.matchLabels ?? {}).every(([key, it]) => labels[key] === it) &&
    (selector.matchExpressions ?? []).every((it) => holds(it, labels[it.key]));
}

/** Whether the other pod's node is in the same domain, e.g. is the same host. */
export function isNear(
  { topologyKey }: PodAffinityTerm,
  node: Node,
  other: Pod,
  nodes: readonly Node[],
): boolean {
  const there = nodes.find((it) => it.metadata.name === other.spec.nodeName);
  const domain = node.metadata.labels?.[topologyKey];
  return domain !== undefined && there?.metadata.labels?.[topologyKey] === domain;
}
