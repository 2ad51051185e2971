/** Drained nodes: each row is where pods are, and the one step that follows from it. */

import assert from "node:assert/strict";
import type { Node, Pod } from "../../../kubernetes/types.gen.ts";
import { known, unknown } from "../../../ports/observation.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { NOW, patroniState, planContext, type PlanFixture } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import { describeAction } from "../../apply/perform.ts";
import { emptyMemory } from "../../pass/memory.ts";
import { nodeTraits } from "../../observed/nodes.ts";
import { remember } from "../../pass/remember.ts";
import { planNodeMove } from "./node_move.ts";

const NAME = "acid-orders";

function node(name: string, state: "drained" | "open", labels = {}): Node {
  const spec = { unschedulable: state === "drained" };
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels }, spec };
}

function on(nodeName: string, pod: Pod): Pod {
  return { ...pod, spec: { ...pod.spec!, nodeName } };
}

function pods(...nodes: readonly string[]): Pod[] {
  return nodes.map((name, ordinal) =>
    on(name, pod(`${NAME}-${ordinal}`, { role: ordinal === 0 ? "master" : "replica" }))
  );
}

const PATRONI = patroniState([{ name: `${NAME}-0` }, { name: `${NAME}-1`, lagBytes: 0 }, {
  name: `${NAME}-2`,
  lagBytes: 10,
}]);
const NODES = [node("a", "drained"), node("b", "open"), node("c", "drained")];
const THREE = cluster({ spec: { numberOfInstances: 3 } });
const WINDOWS = cluster({
  metadata: { namespace: "shop", name: NAME },
  spec: { maintenanceWindows: ["13:00-14:00"] },
});
const SWITCHOVER = [
  "tell Switchover",
  `switchover through Patroni on ${NAME}-0`,
  "tell Switchover",
];

function tainted(
  name: string,
  key: string,
  effect: "NoSchedule" | "NoExecute" = "NoSchedule",
): Node {
  return nodeTraits({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    spec: { taints: [{ key: "dedicated", value: "db", effect }, { key, effect }] },
  });
}

const LEAVING = [
  "ToBeDeletedByClusterAutoscaler",
  "DeletionCandidateOfClusterAutoscaler",
  "karpenter.sh/disrupted",
  "karpenter.sh/disruption",
  "node.kubernetes.io/unschedulable",
  "node.kubernetes.io/out-of-service",
  "node.cloudprovider.kubernetes.io/shutdown",
  "aws-node-termination-handler/spot-itn",
];
const STAYING = ["karpenter.sh/unregistered", "node.kubernetes.io/memory-pressure"];

interface Row extends PlanFixture {
  readonly given: string;
  readonly nodes?: readonly Node[];
  readonly want: readonly string[];
}

