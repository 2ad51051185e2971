/** Order, stopping and shutting down. */

import assert from "node:assert/strict";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import type { Plan, Step } from "../plan/steps/action.ts";
import { eventStep, step } from "../plan/steps/context.ts";
import { applyPlan } from "./apply_plan.ts";
import type { Writers } from "./perform.ts";
import { PortError } from "../../ports/errors.ts";
import { clusterEvent } from "../events.ts";
import { spanRecorder } from "../../testing/span_recorder.ts";

const OWNER: KubeObject = { apiVersion: "v1", kind: "postgresql", metadata: { name: "a" } };

function create(name: string, onError: "stop" | "continue" = "stop"): Step {
  const object = { apiVersion: "v1", kind: "Service", metadata: { namespace: "n", name } };
  return step("services", ["missing"], { kind: "create", object }, { onError });
}

function createSet(): Step {
  const metadata = { namespace: "n", name: "set" };
  const object = { apiVersion: "apps/v1", kind: "StatefulSet", metadata };
  return step("statefulset", ["missing"], { kind: "create", object });
}

/** Writers that note what they do; creating what is in `failing` throws. */
function recorder(failing: readonly string[] = [], onCreate: (name: string) => void = () => {}) {
  const done: string[] = [];
  const impossible = () => Promise.reject(new Error("not part of this test"));
  const writers: Writers = {
    kube: {
      create(object) {
        const { name = "" } = object.metadata;
        onCreate(name);
        if (failing.includes(name)) return Promise.reject(new Error(`cannot create ${name}`));
        done.push(`create ${name}`);
        return Promise.resolve(object);
      },
      patch({ target }) {
        done.push(`patch ${target.name}`);
        return Promise.resolve({ ...target, metadata: { name: target.name } });
      },
      replace: impossible,
      delete({ target }) {
        done.push(`delete ${target.name}`);
        return Promise.resolve();
      },
      tryCreate: () => Promise.resolve(undefined),
      mayPatch: () => Promise.resolve(true),
      awaitGone({ target }) {
        done.push(`gone ${target.name}`);
        return Promise.resolve();
      },
    },
    events: { emit: (_about, note) => void done.push(`tell ${note.reason}`) },
    patroni: {
      getConfig: impossible,
      getCluster: impossible,
      getMember: impossible,
      send: impossible,
    },
    sql: { open: impossible },
    exec: { exec: impossible },
    volumes: { modify: impossible },
  };
  return { done, writers };
}

function planOf(...steps: readonly Step[]): Plan {
  return { key: "n/a", generation: 1, steps, held: [] };
}

const never = () => {
  const signal = new AbortController().signal;
  return { stop: signal, abort: signal };
};

Deno.test("applyPlan performs steps in their order", async () => {
  const { done, writers } = recorder();
  const plan = planOf(
    create("a"),
    eventStep("services", clusterEvent("serviceCreated", "n/a", "master")),
    create("b"),
  );
  const outcomes = await applyPlan(plan, writers, OWNER, never());
  assert.deepEqual(done, ["create a", "tell Services", "create b"]);
  assert.deepEqual(outcomes.map(({ result }) => result), ["done", "done", "done"]);
});

Deno.test("steps that may go together are begun before the first has ended, in their order", async () => {
  const { done, writers } = recorder(["b"]);
  const begun: string[] = [];
  const held = Promise.withResolvers<void>();
  const sendCreate = writers.kube.create;
  const kube = {
    ...writers.kube,
    async create(object: KubeObject, signal: AbortSignal) {
      begun.push(object.metadata.name ?? "");
      await held.promise;
      return await sendCreate(object, signal);
    },
  };
  const [tellA, tellB] = ["a", "b"].map((name) =>
    eventStep("services", clusterEvent("serviceCreated", name, "master"))
  );
  assert.ok(tellA && tellB);
  const plan = planOf(create("a"), tellA, create("b"), tellB, create("c"), create("d"));
  const rules = {
    refused: () => undefined,
    relies: () => true,
    together: (one: Step) => nameOf(one) !== "d",
  };
  const applied = applyPlan(plan, { ...writers, kube }, OWNER, never(), rules);
  await Promise.resolve();
  assert.deepEqual(begun, ["a", "b", "c"], "d needs the others");
  held.resolve();
  const outcomes = await applied;
  // What went out beside the failed one is done; its news, and what comes later, are not.
  assert.deepEqual(done, ["create a", "create c", "tell Services"]);
  assert.deepEqual(outcomes.map(({ step, result }) => `${nameOf(step)} ${result}`), [
    "a done",
    "news done",
    "b failed",
    "news skipped",
    "c done",
    "d skipped",
  ]);
});

