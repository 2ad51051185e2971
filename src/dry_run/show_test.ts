/** What people read of a plan, and how bad a plan is called. */

import assert from "node:assert/strict";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import type { Action, Effect, Held, HeldKind, Plan, Step } from "../cluster/plan/steps/action.ts";
import { clusterEvent } from "../cluster/events.ts";
import { eventStep, step } from "../cluster/plan/steps/context.ts";
import { effectOf, planText, showPlans, worstEffect } from "./show.ts";

const NAME = { namespace: "shop", name: "acid-orders" };
const object = (kind: string, name = "acid-orders"): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { namespace: "shop", name },
});
const target = (kind: string, name = "acid-orders") => ({
  apiVersion: "v1",
  kind,
  namespace: "shop",
  name,
});
const patch = (kind: string, body: unknown): Action => ({
  kind: "patch",
  request: { target: target(kind), type: "merge", body },
});
const remove = (kind: string): Action => ({
  kind: "delete",
  request: { target: target(kind), propagation: "Background" },
});

const replicas = (desired: number, observed: number): Partial<Step> => ({
  reasons: [{ path: "spec.replicas", desired, observed }],
});
const shrinking = (policy?: string) =>
  patch("StatefulSet", {
    spec: {
      replicas: 1,
      ...(policy === undefined
        ? {}
        : { persistentVolumeClaimRetentionPolicy: { whenScaled: policy } }),
    },
  });

const EFFECTS: readonly [string, Action, Partial<Step>, Effect][] = [
  ["a new object", { kind: "create", object: object("Service") }, {}, "none"],
  ["what its planner says", patch("Secret", {}), { effect: "restart" }, "restart"],
  ["a pod that is deleted", remove("Pod"), {}, "restart"],
  ["any other object that is deleted", remove("Secret"), {}, "destructive"],
  ["a pooler's template", patch("Deployment", { spec: { template: {} } }), {}, "restart"],
  ["a pooler's labels", patch("Deployment", { metadata: {} }), {}, "none"],
  ["a pooler that is recreated", { kind: "replace", object: object("Deployment") }, {}, "restart"],
  ["fewer members", shrinking(), replicas(1, 3), "restart"],
  ["fewer members and their volumes", shrinking("Delete"), replicas(1, 3), "destructive"],
  ["more members", shrinking("Delete"), replicas(3, 1), "none"],
];

for (const [name, action, changes, want] of EFFECTS) {
  Deno.test(`the effect of ${name} is ${want}`, () => {
    assert.equal(effectOf({ ...step("services", ["because"], action), ...changes }), want);
  });
}

Deno.test("of several effects the worst one counts", () => {
  assert.equal(worstEffect([]), "none");
  assert.equal(worstEffect(["reload", "destructive", "restart"]), "destructive");
});

function planOf(steps: readonly Step[], held: readonly Held[] = []): Plan {
  return { key: "shop/acid-orders", generation: 1, steps, held };
}

Deno.test("the same change of several passes is shown once with all its reasons, Events never", () => {
  const change = (reason: string, effect?: "restart") =>
    step("services", [reason], patch("Service", {}), effect === undefined ? {} : { effect });
  const shown = showPlans([
    planOf([change("the port"), eventStep("services", clusterEvent("podsReady"))]),
    planOf([change("the port"), change("the type", "restart")]),
  ]);
  assert.deepEqual(shown, {
    cluster: "shop/acid-orders",
    effect: "restart",
    changes: [{
      object: "Service shop/acid-orders",
      verb: "change",
      effect: "restart",
      reasons: ["the port", "the type"],
    }],
    held: [],
  });
});

Deno.test("what is held back is that of the last plan", () => {
  const held = (reason: string): Held => ({ subject: "roles", kind: "waiting", reason });
  assert.deepEqual(showPlans([planOf([], [held("first")]), planOf([], [held("last")])]).held, [
    { subject: "roles", kind: "waiting", reason: "last" },
  ]);
});

const PATRONI = { pod: { ...NAME, name: "acid-orders-1", ip: "" } };

Deno.test("each change has a sentence that says to what it happens", () => {
  const restart = { call: "restart", body: { restart_pending: true } } as const;
  const text = planText(showPlans([planOf([
    step("services", ["it is missing"], { kind: "create", object: object("Service") }),
    step("rollout", ["the image"], {
      kind: "delete",
      request: { target: target("Pod", "acid-orders-0"), propagation: "Background" },
    }, { effect: "restart" }),
    step("postgres restart", ["a parameter"], { kind: "patroni", ...PATRONI, request: restart }, {
      effect: "restart",
    }),
    step("patroni config", ["ttl", "loop_wait"], {
      kind: "patroni",
      ...PATRONI,
      request: { call: "patchConfig", body: { ttl: 20 } },
    }),
  ])]));
  assert.equal(
    text,
    `shop/acid-orders: 4 changes; pods or PostgreSQL restart.
  Service shop/acid-orders is made: it is missing
  Pod shop/acid-orders-0 restarts (restart): the image
  PostgreSQL in Pod shop/acid-orders-1 restarts (restart): a parameter
  Patroni of shop/acid-orders is told:
    - ttl
    - loop_wait
`,
  );
});

const KINDS: Readonly<Record<HeldKind, string>> = {
  refused: "Refused, until the manifest or the configuration changes:",
  unreadable: "Unknown, because it could not be read:",
  waiting: "Waits:",
  blocked: "Waits:",
  paused: "Waits:",
  postponed: "Postponed:",
  left: "Postponed:",
  overridden: "Left alone, because others change it or it had no effect:",
  braked: "Left alone, because others change it or it had no effect:",
};

for (const [kind, heading] of Object.entries(KINDS) as [HeldKind, string][]) {
  Deno.test(`what is ${kind} stands in the text of a plan`, () => {
    const text = planText(showPlans([planOf([], [{ subject: "roles", kind, reason: "because" }])]));
    const stuck = kind === "refused" || kind === "unreadable";
    const head = stuck ? "nothing is done" : "nothing to do";
    assert.equal(text, `shop/acid-orders: ${head}.\n  ${heading}\n    - roles: because\n`);
  });
}
