import assert from "node:assert/strict";
import fc from "fast-check";
import { compareUtf8, float32, type GoJson, goJson, goMap } from "./go_json.ts";

const CASES: readonly { given: GoJson; want: string }[] = [
  { given: goMap({ b: "1", a: "2" }), want: '{"a":"2","b":"1"}' },
  { given: goMap({ "10": "x", "2": "y", a: "z" }), want: '{"10":"x","2":"y","a":"z"}' },
  { given: { b: 1, a: undefined, c: false }, want: '{"b":1,"c":false}' },
  { given: ["<a>", "&"], want: '["\\u003ca\\u003e","\\u0026"]' },
  { given: "line\u2028para\u2029", want: '"line\\u2028para\\u2029"' },
  { given: 'tab\t"quote" back\\slash\n', want: '"tab\\t\\"quote\\" back\\\\slash\\n"' },
  { given: { "<key>": goMap({}) }, want: '{"\\u003ckey\\u003e":{}}' },
  { given: "é 漢 😀 \u007f", want: '"é 漢 😀 \u007f"' },
];

Deno.test("goJson writes maps sorted, structs in their order, and Go's escapes", () => {
  for (const { given, want } of CASES) assert.equal(goJson(given), want);
});

Deno.test("goJson reads back as the value that was written", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.string({ unit: "binary" })), (map) => {
    assert.deepEqual({ ...JSON.parse(goJson(goMap(map))) }, { ...map });
  }));
});

Deno.test("compareUtf8 orders by code point, not by UTF-16 unit", () => {
  assert.ok(compareUtf8("\uffff", "😀") < 0);
  assert.ok("\uffff" > "😀");
  assert.ok(compareUtf8("a", "ab") < 0);
  assert.equal(compareUtf8("ab", "ab"), 0);
});

Deno.test("float32 gives the shortest decimal of a 32-bit float", () => {
  const cases = [[0, 0], [33554432, 33554432], [1073741824, 1073741800], [16777217, 16777216]];
  for (const [given, want] of cases) assert.equal(float32(given!), want);
});
