/** What is sent to Patroni, and what is left alone. */

import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { patroniState, planContext, type PlanFixture } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import { planPatroniConfig } from "./patroni.ts";

const NAME = cluster().metadata.name;
const PODS = [pod(`${NAME}-0`, { role: "master" }), pod(`${NAME}-1`, { role: "replica" })];
const MEMBERS = [{ name: `${NAME}-0` }, { name: `${NAME}-1` }];

function withConfig(config: Record<string, unknown>) {
  return patroniState(MEMBERS, { config: { failsafe_mode: false, ...config } });
}

interface Row extends PlanFixture {
  readonly given: string;
  /** Body of the PATCH; undefined where nothing is sent. */
  readonly want: Record<string, unknown> | undefined;
}

const ROWS: readonly Row[] = [
  { given: "nothing asked for", patroni: withConfig({ ttl: 30 }), want: undefined },
  {
    given: "another ttl",
    cr: cluster({ spec: { patroni: { ttl: 40 } } }),
    patroni: withConfig({ ttl: 30, loop_wait: 10 }),
    want: { ttl: 40 },
  },
  {
    given: "a parameter that Patroni has as a number (D-09)",
    cr: cluster({
      spec: { postgresql: { version: "17", parameters: { max_connections: "100" } } },
    }),
    patroni: withConfig({ postgresql: { parameters: { max_connections: 100 } } }),
    want: undefined,
  },
  {
    given: "a configuration without a postgresql section (D-09)",
    cr: cluster({ spec: { postgresql: { version: "17", parameters: { work_mem: "8MB" } } } }),
    patroni: withConfig({}),
    want: { postgresql: { parameters: { work_mem: "8MB" } } },
  },
  {
    given: "a parameter that the manifest had and has no more (D-28)",
    patroni: withConfig({ postgresql: { parameters: { work_mem: "8MB", other: "1" } } }),
    memory: { parameters: new Set(["work_mem"]) },
    want: { postgresql: { parameters: { work_mem: null } } },
  },
  {
    given: "local parameters",
    cr: cluster({ spec: { postgresql: { version: "17", parameters: { shared_buffers: "1GB" } } } }),
    patroni: withConfig({}),
    want: undefined,
  },
  {
    given: "synchronous mode switched off",
    patroni: withConfig({ synchronous_mode: true }),
    want: { synchronous_mode: false },
  },
  {
    given: "a slot that is missing, and one that somebody else made",
    cr: cluster({ spec: { patroni: { slots: { mine: { type: "physical" } } } } }),
    patroni: withConfig({ slots: { theirs: { type: "physical" } } }),
    want: { slots: { mine: { type: "physical" } } },
  },
  {
    given: "a slot that the manifest had and has no more",
    patroni: withConfig({ slots: { mine: { type: "physical" }, theirs: { type: "physical" } } }),
    memory: { slots: new Set(["mine"]) },
    want: { slots: { mine: null } },
  },
  {
    given: "rules that stand in Patroni's configuration (D-27)",
    cr: cluster({ spec: { patroni: { pg_hba: ["host all all all md5"] } } }),
    patroni: withConfig({ postgresql: { pg_hba: ["host all all all trust"] } }),
    want: { postgresql: { pg_hba: ["host all all all md5"] } },
  },
];

for (const { given, want, ...fixture } of ROWS) {
  Deno.test(`planPatroniConfig: ${given}`, () => {
    const plan = planPatroniConfig(planContext({ pods: PODS, ...fixture }));
    const [action] = plan.steps.flatMap(({ action }) => action.kind === "patroni" ? [action] : []);
    assert.deepEqual(action?.request.body, want);
    assert.deepEqual(plan.held, []);
  });
}

Deno.test("planPatroniConfig finds nothing to do once Patroni has taken its own PATCH", () => {
  const cr = cluster({
    spec: {
      patroni: { ttl: 40, synchronous_mode: true, slots: { s: { type: "physical" } } },
      postgresql: { version: "17", parameters: { work_mem: "8MB" } },
    },
  });
  const first = planPatroniConfig(planContext({ cr, pods: PODS, patroni: withConfig({}) }));
  const [action] = first.steps.flatMap(({ action }) => action.kind === "patroni" ? [action] : []);
  const taken = withConfig({ ...action?.request.body });
  assert.deepEqual(planPatroniConfig(planContext({ cr, pods: PODS, patroni: taken })).steps, []);
});

Deno.test("planPatroniConfig is held back while Patroni does not answer", () => {
  const patroni = { known: false, reason: "connection refused" } as const;
  const plan = planPatroniConfig(planContext({ pods: PODS, patroni }));
  assert.deepEqual(plan.held.map(({ kind, reason }) => [kind, reason]), [
    ["unreadable", "connection refused"],
  ]);
});

/** What somebody set by hand, what the manifest says, the PATCH that follows, and what is told. */
const BY_HAND: readonly [
  Record<string, unknown>,
  PostgresqlSpec["patroni"],
  Record<string, unknown> | undefined,
  readonly string[],
][] = [
  [{ synchronous_mode: "quorum" }, {}, undefined, ["synchronous_mode"]],
  [{ synchronous_mode: "quorum" }, { synchronous_mode: true }, undefined, ["synchronous_mode"]],
  [{ synchronous_mode: "quorum" }, { ttl: 40 }, { ttl: 40 }, ["synchronous_mode"]],
  [{ synchronous_node_count: "two" }, {}, undefined, ["synchronous_node_count"]],
  [{ synchronous_mode: "on" }, { synchronous_mode: true }, undefined, []],
  [{ synchronous_mode: "off" }, { synchronous_mode: true }, { synchronous_mode: true }, []],
  [{ synchronous_mode: "on" }, {}, { synchronous_mode: false }, []],
  [{ ttl: "40" }, { ttl: 40 }, undefined, []],
  [{ ttl: "soon" }, { ttl: 40 }, { ttl: 40 }, []],
  [{ primary_start_timeout: 0, check_timeline: true, tags: {} }, {}, undefined, []],
];

for (const [config, patroni, want, told] of BY_HAND) {
  const given = `${JSON.stringify(config)} by hand and ${JSON.stringify(patroni)} in the manifest`;
  Deno.test(`planPatroniConfig: ${given}`, () => {
    const cr = cluster({ spec: { patroni: patroni ?? {} } });
    const plan = planPatroniConfig(planContext({ cr, pods: PODS, patroni: withConfig(config) }));
    const [action] = plan.steps.flatMap(({ action }) => action.kind === "patroni" ? [action] : []);
    assert.deepEqual(action?.request.body, want);
    assert.deepEqual(
      plan.held.map(({ kind, reason }) => [kind, reason.split(" ")[0]]),
      told.map((key) => ["left", key]),
    );
  });
}
