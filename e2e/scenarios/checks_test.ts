import assert from "node:assert/strict";
import { checksOf } from "./checks.ts";

Deno.test("an assert that nobody looked at has failed, and a failure stays one", () => {
  const checks = checksOf(["a", "b", "c"]);
  checks.note("a", true);
  checks.note("b", false, "found 1");
  checks.note("b", true);
  assert.deepEqual(checks.results(), [
    { assert: "a", passed: true },
    { assert: "b", passed: false, detail: "found 1" },
    { assert: "c", passed: false, detail: "was not looked at" },
  ]);
});

Deno.test("what is checked has to be among the asserts", () => {
  assert.throws(() => checksOf(["a"]).note("A", true), /no assert of this scenario/);
});
