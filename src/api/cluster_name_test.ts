import assert from "node:assert/strict";
import { cloneSourceProblem, clusterNameProblem, teamPrefixProblem } from "./cluster_name.ts";

const NAMES: readonly [name: string, usable: boolean][] = [
  ["acid-minimal", true],
  ["a", true],
  ["a".repeat(52), true],
  ["a".repeat(59), false],
  ["Acid", false],
  ["1acid", false],
  ["acid-", false],
  ["acid.minimal", false],
  ["", false],
];

Deno.test("the name of a cluster is a Service name with room for the replica Service", () => {
  for (const [name, usable] of NAMES) {
    assert.equal(clusterNameProblem(name) === undefined, usable, name);
  }
});

const PREFIXES: readonly [name: string, team: string, fits: boolean][] = [
  ["acid-minimal", "acid", true],
  ["acid-minimal", "ACID", true],
  ["acid-a", "acid", true],
  ["acid-", "acid", false],
  ["acidminimal", "acid", false],
  ["other-minimal", "acid", false],
  ["acid-minimal", "", false],
];

Deno.test("a team prefix is the team in any case, a dash and something more", () => {
  for (const [name, team, fits] of PREFIXES) {
    assert.equal(teamPrefixProblem(name, team) === undefined, fits, `${name} of ${team}`);
  }
});

Deno.test("the source of a clone may be as long as a Service name", () => {
  assert.equal(cloneSourceProblem("a".repeat(63)), undefined);
  assert.match(cloneSourceProblem("a".repeat(64)) ?? "", /63 characters/);
  assert.match(cloneSourceProblem("Acid_Wrong") ?? "", /must match/);
});
