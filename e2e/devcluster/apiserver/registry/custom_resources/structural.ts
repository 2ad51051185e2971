/** Pruning and defaulting of custom resources by their structural schema. */
import { isObject, type Json, type JsonObject } from "../../model/json.ts";
import { definition, OBJECT_META, type Schema } from "../../model/schema.ts";

const ROOT_KEYS = new Set(["apiVersion", "kind", "metadata"]);

/** Drops what the schema does not know; the paths of what went are added to `unknown`. */
export function prune(
  value: Json,
  schema: Schema,
  unknown: string[],
  path = "",
  root = true,
): Json {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (!items) return value;
    return value.map((item, index) => prune(item, items, unknown, `${path}[${index}]`, false));
  }
  if (!isObject(value)) return value;
  const keeps = schema["x-kubernetes-preserve-unknown-fields"] === true;
  const embedded = root || schema["x-kubernetes-embedded-resource"] === true;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const at = path ? `${path}.${key}` : key;
    const property = schema.properties?.[key];
    if (embedded && ROOT_KEYS.has(key)) {
      result[key] = key === "metadata" ? pruneMetadata(item, at, unknown) : item;
    } else if (property) {
      result[key] = prune(item!, property, unknown, at, false);
    } else if (typeof schema.additionalProperties === "object") {
      result[key] = prune(item!, schema.additionalProperties, unknown, at, false);
    } else if (
      schema.additionalProperties === true || keeps || schema["x-kubernetes-int-or-string"]
    ) {
      result[key] = item;
    } else {
      unknown.push(at);
    }
  }
  return result;
}

/** Metadata is typed also inside a custom resource. */
function pruneMetadata(value: Json | undefined, path: string, unknown: string[]): Json {
  if (!isObject(value)) return value ?? {};
  const known = definition(OBJECT_META)!.properties!;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null || item === undefined) continue;
    if (known[key]) result[key] = item;
    else unknown.push(`${path}.${key}`);
  }
  for (const key of ["labels", "annotations", "finalizers", "ownerReferences"]) {
    const item = result[key];
    if (typeof item === "object" && item !== null && Object.keys(item).length === 0) {
      delete result[key];
    }
  }
  for (const key of ["name", "namespace", "generateName", "resourceVersion", "uid"]) {
    if (result[key] === "") delete result[key];
  }
  return result;
}

/** Fills in the schema's defaults, in place; a null where none is allowed is dropped. */
export function applyDefaults(value: Json | undefined, schema: Schema): void {
  if (Array.isArray(value)) {
    if (schema.items) { for (const item of value) applyDefaults(item, schema.items); }
    return;
  }
  if (!isObject(value)) return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (value[key] === null && property.nullable !== true) delete value[key];
    if (property.default !== undefined && value[key] === undefined) {
      value[key] = structuredClone(property.default) as Json;
    }
    applyDefaults(value[key], property);
  }
  const { additionalProperties: additional } = schema;
  if (typeof additional !== "object") return;
  for (const [key, item] of Object.entries(value)) {
    if (schema.properties?.[key]) continue;
    if (item === null && additional.nullable !== true) delete value[key];
    else applyDefaults(item, additional);
  }
}
