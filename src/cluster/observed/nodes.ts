/**
 * Questions asked of nodes; pure.
 * Zalando: pkg/controller/node.go, nodeIsReady; pkg/cluster/pod.go, podIsEndOfLife
 */

import type { Node } from "../../kubernetes/types.gen.ts";

type Labels = Readonly<Record<string, string>>;

/** The taint that Kubernetes itself puts on a node that takes no new pods. */
const CORDONED = "node.kubernetes.io/unschedulable";

/**
 * Taints of those who take nodes away: they come before the pods are asked to go, and a budget must
 * not hold up the primary's pod then. One that ends with a slash stands for all keys that begin
 * with it.
 */
const LEAVING_TAINTS: readonly string[] = [
  // Cluster Autoscaler
  "ToBeDeletedByClusterAutoscaler",
  "DeletionCandidateOfClusterAutoscaler",
  // Karpenter, before and since 1.0
  "karpenter.sh/disrupted",
  "karpenter.sh/disruption",
  // Kubernetes: the machine is down for good, or about to stop
  "node.kubernetes.io/out-of-service",
  "node.cloudprovider.kubernetes.io/shutdown",
  // notices of clouds and of what watches nodes
  "aws-node-termination-handler/",
  "cloud.google.com/impending-node-termination",
  "node-problem-detector/",
  "node.cluster.x-k8s.io/outdated-revision",
  "medik8s.io/remediation",
];

/**
 * True when primaries have to leave the node: somebody is about to take it away, or it takes no new
 * pods and nothing says that it is ready all the same.
 */
export function isLeaving(node: Node, readiness: Labels): boolean {
  if (taintsOf(node).some(isLeavingTaint)) return true;
  if (!isCordoned(node)) return false;
  const saysReady = Object.keys(readiness).length > 0 && carries(node, readiness);
  return !saysReady && !carries(node, { master: "true" });
}

/** True when the node is one to move to: it takes pods, and has the labels that ready ones have. */
export function isInService(node: Node, readiness: Labels): boolean {
  return !isCordoned(node) && !taintsOf(node).some(isLeavingTaint) && carries(node, readiness);
}

/** What of a node decides whether primaries stay on it; two nodes alike in this are treated alike. */
export function nodeTraits({ metadata, spec }: Node): Node {
  const taints = taintsOf({ spec }).filter((key) => key === CORDONED || isLeavingTaint(key));
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: metadata.name ?? "", labels: { ...metadata.labels } },
    spec: {
      unschedulable: spec?.unschedulable === true,
      taints: taints.map((key) => ({ key, effect: "NoSchedule" })),
    },
  };
}

function isCordoned(node: Node): boolean {
  return node.spec?.unschedulable === true || taintsOf(node).includes(CORDONED);
}

function taintsOf({ spec }: { readonly spec?: Node["spec"] | undefined }): string[] {
  return (spec?.taints ?? []).map(({ key }) => key);
}

function isLeavingTaint(key: string): boolean {
  return LEAVING_TAINTS.some((known) =>
    known.endsWith("/") ? key.startsWith(known) : key === known
  );
}

function carries({ metadata }: Node, labels: Labels): boolean {
  return Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value);
}
