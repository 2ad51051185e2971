/** Whose pods and claims are by their controller; pure. */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { RESOURCES } from "../../ports/resources.gen.ts";

/**
 * True for a pod or a claim that has another controller than the cluster's StatefulSet, whatever its
 * labels say. With a retention policy claims belong to the StatefulSet, or to the pod that goes.
 */
export function isControlledByOthers({ metadata }: KubeObject, cluster: string): boolean {
  const controller = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (controller === undefined) return false;
  const { kind, name } = controller;
  const isMember = kind === RESOURCES.Pod.kind && name.replace(/-\d+$/, "") === cluster;
  const own: readonly string[] = [RESOURCES.Postgresql.kind, RESOURCES.StatefulSet.kind];
  return !isMember && !(own.includes(kind) && name === cluster);
}
