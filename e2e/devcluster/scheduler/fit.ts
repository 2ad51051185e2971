/** Whether a pod may run on a node (dev cluster, scheduler; pure). */
import type { Node, PodAffinityTerm } from "../objects/placement.ts";
import type { Pod } from "../objects/pod.ts";
import { breaksSpread } from "./spread.ts";
import { bears, fitsTerm, isNear, isOver, repels } from "./terms.ts";

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
  const neighbours = pods.filter((it) => it.metadata.uid !== pod.metadata.uid && it.spec.nodeName);
  if (isRepelled(pod, node, neighbours, nodes)) {
    return "node(s) didn't match pod anti-affinity rules";
  }
  const broken = (pod.spec.topologySpreadConstraints ?? [])
    .filter((it) => it.whenUnsatisfiable !== "ScheduleAnyway")
    .some((it) => breaksSpread(it, pod, node, { pods: neighbours, nodes: eligible(pod, nodes) }));
  return broken ? "node(s) didn't match pod topology spread constraints" : undefined;
}

/** A required term counts for the pod that has it and for the one that would come near it. */
function isRepelled(
  pod: Pod,
  node: Node,
  neighbours: readonly Pod[],
  nodes: readonly Node[],
): boolean {
  return neighbours.some((other) =>
    requiredTerms(pod).some((term) =>
      repels(term, pod, other) && isNear(term, node, other, nodes)
    ) ||
    requiredTerms(other).some((term) =>
      repels(term, other, pod) && !isOver(other) && isNear(term, node, other, nodes)
    )
  );
}

function requiredTerms({ spec }: Pod): readonly PodAffinityTerm[] {
  return spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

/** The nodes whose domains count for spreading: those that the pod's selectors leave. */
function eligible(pod: Pod, nodes: readonly Node[]): readonly Node[] {
  return nodes.filter((node) => fitsSelectors(pod, node));
}

function fitsSelectors({ spec }: Pod, { metadata }: Node): boolean {
  const labels = metadata.labels ?? {};
  const wanted = Object.entries(spec.nodeSelector ?? {});
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    ?.nodeSelectorTerms;
  return !terms || terms.some((term) => fitsTerm(term, metadata.name, labels));
}
