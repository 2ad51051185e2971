/**
 * Sets of field paths, as managed fields hold them (FieldsV1): a tree by path element, where an
 * element is `f:name`, `k:{"key":"value"}` (list item by key), `v:"value"` (set item).
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
import { isObject, type Json, type JsonObject } from "../../model/json.ts";

export interface FieldSet {
  /** The path that ends here is in the set. */
  member: boolean;
  children: Map<string, FieldSet>;
}

/** The set without paths. */
export function emptySet(): FieldSet {
  return { member: false, children: new Map() };
}

export function isEmpty(set: FieldSet): boolean {
  return !set.member && set.children.size === 0;
}

/** Adds a path, in place. */
export function insert(set: FieldSet, path: readonly string[]): void {
  let node = set;
  for (const element of path) {
    let next = node.children.get(element);
    if (!next) node.children.set(element, next = emptySet());
    node = next;
  }
  node.member = true;
}

/** Whether the path, or (with "prefix") something below it, is in the set. */
export function contains(set: FieldSet, path: readonly string[], how: "exact" | "prefix"): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = node.children.get(element);
    if (!node) return false;
  }
  return how === "prefix" || node.member;
}

function combine(
  a: FieldSet | undefined,
  b: FieldSet | undefined,
  keep: (a: boolean, b: boolean) => boolean,
): FieldSet {
  const result = emptySet();
  result.member = keep(a?.member ?? false, b?.member ?? false);
  const elements = new Set([...a?.children.keys() ?? [], ...b?.children.keys() ?? []]);
  for (const element of elements) {
    const child = combine(a?.children.get(element), b?.children.get(element), keep);
    if (!isEmpty(child)) result.children.set(element, child);
  }
  return result;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA || inB);
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && inB);
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && !inB);
}

/** `a` without the paths of `b` and all that lies below them. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  const result = emptySet();
  result.member = a.member && !b.member;
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    if (other?.member) continue;
    const rest = other ? recursiveDifference(child, other) : child;
    if (!isEmpty(rest)) result.children.set(element, rest);
  }
  return result;
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  return isEmpty(difference(a, b)) && isEmpty(difference(b, a));
}

/** All paths of the set. */
export function* paths(set: FieldSet, prefix: string[] = []): Generator<string[]> {
  if (set.member) yield prefix;
  for (const [element, child] of set.children) yield* paths(child, [...prefix, element]);
}

/** The FieldsV1 form. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const result: JsonObject = {};
  for (const element of [...set.children.keys()].sort()) {
    const child = set.children.get(element)!;
    const inner = toFieldsV1(child);
    result[element] = child.member && child.children.size > 0 ? { ".": {}, ...inner } : inner;
  }
  return result;
}

/** From the FieldsV1 form. */
export function fromFieldsV1(fields: Json | undefined): FieldSet {
  const set = emptySet();
  if (!isObject(fields)) return set;
  for (const [element, inner] of Object.entries(fields)) {
    if (element === ".") continue;
    const child = fromFieldsV1(inner);
    const keys = isObject(inner) ? Object.keys(inner) : [];
    child.member = keys.length === 0 || keys.includes(".");
    set.children.set(element, child);
  }
  return set;
}

/** A path as conflict messages show it: `.spec.containers[name="x"].image`. */
export function pathText(path: readonly string[]): string {
  return path.map((element) => {
    const rest = element.slice(2);
    if (element.startsWith("f:")) return `.${rest}`;
    if (element.startsWith("v:")) return `[=${rest}]`;
    const keys = JSON.parse(rest) as JsonObject;
    const texts = Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    return `[${texts.join(",")}]`;
  }).join("");
}
