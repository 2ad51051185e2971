/** The word and the conditions of a status; `Running` is never said too early. */

import assert from "node:assert/strict";
import type { PostgresqlStatus } from "../../api/types.gen.ts";
import type { ObjectMeta, Pod } from "../../kubernetes/types.gen.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { pod } from "../../testing/pod_fixture.ts";
import type { Held, Plan, Step, StepOutcome } from "../plan/steps/action.ts";
import { step } from "../plan/steps/context.ts";
import { nextStatus, statusDiffers, tellsMembers, waitedTooLong } from "./status.ts";
import { manifestOf, type Phase, phaseOf } from "../plan/steps/phase.ts";
import { PortError } from "../../ports/errors.ts";

const NOW = new Date("2026-01-05T12:00:00Z");
const LABELS = { "cluster-name": "acid-orders", application: "spilo" };
const CREATE: Step = step("services", ["missing"], {
  kind: "create",
  object: { apiVersion: "v1", kind: "Service", metadata: { name: "a" } },
});
const WAIT: Held = { subject: "rollout", kind: "waiting", reason: "waiting for pods" };
const POSTPONED: Held = {
  subject: "major upgrade",
  kind: "postponed",
  reason: "no window is open",
};
const UNREAD: Held = { subject: "credentials", kind: "unreadable", reason: "Secret x: forbidden" };

function plan(steps: readonly Step[] = [], held: readonly Held[] = []): Plan {
  return { key: "shop/acid-orders", generation: 1, steps, held };
}

function conflict(): Error {
  return new PortError("conflict", "conflict");
}

interface Row {
  readonly given: string;
  readonly before?: string;
  readonly phase: Phase;
  readonly plan: Plan;
  readonly outcomes?: readonly StepOutcome[];
  readonly want: string;
}

const failed = (error: Error): StepOutcome[] => [{ step: CREATE, result: "failed", error }];

const ROWS: readonly Row[] = [
  { given: "nothing left to do", phase: "creation", plan: plan(), want: "Running" },
  {
    given: "steps that were all done",
    phase: "creation",
    plan: plan([CREATE]),
    outcomes: [{ step: CREATE, result: "done" }],
    want: "Creating",
  },
  { given: "a wait while it is made", phase: "creation", plan: plan([], [WAIT]), want: "Creating" },
  { given: "a wait for a change", phase: "update", plan: plan([], [WAIT]), want: "Updating" },
  {
    given: "a pod that comes back by itself",
    before: "Running",
    phase: "sync",
    plan: plan([], [WAIT]),
    want: "Running",
  },
  {
    given: "something that is only postponed",
    phase: "update",
    plan: plan([], [POSTPONED]),
    want: "Running",
  },
  {
    given: "a wait besides something that is postponed",
    phase: "update",
    plan: plan([], [POSTPONED, WAIT]),
    want: "Updating",
  },
  {
    given: "a failed step",
    phase: "update",
    plan: plan([CREATE]),
    outcomes: failed(new Error("no")),
    want: "UpdateFailed",
  },
  {
    given: "an earlier failed step before a good one (D-20)",
    before: "Running",
    phase: "sync",
    plan: plan([CREATE, CREATE]),
    outcomes: [...failed(new Error("no")), { step: CREATE, result: "done" }],
    want: "SyncFailed",
  },
  {
    given: "a conflict, which the next pass mends",
    before: "Running",
    phase: "sync",
    plan: plan([CREATE]),
    outcomes: failed(conflict()),
    want: "Running",
  },
  {
    given: "something that could not be read",
    before: "Running",
    phase: "sync",
    plan: plan([], [UNREAD]),
    want: "SyncFailed",
  },
  {
    given: "a failure while it is made",
    phase: "creation",
    plan: plan([], [UNREAD]),
    want: "CreateFailed",
  },
];

