import assert from "node:assert/strict";
import { BoundedMap } from "./bounded_map.ts";

Deno.test("the entry that was set longest ago makes room", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1).set("b", 2).set("c", 3);
  assert.deepEqual([...map], [["b", 2], ["c", 3]]);
});

Deno.test("an entry that is set again is the newest", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1).set("b", 2).set("a", 3).set("c", 4);
  assert.deepEqual([...map], [["a", 3], ["c", 4]]);
});
