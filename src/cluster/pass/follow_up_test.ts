import assert from "node:assert/strict";
import { PortError } from "../../ports/errors.ts";
import { clusterEvent } from "../events.ts";
import type { Held, HeldKind, Plan, Step, StepOutcome } from "../plan/steps/action.ts";
import { eventStep, step } from "../plan/steps/context.ts";
import { afterFault, type FollowUp, followUp, RETRY_MS } from "./follow_up.ts";
import type { PassOutcome } from "./outcome.ts";
import { REFUSED_MS } from "./refused.ts";

const OBJECT = { apiVersion: "v1", kind: "Service", metadata: { namespace: "n", name: "a" } };
const CREATE = step("services", ["it is missing"], { kind: "create", object: OBJECT });
const NEWS = eventStep("rollout", clusterEvent("podsReady"));

function held(kind: HeldKind): Held {
  return { subject: "roles", kind, reason: "because" };
}

interface Given {
  readonly steps?: readonly Step[];
  readonly held?: readonly (HeldKind | Held)[];
  readonly requeueAfterMs?: number;
  readonly failure?: string;
  readonly errors?: readonly Error[];
}

function reconciled(given: Given): PassOutcome {
  const { steps = [], failure, requeueAfterMs, errors = [] } = given;
  const plan: Plan = {
    key: "n/a",
    generation: 1,
    steps,
    held: (given.held ?? []).map((one) => typeof one === "string" ? held(one) : one),
    ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }),
  };
  const outcomes: StepOutcome[] = steps.map((one, index) => {
    const error = errors[index];
    return error === undefined
      ? { step: one, result: "done" }
      : { step: one, result: "failed", error };
  });
  const report = { plan, outcomes, failure, phase: "sync" as const, settled: false };
  return { kind: "reconciled", report };
}

const later = (cause: "requeue" | "retry", afterMs: number): FollowUp => ({
  kind: "later",
  cause,
  afterMs,
});
const FORBIDDEN = new PortError("no", "forbidden");
const INVALID = new PortError("no", "invalid");
const DOWN = new PortError("no", "unavailable");

const ROWS: readonly [string, PassOutcome, number, FollowUp][] = [
  ["nothing is left of the cluster", { kind: "gone" }, 0, { kind: "forget" }],
  ["its deletion goes on", { kind: "deleting" }, 0, later("requeue", 1000)],
  ["its manifest is not taken on", { kind: "unmanaged" }, 0, { kind: "rest" }],
  ["another operator took over", { kind: "left" }, 0, { kind: "rest" }],
  ["nothing was to be done", reconciled({}), 0, { kind: "rest" }],
  ["something was only told", reconciled({ steps: [NEWS] }), 0, { kind: "rest" }],
  ["steps were done", reconciled({ steps: [CREATE] }), 0, { kind: "again" }],
  ["it waits", reconciled({ requeueAfterMs: 700 }), 0, later("requeue", 700)],
  [
    "it waits for no longer than it says",
    reconciled({ held: [{ ...held("waiting"), limitMs: 2000 }] }),
    0,
    later("requeue", 2000),
  ],
  [
    "it has waited so long",
    reconciled({ held: [{ ...held("waiting"), limitMs: 2000 }], failure: "f" }),
    0,
    { kind: "rest" },
  ],
  [
    "it waits without a limit",
    reconciled({ held: [{ ...held("waiting"), limitMs: 0 }] }),
    0,
    { kind: "rest" },
  ],
  [
    "steps were done and others may wait long",
    reconciled({ steps: [CREATE], held: [{ ...held("waiting"), limitMs: 600_000 }] }),
    0,
    { kind: "again" },
  ],
  [
    "steps were done and it waits",
    reconciled({ steps: [CREATE], requeueAfterMs: 700 }),
    0,
    later("requeue", 700),
  ],
  [
    "a step failed",
    reconciled({ steps: [CREATE], failure: "f", errors: [DOWN] }),
    1,
    later("retry", RETRY_MS.first),
  ],
  [
    "a step failed for the fourth time",
    reconciled({ steps: [CREATE], failure: "f", errors: [DOWN] }),
    4,
    later("retry", 8000),
  ],
  [
    "a step failed for the hundredth time",
    reconciled({ steps: [CREATE], failure: "f", errors: [DOWN] }),
    100,
    later("retry", RETRY_MS.longest),
  ],
  [
    "every failed step was refused for good",
    reconciled({ steps: [CREATE, CREATE], failure: "f", errors: [FORBIDDEN, INVALID] }),
    1,
    later("retry", REFUSED_MS.first),
  ],
  [
    "one of the failed steps may work next time",
    reconciled({ steps: [CREATE, CREATE], failure: "f", errors: [FORBIDDEN, DOWN] }),
    1,
    later("retry", RETRY_MS.first),
  ],
  [
    "something was refused and something else was done",
    reconciled({ steps: [CREATE, CREATE], failure: "f", errors: [FORBIDDEN] }),
    0,
    { kind: "again" },
  ],
  [
    "something was refused and another part asks for an early look",
    reconciled({ steps: [CREATE], failure: "f", errors: [FORBIDDEN], requeueAfterMs: 700 }),
    0,
    later("requeue", 700),
  ],
  [
    "something was refused and another part asks for a late look",
    reconciled({ steps: [CREATE], failure: "f", errors: [FORBIDDEN], requeueAfterMs: 600_000 }),
    0,
    later("retry", REFUSED_MS.first),
  ],
  [
    "something could not be read for the fourth time and another part asks for an early look",
    reconciled({ failure: "f", held: ["unreadable"], requeueAfterMs: 700 }),
    4,
    later("requeue", 700),
  ],
  [
    "another writer was faster",
    reconciled({ steps: [CREATE], errors: [new PortError("no", "conflict")] }),
    0,
    { kind: "again" },
  ],
  [
    "something could not be read",
    reconciled({ failure: "f", held: ["unreadable"] }),
    1,
    later("retry", RETRY_MS.first),
  ],
  [
    "something could not be read beside what is refused",
    reconciled({ failure: "f", held: ["refused", "unreadable"] }),
    2,
    later("retry", 2000),
  ],
  ["the manifest asks for what cannot be", reconciled({ failure: "f", held: ["refused"] }), 1, {
    kind: "rest",
  }],
  [
    "the manifest asks for what cannot be, and something waits",
    reconciled({ failure: "f", held: ["refused", "waiting"], requeueAfterMs: 5000 }),
    1,
    later("requeue", 5000),
  ],
  [
    "restarts are held back",
    reconciled({ failure: "f", held: ["braked"], requeueAfterMs: 60_000 }),
    9,
    later("requeue", 60_000),
  ],
];

for (const [given, outcome, failures, want] of ROWS) {
  Deno.test(`after a pass where ${given} comes ${JSON.stringify(want)}`, () => {
    assert.deepEqual(followUp(outcome, failures), want);
  });
}

Deno.test("after a fault the waits double, and end at the longest", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((failures) => {
    const next = afterFault(failures);
    return next.kind === "later" ? next.afterMs / 1000 : undefined;
  });
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
});