for (const { given, before, phase, plan, outcomes = [], want } of ROWS) {
  Deno.test(`nextStatus says ${want} after ${given} (${phase})`, () => {
    const cr = cluster();
    if (before !== undefined) cr.status = { PostgresClusterStatus: before };
    const view = { pods: [], roleLabel: "spilo-role", memberLabels: LABELS, now: NOW };
    assert.equal(nextStatus(cr, phase, { plan, outcomes }, view).PostgresClusterStatus, want);
  });
}

Deno.test("nextStatus names members, primary and generation once everything is as asked", () => {
  const pods = [
    pod("acid-orders-0", { role: "master" }),
    pod("acid-orders-1", { role: "replica" }),
  ];
  const view = { pods, roleLabel: "spilo-role", memberLabels: LABELS, now: NOW };
  const status = nextStatus(cluster(), "creation", { plan: plan(), outcomes: [] }, view);
  assert.equal(status.primary, "acid-orders-0");
  assert.equal(status.readyInstances, 2);
  assert.equal(status.numberOfInstances, 2);
  assert.equal(status.labelSelector, "application=spilo,cluster-name=acid-orders");
  assert.equal(status.observedGeneration, 1);
  assert.deepEqual(status.conditions?.map(({ type, status }) => [type, status]), [
    ["Ready", "True"],
    ["Synced", "True"],
  ]);
});

Deno.test("each step of a pod costs a write only once the cluster is at rest, or has failed", () => {
  const view = { roleLabel: "spilo-role", memberLabels: LABELS, now: NOW };
  const cr = cluster();
  const first = [pod("acid-orders-0", { role: "master" }), pod("acid-orders-1")];
  cr.status = nextStatus(cr, "sync", { plan: plan(), outcomes: [] }, { ...view, pods: first });
  const written = (held: readonly Held[]) => {
    const result = { plan: plan([], held), outcomes: [] };
    const fewer = { ...view, pods: first.slice(0, 1) };
    const status = nextStatus(cr, "sync", result, fewer);
    return statusDiffers(cr.status, status, tellsMembers(result));
  };
  assert.deepEqual([written([WAIT]), written([]), written([UNREAD])], [false, true, true]);
});

Deno.test("two ready pods that both lead are no primary that is up", () => {
  const leads = (name: string) => pod(name, { role: "master" });
  const pods = [leads("acid-orders-0"), leads("acid-orders-1")];
  const view = { pods, roleLabel: "spilo-role", memberLabels: LABELS, now: NOW };
  const status = nextStatus(cluster(), "sync", { plan: plan(), outcomes: [] }, view);
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  assert.deepEqual([ready?.status, ready?.reason], ["False", "TwoPrimaries"]);
  assert.match(ready?.message ?? "", /acid-orders-0, acid-orders-1$/);
});

Deno.test("a pause is written down also in the midst of an update, and so is its end", () => {
  const paused: Held = { subject: "rollout", kind: "paused", reason: "Patroni is paused" };
  const view = { pods: [], roleLabel: "spilo-role", memberLabels: LABELS, now: NOW };
  const cr = cluster();
  const next = (held: readonly Held[], phase: Phase = "update") => {
    const status = nextStatus(cr, phase, { plan: plan([CREATE], held), outcomes: [] }, view);
    const written = statusDiffers(cr.status, status);
    cr.status = status;
    return [status.PostgresClusterStatus, written];
  };
  assert.deepEqual(next([WAIT]), ["Updating", true]);
  assert.deepEqual(next([paused]), ["Updating", true]);
  assert.deepEqual(next([paused]), ["Updating", false]);
  assert.deepEqual(next([WAIT], "sync"), ["Updating", true]);
});

Deno.test("a pause is told and keeps the word, and a failure beside it is not hidden", () => {
  const paused: Held = { subject: "rollout", kind: "paused", reason: "Patroni is paused" };
  const view = { pods: [], roleLabel: "spilo-role", memberLabels: LABELS, now: NOW };
  const told = (held: readonly Held[]) => {
    const cr = cluster();
    cr.status = { PostgresClusterStatus: "Running" };
    const status = nextStatus(cr, "update", { plan: plan([], held), outcomes: [] }, view);
    const synced = status.conditions?.find(({ type }) => type === "Synced");
    return [status.PostgresClusterStatus, synced?.reason];
  };
  assert.deepEqual(told([paused]), ["Running", "Paused"]);
  assert.deepEqual(told([paused, UNREAD]), ["UpdateFailed", "Failed"]);
});

