/** Bounds of the operator's configuration and of quotas, in words. */

import assert from "node:assert/strict";
import {
  instanceBounds,
  instanceHint,
  type OperatorSettings,
  type Quota,
  resourceHint,
  volumeHint,
} from "./limits.ts";

const SETTINGS: OperatorSettings = {
  MinInstances: -1,
  MaxInstances: -1,
  MinCPULimit: "250m",
  MaxCPURequest: "",
  DefaultCPULimit: "1",
  DefaultCPURequest: "100m",
};
const QUOTA: Quota = {
  name: "team",
  hard: { "limits.cpu": "10", cpu: "4", "requests.storage": "1Ti" },
  used: { "limits.cpu": "3", "requests.storage": "200Gi" },
};

const INSTANCES: readonly (readonly [OperatorSettings | undefined, string | undefined])[] = [
  [undefined, undefined],
  [SETTINGS, undefined],
  [{ MinInstances: 2, MaxInstances: 5 }, "2 to 5."],
  [{ MinInstances: 2, MaxInstances: -1 }, "At least 2."],
  [{ MinInstances: -1, MaxInstances: 5 }, "At most 5."],
];

for (const [settings, wanted] of INSTANCES) {
  Deno.test(`members with ${JSON.stringify(settings)} may be ${wanted}`, () => {
    assert.equal(instanceHint(settings), wanted);
  });
}

Deno.test("a limit of -1 is none", () => {
  assert.deepEqual(instanceBounds(SETTINGS), { least: undefined, most: undefined });
});

const RESOURCES: readonly (readonly [string, string | undefined])[] = [
  ["limits.cpu", "At least 250m; empty means 1; quota team: 3 of 10 used."],
  ["requests.cpu", "Empty means 100m; quota team: 0 of 4 used."],
  ["limits.memory", undefined],
  ["other", undefined],
];

for (const [field, wanted] of RESOURCES) {
  Deno.test(`${field} says ${wanted}`, () => {
    assert.equal(resourceHint(field, SETTINGS, [QUOTA]), wanted);
  });
}

Deno.test("a volume says what is left of the quota", () => {
  assert.equal(volumeHint([QUOTA]), "Quota team: 200Gi of 1Ti used.");
  assert.equal(volumeHint([]), undefined);
});
