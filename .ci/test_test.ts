/** The sum of several closing lines, and what `deno test` would leave out without a word. */

import assert from "node:assert/strict";
import { countOf } from "./test.ts";

Deno.test("countOf adds up what several runs of deno test print", () => {
  const output =
    "ok | 25 passed | 0 failed (109ms)\n\nFAILED | 4 passed (3 steps) | 1 failed (22ms)\n" +
    "ok | 7 passed | 0 failed | 2 ignored (1s)\nnot ok | 9 passed | 9 failed\n";
  assert.deepEqual(countOf(output), { passed: 36, failed: 1 });
});

/** In a folder that has a member of the workspace below it, `deno test FOLDER` finds no test. */
Deno.test("no task names a folder with a member of the workspace below it", async () => {
  const { workspace, tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  const named = Object.values<string>(tasks).flatMap((task) => task.split(/\s+/));
  const above = named.filter((word) =>
    workspace.some((member: string) => member.startsWith(`./${word}/`))
  );
  assert.ok(workspace.length > 0);
  assert.deepEqual(above, []);
});
