/** Major upgrades: each row is one state of a cluster and what follows from it. */

import assert from "node:assert/strict";
import type { Pod } from "../../../kubernetes/types.gen.ts";
import { known } from "../../../ports/observation.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { NOW, patroniState, planContext, type PlanFixture } from "../../../testing/plan_fixture.ts";
import { pod } from "../../../testing/pod_fixture.ts";
import { describeAction } from "../../apply/perform.ts";
import type { ObservedPatroni } from "../../observed/cluster.ts";
import type { PatroniMember, PatroniMemberState } from "../../../ports/ports.ts";
import type { Step } from "../steps/action.ts";
import { joinPlans } from "../steps/context.ts";
import { planInterruptedUpgrade, planUpgrade } from "./plan_upgrade.ts";

const NAME = "acid-orders";
const MARK = "zalando-postgres-operator-major-upgrade-from";
const FAILURE = "last-major-upgrade-failure";
const CR = `postgresql shop/${NAME}`;
const UNMARK = [`patch Pod default/${NAME}-0`, `patch Pod default/${NAME}-1`];
const BEGIN = ["tell Major Version Upgrade", `upgrade ${NAME}-0 to 180000`];
const WAIT = [`run a command in ${NAME}-0`, `run a command in ${NAME}-1`];

interface Row extends PlanFixture {
  readonly given: string;
  /** Actions in their order, then what is postponed or waited for. */
  readonly want: readonly string[];
  readonly requeueAfterMs?: number;
}

function wanting(version: "14" | "17" | "18", annotations = {}) {
  const spec = { postgresql: { version } } as const;
  return cluster({ metadata: { namespace: "shop", name: NAME, generation: 2, annotations }, spec });
}

function marked(pod: Pod): Pod {
  return { ...pod, metadata: { ...pod.metadata, annotations: { [MARK]: "170005" } } };
}

const PODS = [pod(`${NAME}-0`, { role: "master" }), pod(`${NAME}-1`, { role: "replica" })];
const MARKED = PODS.map(marked);

interface Members {
  readonly leader?: Partial<PatroniMemberState>;
  readonly replica?: Partial<PatroniMember>;
  readonly config?: Record<string, unknown>;
}

function members({ leader, replica, config = {} }: Members = {}) {
  return patroniState([{ name: `${NAME}-0` }, { name: `${NAME}-1`, lagBytes: 0, ...replica }], {
    config,
    states: {
      [`${NAME}-0`]: { role: "primary", serverVersion: 170005, patroniVersion: "4.0.7", ...leader },
      [`${NAME}-1`]: { role: "replica", serverVersion: 170005 },
    },
  });
}

const DUE = { cr: wanting("18"), pods: PODS, patroni: members() };
const CLOSED = cluster({
  metadata: { namespace: "shop", name: NAME },
  spec: { postgresql: { version: "18" }, maintenanceWindows: ["13:00-14:00"] },
});

function attempt(result: "ended" | "failed" | "lost", rest: { sinceMs?: number } = {}) {
  return { attempt: { result, message: "no space left", ...rest }, awaited: false };
}

