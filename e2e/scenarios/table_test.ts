import assert from "node:assert/strict";
import { tableOf } from "./table.ts";

const GOOD = { name: "a", results: [{ assert: "x", passed: true }], seconds: 1 };

Deno.test("a run is green when something was played and every check passed", () => {
  assert.equal(tableOf([GOOD], []).green, true);
  assert.equal(tableOf([], ["a"]).green, false);
  assert.equal(tableOf([{ ...GOOD, broken: "lost" }], []).green, false);
  const bad = { ...GOOD, results: [...GOOD.results, { assert: "y", passed: false, detail: "no" }] };
  const { text, green } = tableOf([GOOD, bad], ["c"]);
  assert.equal(green, false);
  assert.match(text, /a: y: no/);
  assert.match(text, /c\s+left out/);
  assert.match(text, /1\/2 scenarios, 2\/3 checks, 2 s$/);
});
