/**
 * Finds where two values differ, path by path. Nothing, an empty list and an empty object count as
 * the same, because the API server stores them the same way.
 */

import { elementPath, fieldPath, type Mismatch } from "./difference.ts";
import { ownValue } from "../../../lib/own_value.ts";

/** Elements with a unique `name` belong together by it. */
export function byName(element: unknown): string | undefined {
  const name = (element as { name?: unknown } | null)?.name;
  return typeof name === "string" ? name : undefined;
}

/** True for what the API server does not store: nothing, [], {}, and "" inside objects. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

/** Every path at which the values differ, in the order of the desired value. */
export function mismatches(path: string, desired: unknown, observed: unknown): Mismatch[] {
  if (isEmpty(desired) && isEmpty(observed)) return [];
  if (Array.isArray(desired) && Array.isArray(observed)) {
    return listMismatches(path, desired, observed);
  }
  if (isRecord(desired) && isRecord(observed)) {
    const keys = new Set([...Object.keys(desired), ...Object.keys(observed)]);
    return [...keys].flatMap((key) =>
      mismatches(fieldPath(path, key), ownValue(desired, key), ownValue(observed, key))
    );
  }
  return desired === observed ? [] : [{ path, desired, observed }];
}

/** A value with the keys of its objects in order. */
export function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value).sort().map((key) => [key, sortedKeys(value[key])]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listMismatches(path: string, desired: unknown[], observed: unknown[]): Mismatch[] {
  const names = desired.map(byName);
  const others = observed.map(byName);
  if (!distinct(names) || (observed.length > 0 && !distinct(others))) {
    return inOrder(path, desired, observed);
  }
  const found = new Map(observed.map((element, index) => [others[index], element]));
  const wanted = new Set(names);
  return [
    ...desired.flatMap((element, index) => {
      const name = names[index] ?? "";
      return mismatches(elementPath(path, name), element, found.get(name));
    }),
    ...observed.flatMap((element, index) =>
      wanted.has(others[index])
        ? []
        : [{ path: elementPath(path, others[index] ?? ""), desired: undefined, observed: element }]
    ),
  ];
}

/**
 * Lists without names. Elements that others put between ours are told as such; where ours are not
 * all there in their order, elements are compared one by one.
 */
function inOrder(path: string, desired: unknown[], observed: unknown[]): Mismatch[] {
  const plain = [...desired, ...observed].every((element) => !isRecord(element));
  if (plain) return byIndex(path, desired, observed);
  const extra: Mismatch[] = [];
  let next = 0;
  observed.forEach((element, index) => {
    const same = next < desired.length && mismatches("", desired[next], element).length === 0;
    if (same) next++;
    else extra.push({ path: elementPath(path, index), desired: undefined, observed: element });
  });
  return next === desired.length ? extra : byIndex(path, desired, observed);
}

function byIndex(path: string, desired: unknown[], observed: unknown[]): Mismatch[] {
  const length = Math.max(desired.length, observed.length);
  return Array.from({ length }, (_, index) => index).flatMap((index) =>
    mismatches(elementPath(path, index), desired[index], observed[index])
  );
}

function distinct(names: readonly (string | undefined)[]): boolean {
  return names.length > 0 && !names.includes(undefined) && new Set(names).size === names.length;
}
