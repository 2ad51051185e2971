/** What is left to others: rows of one object's passes, and what is still written. */

import assert from "node:assert/strict";
import type { FieldWrites } from "../plan/steps/memory.ts";
import { step } from "../plan/steps/context.ts";
import type { MendedField, Plan, Step } from "../plan/steps/action.ts";
import { COME_BACK_MS, leaveToOthers, noteWrites } from "./others.ts";

interface Turn {
  readonly fields: readonly MendedField[];
  readonly wish?: string;
  readonly afterMs?: number;
  /** Generation that is looked at, and the one that a write leads to. */
  readonly seen?: number;
  readonly stored?: number;
}

const TYPE: MendedField = { path: "spec.type", desired: "ClusterIP", observed: "NodePort" };
const LABEL: MendedField = { path: "metadata.labels.team", desired: "a", observed: "b" };
const EXTRA: MendedField = { path: "metadata.labels.owner", desired: undefined, observed: "dba" };

function mending({ fields, wish = "w", seen }: Turn): Step {
  const target = { apiVersion: "v1", kind: "Service", namespace: "shop", name: "orders" };
  const action = { kind: "patch", request: { target, type: "merge", body: {} } } as const;
  const object = "Service shop/orders";
  const mends = {
    object,
    wish,
    differences: fields,
    ...(seen === undefined ? {} : { generation: seen }),
  };
  return step("services", ["mend"], action, { mends });
}

function play(turns: readonly Turn[]): Plan[] {
  const writes = new Map<string, FieldWrites>();
  let nowMs = 0;
  return turns.map((turn) => {
    nowMs += turn.afterMs ?? 100;
    const steps = [mending(turn)];
    const plan = leaveToOthers({ key: "k", generation: 1, steps, held: [] }, writes, nowMs);
    const outcomes = plan.steps.map((done) => ({
      step: done,
      result: "done" as const,
      ...(turn.stored === undefined ? {} : { generation: turn.stored }),
    }));
    noteWrites(writes, plan, outcomes, nowMs);
    return plan;
  });
}

const LONG_MS = COME_BACK_MS + 1;

const ROWS: readonly { given: string; turns: readonly Turn[]; want: readonly number[] }[] = [
  {
    given: "a field that comes back at once, and again much later",
    turns: [{ fields: [TYPE] }, { fields: [TYPE] }, { fields: [TYPE], afterMs: LONG_MS }],
    want: [1, 0, 0],
  },
  {
    given: "a field that comes back much later",
    turns: [{ fields: [TYPE] }, { fields: [TYPE], afterMs: LONG_MS }],
    want: [1, 1],
  },
  {
    given: "another wish",
    turns: [{ fields: [TYPE] }, { fields: [TYPE] }, { fields: [TYPE], wish: "x" }],
    want: [1, 0, 1],
  },
  {
    given: "another field of the same object",
    turns: [{ fields: [TYPE] }, { fields: [LABEL] }, { fields: [TYPE, LABEL] }],
    want: [1, 1, 1],
  },
  {
    given: "what a creation was changed to by a policy",
    turns: [{ fields: [], stored: 1 }, { fields: [TYPE], seen: 1 }],
    want: [1, 0],
  },
  {
    given: "what somebody changed after a creation",
    turns: [{ fields: [], stored: 1 }, { fields: [TYPE], seen: 2 }],
    want: [1, 1],
  },
  {
    given: "metadata after a creation, which has no generation",
    turns: [{ fields: [], stored: 1 }, { fields: [LABEL], seen: 1 }, { fields: [LABEL], seen: 1 }],
    want: [1, 1, 0],
  },
];

for (const { given, turns, want } of ROWS) {
  Deno.test(`left to others, given ${given}: writes ${want.join(", ")}`, () => {
    assert.deepEqual(play(turns).map(({ steps }) => steps.length), want);
  });
}

Deno.test("another value is told with both values and its manager, an addition is not", () => {
  const fields = [{ ...TYPE, manager: "kubectl-edit" }, EXTRA];
  const [, left] = play([{ fields }, { fields }]);
  assert.deepEqual(left?.held, [{
    subject: "services",
    kind: "overridden",
    reason: "Service shop/orders: left to others: " +
      'spec.type: "NodePort" → "ClusterIP" (set by kubectl-edit)',
    fields: ["Service shop/orders: spec.type"],
  }]);
  assert.deepEqual(left?.left?.map(({ path }) => path), ["spec.type", "metadata.labels.owner"]);
});
