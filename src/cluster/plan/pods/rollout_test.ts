/** The rolling restart: each row is one state of the pods and the one step that follows from it. */

import assert from "node:assert/strict";
import type { ContainerState, Pod, PodStatus } from "../../../kubernetes/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { patroniState, planContext, type PlanFixture } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import { describeAction } from "../../apply/perform.ts";
import { planRollout } from "./rollout.ts";

const THREE = cluster({ spec: { numberOfInstances: 3 } });
const TWO = cluster({ spec: { numberOfInstances: 2 } });
const NAME = THREE.metadata.name;
const MEMBERS = patroniState([{ name: `${NAME}-0` }, { name: `${NAME}-1`, lagBytes: 50 }, {
  name: `${NAME}-2`,
  lagBytes: 0,
}]);

interface Row extends PlanFixture {
  readonly given: string;
  /** Steps other than Events, as `verb object`; or what the plan is held by. */
  readonly want: readonly string[];
}

const master = { role: "master" } as const;
const replica = { role: "replica" } as const;

/** `synchronous_mode` of a cluster, the role of its follower, and the step that follows. */
const HANDED_OVER = `switchover through Patroni on ${NAME}-0`;
const NOBODY = `held no healthy synchronous standby can take over from ${NAME}-0`;
const SYNCHRONOUS: readonly [Record<string, unknown>, string, string][] = [
  [{ synchronous_mode: true }, "sync_standby", HANDED_OVER],
  [{ synchronous_mode: "on" }, "replica", NOBODY],
  [{ synchronous_mode: "quorum" }, "replica", NOBODY],
  [{ synchronous_mode: "quorum" }, "quorum_standby", HANDED_OVER],
  [{ synchronous_mode: "off" }, "replica", HANDED_OVER],
  [{ synchronous_mode: true, standby_cluster: { host: "far" } }, "replica", HANDED_OVER],
  [{ synchronous_mode: true, standby_cluster: { restore_command: "x" } }, "replica", HANDED_OVER],
  [{ synchronous_mode: true, standby_cluster: {} }, "replica", NOBODY],
];
const STANDBY_ROWS = SYNCHRONOUS.map(([config, role, want]): Row => ({
  given: `a follower ${role} under ${JSON.stringify(config)}`,
  cr: TWO,
  patroni: patroniState([{ name: `${NAME}-0` }, { name: `${NAME}-1`, role }], { config }),
  pods: [pod(`${NAME}-0`, { ...master, flagged: true }), pod(`${NAME}-1`, replica)],
  want: [want],
}));

const CRASHES = { waiting: { reason: "CrashLoopBackOff" } };
const PULLS = { waiting: { reason: "ImagePullBackOff" } };
const DONE = { terminated: { exitCode: 0, reason: "Completed" } };

function beside(found: Pod, state: ContainerState, phase = "Running"): Pod {
  const server = { name: "postgres", ready: true, state: { running: {} } };
  const containerStatuses = [{ name: "exporter", ready: false, state }, server];
  return {
    ...found,
    status: { ...found.status, phase, containerStatuses } as unknown as PodStatus,
  };
}

const SIDECAR_ROWS: readonly Row[] = [
  ...[CRASHES, DONE].flatMap((state): Row[] => [
    {
      given: `a marked primary whose sidecar is ${JSON.stringify(state)}`,
      cr: TWO,
      patroni: patroniState([{ name: `${NAME}-0` }, { name: `${NAME}-1`, lagBytes: 0 }]),
      pods: [
        beside(pod(`${NAME}-0`, { ...master, flagged: true }), state),
        beside(pod(`${NAME}-1`, replica), state),
      ],
      want: [HANDED_OVER],
    },
    {
      given: `the same while the replica is far behind, ${JSON.stringify(state)}`,
      cr: TWO,
      patroni: patroniState([{ name: `${NAME}-0` }, {
        name: `${NAME}-1`,
        state: "creating replica",
      }]),
      pods: [
        beside(pod(`${NAME}-0`, { ...master, flagged: true }), state),
        pod(`${NAME}-1`, replica),
      ],
      want: [`held no healthy replica can take over from ${NAME}-0`],
    },
  ]),
  {
    given: "a new pod whose sidecar cannot be pulled",
    cr: TWO,
    pods: [
      pod(`${NAME}-0`, { ...master, flagged: true }),
      beside(pod(`${NAME}-1`, replica), PULLS, "Pending"),
    ],
    want: [`held waiting: container exporter of ${NAME}-1 waits: ImagePullBackOff`],
  },
  {
    given: "marked pods whose sidecar cannot be pulled, the primary among them",
    cr: TWO,
    pods: [
      beside(pod(`${NAME}-0`, { ...master, flagged: true }), PULLS, "Pending"),
      beside(pod(`${NAME}-1`, { ...replica, flagged: true }), PULLS, "Pending"),
    ],
    want: [`delete Pod default/${NAME}-1`],
  },
  {
    given: "a primary whose own container crashes",
    cr: TWO,
    pods: [
      {
        ...pod(`${NAME}-0`, { ...master, flagged: true }),
        status: {
          phase: "Running",
          podIP: "10.0.0.1",
          containerStatuses: [{ name: "postgres", ready: false, state: CRASHES }],
        } as unknown as PodStatus,
      },
      pod(`${NAME}-1`, replica),
    ],
    want: [`delete Pod default/${NAME}-0`],
  },
];

