import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Json } from "../../model/json.ts";
import type { Schema } from "../../model/schema.ts";
import {
  difference,
  emptySet,
  type FieldSet,
  fromFieldsV1,
  insert,
  intersection,
  isEmpty,
  paths,
  pathText,
  sameSet,
  toFieldsV1,
  union,
} from "./field_set.ts";
import { compareTyped, fieldSetOf, mergeTyped, removeFields } from "./typed.ts";

const element = fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}', 'v:"y"');
const set = fc.array(fc.array(element, { minLength: 1, maxLength: 4 })).map((list) => {
  const result = emptySet();
  for (const path of list) insert(result, path);
  return result;
});

Deno.test("a set survives its FieldsV1 form", () => {
  fc.assert(fc.property(set, (given) => ok(sameSet(fromFieldsV1(toFieldsV1(given)), given))));
});

Deno.test("sets obey the laws of sets", () => {
  fc.assert(fc.property(set, set, (a, b) => {
    ok(sameSet(union(difference(a, b), intersection(a, b)), a));
    ok(isEmpty(intersection(difference(a, b), b)));
    ok(sameSet(union(a, b), union(b, a)));
  }));
});

Deno.test("paths are shown as in conflict messages", () => {
  const path = ["f:spec", "f:containers", 'k:{"name":"x"}', "f:args", 'v:"y"'];
  strictEqual(pathText(path), '.spec.containers[name="x"].args[="y"]');
});

const SCHEMA: Schema = {
  type: "object",
  properties: {
    name: { type: "string" },
    labels: { type: "object", additionalProperties: { type: "string" } },
    items: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["port", "protocol"],
      items: {
        type: "object",
        properties: {
          port: { type: "integer" },
          protocol: { type: "string", default: "TCP" },
          v: { type: "integer" },
        },
      },
    },
    set: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
    atomic: { type: "array", items: { type: "string" } },
  },
};
const texts = (fields: FieldSet) => [...paths(fields)].map(pathText).toSorted();

Deno.test("the fields of an object are named by the schema's lists and maps", () => {
  const value = {
    name: "n",
    labels: { a: "1" },
    items: [{ port: 1, v: 2 }],
    set: ["s"],
    atomic: ["x"],
  };
  deepStrictEqual(texts(fieldSetOf(value, SCHEMA)), [
    ".atomic",
    '.items[port=1,protocol="TCP"]',
    '.items[port=1,protocol="TCP"].port',
    '.items[port=1,protocol="TCP"].v',
    ".labels.a",
    ".name",
    '.set[="s"]',
  ]);
});

Deno.test("a comparison tells what was added, changed and removed", () => {
  const before = { name: "n", labels: { a: "1", b: "2" }, set: ["s", "t"] };
  const after = { name: "m", labels: { a: "1", c: "3" }, set: ["s"], atomic: ["x"] };
  const { added, modified, removed } = compareTyped(before, after, SCHEMA);
  deepStrictEqual(texts(added), [".atomic", ".labels.c"]);
  deepStrictEqual(texts(modified), [".name"]);
  deepStrictEqual(texts(removed), ['.set[="t"]', ".labels.b"].toSorted());
});

Deno.test("merging joins lists by key and replaces atomic ones", () => {
  const live: Json = {
    items: [{ port: 1, protocol: "TCP", v: 1 }],
    set: ["s"],
    atomic: ["x"],
    labels: { a: "1" },
  };
  const config: Json = {
    items: [{ port: 1, v: 2 }, { port: 2 }],
    set: ["t"],
    atomic: ["y"],
    labels: { b: "2" },
  };
  deepStrictEqual(mergeTyped(live, config, SCHEMA), {
    items: [{ port: 1, protocol: "TCP", v: 2 }, { port: 2 }],
    set: ["s", "t"],
    atomic: ["y"],
    labels: { a: "1", b: "2" },
  });
});

Deno.test("fields that somebody else needs are not removed", () => {
  const value: Json = { name: "n", labels: { a: "1", b: "2" } };
  const gone = fieldSetOf({ name: "n", labels: { a: "1", b: "2" } }, SCHEMA);
  const kept = fieldSetOf({ labels: { b: "2" } }, SCHEMA);
  deepStrictEqual(removeFields(value, SCHEMA, gone, kept), { labels: { b: "2" } });
});
