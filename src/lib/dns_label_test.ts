/** Labels of DNS made of any name. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { dnsLabel, isDnsLabel } from "./dns_label.ts";

const ROWS: readonly [string, string][] = [
  ["pg-tls", "pg-tls"],
  ["a".repeat(63), "a".repeat(63)],
  ["wildcard.example.com", "wildcard-example-com-b80722aa"],
  ["wildcard-example.com", "wildcard-example-com-"],
  ["...", ""],
];

for (const [name, want] of ROWS) {
  Deno.test(`the label of ${name} begins with ${want}`, () => {
    assert.ok(dnsLabel(name).startsWith(want), dnsLabel(name));
  });
}

Deno.test("every name has a label, a label is its own, and no two names share one", () => {
  const name = fc.string({ minLength: 1, maxLength: 253 });
  fc.assert(fc.property(name, name, (one, other) => {
    assert.ok(isDnsLabel(dnsLabel(one)));
    assert.equal(dnsLabel(dnsLabel(one)), dnsLabel(one));
    if (one !== other) assert.notEqual(dnsLabel(one), dnsLabel(other));
  }));
});
