import assert from "node:assert/strict";
import { KeySets } from "./key_sets.ts";

Deno.test("keys are found by their name", () => {
  const sets = new KeySets();
  sets.put("Secret a/x", "a/one");
  sets.put("Secret a/x", "a/two");
  sets.put("Secret a/y", "a/one");
  assert.deepEqual(sets.of("Secret a/x"), ["a/one", "a/two"]);
  assert.deepEqual(sets.of("Secret a/z"), []);
});

Deno.test("a name that has lost its last key is not kept", () => {
  const sets = new KeySets();
  sets.put("Secret a/x", "a/one");
  sets.put("Secret a/x", "a/two");
  sets.remove("Secret a/x", "a/one");
  sets.remove("Secret a/none", "a/one");
  assert.equal(sets.size, 1);
  sets.remove("Secret a/x", "a/two");
  assert.equal(sets.size, 0);
});
