/** The plans that are kept for people. */

import assert from "node:assert/strict";
import type { LastPass } from "./registry.ts";
import { type KeptPlans, shownPlans, withPlan } from "./plans.ts";

const EVENT = { kind: "event" };

/** A pass whose steps restart the named pods. */
function pass(at: string, pods: readonly string[], given: Partial<LastPass> = {}): LastPass {
  const steps = pods.map((name) => ({
    subject: "rollout",
    effect: "restart",
    reasons: [],
    action: {
      kind: "delete",
      request: {
        target: { apiVersion: "v1", kind: "Pod", plural: "pods", namespace: "shop", name },
      },
    },
  }));
  return {
    cause: "sync",
    at: new Date(at),
    plan: { key: "shop/acid-a", generation: 1, steps, held: [] },
    outcomes: steps.map(() => ({ result: "done" })),
    failure: undefined,
    ...given,
  } as unknown as LastPass;
}

const kept = (...passes: readonly LastPass[]): KeptPlans =>
  passes.reduce<KeptPlans>((all, one) => withPlan(all, "shop/acid-a", one), []);

Deno.test("a pass that did nothing, or told an Event alone, takes no plan's place", () => {
  const quiet = pass("2026-05-04T10:01:00Z", []);
  const telling = pass("2026-05-04T10:02:00Z", ["a"]);
  const told = {
    ...telling,
    plan: { ...telling.plan, steps: [{ ...telling.plan.steps[0]!, action: EVENT }] },
  } as unknown as LastPass;
  const [only, ...more] = shownPlans(kept(pass("2026-05-04T10:00:00Z", ["a"]), quiet, told));
  assert.deepEqual(more, []);
  assert.equal(only?.at, "2026-05-04T10:00:00.000Z");
  assert.match(only.steps[0]!.action, /delete Pod shop\/a/);
});

Deno.test("what is tried again as it was is one plan that counts, with its latest results", () => {
  const failed = { result: "failed", error: new Error("it may not") };
  const plans = shownPlans(kept(
    pass("2026-05-04T10:00:00Z", ["a"], { outcomes: [failed] as never }),
    pass("2026-05-04T10:05:00Z", ["a"], { outcomes: [failed] as never, cause: "retry" }),
    pass("2026-05-04T10:10:00Z", ["a"]),
  ));
  assert.deepEqual(
    plans.map(({ at, since, times, steps }) => [at, since, times, steps[0]?.result]),
    [
      ["2026-05-04T10:10:00.000Z", "2026-05-04T10:00:00.000Z", 3, "done"],
    ],
  );
});

Deno.test("the newest comes first, and the oldest of more than five falls out", () => {
  const plans = shownPlans(kept(
    ...[1, 2, 3, 4, 5, 6].map((pod) => pass(`2026-05-04T10:0${pod}:00Z`, [`a-${pod}`])),
  ));
  assert.deepEqual(plans.map(({ steps }) => steps[0]!.action.slice(-1)), ["6", "5", "4", "3", "2"]);
});
