/**
 * Annotations of a cluster's objects. An object without any has no `annotations` field: an empty
 * map would differ from what the API server stores.
 *
 * Zalando: pkg/cluster/util.go, annotationsSet
 */

import type { ClusterIdentity, StringMap } from "../effective/identity.ts";

/** The part of an object's metadata that holds annotations: one field, or none. */
export interface AnnotationFields {
  annotations?: Record<string, string>;
}

/** Own annotations of an object, overlaid by those inherited from the manifest. */
export function inheritedOver(identity: ClusterIdentity, own: StringMap = {}): AnnotationFields {
  return annotationFields({ ...own, ...identity.inheritedAnnotations });
}

/** Annotations of workloads that a downscaler looks at: inherited ones and its own. */
export function workloadAnnotations(
  identity: ClusterIdentity,
  own: StringMap = {},
): AnnotationFields {
  return annotationFields({
    ...own,
    ...identity.inheritedAnnotations,
    ...identity.downscalerAnnotations,
  });
}

/** The `annotations` field for a map, or no field for an empty one. */
export function annotationFields(annotations: StringMap): AnnotationFields {
  return Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } };
}
