/** The brake: a cluster is played pass by pass, and every row says what is still done. */

import assert from "node:assert/strict";
import { emptyLedger } from "./memory.ts";
import { step } from "../plan/steps/context.ts";
import type { Plan, Reason, Step, StepOutcome } from "../plan/steps/action.ts";
import { brake, disruptionLimit, HOLD_MS, MOST_REPETITIONS, noteSteps } from "./brake.ts";
import { PortError } from "../../ports/errors.ts";
import type { Mismatch } from "../plan/compare/difference.ts";

const MINUTE_MS = 60_000;

function patch(name: string, reason: Reason): Step {
  const target = { apiVersion: "v1", kind: "Service", namespace: "shop", name };
  return step("services", [reason], {
    kind: "patch",
    request: { target, type: "merge", body: {} },
  });
}

function restart(name: string): Step {
  const target = { apiVersion: "v1", kind: "Pod", namespace: "shop", name };
  const action = { kind: "delete", request: { target } } as const;
  return step("rollout", [`recreate ${name}: marked for a restart`], action, { effect: "restart" });
}

function changed(path: string, observed: unknown, desired: unknown): Mismatch {
  return { path, observed, desired };
}

function recreation(reason: Reason): Step {
  const metadata = { namespace: "shop", name: "acid-orders" };
  const object = { apiVersion: "apps/v1", kind: "StatefulSet", metadata };
  const action = { kind: "recreate", object, uid: "u", propagation: "Orphan" } as const;
  return step("statefulset", [reason], action);
}

interface PlayedPass {
  readonly steps: readonly Step[];
  readonly wish?: string;
  /** Time since the pass before. */
  readonly afterMs?: number;
  readonly fails?: Error;
}

/** Plays passes; gives the braked plan of each. */
function play(passes: readonly PlayedPass[], pods = 2): Plan[] {
  const ledger = emptyLedger();
  let nowMs = Date.parse("2026-01-05T12:00:00Z");
  return passes.map(({ steps, wish = "a", afterMs = 100, fails }) => {
    nowMs += afterMs;
    const view = { ledger, wish, nowMs, pods };
    const plan = brake({ key: "shop/acid-orders", generation: 1, steps, held: [] }, view);
    const outcomes = plan.steps.map((done): StepOutcome =>
      fails === undefined || done.action.kind === "event"
        ? { step: done, result: "done" }
        : { step: done, result: "failed", error: fails }
    );
    noteSteps(ledger, outcomes, view);
    return plan;
  });
}

const works = ({ steps }: Plan) => steps.filter(({ action }) => action.kind !== "event");
const times = <T>(count: number, value: (turn: number) => T) =>
  Array.from({ length: count }, (_, turn) => value(turn));
const done = (plans: readonly Plan[]) => plans.flatMap(works).length;

const A = patch("orders", changed("spec.type", "ClusterIP", "LoadBalancer"));
const B = patch("orders-repl", changed("metadata.labels.team", "b", "a"));

interface Row {
  readonly given: string;
  readonly passes: readonly PlayedPass[];
  /** Steps done in all passes together. */
  readonly want: number;
}

