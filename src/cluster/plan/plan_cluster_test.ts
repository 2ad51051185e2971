/** Which subjects need which others: what a failed step stops. */

import assert from "node:assert/strict";
import { relies } from "./plan_cluster.ts";
import { type Subject, SUBJECTS } from "../subject.ts";

const NEEDED: readonly [Subject, readonly Subject[]][] = [
  ["finalizer", SUBJECTS],
  ["services", [
    "services",
    "standby",
    "statefulset",
    "patroni config",
    "postgres restart",
    "rollout",
    "node move",
    "logical backup",
    "pooler",
    "streams",
    "major upgrade",
  ]],
  ["volumes", [
    "volumes",
    "statefulset",
    "postgres restart",
    "rollout",
    "node move",
    "logical backup",
    "pooler",
    "streams",
    "major upgrade",
  ]],
  ["logical backup", ["logical backup"]],
  ["rollout", ["rollout", "node move", "major upgrade"]],
  ["databases", ["databases"]],
];

for (const [on, wanted] of NEEDED) {
  Deno.test(`a failure in ${on} stops what needs it`, () => {
    assert.deepEqual(SUBJECTS.filter((subject) => relies(subject, on)), wanted);
  });
}

Deno.test("no role learns a password whose Secret was not written", () => {
  for (const subject of ["roles", "databases", "pooler", "statefulset"] as const) {
    assert.ok(relies(subject, "credentials"), subject);
  }
});