const ROWS: readonly Row[] = [
  {
    given: "a server as new as the manifest",
    ...DUE,
    cr: wanting("17"),
    want: [],
  },
  {
    given: "a cluster fit for an upgrade",
    ...DUE,
    want: [...UNMARK, ...BEGIN],
  },
  {
    given: "upgrades that are switched off",
    ...DUE,
    config: { majorVersionUpgradeMode: "off" },
    want: [],
  },
  {
    given: "upgrades switched off for all but this team",
    ...DUE,
    config: { majorVersionUpgradeMode: "off", majorVersionUpgradeTeamAllowList: ["acid"] },
    want: [...UNMARK, ...BEGIN],
  },
  {
    given: "upgrades switched off while pods are marked",
    ...DUE,
    pods: MARKED,
    config: { majorVersionUpgradeMode: "off" },
    memory: { upgrade: { attempt: undefined, awaited: true } },
    want: UNMARK,
  },
  {
    given: "mode full and a version below the minimum",
    ...DUE,
    cr: wanting("14"),
    config: {
      majorVersionUpgradeMode: "full",
      minimalMajorVersion: "15",
      targetMajorVersion: "18",
    },
    want: [...UNMARK, ...BEGIN],
  },
  {
    given: "a server that is newer than the manifest, and a failure told",
    ...DUE,
    cr: wanting("17", { [FAILURE]: "2026-01-01T00:00:00Z" }),
    want: [`patch ${CR}`],
  },
  {
    given: "a failure told",
    ...DUE,
    cr: wanting("18", { [FAILURE]: "2026-01-01T00:00:00Z" }),
    want: [`postponed: the last attempt failed; remove the annotation ${FAILURE} to try again`],
  },
  {
    given: "a failure told and pods still marked",
    ...DUE,
    cr: wanting("18", { [FAILURE]: "2026-01-01T00:00:00Z" }),
    pods: MARKED,
    memory: { upgrade: { attempt: undefined, awaited: true } },
    want: [
      ...UNMARK,
      `postponed: the last attempt failed; remove the annotation ${FAILURE} to try again`,
    ],
  },
  {
    given: "a closed maintenance window",
    ...DUE,
    cr: CLOSED,
    want: ["postponed: major version 18 waits for a maintenance window (now: 170005)"],
    requeueAfterMs: 60 * 60 * 1000,
  },
  {
    given: "a standby cluster",
    ...DUE,
    patroni: members({ leader: { role: "standby_leader" } }),
    want: ["postponed: a standby cluster has to be recreated for version 18"],
  },
  {
    given: "no member that leads",
    ...DUE,
    patroni: members({ leader: { role: "replica" } }),
    want: ["postponed: no member says that it leads"],
    requeueAfterMs: 10_000,
  },
  {
    given: "no member that leads, of a server known to be new enough",
    ...DUE,
    patroni: members({ leader: { role: "replica" } }),
    memory: { serverVersion: 180001 },
    want: [],
  },
  {
    given: "a replica that is behind",
    ...DUE,
    patroni: members({ replica: { lagBytes: 16 * 1024 * 1024 + 1 } }),
    want: [`postponed: replica ${NAME}-1 lags by more than 16 MiB`],
    requeueAfterMs: 10_000,
  },
  {
    given: "Patroni that was not asked",
    cr: wanting("18"),
    pods: PODS,
    want: [],
  },
  {
    given: "marked pods of an attempt that nobody saw the end of",
    ...DUE,
    pods: MARKED,
    want: [...WAIT, "waiting: an attempt at a major upgrade was left before its end"],
  },
  {
    given: "marked pods, one of which is on its way out",
    ...DUE,
    pods: [MARKED[0]!, marked(pod(`${NAME}-1`, { role: "replica", terminating: true }))],
    want: [WAIT[0]!, "waiting: an attempt at a major upgrade was left before its end"],
  },
  {
    given: "an attempt left before its script began",
    ...DUE,
    pods: MARKED,
    memory: { upgrade: { attempt: undefined, awaited: true } },
    want: BEGIN,
  },
  {
    given: "an attempt left half way through marking",
    ...DUE,
    pods: [MARKED[0]!, PODS[1]!],
    memory: { upgrade: { attempt: undefined, awaited: true } },
    want: [UNMARK[1]!, ...BEGIN],
  },
  {
    given: "an attempt left behind whose window has closed",
    ...DUE,
    cr: CLOSED,
    pods: MARKED,
    memory: { upgrade: { attempt: undefined, awaited: true } },
    want: [
      ...UNMARK,
      "postponed: major version 18 waits for a maintenance window (now: 170005)",
    ],
    requeueAfterMs: 60 * 60 * 1000,
  },
  {
    given: "a script that failed",
    ...DUE,
    pods: MARKED,
    patroni: members({ leader: { role: "replica" } }),
    memory: { upgrade: attempt("failed") },
    want: [`patch ${CR}`, "tell Major Version Upgrade", ...UNMARK],
  },
  {
    given: "a script that has just ended well, with the old version still shown",
    ...DUE,
    pods: MARKED,
    memory: { upgrade: attempt("ended", { sinceMs: NOW.getTime() - 30_000 }) },
    want: ["postponed: the script has ended; the new version does not show yet"],
    requeueAfterMs: 2000,
  },
  {
    given: "a script that ended well a minute ago without effect",
    ...DUE,
    pods: MARKED,
    memory: { upgrade: attempt("ended", { sinceMs: NOW.getTime() - 60_000 }) },
    want: [`patch ${CR}`, "tell Major Version Upgrade", ...UNMARK],
  },
  {
    given: "a script whose end was not seen",
    ...DUE,
    pods: MARKED,
    memory: { upgrade: attempt("lost") },
    want: [...WAIT, "waiting: an attempt at a major upgrade was left before its end"],
  },
  {
    given: "a script whose end was not seen, which has ended without effect",
    ...DUE,
    pods: MARKED,
    memory: { upgrade: { ...attempt("lost"), awaited: true } },
    want: [`patch ${CR}`, "tell Major Version Upgrade", ...UNMARK],
  },
  {
    given: "marked pods and the new version",
    ...DUE,
    pods: MARKED,
    patroni: members({ leader: { serverVersion: 180001 } }),
    memory: { upgrade: attempt("ended") },
    want: [`patch ${CR}`, "tell Major Version Upgrade", ...UNMARK],
  },
];

