import { deepStrictEqual } from "node:assert/strict";
import type { JsonObject } from "../../model/json.ts";
import type { Schema } from "../../model/schema.ts";
import { validateRules } from "./rules.ts";
import { validateBySchema } from "./schema_validation.ts";
import { applyDefaults, prune } from "./structural.ts";

const SCHEMA: Schema = {
  type: "object",
  properties: {
    size: { type: "integer", default: 1 },
    maybe: { type: "string", nullable: true, default: "x" },
    never: { type: "string" },
    deep: { type: "object", properties: { a: { type: "string", default: "y" } } },
    free: {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: { known: { type: "object" } },
    },
    map: {
      type: "object",
      additionalProperties: { type: "object", properties: { v: { type: "integer", default: 7 } } },
    },
  },
};

const DEFAULTS: { given: JsonObject; want: JsonObject }[] = [
  { given: {}, want: { size: 1, maybe: "x" } },
  { given: { size: null, maybe: null, never: null }, want: { size: 1, maybe: null } },
  { given: { deep: {} }, want: { size: 1, maybe: "x", deep: { a: "y" } } },
  {
    given: { map: { k: {}, gone: null } },
    want: { size: 1, maybe: "x", map: { k: { v: 7 } } },
  },
];

Deno.test("defaults fill what is missing, and nulls where none is allowed", () => {
  for (const { given, want } of DEFAULTS) {
    const value = structuredClone(given);
    applyDefaults(value, SCHEMA);
    deepStrictEqual(value, want);
  }
});

Deno.test("pruning drops unknown fields and tells which", () => {
  const unknown: string[] = [];
  const value = {
    size: 1,
    extra: 1,
    deep: { a: "b", c: 1 },
    free: { any: { thing: 1 }, known: { gone: 1 } },
  };
  const pruned = prune(value, SCHEMA, unknown, "", false);
  deepStrictEqual(pruned, { size: 1, deep: { a: "b" }, free: { any: { thing: 1 }, known: {} } });
  deepStrictEqual(unknown.toSorted(), ["deep.c", "extra", "free.known.gone"]);
});

Deno.test("violations name the field and say what it should be", () => {
  const texts = validateBySchema({ size: "x", never: 1 }, SCHEMA, "").map(({ field, message }) =>
    `${field}: ${message}`
  );
  deepStrictEqual(texts, [
    'never: Invalid value: "integer": never in body must be of type string: "integer"',
    'size: Invalid value: "string": size in body must be of type integer: "string"',
  ]);
});

Deno.test("transition rules are left out where there is no old value", () => {
  const schema: Schema = {
    type: "object",
    properties: { a: { type: "integer" } },
    "x-kubernetes-validations": [{ rule: "self.a >= oldSelf.a", message: "must not shrink" }],
  };
  deepStrictEqual(validateRules({ a: 1 }, undefined, schema, "spec"), []);
  deepStrictEqual(validateRules({ a: 2 }, { a: 1 }, schema, "spec"), []);
  deepStrictEqual(validateRules({ a: 1 }, { a: 2 }, schema, "spec"), [
    {
      reason: "FieldValueInvalid",
      message: 'Invalid value: "object": must not shrink',
      field: "spec",
    },
  ]);
});
