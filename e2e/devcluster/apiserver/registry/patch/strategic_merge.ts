/**
 * Strategic merge patch: like a merge patch, but lists with a merge key are merged by it, and the
 * directives `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` are followed.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
import { badRequest } from "../../model/api_error.ts";
import { isObject, type Json, jsonEqual, type JsonObject } from "../../model/json.ts";
import { propertySchema, resolve, type Schema } from "../../model/schema.ts";

const DELETE_FROM = "$deleteFromPrimitiveList/";
const ORDER = "$setElementOrder/";

function strategies(schema: Schema | undefined): string[] {
  return schema?.["x-kubernetes-patch-strategy"]?.split(",") ?? [];
}

/** The target with the patch merged in by the schema's rules; neither argument is changed. */
export function strategicMerge(target: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  return mergeObject(target, patch, resolve(schema));
}

function mergeObject(
  target: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  const directive = patch["$patch"];
  if (directive === "replace") {
    const { $patch: _, ...rest } = patch;
    return withoutNulls(rest);
  }
  if (directive === "delete") return {};
  let result: JsonObject = { ...target };
  const retain = patch["$retainKeys"];
  if (Array.isArray(retain)) {
    result = Object.fromEntries(Object.entries(result).filter(([key]) => retain.includes(key)));
  }
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || key.startsWith("$")) continue;
    if (value === null) {
      delete result[key];
      continue;
    }
    const merged = mergeValue(result[key], value, propertySchema(schema, key));
    const order = patch[ORDER + key];
    result[key] = Array.isArray(merged) && Array.isArray(order)
      ? ordered(merged, order, propertySchema(schema, key))
      : merged;
  }
  return applyListDirectives(result, patch, schema);
}

function applyListDirectives(
  result: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  for (const [key, value] of Object.entries(patch)) {
    if (!Array.isArray(value)) continue;
    if (key.startsWith(DELETE_FROM)) {
      const name = key.slice(DELETE_FROM.length);
      const current = result[name];
      if (Array.isArray(current)) {
        result[name] = current.filter((item) => !value.some((gone) => jsonEqual(item, gone)));
      }
    } else if (key.startsWith(ORDER)) {
      const name = key.slice(ORDER.length);
      const current = result[name];
      if (Array.isArray(current) && patch[name] === undefined) {
        result[name] = ordered(current, value, propertySchema(schema, name));
      }
    }
  }
  return result;
}

function mergeValue(target: Json | undefined, patch: Json, property: Schema | undefined): Json {
  const schema = resolve(property);
  if (isObject(patch)) {
    if (strategies(property).includes("replace")) return withoutNulls(patch);
    return mergeObject(isObject(target) ? target : {}, patch, schema);
  }
  if (Array.isArray(patch) && strategies(schema).includes("merge")) {
    return mergeList(Array.isArray(target) ? target : [], patch, schema);
  }
  return structuredClone(patch);
}

function mergeList(target: Json[], patch: Json[], schema: Schema | undefined): Json[] {
  const mergeKey = schema?.["x-kubernetes-patch-merge-key"];
  if (mergeKey === undefined || !patch.every(isObject)) {
    const added = patch.filter((item) => !target.some((known) => jsonEqual(known, item)));
    return [...target, ...structuredClone(added)];
  }
  if (patch.some((item) => item["$patch"] === "replace")) {
    return patch.filter((item) => item["$patch"] === undefined).map(withoutNulls);
  }
  let result = [...target];
  for (const item of patch) {
    const key = item[mergeKey];
    if (key === undefined && item["$patch"] === undefined) {
      throw badRequest(
        `map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`,
      );
    }
    if (item["$patch"] === "delete") {
      result = result.filter((known) => !(isObject(known) && jsonEqual(known[mergeKey], key)));
      continue;
    }
    const index = result.findIndex((known) => isObject(known) && jsonEqual(known[mergeKey], key));
    const items = resolve(schema?.items);
    if (index >= 0) result[index] = mergeObject(result[index] as JsonObject, item, items);
    else result.push(mergeObject({}, item, items));
  }
  return result;
}

/** Sorts by the order list; what it does not name keeps its place after its old neighbour. */
function ordered(list: Json[], order: Json[], property: Schema | undefined): Json[] {
  const mergeKey = resolve(property)?.["x-kubernetes-patch-merge-key"];
  const identity = (item: Json): Json | undefined =>
    mergeKey !== undefined && isObject(item) ? item[mergeKey] : item;
  const rank = (item: Json) =>
    order.findIndex((wanted) => jsonEqual(identity(wanted), identity(item)));
  const named = list.filter((item) => rank(item) >= 0).sort((a, b) => rank(a) - rank(b));
  const result: Json[] = [];
  for (const item of list) {
    if (rank(item) < 0) result.push(item);
    else result.push(named.shift()!);
  }
  return result;
}

function withoutNulls(value: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null || item === undefined || key.startsWith("$")) continue;
    if (isObject(item)) result[key] = withoutNulls(item);
    else result[key] = structuredClone(item);
  }
  return result;
}
