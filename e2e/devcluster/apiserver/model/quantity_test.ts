import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { canonicalQuantity, parseQuantity } from "./quantity.ts";

const ROWS: [given: string | number, want: string | undefined][] = [
  ["1", "1"],
  [0.5, "500m"],
  ["1000m", "1"],
  ["1500m", "1500m"],
  ["1024Mi", "1Gi"],
  ["1.5Gi", "1536Mi"],
  ["0.5Ki", "512"],
  ["1000Ki", "1000Ki"],
  ["2000", "2k"],
  ["1e3", "1e3"],
  ["100000", "100k"],
  ["0", "0"],
  ["0Gi", "0"],
  ["-1Gi", "-1Gi"],
  ["+5", "5"],
  [".5", "500m"],
  ["", undefined],
  ["1GB", undefined],
  ["one", undefined],
];

Deno.test("quantities take their canonical form", () => {
  for (const [given, want] of ROWS) strictEqual(canonicalQuantity(given), want, String(given));
});

Deno.test("the canonical form has the same value and is its own canonical form", () => {
  const suffix = fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi");
  fc.assert(fc.property(fc.nat(1_000_000), suffix, (number, unit) => {
    const text = canonicalQuantity(`${number}${unit}`)!;
    strictEqual(parseQuantity(text)!.nano, parseQuantity(`${number}${unit}`)!.nano);
    strictEqual(canonicalQuantity(text), text);
  }));
});
