/** Which server restarts next: each row is what servers run with, and who comes first. */

import assert from "node:assert/strict";
import { known } from "../../../ports/observation.ts";
import type { PatroniMemberState } from "../../../ports/ports.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import {
  NOW,
  patroniState,
  planContext,
  type PlanFixture,
  secretsOf,
} from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import { emptyMemory } from "../../pass/memory.ts";
import type { Catalog } from "../../observed/catalog.ts";
import { remember } from "../../pass/remember.ts";
import { planCluster } from "../plan_cluster.ts";
import { planPostgresRestart } from "./postgres_restart.ts";

const CR = cluster({ spec: { numberOfInstances: 3 } });
const NAME = CR.metadata.name ?? "";
const [FIRST, SECOND, THIRD] = [0, 1, 2].map((ordinal) => `${NAME}-${ordinal}`) as [
  string,
  string,
  string,
];
const PODS = [
  pod(FIRST, { role: "master" }),
  pod(SECOND, { role: "replica" }),
  pod(THIRD, { role: "replica" }),
];
const LATER = 60_000;

interface Row extends PlanFixture {
  readonly given: string;
  /** Parameters of Patroni's configuration. */
  readonly wanted: Readonly<Record<string, unknown>>;
  /** What the primary runs with, as PostgreSQL says; absent where it is never asked. */
  readonly running?: Readonly<Record<string, string>> | "not asked yet";
  /** How many milliseconds ago the primary's server was started, as Patroni says. */
  readonly startedAgoMs?: number;
  /** Pods that wait for a restart, and why where Patroni says so. */
  readonly pending: Readonly<Record<string, PatroniMemberState["restartReasons"] | undefined>>;
  /** Pods restarted for these parameters, and how many milliseconds ago. */
  readonly restarted?: Readonly<Record<string, number>>;
  readonly want: string;
}

const ALL = { [FIRST]: undefined, [SECOND]: undefined, [THIRD]: undefined };
const REPLICAS = { [SECOND]: undefined, [THIRD]: undefined };
const VAIN = " was restarted and still waits for a restart; look at its log, and restart it by " +
  "Patroni once the cause is gone";

