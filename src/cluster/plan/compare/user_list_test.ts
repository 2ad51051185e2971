import assert from "node:assert/strict";
import { Sensitive } from "../../../lib/sensitive.ts";
import { sameUserList, userList } from "./user_list.ts";

function entry(username: string, password: string) {
  return { username, password: new Sensitive(password) };
}

Deno.test("userList names the pooler first, the others sorted, in quotes", () => {
  const list = userList(entry("pooler", "p"), [entry("b", 'x"y'), entry("a", "1"), entry("c", "")]);
  assert.equal(list.reveal(), '"pooler" "p"\n"a" "1"\n"b" "x""y"\n');
});

Deno.test("userList does not print itself", () => {
  assert.equal(String(userList(entry("pooler", "secret"), [])), "[redacted]");
});

Deno.test("lists are the same in any order of their lines", () => {
  const list = (text: string) => new Sensitive(text);
  assert.ok(sameUserList(list('"a" "1"\n"b" "2"\n'), list('"b" "2"\n"a" "1"\n')));
  assert.ok(!sameUserList(list('"a" "1"\n'), list('"a" "2"\n')));
  assert.ok(!sameUserList(list('"a" "1"\n'), list('"a" "1"\n"b" "2"\n')));
});
