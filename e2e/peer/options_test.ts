import assert from "node:assert/strict";
import { parsePeerOptions } from "./options.ts";
import { verdictIn, verdictLine } from "./verdict.ts";

Deno.test("a checkout and names of tests are taken", () => {
  const want = { path: "/peer", tests: ["test_scaling"], forced: false, help: false };
  assert.deepEqual(parsePeerOptions(["--path", "/peer", "test_scaling"]), want);
  assert.deepEqual(parsePeerOptions(["test_scaling", "--path=/peer"]), want);
  assert.equal(parsePeerOptions(["--path", "/peer", "--forced"]).forced, true);
});

Deno.test("without a checkout, and with an unknown argument, it says so", () => {
  assert.throws(() => parsePeerOptions([]), /--path must name a checkout/);
  assert.throws(() => parsePeerOptions(["--fast"]), /unknown argument --fast/);
  assert.equal(parsePeerOptions(["--help"]).help, true);
});

Deno.test("verdicts are told from what else is printed", () => {
  const verdict = { test: "test_scaling", verdict: "fail", seconds: 61.25, words: "2 != 3\n" };
  assert.equal(verdictIn("Test Setup being executed"), undefined);
  const found = verdictIn(`VERDICT ${JSON.stringify(verdict)}`);
  assert.ok(found);
  assert.equal(verdictLine(found), "fail    61.3 s  test_scaling\n      2 != 3 ");
});
