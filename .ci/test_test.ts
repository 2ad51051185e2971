/** The sum of several closing lines. */

import assert from "node:assert/strict";
import { countOf } from "./test.ts";

Deno.test("countOf adds up what several runs of deno test print", () => {
  const output =
    "ok | 25 passed | 0 failed (109ms)\n\nFAILED | 4 passed (3 steps) | 1 failed (22ms)\n" +
    "ok | 7 passed | 0 failed | 2 ignored (1s)\nnot ok | 9 passed | 9 failed\n";
  assert.deepEqual(countOf(output), { passed: 36, failed: 1 });
});