for (const { given, want, requeueAfterMs, ...fixture } of ROWS) {
  Deno.test(`a major upgrade with ${given}`, () => {
    const context = planContext(fixture);
    const interrupted = planInterruptedUpgrade(context);
    const plan = interrupted.held.length > 0
      ? interrupted
      : joinPlans([interrupted, planUpgrade(context)]);
    const actions = plan.steps.map(({ action }) => describeAction(action));
    const held = plan.held.map(({ kind, reason }) => `${kind}: ${reason}`);
    assert.deepEqual([...actions, ...held], want);
    assert.equal(plan.requeueAfterMs, requeueAfterMs);
  });
}

function bodyOf(step: Step | undefined): unknown {
  return step?.action.kind === "patch" ? step.action.request.body : undefined;
}

Deno.test("pods are protected by the label that the disruption budget selects, and marked", () => {
  const [first] = planUpgrade(planContext(DUE)).steps;
  assert.deepEqual(bodyOf(first), {
    metadata: { labels: { "critical-operation": "true" }, annotations: { [MARK]: "170005" } },
  });
});

Deno.test("a label that somebody else has set is left alone", () => {
  const labelled = PODS.map((pod) => {
    const labels = { ...pod.metadata.labels, "critical-operation": "true" };
    return { ...pod, metadata: { ...pod.metadata, labels } };
  });
  const context = planContext({ ...DUE, cr: wanting("17"), pods: labelled });
  assert.deepEqual(planUpgrade(context).steps, []);
});

Deno.test("a success is told with the versions, its time in UTC, and takes a failure away", () => {
  const cr = wanting("18", { [FAILURE]: "2026-01-01T00:00:00Z" });
  const patroni = members({ leader: { serverVersion: 180001 } });
  const memory = { upgrade: attempt("ended") };
  const { steps } = planUpgrade(planContext({ cr, pods: MARKED, patroni, memory }));
  assert.deepEqual(bodyOf(steps[0]), {
    metadata: {
      annotations: { "last-major-upgrade-success": "2026-01-05T12:00:00Z", [FAILURE]: null },
    },
  });
  const note = steps[1]?.action.kind === "event" ? steps[1].action.note : undefined;
  assert.deepEqual(note, {
    id: "upgradeFinished",
    type: "Normal",
    reason: "Major Version Upgrade",
    message: "upgrade from 170005 to 180000 finished",
  });
});

Deno.test("the script gets the number of pods and runs in the primary's postgres container", () => {
  const { steps } = planUpgrade(planContext(DUE));
  const action = steps.at(-1)?.action;
  assert.equal(action?.kind, "upgrade");
  if (action?.kind !== "upgrade") return;
  const script = "set -o pipefail && /usr/bin/python3 /scripts/inplace_upgrade.py 2 2>&1 " +
    "| tee -p last_upgrade.log";
  const { userId, asRoot, asPostgres, lastLine } = action.request;
  assert.deepEqual(userId.command, ["/bin/bash", "-c", "/usr/bin/id -u"]);
  assert.deepEqual(asRoot.command, ["/bin/su", "postgres", "-c", script]);
  assert.deepEqual(asPostgres.command, ["/bin/bash", "-c", script]);
  assert.deepEqual(lastLine.command, ["/bin/bash", "-c", "tail -n 1 last_upgrade.log"]);
  const places = [userId, asRoot, asPostgres, lastLine].map(({ pod, container }) =>
    `${pod.name} ${container}`
  );
  assert.deepEqual([...new Set(places)], [`${NAME}-0 postgres`]);
});

Deno.test("a version held by a window is said although upgrades are switched off", () => {
  const context = planContext({
    cr: CLOSED,
    pods: PODS,
    config: { majorVersionUpgradeMode: "off" },
  });
  const held = "major version 18 waits for a maintenance window (now: 17)";
  const version = { ...context.effective.version, held };
  const plan = planUpgrade({ ...context, effective: { ...context.effective, version } });
  assert.deepEqual(plan.held, [{ subject: "major upgrade", kind: "postponed", reason: held }]);
});

Deno.test("members that both say that they lead postpone an upgrade", () => {
  const patroni = members();
  assert.ok(patroni.known);
  const states: ObservedPatroni["states"] = new Map(
    [...patroni.value.states].map(([name, state]) =>
      [name, state.known ? known({ ...state.value, role: "primary" }) : state] as const
    ),
  );
  const plan = planUpgrade(planContext({ ...DUE, patroni: known({ ...patroni.value, states }) }));
  assert.deepEqual(plan.held.map(({ reason }) => reason), [
    "more than one member says that it leads",
  ]);
});
