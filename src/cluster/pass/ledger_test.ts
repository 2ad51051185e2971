/** The ledger of restarts: what is written before a step, once, and what a new process takes up. */

import assert from "node:assert/strict";
import { pod } from "../../testing/pod_fixture.ts";
import { recreatePod } from "../plan/pods/recreate_pod.ts";
import { switchoverSteps } from "../plan/pods/switchover.ts";
import type { Plan, Step } from "../plan/steps/action.ts";
import { step } from "../plan/steps/context.ts";
import { refOf } from "../../ports/requests.ts";
import { ROLLING_UPDATE_ANNOTATION } from "../observed/pods.ts";
import { ledgerAfter, ledgerBefore, MOST_ENTRIES, recentDisruptions } from "./ledger.ts";

const NOW = new Date("2026-01-05T12:00:00Z");
const ONE = pod("a-0", { role: "master", flagged: true });

function planOf(...steps: readonly Step[]): Plan {
  return { key: "n/a", generation: 1, steps, held: [] };
}

function viewAt(minutes: number, pods = [ONE]) {
  return {
    now: new Date(NOW.getTime() + minutes * 60_000),
    pods,
    causeOf: () => "",
    wish: "w".repeat(40),
  };
}

function mark(): Step {
  const body = { metadata: { annotations: { [ROLLING_UPDATE_ANNOTATION]: "true" } } };
  const request = { target: refOf(ONE), type: "merge", body } as const;
  return step("statefulset", ["mark a-0 for a restart", "image: 1 → 2"], {
    kind: "patch",
    request,
  });
}

Deno.test("a mark stands in the ledger with its reasons, and covers what is done to the pod after", () => {
  const marked = ledgerBefore(undefined, planOf(mark()), viewAt(0));
  assert.deepEqual(marked, [{
    time: "2026-01-05T12:00:00Z",
    what: "recreate",
    pod: "a-0",
    uid: "uid-a-0",
    why: "mark a-0 for a restart; image: 1 → 2",
    wish: "w".repeat(16),
  }]);
  const leader = { namespace: "n", name: "a-0", ip: "10.0.0.1" };
  for (
    const steps of [
      switchoverSteps("rollout", leader, "a-1", ["so"]),
      recreatePod("rollout", ONE, "marked for a restart").steps,
    ]
  ) assert.equal(ledgerBefore(marked, planOf(...steps), viewAt(600)), marked);
});

Deno.test("a deletion without a mark stands in it by itself", () => {
  const { steps } = recreatePod("node move", ONE, "its node is being drained");
  const found = ledgerBefore(undefined, planOf(...steps), viewAt(0));
  assert.deepEqual(found?.map(({ what, why }) => [what, why]), [
    ["recreate", "recreate a-0: its node is being drained"],
  ]);
});

Deno.test("a switchover and a restart stand in it, what disturbs nothing does not", () => {
  const leader = { namespace: "n", name: "a-0", ip: "10.0.0.1" };
  const steps = switchoverSteps("rollout", leader, "a-1", ["so"]);
  const found = ledgerBefore(undefined, planOf(...steps), viewAt(0));
  assert.deepEqual(found?.map(({ what, pod }) => [what, pod]), [["switchover", "a-0"]]);
  const config = {
    ...steps[0]!,
    action: {
      kind: "patroni",
      pod: leader,
      request: { call: "patchConfig", body: {} },
    },
  } as const;
  assert.equal(ledgerBefore(undefined, planOf(config), viewAt(0)), undefined);
});

Deno.test("an operator killed between entry and step counts it once, later ones count anew", () => {
  const leader = { namespace: "n", name: "a-0", ip: "10.0.0.1" };
  const plan = planOf(...switchoverSteps("node move", leader, "a-1", ["so"]));
  const first = ledgerBefore(undefined, plan, viewAt(0));
  assert.equal(ledgerBefore(first, plan, viewAt(1)), first);
  assert.equal(ledgerBefore(first, plan, viewAt(60))?.length, 2);
  const next = { ...ONE, metadata: { ...ONE.metadata, uid: "other" } };
  assert.equal(ledgerBefore(first, plan, viewAt(1, [next]))?.length, 2);
});

Deno.test("what was skipped is taken out again", () => {
  const { steps } = recreatePod("rollout", ONE, "so");
  const before = ledgerBefore(undefined, planOf(...steps), viewAt(0));
  const skipped = { step: steps[0]!, result: "skipped", because: "stopping" } as const;
  assert.deepEqual(ledgerAfter(before, [skipped], viewAt(0)), []);
  const done = { step: steps[0]!, result: "done" } as const;
  assert.equal(ledgerAfter(before, [done], viewAt(0)), before);
});

Deno.test("the ledger is bounded, the oldest goes first", () => {
  let known: ReturnType<typeof ledgerBefore>;
  for (let index = 0; index < 3 * MOST_ENTRIES; index++) {
    const one = pod(`a-${index}`);
    known = ledgerBefore(known, planOf(...recreatePod("rollout", one, "so").steps), viewAt(index));
  }
  assert.equal(known?.length, MOST_ENTRIES);
  assert.equal(known?.[0]?.pod, `a-${3 * MOST_ENTRIES - 1}`);
});

Deno.test("a new process counts the restarts of the ledger, those of the same wish as such", () => {
  const view = viewAt(0);
  const plan = planOf(...recreatePod("rollout", ONE, "so").steps);
  const known = ledgerBefore(undefined, plan, view);
  assert.deepEqual(recentDisruptions(known, view.wish), [{
    atMs: NOW.getTime(),
    wish: view.wish,
  }]);
  assert.deepEqual(recentDisruptions(known, "another"), [{ atMs: NOW.getTime(), wish: "" }]);
});
