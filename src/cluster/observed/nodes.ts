/**
 * Questions asked of nodes; pure.
 * Zalando: pkg/controller/node.go, nodeIsReady; pkg/cluster/pod.go, podIsEndOfLife
 */

import type { Node } from "../../kubernetes/types.gen.ts";

type Labels = Readonly<Record<string, string>>;

/**
 * True when primaries have to leave the node: it takes no new pods, and nothing says that it is
 * ready all the same.
 */
export function isLeaving(node: Node, readiness: Labels): boolean {
  if (node.spec?.unschedulable !== true) return false;
  const saysReady = Object.keys(readiness).length > 0 && carries(node, readiness);
  return !saysReady && !carries(node, { master: "true" });
}

/** True when the node is one to move to: it takes pods, and has the labels that ready ones have. */
export function isLasting(node: Node, readiness: Labels): boolean {
  return node.spec?.unschedulable !== true && carries(node, readiness);
}

function carries({ metadata }: Node, labels: Labels): boolean {
  return Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value);
}
