/** What is sent to Patroni, and what is left alone. */

import assert from "node:assert/strict";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { patroniState, planContext, type PlanFixture } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import { lowersOnly, planPatroniConfig } from "./patroni.ts";

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

const RESTARTS: readonly [string, PlanFixture, string | undefined][] = [
  ["replicas first", {}, `${NAME}-1`],
  ["the primary first where values only go down", {
    memory: { restartPrimaryFirst: true },
  }, `${NAME}-0`],
];

for (const [given, fixture, want] of RESTARTS) {
  Deno.test(`planPatroniConfig restarts one member a pass: ${given}`, () => {
    const pending = { pendingRestart: true };
    const patroni = patroniState(MEMBERS, {
      config: { failsafe_mode: false },
      states: { [`${NAME}-0`]: pending, [`${NAME}-1`]: pending },
    });
    const plan = planPatroniConfig(planContext({ pods: PODS, patroni, ...fixture }));
    const restarted = plan.steps.flatMap(({ action }) =>
      action.kind === "patroni" ? [action.pod.name] : []
    );
    assert.deepEqual(restarted, [want]);
  });
}

const LOWERING: readonly [Record<string, string>, Record<string, unknown>, boolean][] = [
  [{ max_connections: "90" }, { max_connections: 100 }, true],
  [{ max_connections: "120" }, { max_connections: 100 }, false],
  [{ max_connections: "90", work_mem: "8MB" }, { max_connections: 100 }, false],
  [{ max_connections: "100" }, { max_connections: 100 }, false],
];

for (const [parameters, before, want] of LOWERING) {
  Deno.test(`lowersOnly(${JSON.stringify(parameters)}) is ${want}`, () => {
    assert.equal(lowersOnly(parameters, before), want);
  });
}
