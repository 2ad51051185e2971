/**
 * Annotations that the configuration tells to ignore (`ignored_annotations`). They are somebody
 * else's, also where the operator sets or inherits the same key: they are given when an object is
 * made, and after that neither compared nor written. Pure.
 *
 * Zalando: pkg/cluster/cluster.go, compareAnnotations
 */

import type { KubeObject, ObjectMeta } from "../../../kubernetes/types.gen.ts";

/** Parts of an object that have metadata of their own, or lead to one. */
const INNER = ["spec", "template", "jobTemplate", "volumeClaimTemplates"] as const;

interface Part {
  readonly metadata?: ObjectMeta;
}

/** The object that should be, with those annotations as they are at the one that is. */
export function withoutIgnored<T extends KubeObject>(
  desired: T,
  observed: T,
  ignored: readonly string[],
): T {
  return ignored.length === 0 ? desired : part(desired, observed, ignored) as T;
}

function part(desired: unknown, observed: unknown, ignored: readonly string[]): unknown {
  if (Array.isArray(desired)) {
    const others = Array.isArray(observed) ? observed : [];
    return desired.map((element, index) => part(element, others[index], ignored));
  }
  if (typeof desired !== "object" || desired === null) return desired;
  const other = (observed ?? {}) as Part & Record<string, unknown>;
  const result: Record<string, unknown> = { ...desired };
  if (result["metadata"] !== undefined) {
    result["metadata"] = metadata(result["metadata"] as ObjectMeta, other.metadata, ignored);
  }
  for (const key of INNER) {
    if (result[key] !== undefined) result[key] = part(result[key], other[key], ignored);
  }
  return result;
}

function metadata(
  { annotations, ...rest }: ObjectMeta,
  observed: ObjectMeta | undefined,
  ignored: readonly string[],
): ObjectMeta {
  const left = Object.fromEntries(
    ignored.flatMap((key) => {
      const value = observed?.annotations?.[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const own = Object.entries(annotations ?? {}).filter(([key]) => !ignored.includes(key));
  const all = { ...Object.fromEntries(own), ...left };
  return Object.keys(all).length === 0 ? rest : { ...rest, annotations: all };
}
