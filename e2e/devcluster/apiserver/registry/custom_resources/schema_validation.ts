/** Validation of custom resources by their schema, with Kubernetes' wording. */
import type { Cause } from "../../model/api_error.ts";
import { isObject, type Json, jsonEqual, type JsonObject } from "../../model/json.ts";
import type { Schema } from "../../model/schema.ts";
import { invalidValue, notSupported, required } from "../validate_metadata.ts";

const FORMATS: Record<string, RegExp> = {
  "date-time": /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uuid: /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i,
  byte: /^[A-Za-z0-9+/]*=*$/,
};

function typeName(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function hasType(value: Json, schema: Schema): boolean {
  const actual = typeName(value);
  if (schema["x-kubernetes-int-or-string"]) return actual === "integer" || actual === "string";
  if (!schema.type) return true;
  if (actual === "null") return schema.nullable === true;
  return actual === schema.type || (schema.type === "number" && actual === "integer");
}

/** All violations of a value, in the order of Kubernetes: the value itself, then what it contains. */
export function validateBySchema(value: Json, schema: Schema, field: string): Cause[] {
  if (!hasType(value, schema)) {
    const wanted = schema["x-kubernetes-int-or-string"] ? "integer,string" : schema.type!;
    return [typeCause(field, wanted, value)];
  }
  if (value === null) return [];
  const causes: Cause[] = [];
  if (typeof value === "string") causes.push(...validateString(value, schema, field));
  if (typeof value === "number") causes.push(...validateNumber(value, schema, field));
  if (schema.enum && !schema.enum.some((allowed) => jsonEqual(allowed as Json, value))) {
    causes.push(notSupported(field, value, schema.enum.map(String)));
  }
  causes.push(...validateCombined(value, schema, field));
  if (Array.isArray(value)) causes.push(...validateList(value, schema, field));
  if (isObject(value)) causes.push(...validateObject(value, schema, field));
  return causes;
}

function typeCause(field: string, wanted: string, value: Json): Cause {
  const actual = typeName(value);
  return {
    reason: "FieldValueTypeInvalid",
    message: `Invalid value: ${
      JSON.stringify(actual)
    }: ${field} in body must be of type ${wanted}: ${JSON.stringify(actual)}`,
    field,
  };
}

function inBody(field: string, value: Json, why: string): Cause {
  return invalidValue(field, value, `${field} in body ${why}`);
}

/** The first thing that is wrong with a string. */
function validateString(value: string, schema: Schema, field: string): Cause[] {
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    return [{
      reason: "FieldValueTooLong",
      message: `Too long: may not be more than ${schema.maxLength} bytes`,
      field,
    }];
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    return [inBody(field, value, `should be at least ${schema.minLength} chars long`)];
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
    return [inBody(field, value, `should match '${schema.pattern}'`)];
  }
  const format = FORMATS[schema.format ?? ""];
  if (!format || format.test(value)) return [];
  return [inBody(field, value, `must be of type ${schema.format}: ${JSON.stringify(value)}`)];
}

function validateNumber(value: number, schema: Schema, field: string): Cause[] {
  const causes: Cause[] = [];
  const { minimum, maximum, multipleOf } = schema;
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum && value <= minimum) {
      causes.push(inBody(field, value, `should be greater than ${minimum}`));
    } else if (value < minimum) {
      causes.push(inBody(field, value, `should be greater than or equal to ${minimum}`));
    }
  }
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum && value >= maximum) {
      causes.push(inBody(field, value, `should be less than ${maximum}`));
    } else if (value > maximum) {
      causes.push(inBody(field, value, `should be less than or equal to ${maximum}`));
    }
  }
  if (multipleOf !== undefined && value % multipleOf !== 0) {
    causes.push(inBody(field, value, `should be a multiple of ${multipleOf}`));
  }
  const limit = schema.format === "int32" ? 2 ** 31 : undefined;
  if (limit !== undefined && (value >= limit || value < -limit)) {
    causes.push(inBody(field, value, `must be of type int32: "int64"`));
  }
  return causes;
}