const ROWS: readonly Row[] = [
  { given: "nobody waits", wanted: {}, pending: {}, want: "" },
  {
    given: "a parameter that standbys do not follow",
    wanted: { wal_level: "logical" },
    running: { max_connections: "100" },
    pending: ALL,
    want: SECOND,
  },
  {
    given: "more connections",
    wanted: { max_connections: "200" },
    running: { max_connections: "100" },
    pending: ALL,
    want: SECOND,
  },
  {
    given: "fewer connections, asked of PostgreSQL",
    wanted: { max_connections: "90" },
    running: { max_connections: "100" },
    pending: ALL,
    want: FIRST,
  },
  {
    given: "fewer connections together with a parameter that is not followed",
    wanted: { max_connections: 90, wal_level: "logical" },
    running: { max_connections: "100" },
    pending: ALL,
    want: FIRST,
  },
  {
    given: "fewer connections because the parameter is gone from the configuration",
    wanted: {},
    running: { max_connections: "300" },
    pending: ALL,
    want: FIRST,
  },
  {
    given: "fewer connections, told by Patroni without access to databases",
    wanted: { max_connections: "90" },
    pending: { ...ALL, [FIRST]: { max_connections: { from: "100" } } },
    want: FIRST,
  },
  {
    given: "fewer workers and more connections",
    wanted: { max_worker_processes: "6", max_connections: "200" },
    running: { max_worker_processes: "8", max_connections: "100" },
    pending: ALL,
    want: SECOND,
  },
  {
    given: "the same after both replicas",
    wanted: { max_worker_processes: "6", max_connections: "200" },
    running: { max_worker_processes: "8", max_connections: "100" },
    pending: ALL,
    restarted: { [SECOND]: LATER, [THIRD]: LATER },
    want: FIRST,
  },
  {
    given: "the same after all three",
    wanted: { max_worker_processes: "6", max_connections: "200" },
    running: { max_worker_processes: "6", max_connections: "200" },
    pending: REPLICAS,
    restarted: { [SECOND]: 2 * LATER, [THIRD]: 2 * LATER, [FIRST]: LATER },
    want: SECOND,
  },
  {
    given: "fewer connections while the primary does not wait yet",
    wanted: { max_connections: "90" },
    running: { max_connections: "100" },
    pending: REPLICAS,
    want: `waiting: Patroni on ${FIRST} has not taken up the lower values yet`,
  },
  {
    given: "fewer connections right after the primary's restart",
    wanted: { max_connections: "90" },
    running: { max_connections: "90" },
    pending: REPLICAS,
    restarted: { [FIRST]: 1000 },
    want: `waiting: replicas take up what ${FIRST} runs with now`,
  },
  {
    given: "fewer connections some time after the primary's restart",
    wanted: { max_connections: "90" },
    running: { max_connections: "90" },
    pending: REPLICAS,
    restarted: { [FIRST]: LATER },
    want: SECOND,
  },
  {
    given: "the same in a process that knows of no restart",
    wanted: { max_connections: "90" },
    running: { max_connections: "90" },
    pending: REPLICAS,
    want: SECOND,
  },
  {
    given: "fewer connections right after a restart of the primary that another process made",
    wanted: { max_connections: "90" },
    running: { max_connections: "90" },
    pending: REPLICAS,
    startedAgoMs: 4000,
    want: `waiting: replicas take up what ${FIRST} runs with now`,
  },
  {
    given: "the same some time later",
    wanted: { max_connections: "90" },
    running: { max_connections: "90" },
    pending: REPLICAS,
    startedAgoMs: LATER,
    want: SECOND,
  },
  {
    given: "the same with a clock that is ahead",
    wanted: { max_connections: "90" },
    running: { max_connections: "90" },
    pending: REPLICAS,
    startedAgoMs: -LATER,
    want: SECOND,
  },
  {
    given: "a replica that was restarted before the primary was, by whomever",
    wanted: { max_connections: "90" },
    running: { max_connections: "90" },
    pending: { [SECOND]: undefined },
    restarted: { [SECOND]: 2 * LATER },
    startedAgoMs: LATER,
    want: SECOND,
  },
  {
    given: "values that PostgreSQL was not asked for yet",
    wanted: { max_connections: "90" },
    running: "not asked yet",
    pending: REPLICAS,
    want: `waiting: what ${FIRST} runs with is asked first`,
  },
  {
    given: "values that PostgreSQL need not be asked for",
    wanted: { max_connections: "90" },
    running: "not asked yet",
    pending: { ...ALL, [FIRST]: { max_connections: { from: "100" } } },
    want: FIRST,
  },
  {
    given: "a replica that waits although it was restarted after the primary",
    wanted: { max_connections: "90" },
    running: { max_connections: "90" },
    pending: { [SECOND]: undefined },
    restarted: { [FIRST]: 2 * LATER, [SECOND]: LATER },
    want: `left: PostgreSQL in ${SECOND}${VAIN}`,
  },
  {
    given: "values that nobody tells, replicas that were restarted in vain",
    wanted: { max_connections: "90" },
    pending: ALL,
    restarted: { [SECOND]: LATER, [THIRD]: LATER },
    want: FIRST,
  },
  {
    given: "values that nobody tells, a primary that was restarted in vain",
    wanted: { max_connections: "90" },
    pending: { [FIRST]: undefined },
    restarted: { [FIRST]: LATER },
    want: `left: PostgreSQL in ${FIRST}${VAIN}`,
  },
  {
    given: "a pod that is to be recreated",
    wanted: {},
    pending: ALL,
    pods: [PODS[0]!, pod(SECOND, { role: "replica", flagged: true }), PODS[2]!],
    want: `postponed: ${SECOND} is to be recreated, which restarts its server too`,
  },
  {
    given: "a pod that leaves by scaling",
    cr: cluster({ spec: { numberOfInstances: 2 } }),
    wanted: {},
    pending: { [THIRD]: undefined },
    want: "",
  },
];

