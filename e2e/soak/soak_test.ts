import assert from "node:assert/strict";
import { percentile, residentMb, slopePerMinute } from "./measure.ts";
import { oneOf, randomFrom } from "./random.ts";
import { isExplained, type Wish } from "./wishes.ts";

Deno.test("a slope is that of a straight line, whatever the noise", () => {
  const line = [0, 1, 2, 3].map((minute) => ({ atMs: minute * 60_000, value: 100 + 2 * minute }));
  assert.equal(slopePerMinute(line), 2);
  assert.equal(slopePerMinute(line.slice(0, 1)), 0);
  assert.equal(slopePerMinute([line[0]!, line[0]!]), 0);
});

Deno.test("percentiles and memory are read from what there is", () => {
  assert.deepEqual([percentile([3, 1, 2], 99), percentile([3, 1, 2], 0), percentile([], 50)], [
    3,
    1,
    0,
  ]);
  assert.equal(residentMb("Name:\tx\nVmRSS:\t  2048 kB\n"), 2);
  assert.equal(residentMb(""), 0);
});

Deno.test("the same seed chooses the same", () => {
  const [one, two] = [randomFrom(7), randomFrom(7)];
  const chosen = [1, 2, 3, 4].map(() => oneOf(one, ["a", "b", "c"]));
  assert.deepEqual(chosen, [1, 2, 3, 4].map(() => oneOf(two, ["a", "b", "c"])));
});

Deno.test("a pod's end is explained by a wish of its life, or of just before", () => {
  const wishes: Wish[] = [
    { fromMs: 0, image: "a", instances: 3 },
    { fromMs: 100_000, image: "b", instances: 3 },
    { fromMs: 200_000, image: "b", instances: 1 },
  ];
  const pod = { image: "a", ordinal: 0, createdMs: 50_000, endedMs: 150_000 };
  assert.equal(isExplained(wishes, pod), true);
  assert.equal(isExplained(wishes, { ...pod, endedMs: 90_000 }), false);
  const later = { ...pod, image: "b", createdMs: 120_000, endedMs: 300_000 };
  assert.equal(isExplained(wishes, later), false);
  assert.equal(isExplained(wishes, { ...later, createdMs: 105_000 }), true);
  assert.equal(isExplained(wishes, { ...later, ordinal: 2 }), true);
});
