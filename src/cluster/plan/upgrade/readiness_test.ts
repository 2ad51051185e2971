/** Which members keep an upgrade off. */

import assert from "node:assert/strict";
import { known, type Observation, unknown } from "../../../ports/observation.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import type { ObservedPatroni } from "../../observed/cluster.ts";
import type { PatroniMember, PatroniMemberState } from "../../../ports/ports.ts";
import { leadersOf, unfitness } from "./readiness.ts";

const PODS = [pod("a-0", { role: "master" }), pod("a-1", { role: "replica" })];

interface Row {
  readonly given: string;
  readonly replica?: Partial<PatroniMember>;
  readonly members?: readonly PatroniMember[];
  readonly state?: Observation<Partial<PatroniMemberState>>;
  readonly patroniVersion?: string;
  readonly config?: Record<string, unknown>;
  readonly want: string | undefined;
}

const STREAMS = "replica a-1 does not stream from the primary";

const ROWS: readonly Row[] = [
  { given: "a replica that streams", want: undefined },
  { given: "a lag of 16 MiB", replica: { lagBytes: 16777216 }, want: undefined },
  {
    given: "a lag of more",
    replica: { lagBytes: 16777217 },
    want: "replica a-1 lags by more than 16 MiB",
  },
  { given: "a replica that recovers", replica: { state: "in archive recovery" }, want: STREAMS },
  { given: "a replica that runs", replica: { state: "running" }, want: STREAMS },
  {
    given: "a replica that runs, of a Patroni that does not tell streaming",
    replica: { state: "running" },
    patroniVersion: "3.0.3",
    want: undefined,
  },
  {
    given: "a replica that runs, of the first Patroni that tells streaming",
    replica: { state: "running" },
    patroniVersion: "3.0.4",
    want: STREAMS,
  },
  {
    given: "a replica that runs, of a Patroni of two numbers",
    replica: { state: "running" },
    patroniVersion: "2.1",
    want: undefined,
  },
  {
    given: "a replica that runs, of a Patroni without a readable version",
    replica: { state: "running" },
    patroniVersion: "main",
    want: STREAMS,
  },
  {
    given: "a synchronous replica that does not stream",
    replica: { role: "sync_standby", state: "stopped" },
    want: STREAMS,
  },
  {
    given: "a member whose server is down",
    state: known({ state: "stopped" }),
    want: "PostgreSQL does not run in a-1",
  },
  {
    given: "a member that does not answer",
    state: unknown("time-out"),
    want: "PostgreSQL does not run in a-1",
  },
  { given: "a pause", config: { pause: true }, want: "Patroni is paused" },
  {
    given: "a pod that is no member yet",
    members: [{ name: "a-0", role: "leader", state: "running" }],
    want: "Patroni knows 1 members, but there are 2 pods",
  },
];

for (const { given, want, ...row } of ROWS) {
  Deno.test(`an upgrade with ${given} is ${want === undefined ? "possible" : "put off"}`, () => {
    const patroni = patroniOf(row);
    const [leader] = leadersOf(PODS, patroni);
    assert.ok(leader);
    assert.equal(unfitness(PODS, patroni, leader), want);
  });
}

Deno.test("a lag that is not known puts an upgrade off", () => {
  const members = [{ name: "a-0", role: "leader", state: "running" }, {
    name: "a-1",
    role: "replica",
    state: "streaming",
  }];
  const patroni = patroniOf({ members });
  const [leader] = leadersOf(PODS, patroni);
  assert.ok(leader);
  assert.equal(unfitness(PODS, patroni, leader), "the lag of replica a-1 is not known");
});

function patroniOf(row: Omit<Row, "given" | "want">): ObservedPatroni {
  const { replica, members, state = known({}), patroniVersion = "4.0.7", config = {} } = row;
  const base = { state: "running", pendingRestart: false, patroniVersion };
  return {
    config,
    members: members ?? [
      { name: "a-0", role: "leader", state: "running" },
      { name: "a-1", role: "replica", state: "streaming", lagBytes: 0, ...replica },
    ],
    states: new Map([
      ["a-0", known({ ...base, role: "master" })],
      ["a-1", state.known ? known({ ...base, role: "replica", ...state.value }) : state],
    ]),
  };
}
