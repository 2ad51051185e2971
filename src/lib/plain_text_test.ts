/** What of a peer's words is repeated. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { plainText } from "./plain_text.ts";
import { PLAIN_WORDS } from "./plain_words.ts";

const ROWS: readonly [string, string, string][] = [
  ["", "no good candidates have been found", "no good candidates have been found"],
  ["role a_b", 'role "a_b" does not exist', 'role "a_b" does not exist'],
  ["", 'role "zq7xk" does not exist', 'role "…" does not exist'],
  ["", "tcp connect error: Connection refused (os error 111)", ""],
  [
    "cannot list secrets in shop",
    'secrets is forbidden: User "system:serviceaccount:default:postgres-operator" cannot list ' +
    'resource "secrets" in API group "" in the namespace "shop"',
    "",
  ],
  [
    "cannot create StatefulSet shop/acid-x",
    'StatefulSet.apps "acid-x" is invalid: spec.template.spec.containers[0].env[3].value: ' +
    'Invalid value: "postgres://u:hunter2@h/db": must be no more than 63 characters',
    'StatefulSet.apps "acid-x" is invalid: spec.template.spec.containers[0].env[3].value: ' +
    'Invalid value: "…": must be no more than 63 characters',
  ],
  [
    "",
    "could not connect with host=10.0.0.1 password=hunter2x",
    "could not connect with host=10.0.0.1 password=…",
  ],
  ["", "the value 'correct horse battery staple' is wrong", "the value '…' is wrong"],
  ["", "c2VjcmV0OnZhbHVl/x+Y= zq7 zq8 is unknown", "… is unknown"],
  ["", "two\nlines\r\tand level=info", "two lines and level=info"],
  ["", "пароль 1234567", "…"],
];

for (const [known, given, want] of ROWS) {
  Deno.test(`of ${JSON.stringify(given)} what is harmless is repeated`, () => {
    assert.equal(plainText(given, { known: [known] }), want || given);
  });
}

Deno.test("a text is cut before it is read", () => {
  assert.equal(plainText("role ".repeat(100_000), { limit: 9 }), "role role");
  assert.ok(plainText("role ".repeat(100_000)).length <= 1000);
});

Deno.test("no word that is unknown is ever shown, wherever it stands", () => {
  const secret = fc.stringMatching(/^zq[a-z0-9]{3,30}$/);
  const around = fc.array(
    fc.constantFrom(...[...PLAIN_WORDS].slice(0, 50), '"', "'", "=", ":", " ", "/", "(", "\n"),
  ).map((words) => words.join(""));
  fc.assert(fc.property(around, secret, around, (before, word, after) => {
    assert.ok(!plainText(`${before} ${word}${after}`).includes(word));
    assert.ok(!plainText(`${before}="${word}"${after}`).includes(word));
  }));
});
