/**
 * Reads objects of built-in kinds as Kubernetes' Go types do: unknown fields are dropped (and
 * reported), wrong types refused, and fields with `omitempty` left out when they hold their zero value.
 */
import { badRequest } from "../model/api_error.ts";
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import { canonicalQuantity } from "../model/quantity.ts";
import { refName, resolve, type Schema } from "../model/schema.ts";
import { wireType } from "./builtin.ts";
import type { WireField } from "./go_types.ts";

export interface Decoded {
  object: JsonObject;
  /** Paths of fields that the kind does not have. */
  unknown: string[];
}

const QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";

interface Walk {
  /** Go type whose field is being read. */
  owner: string;
  kind: string;
  version: string;
  unknown: string[];
}

/** Decodes an object of a built-in kind. @throws ApiError 400 for a value of a wrong type. */
export function decodeBuiltin(object: JsonObject, schema: Schema): Decoded {
  const walk: Walk = {
    owner: String(object["kind"]),
    kind: String(object["kind"]),
    version: String(object["apiVersion"]).split("/").at(-1)!,
    unknown: [],
  };
  const decoded = decodeValue(object, schema, "", walk) as JsonObject;
  return { object: decoded, unknown: walk.unknown };
}

function fail(walk: Walk, value: Json, path: string, wanted: string): never {
  const found = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  throw badRequest(
    `${walk.kind} in version "${walk.version}" cannot be handled as a ${walk.kind}: json: cannot ` +
      `unmarshal ${found} into Go struct field ${walk.owner}.${
        path.replaceAll(/\[\d+\]/g, "")
      } of type ${wanted}`,
  );
}

function decodeValue(value: Json, unresolved: Schema, path: string, walk: Walk): Json {
  const name = refName(unresolved);
  if (name === QUANTITY) return decodeQuantity(value, path, walk);
  if (name === INT_OR_STRING) {
    if (typeof value !== "string" && typeof value !== "number") {
      fail(walk, value, path, "intstr.IntOrString");
    }
    return value;
  }
  const schema = resolve(unresolved);
  switch (schema?.type) {
    case "string":
      return typeof value === "string" ? value : fail(walk, value, path, "string");
    case "boolean":
      return typeof value === "boolean" ? value : fail(walk, value, path, "bool");
    case "integer":
      return typeof value === "number" && Number.isInteger(value)
        ? value
        : fail(walk, value, path, schema.format ?? "int64");
    case "number":
      return typeof value === "number" ? value : fail(walk, value, path, "float64");
    case "array": {
      if (!Array.isArray(value)) fail(walk, value, path, "[]");
      const items = schema.items ?? {};
      return value.map((item, index) =>
        item === null ? zero(items) : decodeValue(item, items, `${path}[${index}]`, walk)
      );
    }
    case "object":
      if (!isObject(value)) fail(walk, value, path, name?.split(".").at(-1) ?? "map[string]string");
      return decodeObject(value, schema, name, path, walk);
    default:
      return value;
  }
}

function decodeQuantity(value: Json, path: string, walk: Walk): Json {
  if (typeof value !== "string" && typeof value !== "number") fail(walk, value, path, "Quantity");
  const text = canonicalQuantity(value);
  if (text === undefined) {
    throw badRequest(
      `${walk.kind} in version "${walk.version}" cannot be handled as a ${walk.kind}: quantities ` +
        "must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  return text;
}

function decodeObject(
  value: JsonObject,
  schema: Schema,
  name: string | undefined,
  path: string,
  walk: Walk,
): JsonObject {
  const result: JsonObject = {};
  if (!schema.properties) {
    const values = typeof schema.additionalProperties === "object"
      ? schema.additionalProperties
      : undefined;
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      if (item === null && values) result[key] = zero(values);
      else result[key] = values ? decodeValue(item!, values, path, walk) : item;
    }
    return result;
  }
  for (const [key, item] of Object.entries(value)) {
    const property = schema.properties[key];
    if (item === undefined) continue;
    walk.owner = name?.split(".").at(-1) ?? walk.owner;
    if (!property) walk.unknown.push(join(path, key));
    else if (item !== null) result[key] = decodeValue(item, property, join(path, key), walk);
  }
  if (name) applyOmissions(result, schema, name, path, walk);
  return result;
}

function join(path: string, key: string): string {
  return path ? `${path}.${key}` : key;
}

function zero(schema: Schema): Json {
  switch (resolve(schema)?.type) {
    case "string":
      return "";
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return false;
    case "array":
      return [];
    default:
      return {};
  }
}

/** A struct that is not omitted is written even when empty: a time as null, a quantity as "0". */
function zeroStruct(schema: Schema, path: string, walk: Walk): Json {
  if (refName(schema) === QUANTITY) return "0";
  if (refName(schema) === INT_OR_STRING) return 0;
  if (resolve(schema)?.type === "string") return null;
  return decodeValue({}, schema, path, walk);
}

/** Whether Go has a struct here, which `omitempty` never leaves out. */
function isStruct(schema: Schema): boolean {
  const name = refName(schema);
  if (name === QUANTITY || name === INT_OR_STRING) return true;
  return resolve(schema)?.properties !== undefined;
}

function isZero(value: Json): boolean {
  return value === "" || value === 0 || value === false || value === null ||
    (typeof value === "object" && Object.keys(value).length === 0);
}

/** Leaves out and fills in fields as Go's encoder would. */
function applyOmissions(
  result: JsonObject,
  schema: Schema,
  name: string,
  path: string,
  walk: Walk,
): void {
  for (const [key, omit] of omissions(name)) {
    const property = schema.properties?.[key];
    if (!property) continue;
    const value = result[key];
    if (value === undefined) {
      if (omit === "struct" || ((omit === "value" || omit === "always") && isStruct(property))) {
        result[key] = zeroStruct(property, join(path, key), walk);
      } else if (omit === "always") {
        result[key] = zero(property);
      } else if (omit === "null") {
        result[key] = null;
      }
    } else if (isZero(value!) && (omit === "zero" || (omit === "value" && !isStruct(property)))) {
      delete result[key];
    }
  }
}

const omissionCache = new Map<string, [string, WireField[1]][]>();

/** Omission rule of each field of a type, embedded types included. */
function omissions(name: string): [string, WireField[1]][] {
  const cached = omissionCache.get(name);
  if (cached) return cached;
  const type = wireType(name);
  const own = Object.entries(type?.fields ?? {}).map(([key, [, omit]]) =>
    [key, omit] as [string, WireField[1]]
  );
  const inline = (type?.inline ?? []).flatMap(([, inner]) => omissions(inner));
  const all = [...own, ...inline];
  omissionCache.set(name, all);
  return all;
}
