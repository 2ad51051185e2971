import assert from "node:assert/strict";
import { createSilences } from "./silence.ts";

Deno.test("a server that did not answer is left alone for longer each time, until it answers", () => {
  let now = 0;
  const silences = createSilences(() => now);
  const pauses: number[] = [];
  for (let times = 0; times < 9; times++) {
    silences.silent("a");
    pauses.push(silences.leftMs("a"));
    now += silences.leftMs("a");
    assert.equal(silences.leftMs("a"), 0);
  }
  assert.deepEqual(pauses.map((ms) => ms / 1000), [5, 10, 20, 40, 80, 160, 300, 300, 300]);
  assert.equal(silences.leftMs("b"), 0);
  silences.answered("a");
  silences.silent("a");
  assert.equal(silences.leftMs("a"), 5000);
});
