/**
 * From differences to a JSON merge patch (RFC 7396): each differing field gets its desired value, or
 * null where it should not be there. Lists are given as a whole, because a merge patch replaces them.
 */

import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import type { Difference } from "../compare/difference.ts";
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
export function mergePatch(desired: KubeObject, differences: readonly Difference[]): Json {
  const patch: Json = {};
  for (const { path } of differences) {
    const keys = pathKeys(path);
    setAt(patch, keys, valueAt(desired, keys) ?? null);
  }
  return patch;
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
