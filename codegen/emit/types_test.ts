/** Tests of types from schemas: what stands in the schema, what comes out. */
import assert from "node:assert/strict";
import type { Schema } from "../openapi/model.ts";
import { refTo } from "../openapi/refs.ts";
import { emitTypes } from "./types.ts";

const CASES: readonly [name: string, given: Schema, want: string][] = [
  ["a text", { type: "string", format: "date-time" }, "export type A = string;"],
  ["a choice", { type: "string", enum: ["a", "b"] }, 'export type A = "a" | "b";'],
  ["a free object", { type: "object" }, "export type A = Record<string, unknown>;"],
  ["anything", {}, "export type A = unknown;"],
  [
    "int-or-string of a CRD",
    { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
    "export type A = number | string;",
  ],
  [
    "int-or-string of Kubernetes",
    { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
    "export type A = number | string;",
  ],
  [
    "a field with a default stays optional",
    { type: "object", properties: { b: { type: "boolean", default: true } } },
    "export interface A {\n    b?: boolean;\n}",
  ],
  [
    "required, described and null",
    {
      type: "object",
      required: ["b"],
      properties: {
        b: { type: "array", nullable: true, description: "Words.", items: { type: "integer" } },
      },
    },
    "export interface A {\n    /** Words. */\n    b: number[] | null;\n}",
  ],
  [
    "combinations of required fields",
    { type: "object", properties: { b: { type: "string" } }, anyOf: [{ required: ["b"] }] },
    "export interface A {\n    b?: string;\n}",
  ],
];

for (const [name, given, want] of CASES) {
  Deno.test(`emitTypes writes ${name}`, async () => {
    assert.equal((await emitTypes({ A: given }, { aliases: new Set() })).trim(), want);
  });
}

Deno.test("emitTypes writes a kind as an alias and leaves out external names", async () => {
  const schemas = { A: { type: "object", properties: { env: { $ref: refTo("EnvVar") } } } };
  const text = await emitTypes(schemas, { aliases: new Set(["A"]), external: ["EnvVar"] });
  assert.equal(text.trim(), "export type A = {\n    env?: EnvVar;\n};");
});
