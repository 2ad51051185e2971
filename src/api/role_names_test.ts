import assert from "node:assert/strict";
import fc from "fast-check";
import { normalizeFlags, ROLE_NAME } from "./role_names.ts";

const FLAGS: readonly [given: readonly string[], want: readonly string[] | RegExp][] = [
  [[], ["LOGIN"]],
  [["login", "LOGIN"], ["LOGIN"]],
  [["nologin"], []],
  [["createdb", "Superuser"], ["CREATEDB", "LOGIN", "SUPERUSER"]],
  [["NOINHERIT", "bypassrls"], ["BYPASSRLS", "LOGIN", "NOINHERIT"]],
  [["login", "nologin"], /LOGIN and NOLOGIN contradict each other/],
  [["NOCREATEDB", "createdb"], /NOCREATEDB and CREATEDB contradict each other/],
  [["fly"], /"FLY" is not valid/],
  [["NONOLOGIN"], /is not valid/],
  [[""], /is not valid/],
  [["CREATEDB; DROP"], /is not valid/],
];

Deno.test("flags come out in upper case, each once, sorted, with LOGIN unless it is refused", () => {
  for (const [given, want] of FLAGS) {
    const normalized = normalizeFlags(given);
    if (want instanceof RegExp) {
      assert.ok("problem" in normalized, given.join());
      assert.match(normalized.problem, want);
    } else assert.deepEqual("flags" in normalized && normalized.flags, want, given.join());
  }
});

Deno.test("normalised flags stay as they are", () => {
  const flag = fc.constantFrom("login", "createdb", "noinherit", "REPLICATION", "CreateRole");
  fc.assert(fc.property(fc.array(flag), (given) => {
    const once = normalizeFlags(given);
    assert.ok("flags" in once);
    assert.deepEqual(normalizeFlags(once.flags), once);
  }));
});

const NAMES: readonly [name: string, usable: boolean][] = [
  ["app", true],
  ["1app", true],
  ["a-b_c", true],
  ["ns.app", true],
  ["a.b.c", true],
  ["App", false],
  ["a-", false],
  ["_a", false],
  ["a..b", false],
  [".a", false],
  ['a"b', false],
  ["a b", false],
  ["ä", false],
  ["", false],
  ["a\n", false],
];

Deno.test("names of roles are small letters, digits, dashes, underscores and dots between them", () => {
  for (const [name, usable] of NAMES) assert.equal(ROLE_NAME.test(name), usable, name);
});
