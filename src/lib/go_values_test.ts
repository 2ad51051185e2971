import assert from "node:assert/strict";
import fc from "fast-check";
import { type IntegerType, parseGoBool, parseGoInteger } from "./go_values.ts";

const INTEGERS: readonly [string, IntegerType, number | undefined][] = [
  ["8", "uint32", 8],
  ["0", "uint32", 0],
  ["-1", "int32", -1],
  ["+7", "int32", 7],
  ["+7", "uint32", undefined],
  ["-1", "uint32", undefined],
  ["0x1F", "int32", 31],
  ["0b101", "int32", 5],
  ["0o17", "int32", 15],
  ["017", "int32", 15],
  ["1_000", "int32", 1000],
  ["0x_ff", "int32", 255],
  ["0_7", "int32", 7],
  ["08", "int32", undefined],
  ["_1", "int32", undefined],
  ["1__0", "int32", undefined],
  ["1_", "int32", undefined],
  ["", "int32", undefined],
  [" 1", "int32", undefined],
  ["1.0", "int32", undefined],
  ["1e3", "int32", undefined],
  ["-", "int32", undefined],
  ["0x", "int32", undefined],
  ["2147483647", "int32", 2147483647],
  ["2147483648", "int32", undefined],
  ["-2147483648", "int32", -2147483648],
  ["4294967295", "uint32", 4294967295],
  ["4294967296", "uint32", undefined],
  ["9007199254740991", "int64", 9007199254740991],
  ["9007199254740993", "int64", undefined],
  ["9223372036854775808", "int64", undefined],
];

Deno.test("parseGoInteger reads what strconv reads with base 0", () => {
  for (const [text, type, want] of INTEGERS) {
    assert.equal(parseGoInteger(text, type), want, `${JSON.stringify(text)} as ${type}`);
  }
});

Deno.test("parseGoInteger reads back every 32-bit integer in every base", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (value) => {
    for (const text of [`${value}`, `0x${value.toString(16)}`, `0b${value.toString(2)}`]) {
      assert.equal(parseGoInteger(text, "int32"), value);
    }
  }));
});

Deno.test("parseGoBool knows the twelve words of strconv and no other", () => {
  for (const word of ["1", "t", "T", "TRUE", "true", "True"]) {
    assert.equal(parseGoBool(word), true, word);
  }
  for (const word of ["0", "f", "F", "FALSE", "false", "False"]) {
    assert.equal(parseGoBool(word), false, word);
  }
  for (const word of ["", "yes", "no", "on", "tRUE", " true", "2"]) {
    assert.equal(parseGoBool(word), undefined, word);
  }
});