const ROWS: readonly Row[] = [
  { given: "a primary on an open node", pods: pods("b", "a"), want: [] },
  { given: "a replica on a drained node", pods: pods("b", "a", "b"), want: [] },
  { given: "a primary on a drained node", pods: pods("a", "b"), want: SWITCHOVER },
  {
    given: "a primary on a drained node that says it is ready",
    pods: pods("a", "b"),
    nodes: [node("a", "drained", { ready: "yes" }), node("b", "open", { ready: "yes" })],
    config: { nodeReadinessLabel: { ready: "yes" } },
    want: [],
  },
  {
    given: "a primary on a drained node of the control plane",
    pods: pods("a", "b"),
    nodes: [node("a", "drained", { master: "true" }), node("b", "open")],
    want: [],
  },
  {
    given: "a replica with less lag on a drained node",
    cr: THREE,
    pods: pods("a", "c", "b"),
    want: SWITCHOVER,
  },
  {
    given: "all pods on drained nodes",
    pods: pods("a", "c"),
    want: [`delete Pod default/${NAME}-1`],
  },
  {
    given: "all pods on drained nodes and no other",
    pods: pods("a", "c"),
    nodes: [node("a", "drained"), node("c", "drained")],
    want: ["node a is being drained, and there is no other to move to"],
  },
  {
    given: "other nodes without the label of ready ones",
    pods: pods("a", "b"),
    config: { nodeReadinessLabel: { ready: "yes" } },
    want: ["node a is being drained, and there is no other to move to"],
  },
  {
    given: "another replica that is about to leave by scaling",
    pods: pods("a", "c", "b"),
    want: [`delete Pod default/${NAME}-1`],
  },
  {
    given: "synchronous mode and a standby that is not synchronous",
    pods: pods("a", "b"),
    patroni: patroniState([{ name: `${NAME}-0` }, { name: `${NAME}-1`, lagBytes: 0 }], {
      config: { synchronous_mode: "on" },
    }),
    want: [
      `node a is being drained, but no healthy synchronous standby can take over from ${NAME}-0`,
    ],
  },
  ...LEAVING.map((key): Row => ({
    given: `no cordon and the taint ${key} on the primary's node`,
    pods: pods("a", "b"),
    nodes: [tainted("a", key), node("b", "open")],
    want: SWITCHOVER,
  })),
  ...LEAVING.map((key): Row => ({
    given: `the taint ${key} on the only other node`,
    pods: pods("a", "b"),
    nodes: [node("a", "drained"), tainted("b", key)],
    want: ["node a is being drained, and there is no other to move to"],
  })),
  ...STAYING.map((key): Row => ({
    given: `no cordon and the taint ${key}, which says nothing of leaving`,
    pods: pods("a", "b"),
    nodes: [tainted("a", key), node("b", "open")],
    want: [],
  })),
  {
    given: "a node that says it is ready and is about to be taken away",
    pods: pods("a", "b"),
    nodes: [
      { ...tainted("a", "karpenter.sh/disrupted"), metadata: { name: "a", labels: { r: "y" } } },
      node("b", "open", { r: "y" }),
    ],
    config: { nodeReadinessLabel: { r: "y" } },
    want: SWITCHOVER,
  },
  { given: "a single pod", pods: pods("a"), want: [`delete Pod default/${NAME}-0`] },
  {
    given: "a single pod that came back to its node",
    pods: pods("a"),
    memory: { movedOff: new Set([`${NAME}-0 on a`]) },
    want: [`${NAME}-0 was recreated but stays on a`],
  },
  {
    given: "replicas that cannot take over",
    pods: pods("a", "b"),
    patroni: patroniState([{ name: `${NAME}-0` }, { name: `${NAME}-1`, state: "stopped" }]),
    want: [`node a is being drained, but no healthy replica can take over from ${NAME}-0`],
  },
  {
    given: "Patroni that does not answer",
    pods: pods("a", "b"),
    patroni: unknown("time-out"),
    want: ["node a is being drained: switchover: time-out"],
  },
  {
    given: "a switchover that is scheduled",
    cr: WINDOWS,
    pods: pods("a", "b"),
    memory: { scheduledMove: { leader: `${NAME}-0`, atMs: NOW.getTime() + 3_600_000 } },
    want: ["node a is being drained, a switchover is scheduled at 2026-01-05T13:00:00.000Z"],
  },
  {
    given: "a switchover that Patroni has let pass",
    pods: pods("a", "b"),
    memory: { scheduledMove: { leader: `${NAME}-0`, atMs: NOW.getTime() - 60_000 } },
    want: SWITCHOVER,
  },
];

function planOf({ nodes = NODES, ...fixture }: Omit<Row, "given" | "want">) {
  const context = planContext({ patroni: PATRONI, ...fixture });
  const moving = { ...context, observed: { ...context.observed, nodes: known(nodes) } };
  return { context: moving, plan: planNodeMove(moving) };
}

for (const { given, want, ...row } of ROWS) {
  Deno.test(`a drain with ${given}`, () => {
    const { plan } = planOf(row);
    const actions = plan.steps.map(({ action }) => describeAction(action));
    assert.deepEqual([...actions, ...plan.held.map(({ reason }) => reason)], want);
    assert.ok(plan.held.every(({ kind }) => kind === "postponed"));
  });
}

Deno.test("the replica on an open node takes over, at once while a window is open", () => {
  const { plan } = planOf({ cr: THREE, pods: pods("a", "c", "b") });
  const [request] = plan.steps.flatMap(({ action }) =>
    action.kind === "patroni" ? [action.request] : []
  );
  assert.deepEqual(request, {
    call: "switchover",
    body: { leader: `${NAME}-0`, member: `${NAME}-2`, scheduled_at: "" },
  });
});

Deno.test("outside windows Patroni is told once to switch over when the next one opens", () => {
  const { context, plan } = planOf({ cr: WINDOWS, pods: pods("a", "b") });
  const [request] = plan.steps.flatMap(({ action }) =>
    action.kind === "patroni" ? [action.request] : []
  );
  assert.deepEqual(request, {
    call: "switchover",
    body: { leader: `${NAME}-0`, member: `${NAME}-1`, scheduled_at: "2026-01-05T13:00+00" },
  });
  const memory = emptyMemory();
  const outcomes = plan.steps.map((step) => ({ step, result: "done" } as const));
  const key = { key: "shop/acid-orders", generation: 1 };
  remember(memory, context, { plan: { ...key, ...plan }, outcomes });
  assert.deepEqual(memory.scheduledMove, {
    leader: `${NAME}-0`,
    atMs: Date.parse("2026-01-05T13:00:00Z"),
  });
  remember(memory, context, { plan: { ...key, steps: [], held: [] }, outcomes: [] });
  assert.equal(memory.scheduledMove, undefined);
});

Deno.test("a pod is recreated once on a node", () => {
  const { context, plan } = planOf({ pods: pods("a") });
  const memory = emptyMemory();
  const outcomes = plan.steps.map((step) => ({ step, result: "done" } as const));
  remember(memory, context, { plan: { key: "", generation: 1, ...plan }, outcomes });
  assert.deepEqual([...memory.movedOff], [`${NAME}-0 on a`]);
});