const GONE: readonly [given: string, held: readonly Held[], pods: Pod[] | undefined, string[]][] = [
  ["a hibernated cluster has no primary", [], [], []],
  ["nor has one without a leader that waits", [WAIT], [pod("acid-orders-0")], ["acid-orders-0"]],
  ["pods that nobody could read are as before", [], undefined, ["former", "former primary"]],
];

for (const [given, held, pods, names] of GONE) {
  Deno.test(`what a status said of members goes with them: ${given}`, () => {
    const cr = cluster();
    cr.status = {
      PostgresClusterStatus: "Running",
      primary: "former primary",
      members: [{ name: "former", ready: true, role: "primary" }],
    };
    const view = { pods, roleLabel: "spilo-role", memberLabels: LABELS, now: NOW };
    const status = nextStatus(cr, "sync", { plan: plan([], held), outcomes: [] }, view);
    const found = [...status.members?.map(({ name }) => name) ?? [], status.primary];
    assert.deepEqual(found.filter((name) => name !== undefined), names);
    assert.equal("primary" in status, pods === undefined);
  });
}

Deno.test("a cluster that comes up tells of its members once, when it is at rest", () => {
  const pods = [pod("acid-orders-0", { role: "master" })];
  const view = { pods, roleLabel: "spilo-role", memberLabels: LABELS, now: NOW };
  const waiting = { plan: plan([], [WAIT]), outcomes: [] };
  assert.equal("members" in nextStatus(cluster(), "creation", waiting, view), false);
  const atRest = nextStatus(cluster(), "creation", { plan: plan(), outcomes: [] }, view);
  assert.deepEqual(atRest.members?.map(({ name }) => name), ["acid-orders-0"]);
});

Deno.test("a condition keeps its time while its status stays", () => {
  const cr = cluster();
  const view = { pods: [], roleLabel: "spilo-role", memberLabels: LABELS, now: NOW };
  cr.status = nextStatus(cr, "creation", { plan: plan(), outcomes: [] }, view);
  const later = { ...view, now: new Date("2026-01-06T00:00:00Z") };
  const again = nextStatus(cr, "sync", { plan: plan(), outcomes: [] }, later);
  assert.deepEqual(
    again.conditions?.map(({ lastTransitionTime }) => lastTransitionTime),
    ["2026-01-05T12:00:00Z", "2026-01-05T12:00:00Z"],
  );
  assert.equal(statusDiffers(cr.status, again), false, "an idle look writes nothing");
});

const PHASES: readonly [PostgresqlStatus | undefined, number | undefined, Phase][] = [
  [undefined, undefined, "creation"],
  [{ PostgresClusterStatus: "" }, undefined, "creation"],
  [{ PostgresClusterStatus: "CreateFailed" }, undefined, "creation"],
  [{ PostgresClusterStatus: "Invalid", observedGeneration: 1 }, 1, "creation"],
  [{ PostgresClusterStatus: "Running" }, undefined, "sync"],
  [{ PostgresClusterStatus: "Running", observedGeneration: 1 }, undefined, "sync"],
  [{ PostgresClusterStatus: "Running", observedGeneration: 0 }, undefined, "update"],
  [{ PostgresClusterStatus: "Running" }, 0, "update"],
  [{ PostgresClusterStatus: "UpdateFailed", observedGeneration: 1 }, 1, "sync"],
];

for (const [status, settled, want] of PHASES) {
  Deno.test(`phaseOf(${JSON.stringify(status)}, settled at ${settled}) is ${want}`, () => {
    const cr = cluster();
    if (status !== undefined) cr.status = status;
    assert.equal(phaseOf(cr, settled), want);
  });
}

