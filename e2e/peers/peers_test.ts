/** Peers that hang, drip, lie, flood and redirect cost no more than their bounds. */

import assert from "node:assert/strict";
import { waitBeside } from "./neighbours.ts";
import { excesses, trials } from "./trials.ts";

Deno.test({
  name: "no peer takes more time, memory or event loop than it has",
  // The driver of PostgreSQL and fetch keep connections for a moment.
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    const wrong: string[] = [];
    let count = 0;
    for await (const trial of trials(3)) {
      count++;
      wrong.push(...excesses(trial));
    }
    assert.equal(count, 25);
    assert.deepEqual(wrong, []);
  },
});

for (const bad of [10, 80]) {
  Deno.test(`${bad} clusters whose peers hang cost their neighbour less than a second`, async () => {
    const { hanging, waitedMs } = await waitBeside(bad);
    assert.ok(hanging >= Math.min(bad, 60), `only ${hanging} passes hang`);
    assert.ok(waitedMs <= 1000, `the neighbour waited ${waitedMs} ms`);
  });
}
