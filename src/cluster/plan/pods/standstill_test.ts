/** Whatever would disturb pods does not while Patroni is paused or two pods lead, and says so. */

import assert from "node:assert/strict";
import type { Node, Pod } from "../../../kubernetes/types.gen.ts";
import { known } from "../../../ports/observation.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { patroniState, planContext } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import type { PlanContext, SubjectPlan } from "../steps/context.ts";
import { planNodeMove } from "./node_move.ts";
import { planPostgresRestart } from "./postgres_restart.ts";
import { planRollout } from "./rollout.ts";

const NAME = "acid-orders";
const TWO = cluster({ spec: { numberOfInstances: 2 } });

function node(name: string, unschedulable: boolean): Node {
  return { apiVersion: "v1", kind: "Node", metadata: { name }, spec: { unschedulable } };
}

interface Disturbance {
  readonly name: string;
  readonly plan: (context: PlanContext) => SubjectPlan;
  readonly nodes?: readonly Node[];
  readonly flagged?: true;
  readonly pending?: true;
}

const DISTURBANCES: readonly Disturbance[] = [
  { name: "rollout", plan: planRollout, flagged: true },
  { name: "postgres restart", plan: planPostgresRestart, pending: true },
  {
    name: "node move",
    plan: planNodeMove,
    nodes: [node("a", true), node("b", false)],
  },
];

const PAUSED = ["Patroni is paused; patronictl resume ends that"];
const TWICE = [`more than one pod has the primary's role: ${NAME}-0, ${NAME}-1`];
const CIRCUMSTANCES: readonly [
  string,
  unknown,
  second: "master" | "replica",
  held: readonly string[],
][] = [
  ["all is well", undefined, "replica", []],
  ["a pause was ended", false, "replica", []],
  ["Patroni is paused", true, "replica", PAUSED],
  ["Patroni is paused by a word", "on", "replica", PAUSED],
  ["two pods lead", undefined, "master", TWICE],
];

for (const { name, plan, nodes, flagged, pending } of DISTURBANCES) {
  for (const [circumstance, pause, second, held] of CIRCUMSTANCES) {
    Deno.test(`${name}, where ${circumstance}: ${held.join() || "a step is made"}`, () => {
      const first = pod(`${NAME}-0`, { role: "master" });
      const pods: Pod[] = [
        { ...first, spec: { ...first.spec!, nodeName: "a" } },
        pod(`${NAME}-1`, { role: second, ...(flagged ? { flagged } : {}) }),
      ].map((one, index) => index === 0 ? one : { ...one, spec: { ...one.spec!, nodeName: "b" } });
      const patroni = patroniState([{ name: `${NAME}-0` }, { name: `${NAME}-1`, lagBytes: 0 }], {
        config: pause === undefined ? {} : { pause },
        states: pending ? { [`${NAME}-1`]: { pendingRestart: true } } : {},
      });
      const context = planContext({ cr: TWO, pods, patroni });
      const observed = { ...context.observed, ...(nodes ? { nodes: known(nodes) } : {}) };
      const found = plan({ ...context, observed });
      assert.deepEqual(found.held.map(({ reason }) => reason), held);
      assert.equal(found.steps.length > 0, held.length === 0);
    });
  }
}

Deno.test("a pause is no failure and is looked at again; two primaries wait", () => {
  const pods = [pod(`${NAME}-0`, { role: "master" }), pod(`${NAME}-1`, { flagged: true })];
  const patroni = patroniState([{ name: `${NAME}-0` }], { config: { pause: true } });
  const paused = planRollout(planContext({ cr: TWO, pods, patroni }));
  assert.deepEqual(paused.held.map(({ kind }) => kind), ["paused"]);
  assert.equal(paused.requeueAfterMs, 30_000);
});
