/**
 * Deletion protection by annotations: today's date and the cluster's name must stand on a manifest
 * before its deletion is carried out. Zalando: pkg/controller/controller.go, meetsClusterDeleteAnnotations
 */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { ownValue } from "../../lib/own_value.ts";

/** What is missing for the deletion, or undefined when it may go on. The date is that of UTC. */
export function deletionRefused(
  object: KubeObject,
  config: Pick<
    Config,
    "deleteAnnotationDateKey" | "deleteAnnotationNameKey" | "enableOwnerReferences"
  >,
  now: Date,
): string | undefined {
  if (config.enableOwnerReferences === true) return undefined;
  const { annotations = {}, name } = object.metadata;
  const today = now.toISOString().slice(0, 10);
  const wanted: readonly (readonly [string, string])[] = [
    [config.deleteAnnotationDateKey, today],
    [config.deleteAnnotationNameKey, name ?? ""],
  ];
  for (const [key, value] of wanted) {
    if (key === "" || ownValue(annotations, key) === value) continue;
    return `metadata.annotations["${key}"] must be ${value} before the cluster is deleted, ` +
      `it is ${ownValue(annotations, key) ?? "missing"}`;
  }
  return undefined;
}
