/**
 * Compares what surrounds an object: owners, annotations and labels. Owners are compared as a
 * whole, since a former owner of the manifest must go; of annotations and labels only the keys that
 * the operator sets, since people and other controllers add theirs.
 *
 * Zalando: pkg/cluster/cluster.go, compareAnnotations
 */

import type { ObjectMeta } from "../../../clients/kube/types.gen.ts";
import { type Difference, type DifferenceEffect, fieldPath } from "./difference.ts";
import { mismatches } from "./structure.ts";

export interface MetadataRules {
  /** `ignored_annotations`: keys that no comparison looks at. */
  readonly ignoredAnnotations: readonly string[];
  /** Whether labels are kept as desired; some kinds get theirs only when they are made. */
  readonly labels: "keep" | "leave";
  /** `patch` unless told otherwise. */
  readonly effect?: DifferenceEffect;
}

/** Differences in owner references, annotations and, on request, labels. */
export function compareMetadata(
  desired: ObjectMeta,
  observed: ObjectMeta,
  rules: MetadataRules,
): Difference[] {
  const effect = rules.effect ?? "patch";
  const annotations = withoutKeys(desired.annotations, rules.ignoredAnnotations);
  return [
    ...compareOwners(desired, observed, effect),
    ...missingKeys(annotations, observed.annotations, { path: "metadata.annotations", effect }),
    ...(rules.labels === "keep"
      ? missingKeys(desired.labels, observed.labels, { path: "metadata.labels", effect })
      : []),
  ];
}

/** A difference when the owner references are not exactly those desired, in their order. */
export function compareOwners(
  desired: ObjectMeta,
  observed: ObjectMeta,
  effect: DifferenceEffect,
): Difference[] {
  const [wanted, present] = [desired.ownerReferences, observed.ownerReferences];
  const path = "metadata.ownerReferences";
  if (mismatches(path, wanted, present).length === 0) return [];
  return [{ path, desired: wanted, observed: present, effect }];
}

/** Differences in the keys of a map that are desired; others are not looked at. */
export function missingKeys(
  desired: Readonly<Record<string, string>> | undefined,
  observed: Readonly<Record<string, string>> | undefined,
  at: { readonly path: string; readonly effect: DifferenceEffect },
): Difference[] {
  return Object.entries(desired ?? {})
    .filter(([key, value]) => (observed?.[key]) !== value)
    .map(([key, value]) => ({
      path: fieldPath(at.path, key),
      desired: value,
      observed: observed?.[key],
      effect: at.effect,
    }));
}

/** Differences in all keys of a map, except those that are tolerated. */
export function exactKeys(
  desired: Readonly<Record<string, string>> | undefined,
  observed: Readonly<Record<string, string>> | undefined,
  at: {
    readonly path: string;
    readonly effect: DifferenceEffect;
    readonly tolerated: readonly string[];
  },
): Difference[] {
  const wanted = withoutKeys(desired, at.tolerated);
  const superfluous = Object.entries(withoutKeys(observed, at.tolerated))
    .filter(([key]) => wanted[key] === undefined)
    .map(([key, value]) => ({
      path: fieldPath(at.path, key),
      desired: undefined,
      observed: value,
      effect: at.effect,
    }));
  return [...missingKeys(wanted, observed, at), ...superfluous];
}

function withoutKeys(
  map: Readonly<Record<string, string>> | undefined,
  keys: readonly string[],
): Record<string, string> {
  return Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => !keys.includes(key)));
}
