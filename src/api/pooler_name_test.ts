/** Names of poolers: long clusters that can be made may still have no replica pooler. */

import assert from "node:assert/strict";
import { poolerNameProblem } from "./cluster_name.ts";

const ROWS: readonly [number, "primary" | "replica", boolean][] = [
  [52, "primary", true],
  [51, "replica", true],
  [52, "replica", false],
];

for (const [length, role, can] of ROWS) {
  Deno.test(`a cluster with ${length} characters ${can ? "can" : "cannot"} have a ${role} pooler`, () => {
    const problem = poolerNameProblem("a".repeat(length), role);
    assert.equal(problem === undefined, can);
    if (!can) assert.match(problem ?? "", /at most 51 characters/);
  });
}
