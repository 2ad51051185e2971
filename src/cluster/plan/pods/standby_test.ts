/** When Patroni is told whom a cluster follows, and that it follows nobody any more. */

import assert from "node:assert/strict";
import type { StandbyDescription } from "../../../api/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { patroniState, planContext } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import { planStandby } from "./standby.ts";

const NAME = "acid-orders-0";
const FAR = { standby_host: "far.example" };
const NEAR = { standby_host: "near.example" };
const CREATE = { create_replica_methods: ["bootstrap_standby_with_wale", "basebackup_fast_xlog"] };

/** What was asked for, what is asked for, what Patroni has, and what it is told. */
const ROWS: readonly [
  string,
  StandbyDescription | undefined,
  StandbyDescription | undefined,
  unknown,
  unknown[],
][] = [
  ["a promotion", FAR, undefined, { host: "far.example" }, [null]],
  ["a promotion that Patroni was told of already", FAR, undefined, undefined, [null]],
  ["a cluster that follows nobody", undefined, undefined, undefined, []],
  ["a cluster that was demoted by hand", undefined, undefined, { host: "far.example" }, []],
  ["what Spilo set up at the start", FAR, FAR, { host: "far.example", ...CREATE }, []],
];

function told(
  before: StandbyDescription | undefined,
  now: StandbyDescription | undefined,
  have: unknown,
): unknown[] {
  const manifest = (standby: StandbyDescription | undefined) =>
    cluster({ spec: standby === undefined ? {} : { standby } });
  const { desired } = planContext({ cr: manifest(before) });
  const plan = planStandby(planContext({
    cr: manifest(now),
    objects: [desired.statefulSet],
    pods: [pod(NAME, { role: "master" })],
    patroni: patroniState([{ name: NAME }], {
      config: have === undefined ? {} : { standby_cluster: have },
    }),
  }));
  assert.deepEqual(plan.held, []);
  return plan.steps.flatMap(({ action }) =>
    action.kind === "patroni" && action.request.call === "patchConfig"
      ? [action.request.body["standby_cluster"]]
      : []
  );
}

for (const [name, before, now, have, want] of ROWS) {
  Deno.test(`${name} tells Patroni ${JSON.stringify(want)}`, () => {
    assert.deepEqual(told(before, now, have), want);
  });
}

Deno.test("another source is told once", () => {
  const [section, ...more] = told(FAR, NEAR, { host: "far.example" });
  assert.equal((section as { host?: string }).host, "near.example");
  assert.deepEqual(more, []);
  assert.deepEqual(told(FAR, NEAR, section), [], "Patroni has it already");
});
