/**
 * From differences to a JSON merge patch (RFC 7396): each differing field gets its desired value, or
 * null where it should not be there. A merge patch replaces lists: they are given as a whole, with
 * what others have added to them, and with the version that was looked at, so that nothing is lost
 * that somebody adds meanwhile.
 */

import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { type Difference, fieldPath } from "../compare/difference.ts";
import { withOthersItems } from "../compare/others_items.ts";
import { ownValue } from "../../../lib/own_value.ts";

type Json = Record<string, unknown>;

/** Fields of a path up to its first list element: `spec.containers[a].image` → spec, containers. */
export function pathKeys(path: string): string[] {
  const keys: string[] = [];
  let rest = path;
  while (rest !== "") {
    const quoted = /^\["((?:[^"\\]|\\.)*)"\]\.?/.exec(rest);
    const plain = /^([^.[]+)\.?/.exec(rest);
    const found = quoted ?? plain;
    if (found === null) break;
    keys.push(found[1] ?? "");
    rest = rest.slice(found[0].length);
  }
  return keys;
}

function valueAt(object: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) =>
      value === null || typeof value !== "object" ? undefined : ownValue(value as Json, key),
    object,
  );
}

function setAt(patch: Json, keys: readonly string[], value: unknown): void {
  const [key, ...rest] = keys;
  if (key === undefined) return;
  if (rest.length === 0) {
    patch[key] = value;
    return;
  }
  const inner = ownValue(patch, key);
  if (inner === null) return;
  const next: Json = inner !== undefined && typeof inner === "object" ? inner as Json : {};
  patch[key] = next;
  setAt(next, rest, value);
}

/**
 * The merge patch that brings the observed object to the desired one in every differing field.
 * Where a parent of a removed field is gone altogether, the parent is removed.
 */
export function mergePatch(
  desired: KubeObject,
  observed: KubeObject,
  differences: readonly Difference[],
): Json {
  const patch: Json = {};
  const rules = {
    managedFields: observed.metadata.managedFields,
    unwanted: new Set(
      differences.filter(({ desired }) => desired === undefined).map(({ path }) => path),
    ),
  };
  for (const { path } of differences) {
    const keys = pathKeys(path);
    const [wanted, present] = [valueAt(desired, keys), valueAt(observed, keys)];
    const at = keys.reduce(fieldPath, "");
    // A list that is wanted no more may still hold what others put there.
    const value = wanted ?? (Array.isArray(present) ? [] : undefined);
    const all = withOthersItems(at, value, present, rules);
    setAt(patch, keys, all === undefined || isEmptyList(all) ? null : all);
  }
  return atVersion(patch, observed);
}

/** A merge patch that replaces a list is one for the version that was looked at. */
export function atVersion(patch: Json, { metadata }: KubeObject): Json {
  const { resourceVersion } = metadata;
  if (resourceVersion === undefined || !holdsList(patch)) return patch;
  const own = ownValue(patch, "metadata") as Json | undefined;
  return { ...patch, metadata: { ...own, resourceVersion } };
}

function holdsList(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  return isRecord(value) && Object.values(value).some(holdsList);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** A merge patch laid over an object; its nulls stay, so the result is a merge patch again. */
export function overlay(base: unknown, patch: unknown): unknown {
  if (!isRecord(base) || !isRecord(patch)) return patch === undefined ? base : patch;
  const keys = new Set([...Object.keys(base), ...Object.keys(patch)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, overlay(ownValue(base, key), ownValue(patch, key))]),
  );
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