const ROWS: readonly Row[] = [
  {
    given: "the same step in every pass",
    passes: times(50, () => ({ steps: [A] })),
    want: MOST_REPETITIONS,
  },
  {
    given: "two steps in turn",
    passes: times(50, (turn) => ({ steps: [turn % 2 === 0 ? A : B] })),
    want: 2 * MOST_REPETITIONS,
  },
  {
    given: "one field that gets another value every time",
    passes: times(50, (turn) => ({ steps: [patch("orders", changed("spec.type", turn, "x"))] })),
    want: MOST_REPETITIONS,
  },
  {
    given: "a conflict in every pass",
    passes: times(
      50,
      () => ({ steps: [A], fails: new PortError("c", "conflict") }),
    ),
    want: MOST_REPETITIONS,
  },
  {
    given: "a failure in every pass, which has a back-off of its own",
    passes: times(50, () => ({ steps: [A], fails: new Error("refused") })),
    want: 50,
  },
  {
    given: "another wish in the middle",
    passes: times(20, (turn) => ({ steps: [A], wish: turn < 10 ? "a" : "b" })),
    want: 2 * MOST_REPETITIONS,
  },
  {
    given: "the same step, but hardly ever",
    passes: times(20, () => ({ steps: [A], afterMs: 20 * MINUTE_MS })),
    want: 20,
  },
  {
    given: "five minutes later once more",
    passes: times(60, () => ({ steps: [A], afterMs: 10_000 })),
    want: MOST_REPETITIONS + 1,
  },
  {
    given: "different steps in one pass, over and over with new ones",
    passes: times(50, (turn) => ({ steps: [patch(`orders-${turn}`, "it is missing")] })),
    want: 50,
  },
  {
    given: "a rollout of all pods for each of ten wishes",
    passes: times(10, (turn) => ({ steps: [restart("o-0"), restart("o-1")], wish: `${turn}` })),
    want: 20,
  },
  {
    given: "always another pod to restart for one wish",
    passes: times(100, (turn) => ({ steps: [restart(`o-${turn}`)] })),
    want: disruptionLimit(2),
  },
  {
    given: "another wish in every pass, each with a recreation",
    passes: times(
      500,
      (turn) => ({ steps: [recreation(changed("spec.replicas", 1, 2))], wish: `${turn}` }),
    ),
    want: 10 * disruptionLimit(2),
  },
];

for (const { given, passes, want } of ROWS) {
  Deno.test(`brake, given ${given}, ${want} steps are done`, () => {
    assert.equal(done(play(passes)), want);
  });
}

Deno.test("what is left is told once, with the time, the object and both values", () => {
  const plans = play(times(30, () => ({ steps: [A] })));
  const told = plans.flatMap(({ steps }) => steps.filter(({ action }) => action.kind === "event"));
  assert.equal(told.length, 1);
  assert.deepEqual(plans.at(-1)?.held, [{
    subject: "services",
    kind: "braked",
    reason: "left until 2026-01-05T12:05:00Z: patch Service shop/orders: done 5 times in a row " +
      'without lasting effect; spec.type: "ClusterIP" → "LoadBalancer"',
  }]);
  const wait = plans.at(-1)?.requeueAfterMs ?? 0;
  assert.ok(wait > HOLD_MS - 10_000 && wait <= HOLD_MS, `${wait}`);
});

Deno.test("restarts over the limit name what they were for", () => {
  const cause = 'spec.template.spec.priorityClassName: "a" → "b"';
  const plans = play([
    { steps: [recreation(changed("spec.template.spec.priorityClassName", "a", "b"))] },
    ...times(60, (turn) => ({ steps: [restart(`o-${turn}`)] })),
  ]);
  const [held] = plans.at(-1)?.held ?? [];
  assert.equal(held?.restarts, true);
  assert.ok(held?.reason.includes(cause), held?.reason);
  assert.ok(held?.reason.includes(`${disruptionLimit(2)} restarts`), held?.reason);
});

Deno.test("what follows a step that is left is left too, other subjects go on", () => {
  const later = patch("orders", "it is late");
  const other = restart("o-1");
  const plans = play(times(8, (turn) => ({
    steps: turn < 6 ? [A] : [A, later, { ...other, subject: "node move" as const }],
  })));
  assert.deepEqual(works(plans[6] ?? plans[0]!).map(({ subject }) => subject), ["node move"]);
});

Deno.test("while a StatefulSet is left unwritten no pod is taken down: it would come back as it was", () => {
  const target = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    namespace: "shop",
    name: "acid-orders",
  };
  const request = { target, type: "merge", body: {} } as const;
  const write = step("statefulset", ["its image"], { kind: "patch", request });
  const conflict = new PortError("it has changed meanwhile", "conflict");
  const plans = play([
    ...times(5, () => ({ steps: [write, restart("o-1")], fails: conflict })),
    { steps: [write, restart("o-1"), A] },
    { steps: [write, restart("o-1")], afterMs: HOLD_MS },
  ]);
  assert.deepEqual(works(plans[5]!), [A]);
  assert.deepEqual(works(plans[6]!).length, 2);
});
