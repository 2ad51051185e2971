/** A plan as text for comparing: the same whether hidden texts or their marks stand in it. */

import assert from "node:assert/strict";
import type { Plan } from "../cluster/plan/steps/action.ts";
import { step } from "../cluster/plan/steps/context.ts";
import { planText } from "./plan_text.ts";

const MARK = `sealed-${"0".repeat(24)}`;

function planWith(rule: string): Plan {
  const pod = { namespace: "a", name: "b-0", ip: "" };
  const body = { postgresql: { pg_hba: [rule], parameters: { archive_command: rule } } };
  const request = { call: "patchConfig", body } as const;
  const steps = [step("patroni config", ["pg_hba"], { kind: "patroni", pod, request })];
  return { key: "a/b", generation: 1, steps, held: [] };
}

Deno.test("a rule that is one hidden word reads as its mark does", () => {
  assert.equal(planText(planWith("canary")), planText(planWith(MARK)));
  assert.doesNotMatch(planText(planWith("canary")), /canary/);
});

Deno.test("keywords of a rule are shown, and tell one plan from another", () => {
  const [one, other] = [planText(planWith("host all all md5")), planText(planWith("local all"))];
  assert.match(one, /host all all md5/);
  assert.notEqual(one, other);
});
