import { deepStrictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { ApiError } from "../../model/api_error.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Schema } from "../../model/schema.ts";
import { jsonPatch } from "./json_patch.ts";
import { mergePatch } from "./merge_patch.ts";
import { strategicMerge } from "./strategic_merge.ts";

const MERGES: { target: Json; patch: Json; want: Json }[] = [
  { target: { a: "b" }, patch: { a: "c" }, want: { a: "c" } },
  { target: { a: "b" }, patch: { b: "c" }, want: { a: "b", b: "c" } },
  { target: { a: "b", b: "c" }, patch: { a: null }, want: { b: "c" } },
  { target: { a: ["b"] }, patch: { a: "c" }, want: { a: "c" } },
  { target: { a: { b: "c" } }, patch: { a: { b: "d", c: null } }, want: { a: { b: "d" } } },
  { target: { a: [{ b: "c" }] }, patch: { a: [1] }, want: { a: [1] } },
  { target: ["a", "b"], patch: ["c", "d"], want: ["c", "d"] },
  { target: {}, patch: { a: { bb: { ccc: null } } }, want: { a: { bb: {} } } },
];

Deno.test("a merge patch follows the examples of RFC 7386", () => {
  for (const { target, patch, want } of MERGES) deepStrictEqual(mergePatch(target, patch), want);
});

Deno.test("a merge patch that was applied changes nothing when applied again", () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<Json>);
  fc.assert(fc.property(object, object, (target, patch) => {
    const once = mergePatch(target, patch);
    deepStrictEqual(mergePatch(once, patch), once);
  }));
});

const OPERATIONS: { name: string; patch: Json; want: Json | "fails" }[] = [
  {
    name: "adds to an object",
    patch: [{ op: "add", path: "/c", value: 1 }],
    want: { a: [1, 2], b: "x", c: 1 },
  },
  {
    name: "adds into a list",
    patch: [{ op: "add", path: "/a/1", value: 9 }],
    want: { a: [1, 9, 2], b: "x" },
  },
  {
    name: "adds to the end of a list",
    patch: [{ op: "add", path: "/a/-", value: 3 }],
    want: { a: [1, 2, 3], b: "x" },
  },
  { name: "removes", patch: [{ op: "remove", path: "/a/0" }], want: { a: [2], b: "x" } },
  {
    name: "replaces",
    patch: [{ op: "replace", path: "/b", value: null }],
    want: { a: [1, 2], b: null },
  },
  {
    name: "copies and moves",
    patch: [{ op: "copy", from: "/b", path: "/c" }, { op: "move", from: "/a", path: "/d" }],
    want: { b: "x", c: "x", d: [1, 2] },
  },
  {
    name: "passes a test that holds",
    patch: [{ op: "test", path: "/a", value: [1, 2] }],
    want: { a: [1, 2], b: "x" },
  },
  {
    name: "fails a test that does not hold",
    patch: [{ op: "test", path: "/b", value: "y" }],
    want: "fails",
  },
  {
    name: "fails to remove what is not there",
    patch: [{ op: "remove", path: "/none" }],
    want: "fails",
  },
  { name: "fails beyond a list", patch: [{ op: "add", path: "/a/7", value: 1 }], want: "fails" },
  {
    name: "fails for an unknown operation",
    patch: [{ op: "nonsense", path: "/a" }],
    want: "fails",
  },
];

Deno.test("a JSON patch does each operation or fails as a whole", async (t) => {
  for (const { name, patch, want } of OPERATIONS) {
    await t.step(name, () => {
      const document: Json = { a: [1, 2], b: "x" };
      if (want === "fails") throws(() => jsonPatch(document, patch), ApiError);
      else deepStrictEqual(jsonPatch(document, patch), want);
      deepStrictEqual(document, { a: [1, 2], b: "x" }, "the document itself is left alone");
    });
  }
});

const SCHEMA: Schema = {
  type: "object",
  properties: {
    items: {
      type: "array",
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-patch-merge-key": "name",
      items: { type: "object", properties: { name: { type: "string" }, v: { type: "integer" } } },
    },
    words: { type: "array", "x-kubernetes-patch-strategy": "merge", items: { type: "string" } },
    plain: { type: "array", items: { type: "integer" } },
  },
};
const TARGET: JsonObject = {
  items: [{ name: "a", v: 1 }, { name: "b", v: 2 }],
  words: ["x", "y"],
  plain: [1, 2],
};

const STRATEGIC: { name: string; patch: JsonObject; want: JsonObject }[] = [
  {
    name: "merges by key",
    patch: { items: [{ name: "b", v: 3 }, { name: "c" }] },
    want: { ...TARGET, items: [{ name: "a", v: 1 }, { name: "b", v: 3 }, { name: "c" }] },
  },
  {
    name: "deletes by key",
    patch: { items: [{ name: "a", $patch: "delete" }] },
    want: { ...TARGET, items: [{ name: "b", v: 2 }] },
  },
  {
    name: "replaces a list",
    patch: { items: [{ $patch: "replace" }, { name: "z" }] },
    want: { ...TARGET, items: [{ name: "z" }] },
  },
  {
    name: "orders a list",
    patch: { "$setElementOrder/items": [{ name: "b" }, { name: "a" }] },
    want: { ...TARGET, items: [{ name: "b", v: 2 }, { name: "a", v: 1 }] },
  },
  {
    name: "joins words",
    patch: { words: ["y", "z"] },
    want: { ...TARGET, words: ["x", "y", "z"] },
  },
  {
    name: "takes words away",
    patch: { "$deleteFromPrimitiveList/words": ["x"] },
    want: { ...TARGET, words: ["y"] },
  },
  {
    name: "replaces lists without a strategy",
    patch: { plain: [3] },
    want: { ...TARGET, plain: [3] },
  },
  {
    name: "removes by null",
    patch: { plain: null },
    want: { items: TARGET["items"]!, words: ["x", "y"] },
  },
  { name: "retains keys", patch: { $retainKeys: ["plain"], plain: [4] }, want: { plain: [4] } },
];

Deno.test("a strategic merge patch follows the schema and its directives", async (t) => {
  for (const { name, patch, want } of STRATEGIC) {
    await t.step(name, () => deepStrictEqual(strategicMerge(TARGET, patch, SCHEMA), want));
  }
});