/** Labels and annotations of a manifest that was settled with none, and the kind of pass. */
const METADATA: readonly [Partial<ObjectMeta>, Phase][] = [
  [{}, "sync"],
  [{ annotations: { oncall: "bea" } }, "update"],
  [{ labels: { stage: "test" } }, "update"],
  [{ annotations: { "last-major-upgrade-failure": "2026-01-05" } }, "sync"],
  [{ annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" } }, "sync"],
  [{ finalizers: ["x"], resourceVersion: "7" }, "sync"],
];

for (const [metadata, want] of METADATA) {
  Deno.test(`a pass after a change to ${JSON.stringify(metadata)} alone is of phase ${want}`, () => {
    const base = { namespace: "shop", name: "acid-orders", generation: 1 };
    const settled = manifestOf(cluster({ metadata: base }));
    const cr = cluster({ metadata: { ...base, ...metadata } });
    cr.status = { PostgresClusterStatus: "Running", observedGeneration: 1 };
    assert.equal(phaseOf(cr, 1, settled), want);
    assert.equal(phaseOf(cr, 1), "sync", "a new process knows of no change");
  });
}

Deno.test("waitedTooLong gives a blocked step less time than a wait", () => {
  const blocked: Held = { ...WAIT, kind: "blocked" };
  const limits = { waitingMs: 600_000, blockedMs: 5_000 };
  const late = (held: Held, ms: number) => waitedTooLong(plan([], [held]), ms, limits);
  assert.deepEqual(late(WAIT, 6_000), []);
  assert.deepEqual(late(blocked, 6_000), [
    "waited more than 5 s: rollout: waiting for pods",
  ]);
  assert.deepEqual(late(WAIT, 600_000), [
    "waited more than 600 s: rollout: waiting for pods",
  ]);
  const limited: Held = { ...WAIT, limitMs: 2_000 };
  assert.deepEqual(late(limited, 1_999), []);
  assert.deepEqual(late(limited, 2_000), ["waited more than 2 s: rollout: waiting for pods"]);
  assert.deepEqual(late({ ...WAIT, limitMs: 0 }, 6_000_000), [], "0 means no limit");
});

Deno.test("a wait that grows has one text, and what is refused does not wait", () => {
  const limits = { waitingMs: 600_000, blockedMs: 5_000 };
  const refused: Held = { ...WAIT, kind: "refused", reason: "cannot be" };
  const after = (ms: number) => waitedTooLong(plan([], [WAIT, refused]), ms, limits);
  assert.deepEqual(after(700_000), after(7_000_000));
  assert.deepEqual(after(700_000), ["waited more than 600 s: rollout: waiting for pods"]);
});

Deno.test("what is postponed is never late, and is shown by a condition", () => {
  const postponed = plan([], [POSTPONED]);
  const limits = { waitingMs: 600_000, blockedMs: 5_000 };
  assert.deepEqual(waitedTooLong(postponed, 86_400_000, limits), []);
  const view = { pods: [], roleLabel: "spilo-role", memberLabels: LABELS, now: NOW };
  const status = nextStatus(cluster(), "update", { plan: postponed, outcomes: [] }, view);
  const synced = status.conditions?.find(({ type }) => type === "Synced");
  assert.deepEqual([synced?.status, synced?.reason, synced?.message], [
    "False",
    "Postponed",
    "major upgrade: no window is open",
  ]);
});

Deno.test("restarts that are left fail the pass and stand as a condition until they are not", () => {
  const left: Held = { subject: "rollout", kind: "braked", reason: "left: a → b", restarts: true };
  const view = { pods: [], roleLabel: "spilo-role", memberLabels: LABELS, now: NOW };
  const typesOf = (held: readonly Held[]) => {
    const status = nextStatus(cluster(), "sync", { plan: plan([], held), outcomes: [] }, view);
    return [status.PostgresClusterStatus, ...(status.conditions ?? []).map(({ type }) => type)];
  };
  assert.deepEqual(typesOf([left]), ["SyncFailed", "Ready", "Synced", "RestartLoopPrevented"]);
  assert.deepEqual(typesOf([]), ["Running", "Ready", "Synced"]);
});
