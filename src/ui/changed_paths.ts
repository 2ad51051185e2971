/**
 * From what somebody was shown and what they made of it to a JSON merge patch (RFC 7396) of the
 * changed paths alone: what was not touched is not sent, so nobody else's change is undone. Pure.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/** The patch; undefined where nothing was changed. */
export function changedPaths(before: Json, after: Json): JsonObject | undefined {
  if (!isObject(before) || !isObject(after)) return undefined;
  const patch: JsonObject = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [from, to] = [own(before, key), own(after, key)];
    if (to === undefined) patch[key] = null;
    else if (from === undefined) define(patch, key, to);
    else if (isObject(from) && isObject(to)) {
      const inner = changedPaths(from, to);
      if (inner !== undefined) define(patch, key, inner);
    } else if (!isSame(from, to)) define(patch, key, to);
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Paths of a patch as people write them: `spec.volume.size`. */
export function pathsOf(patch: Json, parent = ""): string[] {
  if (!isObject(patch)) return [parent];
  return Object.entries(patch).flatMap(([key, value]) => {
    const plain = /^[A-Za-z_][\w-]*$/.test(key);
    const path = plain ? `${parent}${parent && "."}${key}` : `${parent}["${key}"]`;
    return isObject(value) && Object.keys(value).length > 0 ? pathsOf(value, path) : [path];
  });
}

/** What an object is after a merge patch. */
export function patched(object: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(isObject(object) ? object : {})) {
    define(result, key, value);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else define(result, key, patched(own(result, key) ?? null, value));
  }
  return result;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A key such as `__proto__` stays a key. */
function define(object: JsonObject, key: string, value: Json): void {
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function isSame(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => isSame(each, b[index]!));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key]!, b[key]!));
}