const UNSEEN = `held Patroni says that ${NAME}-1 leads: waiting until its label says so`;

const ROWS: readonly Row[] = [
  {
    given: "a marked pod that looks like a replica and leads by Patroni's word",
    cr: TWO,
    patroni: patroniState([{ name: `${NAME}-1` }, { name: `${NAME}-0`, lagBytes: 0 }]),
    pods: [pod(`${NAME}-0`, master), pod(`${NAME}-1`, { ...replica, flagged: true })],
    want: [UNSEEN],
  },
  {
    given: "a marked pod that looks like the primary and leads no more",
    cr: TWO,
    patroni: patroniState([{ name: `${NAME}-1` }, { name: `${NAME}-0`, lagBytes: 0 }]),
    pods: [pod(`${NAME}-0`, { ...master, flagged: true }), pod(`${NAME}-1`, replica)],
    want: [UNSEEN],
  },
  {
    given: "marked replicas, no label of a primary, and a leader by Patroni's word",
    cr: TWO,
    patroni: patroniState([{ name: `${NAME}-1` }, { name: `${NAME}-0`, lagBytes: 0 }]),
    pods: [
      pod(`${NAME}-0`, { ...replica, flagged: true }),
      pod(`${NAME}-1`, { ...replica, flagged: true }),
    ],
    want: [UNSEEN],
  },
  {
    given: "nothing marked and all there",
    pods: [pod(`${NAME}-0`, master), pod(`${NAME}-1`, replica), pod(`${NAME}-2`, replica)],
    want: [],
  },
  {
    given: "a marked replica while all are up",
    pods: [
      pod(`${NAME}-0`, { ...master, flagged: true }),
      pod(`${NAME}-1`, { ...replica, flagged: true }),
      pod(`${NAME}-2`, { ...replica, flagged: true }),
    ],
    want: [`delete Pod default/${NAME}-1`],
  },
  {
    given: "a pod is being deleted",
    pods: [
      pod(`${NAME}-0`, master),
      pod(`${NAME}-1`, { ...replica, terminating: true }),
      pod(`${NAME}-2`, { ...replica, flagged: true }),
    ],
    want: [`held waiting until ${NAME}-1 is gone`],
  },
  {
    given: "a pod is missing",
    pods: [pod(`${NAME}-0`, master), pod(`${NAME}-2`, { ...replica, flagged: true })],
    want: ["held waiting for pods: 2 of 3 are there"],
  },
  {
    given: "a new pod has no role yet",
    pods: [
      pod(`${NAME}-0`, master),
      pod(`${NAME}-1`),
      pod(`${NAME}-2`, { ...replica, flagged: true }),
    ],
    want: [`held waiting: ${NAME}-1 has no role label yet`],
  },
  {
    given: "a marked pod that does not run",
    pods: [
      pod(`${NAME}-0`, master),
      pod(`${NAME}-1`, { flagged: true, phase: "Pending" }),
      pod(`${NAME}-2`, replica),
    ],
    want: [`delete Pod default/${NAME}-1`],
  },
  {
    given: "only the primary is marked",
    patroni: MEMBERS,
    pods: [
      pod(`${NAME}-0`, { ...master, flagged: true }),
      pod(`${NAME}-1`, replica),
      pod(`${NAME}-2`, replica),
    ],
    want: [`switchover through Patroni on ${NAME}-0`],
  },
  {
    given: "the primary is marked, replicas cannot take over",
    patroni: patroniState([{ name: `${NAME}-0` }, { name: `${NAME}-1`, state: "starting" }]),
    pods: [
      pod(`${NAME}-0`, { ...master, flagged: true }),
      pod(`${NAME}-1`, replica),
      pod(`${NAME}-2`, replica),
    ],
    want: [`held no healthy replica can take over from ${NAME}-0`],
  },
  {
    given: "synchronous mode without a synchronous standby",
    patroni: patroniState([{ name: `${NAME}-0` }, { name: `${NAME}-1` }], {
      config: { synchronous_mode: true },
    }),
    pods: [
      pod(`${NAME}-0`, { ...master, flagged: true }),
      pod(`${NAME}-1`, replica),
      pod(`${NAME}-2`, replica),
    ],
    want: [`held no healthy synchronous standby can take over from ${NAME}-0`],
  },
  ...STANDBY_ROWS,
  ...SIDECAR_ROWS,
  {
    given: "the primary is marked and Patroni was not asked",
    pods: [
      pod(`${NAME}-0`, { ...master, flagged: true }),
      pod(`${NAME}-1`, replica),
      pod(`${NAME}-2`, replica),
    ],
    want: ["held switchover: Patroni was not asked for its members"],
  },
  {
    given: "two pods claim to be the primary",
    pods: [
      pod(`${NAME}-0`, { ...master, flagged: true }),
      pod(`${NAME}-1`, master),
      pod(`${NAME}-2`, replica),
    ],
    want: [`held more than one pod has the primary's role: ${NAME}-0, ${NAME}-1`],
  },
  {
    given: "the only pod is marked",
    cr: cluster({ spec: { numberOfInstances: 1 } }),
    pods: [pod(`${NAME}-0`, { ...master, flagged: true })],
    want: [`delete Pod default/${NAME}-0`],
  },
];

