/**
 * Objects seen by their schema: which fields an object sets, how two objects differ, and how one is
 * merged into the other. Lists are sets, maps by key, or atomic, as the schema says.
 */
import { isObject, type Json, jsonEqual, type JsonObject } from "../../model/json.ts";
import { propertySchema, resolve, type Schema } from "../../model/schema.ts";
import { emptySet, type FieldSet, insert } from "./field_set.ts";

type Shape = "leaf" | "struct" | "map" | "listMap" | "listSet";

function shapeOf(value: Json, schema: Schema | undefined): Shape {
  if (Array.isArray(value)) {
    const kind = schema?.["x-kubernetes-list-type"];
    return kind === "map" ? "listMap" : kind === "set" ? "listSet" : "leaf";
  }
  if (!isObject(value) || schema?.["x-kubernetes-map-type"] === "atomic") return "leaf";
  return schema?.properties ? "struct" : "map";
}

/** Path element of a list item: its keys (defaults included) or its value. */
function itemElement(item: Json, schema: Schema): string {
  if (schema["x-kubernetes-list-type"] === "set") return `v:${JSON.stringify(item)}`;
  const properties = resolve(schema.items)?.properties ?? {};
  const keys: JsonObject = {};
  for (const key of [...schema["x-kubernetes-list-map-keys"] ?? []].sort()) {
    const value = isObject(item) ? item[key] : undefined;
    const chosen = value ?? (resolve(properties[key])?.default as Json | undefined);
    if (chosen !== undefined) keys[key] = chosen;
  }
  return `k:${JSON.stringify(keys)}`;
}

/** Items of a container by path element, with the schema of each. */
function entries(
  value: Json | undefined,
  schema: Schema | undefined,
): Map<string, [Json, Schema | undefined]> {
  const result = new Map<string, [Json, Schema | undefined]>();
  if (Array.isArray(value)) {
    for (const item of value) result.set(itemElement(item, schema!), [item, schema!.items]);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) result.set(`f:${key}`, [item, propertySchema(schema, key)]);
    }
  }
  return result;
}

/** The fields that an applied configuration sets. */
export function fieldSetOf(value: Json, schema: Schema): FieldSet {
  const set = emptySet();
  collect(value, schema, [], set);
  return set;
}

function collect(value: Json, unresolved: Schema | undefined, path: string[], set: FieldSet): void {
  const schema = resolve(unresolved);
  const shape = shapeOf(value, schema);
  if (shape === "leaf") {
    insert(set, path);
    return;
  }
  for (const [element, [item, itemSchema]] of entries(value, schema)) {
    const at = [...path, element];
    collect(item, itemSchema, at, set);
    const empty = item === null || (isObject(item) && Object.keys(item).length === 0);
    if (empty || shape !== "struct") insert(set, at);
  }
}

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** How `after` differs from `before`; undefined is "not there", null is a value. */
export function compareTyped(
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema,
): Comparison {
  const result = { added: emptySet(), modified: emptySet(), removed: emptySet() };
  compareAt({ before, after, schema, path: [], result });
  return result;
}

interface Step {
  before: Json | undefined;
  after: Json | undefined;
  schema: Schema | undefined;
  path: string[];
  result: Comparison;
}

function isEmptyContainer(value: Json | undefined): boolean {
  return value === undefined || value === null ||
    (typeof value === "object" && Object.keys(value).length === 0);
}

function compareAt({ before, after, schema: unresolved, path, result }: Step): void {
  const schema = resolve(unresolved);
  const sample = isEmptyContainer(after) ? before ?? after : after;
  if (sample === undefined) return;
  const leaf = sample === null || shapeOf(sample, schema) === "leaf" ||
    (isEmptyContainer(before) && isEmptyContainer(after));
  if (leaf) {
    if (before !== undefined && after !== undefined && !jsonEqual(before, after)) {
      insert(result.modified, path);
    }
  } else {
    const old = entries(before, schema);
    const now = entries(after, schema);
    for (const element of new Set([...old.keys(), ...now.keys()])) {
      const itemSchema = now.get(element)?.[1] ?? old.get(element)?.[1];
      compareAt({
        before: old.get(element)?.[0],
        after: now.get(element)?.[0],
        schema: itemSchema,
        path: [...path, element],
        result,
      });
    }
  }
  if (before === undefined) insert(result.added, path);
  else if (after === undefined) insert(result.removed, path);
}

/** The live value with a configuration merged in. */
export function mergeTyped(
  live: Json | undefined,
  config: Json,
  unresolved: Schema | undefined,
): Json {
  const schema = resolve(unresolved);
  const shape = shapeOf(config, schema);
  if (shape === "leaf" || isEmptyContainer(live)) return structuredClone(config);
  if (Array.isArray(config)) return mergeList(Array.isArray(live) ? live : [], config, schema!);
  const result: JsonObject = { ...(isObject(live) ? live : {}) };
  for (const [key, item] of Object.entries(config as JsonObject)) {
    if (item !== undefined) {
      result[key] = mergeTyped(result[key], item, propertySchema(schema, key));
    }
  }
  return result;
}

/** Live items keep their place unless the configuration orders them otherwise; new ones follow. */
function mergeList(live: Json[], config: Json[], schema: Schema): Json[] {
  const wanted = new Map(config.map((item) => [itemElement(item, schema), item]));
  const result = live.map((item) => {
    const element = itemElement(item, schema);
    const change = wanted.get(element);
    wanted.delete(element);
    return change === undefined ? item : mergeTyped(item, change, schema.items);
  });
  return [...result, ...structuredClone([...wanted.values()])];
}

/** A copy of the value without the members of `gone` that nothing in `kept` needs. */
export function removeFields(
  value: Json,
  unresolved: Schema | undefined,
  gone: FieldSet,
  kept: FieldSet | undefined,
): Json {
  const schema = resolve(unresolved);
  const stays = (element: string): boolean => {
    const child = gone.children.get(element);
    return !child?.member || kept?.children.get(element) !== undefined;
  };
  const inner = (element: string, item: Json, itemSchema: Schema | undefined): Json => {
    const child = gone.children.get(element);
    return child ? removeFields(item, itemSchema, child, kept?.children.get(element)) : item;
  };
  if (shapeOf(value, schema) === "leaf") return value;
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const element = itemElement(item, schema!);
      return stays(element) ? [inner(element, item, schema!.items)] : [];
    });
  }
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value as JsonObject)) {
    const element = `f:${key}`;
    if (item === undefined || !stays(element)) continue;
    result[key] = inner(element, item, propertySchema(schema, key));
  }
  return result;
}
