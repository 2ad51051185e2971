import assert from "node:assert/strict";
import { leaseName } from "./leader_election.ts";

Deno.test("the lease of an operator has its id in its name", () => {
  assert.equal(leaseName(""), "postgres-operator");
  assert.equal(leaseName("blue"), "postgres-operator-blue");
});

Deno.test("each id has a lease of its own, with a name that Kubernetes takes", () => {
  const long = "x".repeat(80);
  const ids = ["", "blue", "Blue", "blue-", "blue_", "blue.", "-blue", long, `${long}y`, "ü"];
  const names = ids.map(leaseName);
  assert.equal(new Set(names).size, ids.length);
  for (const name of names) assert.match(name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
});
