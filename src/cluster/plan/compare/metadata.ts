/**
 * Compares what surrounds an object: owners, annotations and labels. Of owners all count that the
 * operator has set, since a former owner of the manifest must go; of annotations and labels only the
 * keys that the operator sets, since people and other controllers add theirs.
 *
 * Zalando: pkg/cluster/cluster.go, compareAnnotations
 */

import type { ObjectMeta, OwnerReference } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { ownValue } from "../../../lib/own_value.ts";
import { type Difference, type DifferenceEffect, elementPath, fieldPath } from "./difference.ts";
import { managerOf } from "./managers.ts";
import { mismatches } from "./structure.ts";

export interface MetadataRules {
  readonly config: Pick<Config, "ignoredAnnotations" | "inheritedAnnotations" | "inheritedLabels">;
  /** Whether labels are kept as desired; some kinds get theirs only when they are made. */
  readonly labels: "keep" | "leave";
  /** Whether keys that the manifest no longer passes on are removed; the reference often leaves them. */
  readonly stale: "remove" | "leave";
}

/** Labels are made with an object and then left; one that was found without them gets them. */
export function labelsOf(
  observed: ObjectMeta,
  { clusterNameLabel }: Pick<Config, "clusterNameLabel">,
): MetadataRules["labels"] {
  return ownValue(observed.labels, clusterNameLabel) === undefined ? "keep" : "leave";
}

/** Differences in owner references, annotations and, on request, labels. */
export function compareMetadata(
  desired: ObjectMeta,
  observed: ObjectMeta,
  rules: MetadataRules,
): Difference[] {
  const { ignoredAnnotations, inheritedAnnotations, inheritedLabels } = rules.config;
  const wanted = withoutKeys(desired.annotations, ignoredAnnotations);
  const passedOn = inheritedAnnotations.filter((key) => !ignoredAnnotations.includes(key));
  const annotations = { path: "metadata.annotations", effect: "patch" } as const;
  const labels = { path: "metadata.labels", effect: "patch" } as const;
  return [
    ...compareOwners(desired, observed, "patch"),
    ...missingKeys(wanted, observed.annotations, annotations),
    ...(rules.stale === "leave"
      ? []
      : staleKeys(desired.annotations, observed.annotations, { ...annotations, keys: passedOn })),
    ...(rules.labels === "leave" ? [] : missingKeys(desired.labels, observed.labels, labels)),
    ...(rules.labels === "leave" || rules.stale === "leave"
      ? []
      : staleKeys(desired.labels, observed.labels, { ...labels, keys: inheritedLabels })),
  ];
}

/** A difference when the owner references are not those desired, in their order; others' aside. */
export function compareOwners(
  desired: ObjectMeta,
  observed: ObjectMeta,
  effect: DifferenceEffect,
): Difference[] {
  const wanted = desired.ownerReferences;
  const theirs = othersOwners(desired, observed);
  const present = observed.ownerReferences?.filter((owner) => !theirs.includes(owner));
  const path = OWNERS;
  if (mismatches(path, wanted, present).length === 0) return [];
  return [{ path, desired: wanted, observed: present, effect }];
}

const OWNERS = "metadata.ownerReferences";

/** The owners of an object that is written as a whole, others' included; no field without any. */
export function ownersKept(
  desired: ObjectMeta,
  observed: ObjectMeta,
): Pick<ObjectMeta, "ownerReferences"> {
  const owners = [...desired.ownerReferences ?? [], ...othersOwners(desired, observed)];
  return owners.length === 0 ? {} : { ownerReferences: owners };
}

/** Owners that somebody else has given to an object by a request of his own. */
function othersOwners(
  desired: ObjectMeta,
  { ownerReferences = [], managedFields }: ObjectMeta,
): OwnerReference[] {
  const wanted = new Set(desired.ownerReferences?.map(({ uid }) => uid));
  return ownerReferences.filter(({ uid }) =>
    !wanted.has(uid) && managerOf(elementPath(OWNERS, uid), managedFields) !== undefined
  );
}

/** Differences in the keys of a map that are desired; others are not looked at. */
export function missingKeys(
  desired: Readonly<Record<string, string>> | undefined,
  observed: Readonly<Record<string, string>> | undefined,
  at: { readonly path: string; readonly effect: DifferenceEffect },
): Difference[] {
  return Object.entries(desired ?? {})
    .filter(([key, value]) => ownValue(observed, key) !== value)
    .map(([key, value]) => ({
      path: fieldPath(at.path, key),
      desired: value,
      observed: ownValue(observed, key),
      effect: at.effect,
    }));
}

/** Differences for those of some keys that are there and should not be. */
function staleKeys(
  desired: Readonly<Record<string, string>> | undefined,
  observed: Readonly<Record<string, string>> | undefined,
  at: {
    readonly path: string;
    readonly effect: DifferenceEffect;
    readonly keys: readonly string[];
  },
): Difference[] {
  return at.keys
    .filter((key) => ownValue(desired, key) === undefined && ownValue(observed, key) !== undefined)
    .map((key) => ({
      path: fieldPath(at.path, key),
      desired: undefined,
      observed: ownValue(observed, key),
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
    .filter(([key]) => ownValue(wanted, key) === undefined)
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
