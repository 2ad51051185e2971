/** Many runs of a hostile tenant: `RUNS` and `SEED` say how many and which. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { play, plots } from "./tenant.ts";

const RUNS = Number(Deno.env.get("RUNS") ?? 30);
const SEED = Number(Deno.env.get("SEED") ?? 20260501);

Deno.test("a hostile tenant changes nothing outside the namespace, nothing unlabelled, nothing of another cluster", async () => {
  let [runs, steps, writes] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(plots, async (plot) => {
      const world = await play(plot);
      [runs, steps, writes] = [runs + 1, steps + plot.steps.length, writes + world.writes.length];
    }),
    { numRuns: RUNS, seed: SEED },
  );
  assert.ok(RUNS > 0 && runs === RUNS, `${runs} runs of ${RUNS}`);
  const text = `${runs} runs of seed ${SEED}: ${steps} steps, ${writes} writes, 0 of them wrong\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(text));
});
