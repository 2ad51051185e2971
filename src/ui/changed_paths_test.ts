/** Merge patches of changed paths alone. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { changedPaths, type Json, patched, pathsOf } from "./changed_paths.ts";

/** Values without null: in a merge patch it stands for removal. */
const value = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie("tree"), { maxKeys: 4 }),
  ),
})).tree;
const object = fc.dictionary(fc.string(), value, { maxKeys: 5 }) as fc.Arbitrary<
  { [key: string]: Json }
>;

Deno.test("what was not changed sends nothing", () => {
  fc.assert(fc.property(object, (given) => {
    assert.equal(changedPaths(given, JSON.parse(JSON.stringify(given))), undefined);
  }));
});

Deno.test("the patch makes what was shown into what was wanted", () => {
  fc.assert(fc.property(object, object, (before, after) => {
    const patch = changedPaths(before, after);
    const result = patch === undefined ? before : patched(before, patch);
    assert.deepEqual(JSON.parse(JSON.stringify(result)), JSON.parse(JSON.stringify(after)));
  }));
});

Deno.test("one change touches one path", () => {
  fc.assert(fc.property(object, fc.string(), fc.string(), (before, key, text) => {
    fc.pre(!Object.hasOwn(before, key) || JSON.stringify(before[key]) !== JSON.stringify(text));
    const after = Object.fromEntries([...Object.entries(before), [key, text]]);
    assert.equal(pathsOf(changedPaths(before, after)!).length, 1);
  }));
});

Deno.test("a field that goes is null, a list is sent whole, a null that was there stays unsent", () => {
  const before = { spec: { a: 1, list: [1, 2], none: null, keep: { b: 2 } } };
  const after = { spec: { list: [1, 3], none: null, keep: { b: 2 } } };
  assert.deepEqual(changedPaths(before, after), { spec: { a: null, list: [1, 3] } });
});

Deno.test("paths read as people write them", () => {
  const patch = {
    spec: { volume: { size: "2Gi" }, users: null },
    metadata: { annotations: { "a.b/c": "d" } },
  };
  assert.deepEqual(pathsOf(patch), [
    "spec.volume.size",
    "spec.users",
    'metadata.annotations["a.b/c"]',
  ]);
});

Deno.test("a key called __proto__ is a key", () => {
  const after = JSON.parse('{"spec":{"__proto__":{"a":1}}}') as Json;
  const patch = changedPaths({ spec: {} }, after);
  assert.equal(JSON.stringify(patch), '{"spec":{"__proto__":{"a":1}}}');
  assert.equal(({} as { a?: unknown }).a, undefined);
});
