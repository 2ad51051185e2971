import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeBase64, encodeBase64 } from "./base64.ts";

Deno.test("base64 gives back every text that has no broken characters", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    assert.equal(decodeBase64(encodeBase64(text)), text);
  }));
});

Deno.test("decodeBase64 refuses what is no base64 and bytes that are no text", () => {
  assert.equal(decodeBase64("%%%"), undefined);
  assert.equal(decodeBase64("/w=="), undefined);
  assert.equal(decodeBase64(""), "");
});