for (const { given, want, ...fixture } of ROWS) {
  Deno.test(`planRollout: ${given}`, () => {
    const plan = planRollout(planContext({ cr: THREE, ...fixture }));
    const steps = plan.steps.filter(({ action }) => action.kind !== "event");
    assert.deepEqual([
      ...steps.map(({ action }) => describeAction(action)),
      ...plan.held.map(({ reason }) => `held ${reason}`),
    ], want);
  });
}

Deno.test("planRollout switches over to the replica with the least lag", () => {
  const plan = planRollout(planContext({
    cr: THREE,
    patroni: MEMBERS,
    pods: [
      pod(`${NAME}-0`, { ...master, flagged: true }),
      pod(`${NAME}-1`, replica),
      pod(`${NAME}-2`, replica),
    ],
  }));
  const [action] = plan.steps.flatMap(({ action }) => action.kind === "patroni" ? [action] : []);
  assert.deepEqual(action?.request, {
    call: "switchover",
    body: { leader: `${NAME}-0`, member: `${NAME}-2`, scheduled_at: "" },
  });
});

Deno.test("planRollout deletes a pod by its uid, so that a new one of that name is safe", () => {
  const plan = planRollout(planContext({
    cr: cluster({ spec: { numberOfInstances: 1 } }),
    pods: [pod(`${NAME}-0`, { ...master, flagged: true })],
  }));
  const [action] = plan.steps.flatMap(({ action }) => action.kind === "delete" ? [action] : []);
  assert.deepEqual(action?.request.preconditions, { uid: `uid-${NAME}-0` });
});

Deno.test("planRollout tells the end of a restart once the last marked pod is new", () => {
  const plan = planRollout(planContext({
    cr: cluster({ spec: { numberOfInstances: 1 } }),
    pods: [pod(`${NAME}-0`, master)],
    memory: { rolling: true },
  }));
  assert.deepEqual(plan.steps.map(({ reasons }) => reasons), [
    ["Rolling update done - pods have been recreated"],
  ]);
});

const LIMITS = { podDeletionWaitTimeoutMs: 3_000, podLabelWaitTimeoutMs: 2_000 };
const LATE: readonly [string, Pod, number][] = [
  ["gone", pod(`${NAME}-1`, { ...replica, terminating: true }), 3_000],
  ["labelled", pod(`${NAME}-1`, {}), 2_000],
];

for (const [what, second, limitMs] of LATE) {
  Deno.test(`a pod may take as long as the configuration says to be ${what}`, () => {
    const pods = [pod(`${NAME}-0`, { ...master, flagged: true }), second];
    const { held } = planRollout(planContext({ cr: TWO, pods, config: LIMITS }));
    assert.deepEqual(held.map((one) => one.limitMs), [limitMs]);
  });
}