/** Alternatives: which one was meant cannot be told, so the message has no field of its own. */
function noMatch(field: string, why: string): Cause {
  return invalidValue("<nil>", "", `${JSON.stringify(field)} must ${why}`);
}

function validateCombined(value: Json, schema: Schema, field: string): Cause[] {
  const causes: Cause[] = [];
  const failuresOf = (options: Schema[]) =>
    options.map((option) => validateBySchema(value, option, field));
  if (schema.allOf) {
    const failed = failuresOf(schema.allOf).flat();
    if (failed.length > 0) {
      causes.push(noMatch(field, "validate all the schemas (allOf)"), ...failed);
    }
  }
  // int-or-string is declared together with an anyOf that says the same.
  if (schema.anyOf && !schema["x-kubernetes-int-or-string"]) {
    const failures = failuresOf(schema.anyOf);
    if (failures.every((failed) => failed.length > 0)) {
      causes.push(noMatch(field, "validate at least one schema (anyOf)"), ...failures[0] ?? []);
    }
  }
  if (schema.oneOf) {
    const failures = failuresOf(schema.oneOf);
    const valid = failures.filter((failed) => failed.length === 0).length;
    const text = "validate one and only one schema (oneOf).";
    if (valid === 0) causes.push(noMatch(field, `${text} Found none valid`), ...failures[0] ?? []);
    if (valid > 1) causes.push(noMatch(field, `${text} Found ${valid} valid alternatives`));
  }
  if (schema.not && validateBySchema(value, schema.not, field).length === 0) {
    causes.push(noMatch(field, "not validate the schema (not)"));
  }
  return causes;
}

function validateList(value: Json[], schema: Schema, field: string): Cause[] {
  const causes: Cause[] = [];
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    causes.push({
      reason: "FieldValueTooMany",
      message: `Too many: ${value.length}: must have at most ${schema.maxItems} items`,
      field,
    });
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    causes.push(inBody(field, value.length, `should have at least ${schema.minItems} items`));
  }
  if (schema.items) {
    value.forEach((item, index) =>
      causes.push(...validateBySchema(item, schema.items!, `${field}[${index}]`))
    );
  }
  return [...causes, ...validateUnique(value, schema, field)];
}

function validateUnique(value: Json[], schema: Schema, field: string): Cause[] {
  const kind = schema["x-kubernetes-list-type"];
  if (kind !== "set" && kind !== "map") return [];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const identity = kind === "map" && isObject(item)
      ? Object.fromEntries(
        keys.map((key) => [key, item[key] ?? schema.items?.properties?.[key]?.default ?? null]),
      )
      : item;
    const text = JSON.stringify(identity);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    return [{
      reason: "FieldValueDuplicate",
      message: `Duplicate value: ${text}`,
      field: `${field}[${index}]`,
    }];
  });
}

function validateObject(value: JsonObject, schema: Schema, field: string): Cause[] {
  const causes: Cause[] = [];
  const size = Object.keys(value).length;
  if (schema.maxProperties !== undefined && size > schema.maxProperties) {
    causes.push({
      reason: "FieldValueTooMany",
      message: `Too many: ${size}: must have at most ${schema.maxProperties} items`,
      field,
    });
  }
  if (schema.minProperties !== undefined && size < schema.minProperties) {
    causes.push(inBody(field, size, `should have at least ${schema.minProperties} properties`));
  }
  for (const key of schema.required ?? []) {
    if (value[key] === undefined) causes.push(required(join(field, key)));
  }
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item === undefined) continue;
    const property = schema.properties?.[key];
    const rest = typeof schema.additionalProperties === "object"
      ? schema.additionalProperties
      : undefined;
    const chosen = property ?? rest;
    if (chosen) causes.push(...validateBySchema(item, chosen, join(field, key)));
  }
  return causes;
}

function join(field: string, key: string): string {
  return field ? `${field}.${key}` : key;
}
