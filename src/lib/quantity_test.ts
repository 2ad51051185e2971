import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalQuantity, compareQuantities, formatQuantity, parseQuantity } from "./quantity.ts";

const CANONICAL = [
  ["0", "0"],
  ["0Mi", "0"],
  ["1", "1"],
  ["0.5", "500m"],
  ["1.5", "1500m"],
  ["100m", "100m"],
  ["1000m", "1"],
  [".25", "250m"],
  ["2.", "2"],
  ["1024", "1024"],
  ["1000", "1k"],
  ["1500000", "1500k"],
  ["1024Mi", "1Gi"],
  ["1536Mi", "1536Mi"],
  ["0.5Gi", "512Mi"],
  ["1.5Ki", "1536"],
  ["0.5Ki", "512"],
  ["1023Ki", "1023Ki"],
  ["2048Ki", "2Mi"],
  ["1e3", "1e3"],
  ["12e6", "12e6"],
  ["1e4", "10e3"],
  ["1E", "1E"],
  ["1Ei", "1Ei"],
  ["300000k", "300M"],
  ["0.1n", "1n"],
  ["0.0000000001", "1n"],
  ["-1Gi", "-1Gi"],
  ["+5", "5"],
  ["100E", "9223372036854775807"],
];

Deno.test("canonicalQuantity writes amounts as the API server stores them", () => {
  for (const [given, want] of CANONICAL) assert.equal(canonicalQuantity(given!), want, given);
});

Deno.test("parseQuantity refuses what is no quantity", () => {
  for (const text of ["", " 1", "1 Gi", "Gi", "1K", "1gb", "0x10", "1e", "1.2.3", "1Kii", "--1"]) {
    assert.equal(parseQuantity(text), undefined, text);
  }
});

Deno.test("compareQuantities orders across families of suffixes", () => {
  const ascending = ["-1", "0", "1n", "1m", "999m", "1", "1k", "1Ki", "1M", "1Mi", "1G", "1Gi"];
  for (let i = 1; i < ascending.length; i++) {
    const [low, high] = [parseQuantity(ascending[i - 1]!)!, parseQuantity(ascending[i]!)!];
    assert.ok(compareQuantities(low, high) < 0, `${ascending[i - 1]} < ${ascending[i]}`);
    assert.ok(compareQuantities(high, low) > 0);
  }
  assert.equal(compareQuantities(parseQuantity("1Gi")!, parseQuantity("1024Mi")!), 0);
});

Deno.test("a canonical quantity reads back as the same amount and stays canonical", () => {
  const suffix = fc.constantFrom("", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "Ti", "e3");
  const amount = fc.tuple(fc.nat(), fc.nat({ max: 999 })).map(([whole, part]) =>
    `${whole}.${part}`
  );
  fc.assert(fc.property(amount, suffix, (digits, unit) => {
    const quantity = parseQuantity(digits + unit)!;
    const text = formatQuantity(quantity);
    assert.equal(compareQuantities(parseQuantity(text)!, quantity), 0);
    assert.equal(canonicalQuantity(text), text);
  }));
});
