/**
 * What a pod was made for. The StatefulSet controller labels a pod with the revision of the template
 * that it was made from; what the pod runs may differ from that, because policies rewrite pods
 * (mirrors of registries, digests, sidecars). Pure.
 */

import type { Container, Pod, PodSpec, StatefulSet } from "../../kubernetes/types.gen.ts";
import { POSTGRES_CONTAINER } from "../desired/names.ts";

const REVISION_LABEL = "controller-revision-hash";

/** The image that a pod was made for, where somebody noted it before the template changed. */
export const MADE_FOR_ANNOTATION = "acid.zalan.do/made-for-image";

/** The container with Patroni and PostgreSQL; policies may put others before it. */
export function postgresContainerOf(spec: PodSpec | undefined): Container | undefined {
  return spec?.containers.find(({ name }) => name === POSTGRES_CONTAINER);
}

/** Image of PostgreSQL in a StatefulSet's template. */
export function templateImage(set: StatefulSet): string | undefined {
  return postgresContainerOf(set.spec?.template?.spec)?.image;
}

/** True when a pod was made from the template as it is now; false also where nobody can tell. */
export function isOfCurrentTemplate(pod: Pod, set: StatefulSet): boolean {
  const { updateRevision, observedGeneration } = set.status ?? {};
  const seen = observedGeneration !== undefined && observedGeneration === set.metadata.generation;
  return seen && updateRevision !== undefined &&
    pod.metadata.labels?.[REVISION_LABEL] === updateRevision;
}

/** The image that a pod was made for; undefined where nobody can tell. */
export function imageMadeFor(
  pod: Pod,
  set: StatefulSet,
  remembered: ReadonlyMap<string, string>,
): string | undefined {
  if (isOfCurrentTemplate(pod, set)) return templateImage(set);
  return remembered.get(pod.metadata.uid ?? "") ??
    pod.metadata.annotations?.[MADE_FOR_ANNOTATION];
}
