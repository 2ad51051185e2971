import assert from "node:assert/strict";
import { foldedName, unquotedSchemaProblem } from "./unquoted.ts";

const FOLDED: readonly (readonly [string, string])[] = [
  ["pooler", "pooler"],
  ["GateWay", "gateway"],
  ["ÄB_c$1", "Äb_c$1"],
];

Deno.test("a name without quotes is read in small letters, as far as ASCII goes", () => {
  for (const [name, want] of FOLDED) assert.equal(foldedName(name), want);
});

const PROBLEMS: readonly (readonly [string, RegExp | undefined])[] = [
  ["pooler", undefined],
  ["GateWay", undefined],
  ["_x$1", undefined],
  ["between", undefined],
  ["", /empty/],
  ["a-b", /letters/],
  ["a b", /letters/],
  ["a.b", /letters/],
  ["1a", /letters/],
  ["$a", /letters/],
  ['a"b', /letters/],
  ["a;drop", /letters/],
  ["User", /user is a key word/],
  ["left", /key word/],
  ["pg_pool", /server's own/],
  ["PG_pool", /server's own/],
  ["x".repeat(64), /64 bytes/],
];

Deno.test("names of schemas that need quotes, or cannot be made, are told", () => {
  for (const [name, want] of PROBLEMS) {
    const problem = unquotedSchemaProblem(name);
    if (want === undefined) assert.equal(problem, undefined, name);
    else assert.match(problem ?? "", want, name);
  }
});
