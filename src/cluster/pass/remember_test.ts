/** What one pass leaves for the next, and what it takes away again. */

import assert from "node:assert/strict";
import { known } from "../../ports/observation.ts";
import type { PatroniRequest } from "../../ports/requests.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { patroniState, planContext, type PlanFixture } from "../../testing/plan_fixture.ts";
import { pod } from "../../testing/pod_fixture.ts";
import { clusterEvent } from "../events.ts";
import type { Held, Plan, Step, StepOutcome } from "../plan/steps/action.ts";
import { eventStep, step } from "../plan/steps/context.ts";
import { emptyMemory } from "./memory.ts";
import { remember } from "./remember.ts";

const LEADER = pod("acid-orders-0", { role: "master" });
const POD = { namespace: "default", name: "acid-orders-0", ip: "10.0.0.1" };
const PATRONI = patroniState([{ name: "acid-orders-0", role: "leader" }], {
  config: { loop_wait: 7, postgresql: { parameters: { max_connections: 200 } } },
});
const SEEN: PlanFixture = { pods: [LEADER], patroni: PATRONI };

const told = (request: PatroniRequest) =>
  step("patroni config", ["because"], { kind: "patroni", pod: POD, request });
const secret = step("credentials", ["missing"], {
  kind: "create",
  object: { apiVersion: "v1", kind: "Secret", metadata: { namespace: "shop", name: "app" } },
});

interface Pass extends PlanFixture {
  readonly steps?: readonly Step[];
  readonly held?: readonly Held[];
  /** By index: steps that failed. */
  readonly failed?: readonly number[];
}

/** A memory, and a pass that leaves something in it. */
function stage() {
  const memory = emptyMemory();
  const pass = ({ steps = [], held = [], failed = [], ...fixture }: Pass) => {
    const context = planContext({ ...fixture, memory });
    const plan: Plan = { key: "shop/acid-orders", generation: 1, steps, held };
    const outcomes: StepOutcome[] = steps.map((one, index) =>
      failed.includes(index)
        ? { step: one, result: "failed", error: new Error("no") }
        : { step: one, result: "done" }
    );
    remember(memory, context, { plan, outcomes });
  };
  return { memory, pass };
}

Deno.test("Patroni is not asked again after it was found in order, until something is to be done", () => {
  const { memory, pass } = stage();
  pass(SEEN);
  assert.notEqual(memory.patroniLook, undefined);
  pass({
    ...SEEN,
    steps: [told({ call: "patchConfig", body: { ttl: 20 } })],
  });
  assert.equal(memory.patroniLook, undefined);
  pass(SEEN);
  const held: Held = { subject: "postgres restart", kind: "waiting", reason: "replicas first" };
  pass({ ...SEEN, held: [held] });
  assert.equal(memory.patroniLook, undefined);
});

Deno.test("where Patroni or the pods were not read nothing is learned of them", () => {
  const { memory, pass } = stage();
  pass({ pods: [LEADER] });
  pass({ ...SEEN, observed: { pods: { known: false, reason: "no answer" } } });
  assert.equal(memory.patroniLook, undefined);
});

Deno.test("after a change of parameters Patroni is given its loop and two seconds", () => {
  const { memory, pass } = stage();
  const body = { postgresql: { parameters: { max_connections: 100 } } };
  pass({ ...SEEN, steps: [told({ call: "patchConfig", body })] });
  assert.equal(memory.patroniUntilMs, Date.parse("2026-01-05T12:00:00Z") + 9_000);
  assert.equal(
    memory.restartPrimaryFirst,
    true,
    "a smaller value has to come to the primary first",
  );
  const more = { postgresql: { parameters: { max_connections: 300 } } };
  pass({ ...SEEN, steps: [told({ call: "patchConfig", body: more })] });
  assert.equal(memory.restartPrimaryFirst, false);
});

Deno.test("a change that Patroni did not take is no change", () => {
  const { memory, pass } = stage();
  const body = { postgresql: { parameters: { max_connections: 100 } } };
  pass({ ...SEEN, steps: [told({ call: "patchConfig", body })], failed: [0] });
  assert.deepEqual([memory.patroniUntilMs, memory.restartPrimaryFirst], [undefined, false]);
});

Deno.test("parameters and slots of the manifest are known as ours, until they are taken back", () => {
  const { memory, pass } = stage();
  const cr = cluster({
    spec: {
      postgresql: { version: "17", parameters: { max_connections: "100" } },
      patroni: { slots: { feed: { type: "physical" } } },
    },
  });
  pass({ ...SEEN, cr });
  assert.deepEqual([[...memory.parameters], [...memory.slots]], [["max_connections"], ["feed"]]);
  const body = { postgresql: { parameters: { max_connections: null } } };
  pass({ ...SEEN, steps: [told({ call: "patchConfig", body })] });
  assert.deepEqual([...memory.parameters], []);
});

Deno.test("a restart of a server counts for its pod, and goes with the pod", () => {
  const { memory, pass } = stage();
  const restart = { call: "restart", body: { restart_pending: true } } as const;
  pass({ ...SEEN, steps: [told(restart)] });
  assert.deepEqual([...memory.restarted.keys()], ["uid-acid-orders-0"]);
  pass({ ...SEEN, pods: [pod("acid-orders-1", { role: "master" })] });
  assert.deepEqual([...memory.restarted.keys()], []);
});

Deno.test("a Secret that could not be written is known, until it could", () => {
  const { memory, pass } = stage();
  pass({ steps: [secret], failed: [0] });
  assert.deepEqual([...memory.unwritten], ["shop/app"]);
  pass({ steps: [secret] });
  assert.deepEqual([...memory.unwritten], []);
});

Deno.test("a rolling update is under way from the first marked pod to the Event of its end", () => {
  const { memory, pass } = stage();
  pass({ pods: [pod("acid-orders-0", { role: "master", flagged: true })] });
  assert.equal(memory.rolling, true);
  pass({ pods: [LEADER] });
  assert.equal(memory.rolling, true, "it has not been told yet");
  pass({ pods: [LEADER], steps: [eventStep("rollout", clusterEvent("rollingUpdateDone"))] });
  assert.equal(memory.rolling, false);
});

Deno.test("the version of the server that leads is known once it was seen", () => {
  const { memory, pass } = stage();
  const states = { "acid-orders-0": { role: "primary", serverVersion: 170005 } };
  pass({
    pods: [LEADER],
    patroni: patroniState([{ name: "acid-orders-0", role: "leader" }], { states }),
  });
  assert.equal(memory.serverVersion, 170005);
  pass({ observed: { pods: known([]) } });
  assert.equal(memory.serverVersion, 170005);
});
