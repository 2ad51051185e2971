import assert from "node:assert/strict";
import { sameSetting, settingName, settingValue } from "./settings.ts";

const VALUES: readonly { name: string; given: string; text: string; stored: string }[] = [
  { name: "log_statement", given: "all", text: "'all'", stored: "all" },
  { name: "log_statement", given: "'mod'", text: "'mod'", stored: "mod" },
  {
    name: "application_name",
    given: ' "night shift" ',
    text: "'night shift'",
    stored: "night shift",
  },
  { name: "application_name", given: "it's", text: "'it''s'", stored: "it's" },
  { name: "application_name", given: "'it''s'", text: "'it''s'", stored: "it's" },
  {
    name: "application_name",
    given: "a'; DROP ROLE x; --",
    text: "'a''; DROP ROLE x; --'",
    stored: "a'; DROP ROLE x; --",
  },
  { name: "x.y", given: "a=b", text: "'a=b'", stored: "a=b" },
  { name: "x.y", given: "", text: "''", stored: "" },
  {
    name: "search_path",
    given: '"$user", public',
    text: "'$user', 'public'",
    stored: '"$user", public',
  },
  {
    name: "search_path",
    given: `'"$user", public'`,
    text: "'$user', 'public'",
    stored: '"$user", public',
  },
  {
    name: "search_path",
    given: '"$user", "data"',
    text: "'$user', 'data'",
    stored: '"$user", data',
  },
  { name: "search_path", given: '"Mixed"', text: "'Mixed'", stored: '"Mixed"' },
  { name: "search_path", given: "Plain", text: "'plain'", stored: "plain" },
  { name: "search_path", given: '"a,b", "c""d"', text: `'a,b', 'c"d'`, stored: '"a,b", "c""d"' },
  { name: "Search_Path", given: "", text: "''", stored: '""' },
  { name: "temp_tablespaces", given: "a, b", text: "'a', 'b'", stored: "a, b" },
];

for (const { name, given, text, stored } of VALUES) {
  Deno.test(`${name} = ${given} is written as ${text} and found again as ${stored}`, () => {
    assert.equal(settingValue(name, given), text);
    assert.ok(sameSetting(name, given, stored));
  });
}

Deno.test("settings that differ are told apart", () => {
  assert.ok(!sameSetting("search_path", '"$user", a', '"$user", b'));
  assert.ok(!sameSetting("search_path", '"$user", a', '"$user"'));
  assert.ok(!sameSetting("search_path", '"A"', "a"));
  assert.ok(!sameSetting("log_statement", "all", "mod"));
});

Deno.test("the parts of a setting's name are quoted one by one", () => {
  assert.equal(settingName("pg_stat_statements.track"), '"pg_stat_statements"."track"');
  assert.equal(settingName('a" TO 1; --'), '"a"" TO 1; --"');
});
