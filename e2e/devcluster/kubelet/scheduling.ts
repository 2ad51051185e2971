/** Whether a pod may run on a node (dev cluster; pure). */
import type { LabelSelector, SelectorRequirement } from "../objects/meta.ts";
import type {
  Node,
  NodeSelectorTerm,
  PodAffinityTerm,
  Taint,
  Toleration,
} from "../objects/placement.ts";
import type { Pod } from "../objects/pod.ts";

/** Why the pod may not run on the node, in the scheduler's words; undefined when it may. */
export function misfit(
  pod: Pod,
  node: Node,
  pods: readonly Pod[],
  nodes: readonly Node[],
): string | undefined {
  if (node.spec?.unschedulable) return "node(s) were unschedulable";
  if (!node.status?.conditions?.some((it) => it.type === "Ready" && it.status === "True")) {
    return "node(s) were not ready";
  }
  const taint = (node.spec?.taints ?? []).find((it) =>
    it.effect !== "PreferNoSchedule" && !(pod.spec.tolerations ?? []).some((by) => bears(by, it))
  );
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
  if (!fitsSelectors(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  const terms = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const neighbours = pods.filter((it) => it.metadata.uid !== pod.metadata.uid && it.spec.nodeName);
  const repelled = (terms ?? []).some((term) =>
    neighbours.some((other) => repels(term, pod, other) && isNear(term, node, other, nodes))
  );
  return repelled ? "node(s) didn't match pod anti-affinity rules" : undefined;
}

function bears(by: Toleration, taint: Taint): boolean {
  if (by.effect && by.effect !== taint.effect) return false;
  if (!by.key) return by.operator === "Exists";
  if (by.key !== taint.key) return false;
  return by.operator === "Exists" || (by.value ?? "") === (taint.value ?? "");
}

function fitsSelectors({ spec }: Pod, { metadata }: Node): boolean {
  const labels = metadata.labels ?? {};
  const wanted = Object.entries(spec.nodeSelector ?? {});
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    ?.nodeSelectorTerms;
  return !terms || terms.some((term) => fitsTerm(term, metadata.name, labels));
}

function fitsTerm(
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

function repels(term: PodAffinityTerm, pod: Pod, other: Pod): boolean {
  const namespaces = term.namespaces ?? [pod.metadata.namespace!];
  return namespaces.includes(other.metadata.namespace!) && !isOver(other) &&
    covers(term.labelSelector, other.metadata.labels ?? {});
}

function isOver({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

function covers(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (!selector) return false;
  return Object.entries(selector.matchLabels ?? {}).every(([key, it]) => labels[key] === it) &&
    (selector.matchExpressions ?? []).every((it) => holds(it, labels[it.key]));
}

/** Whether the other pod's node is in the same domain, e.g. is the same host. */
function isNear(
  { topologyKey }: PodAffinityTerm,
  node: Node,
  other: Pod,
  nodes: readonly Node[],
): boolean {
  const there = nodes.find((it) => it.metadata.name === other.spec.nodeName);
  const domain = node.metadata.labels?.[topologyKey];
  return domain !== undefined && there?.metadata.labels?.[topologyKey] === domain;
}
