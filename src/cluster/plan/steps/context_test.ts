/** What several planners ask for, joined. */

import assert from "node:assert/strict";
import { heldPlan, joinPlans, NOTHING } from "./context.ts";

const waiting = (requeueAfterMs: number) => ({
  ...heldPlan("rollout", "waiting", `${requeueAfterMs}`),
  requeueAfterMs,
});

const ROWS: readonly [given: readonly (number | undefined)[], want: number | undefined][] = [
  [[5000, 1000, 60_000], 1000],
  [[undefined, 60_000, undefined], 60_000],
  [[undefined, undefined], undefined],
];

for (const [given, want] of ROWS) {
  Deno.test(`of the next looks ${JSON.stringify(given)} the earliest counts: ${want}`, () => {
    const plans = given.map((ms) => ms === undefined ? NOTHING : waiting(ms));
    const joined = joinPlans(plans);
    assert.equal(joined.requeueAfterMs, want);
    assert.equal(joined.held.length, given.filter((ms) => ms !== undefined).length);
  });
}
