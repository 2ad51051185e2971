/** Values as JSON and back: nothing is lost, and what is no data is refused. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { Sensitive } from "../lib/sensitive.ts";
import { fromTagged, type TextRules, toTagged } from "./tagged.ts";

const PLAIN: TextRules = { text: (text) => text, sensitive: (value) => value.reveal() };

function there(value: unknown): unknown {
  return fromTagged(JSON.parse(JSON.stringify(toTagged(value, PLAIN))));
}

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(undefined),
    fc.constant(null),
    fc.boolean(),
    fc.double({ noDefaultInfinity: false }).map((number) => Object.is(number, -0) ? 0 : number),
    fc.bigInt(),
    fc.string(),
    fc.date({ noInvalidDate: true }),
    fc.array(tie("value")),
    fc.dictionary(fc.oneof(fc.string(), fc.constant("~"), fc.constant("~~")), tie("value"))
      .map((entries) => ({ ...entries })),
    fc.array(fc.tuple(fc.string(), tie("value"))).map((pairs) => new Map(pairs)),
    fc.array(fc.string()).map((each) => new Set(each)),
  ),
}));

Deno.test("every value comes back as it was", () => {
  fc.assert(fc.property(value, (given) => assert.deepEqual(there(given), given)));
});

Deno.test("a text that does not show itself comes back as one", () => {
  const back = there({ password: new Sensitive("hidden") }) as { password: Sensitive };
  assert.ok(back.password instanceof Sensitive);
  assert.equal(back.password.reveal(), "hidden");
});

Deno.test("a function is no data, and the message says where it stands", () => {
  assert.throws(() => toTagged({ a: { b: () => 1 } }, PLAIN), /cannot record a\.b: a function/);
});

Deno.test("a tag of another version is refused", () => {
  assert.throws(() => fromTagged({ "~": "later" }), /"later" is no known tag/);
});
