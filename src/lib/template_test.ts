import assert from "node:assert/strict";
import { fillTemplate } from "./template.ts";

const CASES = [
  { format: "{a}-{b}-{a}", values: { a: "x", b: "y" }, want: "x-y-x" },
  { format: "{unknown}.{a}", values: { a: "x" }, want: "{unknown}.x" },
  { format: "", values: { a: "x" }, want: "" },
  { format: "{a}", values: { a: "$&$1" }, want: "$&$1" },
  { format: "no token", values: {}, want: "no token" },
];

Deno.test("fillTemplate replaces every known token and keeps unknown ones", () => {
  for (const { format, values, want } of CASES) {
    assert.equal(fillTemplate(format, values as Record<string, string>), want);
  }
});