function nameOf({ action }: Step): string {
  return action.kind === "create" ? action.object.metadata.name ?? "" : "news";
}

Deno.test("a failed step that stops skips the rest and says why", async () => {
  const { done, writers } = recorder(["a"]);
  const outcomes = await applyPlan(planOf(create("a"), create("b")), writers, OWNER, never());
  assert.deepEqual(done, []);
  assert.deepEqual(outcomes[1], {
    step: create("b"),
    result: "skipped",
    because: "create Service n/a failed",
  });
});

Deno.test("a failed step that may be passed over does not keep the rest from being done", async () => {
  const { done, writers } = recorder(["a"]);
  const plan = planOf(create("a", "continue"), create("b"));
  const outcomes = await applyPlan(plan, writers, OWNER, never());
  assert.deepEqual(done, ["create b"]);
  assert.deepEqual(outcomes.map(({ result }) => result), ["failed", "done"]);
});

Deno.test("a shutdown lets the step under way finish and begins no other", async () => {
  const stop = new AbortController();
  const { done, writers } = recorder([], () => stop.abort());
  const plan = planOf(create("a"), create("b"));
  const outcomes = await applyPlan(plan, writers, OWNER, { ...never(), stop: stop.signal });
  assert.deepEqual(done, ["create a"]);
  assert.deepEqual(outcomes.map(({ result }) => result), ["done", "skipped"]);
});

/** What is made although the Service `taken` is somebody's. */
const TAKEN: readonly [string, Step[], readonly string[]][] = [
  ["a new cluster", [createSet()], ["create before"]],
  ["a cluster that has pods", [], ["create before", "create after"]],
];

for (const [whose, more, want] of TAKEN) {
  Deno.test(`a name that is taken: what is made of ${whose}`, async () => {
    const { done, writers } = recorder();
    const createOther = writers.kube.create;
    const kube: Writers["kube"] = {
      ...writers.kube,
      create: (object, signal) =>
        object.metadata.name === "taken"
          ? Promise.reject(new PortError("taken", "already exists"))
          : createOther(object, signal),
    };
    const steps = ["before", "taken", "after"].map((name) => create(name, "continue"));
    const outcomes = await applyPlan(
      planOf(...steps, ...more),
      { ...writers, kube },
      OWNER,
      never(),
    );
    assert.deepEqual(done, want);
    assert.equal(outcomes[1]?.result, "failed");
  });
}

Deno.test("recreate deletes, waits until the object is gone, then creates", async () => {
  const { done, writers } = recorder();
  const object = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { namespace: "n", name: "s" },
  };
  const action = { kind: "recreate", object, uid: "u", propagation: "Orphan" } as const;
  await applyPlan(planOf(step("statefulset", ["x"], action)), writers, OWNER, never());
  assert.deepEqual(done, ["delete s", "gone s", "create s"]);
});