function contextOf(
  { wanted, running, pending, restarted = {}, startedAgoMs, ...fixture }: Row,
) {
  const started = startedAgoMs === undefined ? {} : { startedMs: NOW.getTime() - startedAgoMs };
  const parameters = JSON.stringify(wanted);
  return planContext({
    cr: CR,
    pods: PODS,
    patroni: patroniState([{ name: FIRST }, { name: SECOND }, { name: THIRD }], {
      config: { failsafe_mode: false, postgresql: { parameters: wanted } },
      states: Object.fromEntries(PODS.map(({ metadata: { name = "" } }) => {
        const restartReasons = pending[name];
        const pendingRestart = name in pending;
        const said = {
          ...(restartReasons ? { restartReasons } : {}),
          ...(name === FIRST ? started : {}),
        };
        return [name, { pendingRestart, ...said }];
      })),
    }),
    observed: typeof running === "object"
      ? { catalog: known({ followed: running } as unknown as Catalog) }
      : {},
    memory: {
      ...(running === "not asked yet" ? { catalogLook: { fingerprint: "as it was" } } : {}),
      restarted: new Map(
        Object.entries(restarted).map(([name, agoMs]) => [
          `uid-${name}`,
          { parameters, atMs: NOW.getTime() - agoMs },
        ]),
      ),
    },
    ...fixture,
  });
}

for (const row of ROWS) {
  Deno.test(`the next restart of a server, given ${row.given}`, () => {
    const plan = planPostgresRestart(contextOf(row));
    const restarts = plan.steps.flatMap(({ action }) =>
      action.kind === "patroni" ? [action.pod.name] : []
    );
    const held = plan.held.map(({ kind, reason }) => `${kind}: ${reason}`);
    assert.deepEqual([...restarts, ...held], row.want === "" ? [] : [row.want]);
  });
}

Deno.test("a restart that was made is remembered with its parameters", () => {
  const context = contextOf({
    given: "",
    wanted: { max_connections: "200" },
    pending: { ...ALL, [FIRST]: { max_connections: { from: "100" } } },
    want: "",
  });
  const plan = { key: "", generation: 1, ...planPostgresRestart(context) };
  const memory = emptyMemory();
  const outcomes = plan.steps.map((step) => ({ step, result: "done" } as const));
  remember(memory, context, { plan, outcomes });
  assert.deepEqual([...memory.restarted], [[`uid-${SECOND}`, {
    parameters: `{"max_connections":"200"}`,
    atMs: NOW.getTime(),
  }]]);
});

Deno.test("no server restarts in the pass that marks its pod to be recreated", () => {
  const row = { given: "", wanted: {}, pending: ALL, want: "" };
  const fresh = contextOf(row);
  const set = structuredClone(fresh.desired.statefulSet);
  const marking = contextOf({
    ...row,
    cr: cluster({ spec: { numberOfInstances: 3, podPriorityClassName: "high" } }),
    objects: [set, ...Object.values(fresh.desired.services), ...secretsOf(fresh.desired)],
  });
  const { steps } = planCluster({
    ...marking,
    credentials: { ...marking.credentials, steps: [], held: [] },
  });
  assert.ok(steps.some(({ effect, subject }) => effect === "restart" && subject === "statefulset"));
  assert.deepEqual(steps.filter(({ action }) => action.kind === "patroni"), []);
});

Deno.test("a restart that waits for an answer of PostgreSQL has it asked in the next pass", () => {
  const context = contextOf({
    given: "",
    wanted: { max_connections: "90" },
    running: "not asked yet",
    pending: REPLICAS,
    want: "",
  });
  const plan = { key: "", generation: 1, ...planPostgresRestart(context) };
  const memory = emptyMemory();
  memory.catalogLook = { fingerprint: "as it was" };
  remember(memory, context, { plan, outcomes: [] });
  assert.equal(memory.catalogLook, undefined);
});
