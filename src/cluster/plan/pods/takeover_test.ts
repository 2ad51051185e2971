/** A primary that leaves by scaling: who follows it, or why the StatefulSet has to wait. */

import assert from "node:assert/strict";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { patroniState, planContext } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import { planStatefulSet } from "./statefulset.ts";
import { takeoverFrom } from "./takeover.ts";

const NAME = "acid-orders";
const [FIRST, SECOND, THIRD] = [`${NAME}-0`, `${NAME}-1`, `${NAME}-2`];

/** Roles of the two pods that stay, Patroni's configuration, and who leads next. */
const ROWS: readonly [readonly [string, string], Record<string, unknown>, string | undefined][] = [
  [["replica", "replica"], {}, SECOND],
  [["sync_standby", "replica"], { synchronous_mode: true }, FIRST],
  [["replica", "sync_standby"], { synchronous_mode: true }, SECOND],
  [["replica", "replica"], { synchronous_mode: true }, undefined],
  [["quorum_standby", "replica"], { synchronous_mode: "quorum" }, FIRST],
  [["replica", "replica"], { synchronous_mode: true, standby_cluster: { host: "far" } }, SECOND],
];

for (const [[first, second], config, want] of ROWS) {
  Deno.test(`a primary leaves ${first} and ${second} under ${JSON.stringify(config)}`, () => {
    const before = planContext({ cr: cluster({ spec: { numberOfInstances: 3 } }) });
    const plan = planStatefulSet(planContext({
      cr: cluster({ spec: { numberOfInstances: 2 } }),
      objects: [before.desired.statefulSet],
      pods: [
        pod(FIRST, { role: "replica" }),
        pod(SECOND, { role: "replica" }),
        pod(THIRD, { role: "master" }),
      ],
      patroni: patroniState([
        { name: THIRD },
        { name: FIRST, role: first, lagBytes: 10 },
        { name: SECOND, role: second, lagBytes: 0 },
      ], { config }),
    }));
    const bodies = plan.steps.flatMap(({ action }) =>
      action.kind === "patroni" ? [action.request.body] : []
    );
    const held = plan.held.map(({ reason }) => reason);
    const why = `scaling down to 2 removes the primary ${THIRD}: ` +
      `no healthy synchronous standby can take over from ${THIRD}`;
    assert.deepEqual(
      [...bodies, ...held],
      want === undefined ? [why] : [{ leader: THIRD, member: want, scheduled_at: "" }],
    );
    assert.ok(plan.steps.every(({ action }) => action.kind !== "patch"));
  });
}

Deno.test("a leader that leaves is not scaled away, also where its label does not show it", () => {
  const before = planContext({ cr: cluster({ spec: { numberOfInstances: 3 } }) });
  const plan = planStatefulSet(planContext({
    cr: cluster({ spec: { numberOfInstances: 2 } }),
    objects: [before.desired.statefulSet],
    pods: [
      pod(FIRST, { role: "master" }),
      pod(SECOND, { role: "replica" }),
      pod(THIRD, { role: "replica" }),
    ],
    patroni: patroniState([{ name: THIRD }, { name: FIRST }, { name: SECOND }]),
  }));
  assert.deepEqual(plan.steps, []);
  assert.match(plan.held[0]?.reason ?? "", new RegExp(`Patroni says that ${THIRD} leads`));
  assert.ok(plan.requeueAfterMs !== undefined);
});

Deno.test("whoever does not lead is not asked to hand over", () => {
  const found = takeoverFrom(
    planContext({
      cr: cluster({ spec: { numberOfInstances: 3 } }),
      patroni: patroniState([{ name: SECOND }, { name: FIRST }, { name: THIRD }]),
    }),
    pod(FIRST, { role: "master" }),
    [pod(SECOND, { role: "replica" }), pod(THIRD, { role: "replica" })],
  );
  assert.deepEqual(found, {
    kind: "unreadable",
    reason: `switchover: Patroni says that ${SECOND} leads`,
  });
});
