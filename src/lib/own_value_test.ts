import assert from "node:assert/strict";
import { ownValue } from "./own_value.ts";

const NAMES = ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"];

for (const name of NAMES) {
  Deno.test(`ownValue finds ${name} only where somebody put it`, () => {
    assert.equal(ownValue({}, name), undefined);
    assert.equal(ownValue(Object.fromEntries([[name, "mine"]]), name), "mine");
  });
}

Deno.test("ownValue finds nothing in what is not there", () => {
  assert.equal(ownValue(undefined, "a"), undefined);
  assert.equal(ownValue(null, "a"), undefined);
});
