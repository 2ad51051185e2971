/** Which subjects need which others: what a failed step stops. */

import assert from "node:assert/strict";
import { independent, relies } from "./plan_cluster.ts";
import type { Step } from "./steps/action.ts";
import { step } from "./steps/context.ts";
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

/** Whether the second step need not wait for the first. */
const PAIRS: readonly [string, Step, Step, boolean][] = [
  ["two new Secrets", created("credentials"), created("credentials"), true],
  ["a new Service and a new Secret", created("services"), created("credentials"), false],
  [
    "a new budget and the StatefulSet",
    created("disruption budgets"),
    created("statefulset"),
    false,
  ],
  ["a change and a creation of one subject", changed("credentials"), created("credentials"), false],
  ["two changes of one subject", changed("statefulset"), changed("statefulset"), false],
];

for (const [what, earlier, later, wanted] of PAIRS) {
  Deno.test(`${what} ${wanted ? "may" : "may not"} go out together`, () => {
    assert.equal(independent(later, earlier), wanted);
  });
}

function created(subject: Subject): Step {
  const object = { apiVersion: "v1", kind: "Any", metadata: { namespace: "n", name: "x" } };
  return step(subject, ["missing"], { kind: "create", object });
}

function changed(subject: Subject): Step {
  const target = { apiVersion: "v1", kind: "Any", namespace: "n", name: "x" };
  const request = { target, type: "merge", body: {} } as const;
  return step(subject, ["differs"], { kind: "patch", request });
}
