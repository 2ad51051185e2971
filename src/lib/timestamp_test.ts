import assert from "node:assert/strict";
import { timestamp } from "./timestamp.ts";

Deno.test("a timestamp has whole seconds, cut off and not rounded", () => {
  assert.equal(timestamp(new Date("2026-01-05T12:00:00.999Z")), "2026-01-05T12:00:00Z");
});
