/**
 * Every recorded case, step after step, through the controller in a simulated cluster: what is left
 * behind, what was deleted, what Patroni was asked, which words and Events were told. The same
 * comparison as on a real control plane, and the same list of accepted differences.
 */

import assert from "node:assert/strict";
import { readAccepted } from "./accepted.ts";
import { stepDifferences } from "./comparison.ts";
import { casesOf, recordedSteps } from "./recorded.ts";
import { runCase } from "./transition.ts";

/**
 * Entries that only a real control plane meets: hashes over pod templates, what its own controllers
 * do to Endpoints, and how often a failing write is tried while real time passes. The user of a
 * pooler is met where single kinds are compared.
 */
const NEVER_MET_HERE: readonly string[] = [
  "UID ^Pod/",
  "D-38 ^Endpoints/",
  "F-PDB-01 ^writes: ",
  "F-STA-03 ^event Normal Update: missing",
];

Deno.test("every recorded case ends step by step as with the reference", async () => {
  const accepted = readAccepted("cases");
  const unequal: Record<string, readonly string[]> = {};
  let [cases, steps, differences] = [0, 0, 0];
  for (const list of casesOf(recordedSteps())) {
    cases++;
    for (const [index, { step, ours }] of (await runCase(list)).entries()) {
      steps++;
      const found = stepDifferences(step.golden, ours);
      const place = { step, before: list[index - 1] };
      const left = found.filter((text) => !accepted.accepts(step.name, text, place));
      differences += found.length - left.length;
      if (left.length > 0) unequal[step.name] = left;
    }
  }
  const counts = `${cases} cases, ${steps} steps, ${differences} accepted differences\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(counts));
  assert.deepEqual(unequal, {});
  assert.deepEqual({ cases, steps }, { cases: 245, steps: 405 });
  const unmet = accepted.unmet().filter((entry) =>
    !NEVER_MET_HERE.some((start) => entry.startsWith(start))
  );
  assert.deepEqual(unmet, []);
});
