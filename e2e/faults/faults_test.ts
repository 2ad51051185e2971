/** Failures of the API server: all requests once each and for ten minutes. `deno task faults` has more. */

import assert from "node:assert/strict";
import { FAILURES } from "./failures.ts";
import { type Life, live, outage, plansOf } from "./life.ts";

let first: Promise<Life> | undefined;

function undisturbed(): Promise<Life> {
  return first ??= live();
}

Deno.test("an undisturbed life goes through all its stages, and asks for every kind of right", async () => {
  const { problems, rights } = await undisturbed();
  assert.deepEqual(problems, []);
  const verbs = new Set(rights.map((right) => right.split(" ")[0]));
  assert.deepEqual([...verbs].sort(), ["create", "delete", "get", "list", "patch", "watch"]);
  assert.ok(rights.length > 50, `${rights.length} rights`);
});

for (const name of Object.keys(FAILURES)) {
  for (const how of ["each right once", "all for 10 minutes"]) {
    Deno.test(`a cluster lives on after ${name}, ${how}: same end, nothing deleted, no restart`, async () => {
      const expected = await undisturbed();
      const found = plansOf(name, expected.rights).find((plans) => plans.how === how);
      const [planned] = found?.plans ?? [];
      assert.ok(planned !== undefined);
      const { problems, injected } = await live(planned.plan, expected);
      assert.deepEqual(problems, []);
      assert.ok(injected > 10, `${injected} faults`);
    });
  }
}

Deno.test("a failure without an end is told: this life does not recover", async () => {
  const failure = FAILURES["503"];
  assert.ok(failure !== undefined);
  const { problems } = await live(
    outage(failure, Infinity, "create statefulsets"),
    await undisturbed(),
  );
  assert.equal(problems[0], "creation did not end");
  assert.ok(problems.includes("StatefulSet/acid-faults is missing"), problems.join("\n"));
});
