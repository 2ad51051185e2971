/**
 * What is recorded of a pass gives the same plan again, to the byte, with every secret hidden: of all
 * plans that the recorded cases lead to.
 */

import assert from "node:assert/strict";
import { recordingOf, replayed, snapshot } from "../../src/recorder/recording.ts";
import { planText } from "../../src/recorder/plan_text.ts";
import type { RecordedPass } from "../../src/controller/runner.ts";
import { casesOf, recordedSteps } from "./recorded.ts";
import { runCase } from "./transition.ts";

/** A part of their names chooses some of the cases. */
const CASES = Deno.env.get("CASES") ?? "";
const KEY = new TextEncoder().encode("a key of this test");

Deno.test("every plan of the recorded cases is made again of its recording", async () => {
  const unequal: string[] = [];
  let [plans, bytes] = [0, 0];
  const record = (pass: RecordedPass) => {
    plans++;
    const name = `${pass.key} ${pass.context.cr.metadata.generation}`;
    try {
      const text = JSON.stringify(recordingOf(snapshot(pass), KEY));
      bytes += text.length;
      const recording = JSON.parse(text);
      const [then, now] = [recording.plan, planText(replayed(recording))];
      if (then !== now) unequal.push(`${name}\n  ${firstDifference(then, now)}`);
    } catch (error) {
      unequal.push(`${name}: ${(error as Error).stack}`);
    }
  };
  for (const list of casesOf(recordedSteps())) {
    if (list[0]?.name.includes(CASES)) await runCase(list, { record });
  }
  const size = Math.round(bytes / Math.max(plans, 1) / 1024);
  const counts = `${plans} plans, ${unequal.length} unequal, ${size} KiB of text each\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(counts));
  assert.deepEqual(unequal, []);
  assert.ok(CASES !== "" || plans > 500, `only ${plans} plans were recorded`);
});

function firstDifference(then: string, now: string): string {
  const at = [...then].findIndex((letter, index) => letter !== now[index]);
  const from = Math.max(0, at - 260);
  return `${then.slice(from, at + 320)}\n  ${now.slice(from, at + 320)}`;
}