Deno.test("an object that the role may not patch is recreated, a refused patch is a failure", async () => {
  const recreated = ["delete s", "gone s", "create s"];
  for (
    const [mayPatch, refusal, want, result] of [
      [false, undefined, recreated, "done"],
      [true, undefined, ["patch s"], "done"],
      [true, "forbidden", [], "failed"],
      [true, "invalid", [], "failed"],
    ] as const
  ) {
    const { done, writers } = recorder();
    const kube = {
      ...writers.kube,
      mayPatch: () => Promise.resolve(mayPatch),
      patch: () => {
        if (refusal !== undefined) return Promise.reject(new PortError("no", refusal));
        done.push("patch s");
        return Promise.resolve(OWNER);
      },
    };
    const object = {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "s" },
    };
    const target = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", name: "s" };
    const request = { target, type: "merge", body: {} } as const;
    const action = { kind: "patch", request, orRecreate: { object, uid: "u" } } as const;
    const plan = planOf(step("disruption budgets", ["x"], action));
    const outcomes = await applyPlan(plan, { ...writers, kube }, OWNER, never());
    assert.deepEqual(done, want);
    assert.deepEqual(outcomes.map((outcome) => outcome.result), [result]);
  }
});

Deno.test("what would not come again is not deleted", async () => {
  const { done, writers } = recorder();
  const metadata = { namespace: "n", name: "s" };
  const object = { apiVersion: "apps/v1", kind: "StatefulSet", metadata };
  const recreation = { kind: "recreate", object, uid: "u", propagation: "Orphan" } as const;
  const request = { target: { apiVersion: "v1", kind: "Pod", ...metadata } };
  const deletion = { kind: "delete", request, successor: { ...object, kind: "Pod" } } as const;
  for (const [refusal, want] of [["denied", 0], [undefined, 4]] as const) {
    const kube = { ...writers.kube, tryCreate: () => Promise.resolve(refusal) };
    done.length = 0;
    const options = { onError: "continue" } as const;
    const steps = [
      step("statefulset", ["x"], recreation, options),
      step("rollout", ["x"], deletion, options),
    ];
    const outcomes = await applyPlan(planOf(...steps), { ...writers, kube }, OWNER, never());
    assert.equal(done.length, want, done.join(", "));
    const errors = outcomes.flatMap((one) => one.result === "failed" ? [one.error.message] : []);
    const text = "n/s: the API server would refuse the one that follows: denied";
    assert.deepEqual(
      errors,
      want > 0 ? [] : [
        `cannot delete StatefulSet ${text}`,
        `cannot delete Pod ${text}`,
      ],
    );
  }
});

Deno.test("a refused request is not sent again, and counts as failed", async () => {
  const { done, writers } = recorder();
  const error = new Error("forbidden");
  const refused = (step: Step) =>
    step.action.kind === "create" && step.action.object.metadata.name === "a" ? error : undefined;
  const rules = { refused, relies: () => true, together: () => false };
  const plan = planOf(create("a"), create("b"));
  const outcomes = await applyPlan(plan, writers, OWNER, never(), rules);
  assert.deepEqual(done, []);
  assert.deepEqual(outcomes[0], { step: create("a"), result: "failed", error, remembered: true });
  assert.equal(outcomes[1]?.result, "skipped");
});

Deno.test("a failed step stops what relies on it, and nothing else", async () => {
  const { done, writers } = recorder(["a"]);
  const steps = [create("a"), { ...create("b"), subject: "roles" } as const, create("c")];
  const rules = {
    refused: () => undefined,
    relies: (one: string, on: string) => one === on,
    together: () => false,
  };
  const outcomes = await applyPlan(planOf(...steps), writers, OWNER, never(), rules);
  assert.deepEqual(done, ["create b"]);
  assert.deepEqual(outcomes.map(({ result }) => result), ["failed", "done", "skipped"]);
});

Deno.test("each step that is tried has a span below the pass, one that failed with the reason", async () => {
  const { spans, start } = spanRecorder();
  const { writers } = recorder(["b"]);
  const plan = planOf(create("a", "continue"), create("b"), create("c"));
  const signal = new AbortController().signal;
  const cancellation = { stop: signal, abort: signal };
  await applyPlan(plan, { ...writers, span: start("pass") }, OWNER, cancellation);
  const told = spans.map((
    { name, parent, attributes, failure, ended },
  ) => [parent, name, attributes["pgop.step.action"], failure, ended]);
  assert.deepEqual(told, [
    [undefined, "pass", undefined, undefined, false],
    ["pass", "step services", "create Service n/a", undefined, true],
    ["pass", "step services", "create Service n/b", "cannot create b", true],
  ]);
});
