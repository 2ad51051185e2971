/** What people are told of a pass, and that they are told it once. */

import assert from "node:assert/strict";
import type { Postgresql, PostgresqlStatus } from "../../api/types.gen.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { PortError } from "../../ports/errors.ts";
import type { EventNote } from "../../ports/ports.ts";
import type { PatchRequest } from "../../ports/requests.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import type { Writers } from "../apply/perform.ts";
import type { Notice } from "../effective/notice.ts";
import type { Held, Plan, Step, StepOutcome } from "../plan/steps/action.ts";
import { step } from "../plan/steps/context.ts";
import { overridden } from "../plan/steps/mend.ts";
import type { Phase } from "../plan/steps/phase.ts";
import { emptyMemory } from "./memory.ts";
import { announceStart, report } from "./report.ts";

const SIGNAL = new AbortController().signal;
const CREATE: Step = step("services", ["missing"], {
  kind: "create",
  object: { apiVersion: "v1", kind: "Service", metadata: { namespace: "shop", name: "a" } },
});
const UNREAD: Held = { subject: "roles", kind: "unreadable", reason: "no answer" };
const WAIT: Held = { subject: "rollout", kind: "waiting", reason: "waiting for pods" };

interface Told {
  readonly phase?: Phase;
  readonly steps?: readonly Step[];
  readonly held?: readonly Held[];
  readonly errors?: readonly Error[];
  readonly notices?: readonly Notice[];
  readonly isOurs?: () => boolean;
}

/** One cluster whose passes are reported, and everything that is told of them. */
function stage(status?: PostgresqlStatus) {
  const cr: Postgresql = cluster({ metadata: { namespace: "shop", name: "a", generation: 1 } });
  if (status !== undefined) cr.status = status;
  const events: EventNote[] = [];
  const written: PostgresqlStatus[] = [];
  let nowMs = Date.parse("2026-01-05T12:00:00Z");
  let memory = emptyMemory();
  const patch = ({ body }: PatchRequest): Promise<KubeObject> => {
    const { status } = body as { status: PostgresqlStatus };
    written.push(status);
    return Promise.resolve({ ...structuredClone(cr), status } as unknown as KubeObject);
  };
  const tools = {
    config: {
      podRoleLabel: "spilo-role",
      resourceCheckTimeoutMs: 600_000,
      patroniApiCheckTimeoutMs: 5_000,
    },
    writers: {
      kube: { patch },
      events: { emit: (_about: unknown, note: EventNote) => void events.push(note) },
    } as unknown as Writers,
    clock: { now: () => new Date(nowMs) },
  };
  const passOf = ({ phase = "sync", steps = [], held = [], errors = [], notices = [] }: Told) => {
    const plan: Plan = { key: "shop/a", generation: 1, steps, held };
    const outcomes: StepOutcome[] = steps.map((one, index) => {
      const error = errors[index];
      return error ? { step: one, result: "failed", error } : { step: one, result: "done" };
    });
    return { phase, plan, outcomes, notices };
  };
  const requestOf = ({ isOurs }: Told) => ({
    cr,
    memory,
    cancellation: { abort: SIGNAL },
    ...(isOurs === undefined ? {} : { isOurs }),
  });
  return {
    cr,
    written,
    told: () => events.splice(0).map(({ reason, message }) => `${reason}: ${message}`),
    report: (told: Told) => report(tools, requestOf(told), passOf(told)),
    begin: (told: Told) => announceStart(tools, requestOf(told), passOf(told)),
    wait: (ms: number) => void (nowMs += ms),
    /** Another process goes on: it remembers nothing. */
    restart: () => void (memory = emptyMemory()),
    failures: () => memory.failures,
  };
}

Deno.test("the beginning of a new cluster is told once, before the first write", async () => {
  const { begin, told, written } = stage();
  await begin({ phase: "creation", steps: [CREATE] });
  await begin({ phase: "creation", steps: [CREATE] });
  assert.deepEqual(told(), ["Create: Started creation of new cluster resources"]);
  assert.deepEqual(written.map((status) => status.PostgresClusterStatus), ["Creating"]);
});

Deno.test("a periodic pass, an idle one and another operator's cluster begin nothing", async () => {
  const { begin, told, written } = stage();
  await begin({ phase: "sync", steps: [CREATE] });
  await begin({ phase: "creation", steps: [] });
  await begin({ phase: "creation", steps: [CREATE], isOurs: () => false });
  assert.deepEqual([told(), written], [[], []]);
});

Deno.test("a cluster that came up is Running, and that its pods are ready is told once", async () => {
  const { report, told, written } = stage({ PostgresClusterStatus: "Creating" });
  assert.deepEqual(await report({ phase: "creation" }), {
    phase: "creation",
    settled: true,
    failure: undefined,
  });
  await report({});
  assert.deepEqual(told(), ["StatefulSet: Pods are ready"]);
  assert.deepEqual(written.map((status) => status.PostgresClusterStatus), ["Running"]);
});

Deno.test("a failure is told again only when another one joins it", async () => {
  const { report, told } = stage();
  const refused = new PortError("Service shop/a: refused; for two reasons", "invalid");
  const failing = { steps: [CREATE], errors: [refused] };
  const { failure } = await report(failing);
  assert.equal(failure, "Service shop/a: refused; for two reasons");
  assert.deepEqual(told(), [`Sync: ${failure}`]);
  await report(failing);
  assert.deepEqual(told(), []);
  await report({ ...failing, held: [UNREAD] });
  assert.deepEqual(told(), [`Sync: ${failure}; roles: no answer`]);
  await report({ held: [UNREAD] });
  assert.deepEqual(told(), [], "one that went is no news");
  await report({});
  await report({ held: [UNREAD] });
  assert.deepEqual(told(), ["Sync: roles: no answer"], "after a good pass it is new");
});

Deno.test("what may pass counts for the back-off, what is refused for good does not", async () => {
  const { report, failures } = stage();
  await report({ steps: [CREATE], errors: [new PortError("down", "unavailable")] });
  await report({ steps: [CREATE], errors: [new PortError("down", "unavailable")] });
  assert.equal(failures(), 2);
  await report({ held: [{ subject: "roles", kind: "refused", reason: "a contradiction" }] });
  assert.equal(failures(), 0);
});

Deno.test("a wait fails the pass after its time, counted from the last progress", async () => {
  const { report, wait, told } = stage();
  assert.equal((await report({ held: [WAIT] })).failure, undefined);
  wait(599_000);
  assert.equal((await report({ steps: [CREATE], held: [WAIT] })).failure, undefined);
  assert.equal((await report({ held: [WAIT] })).failure, undefined);
  wait(600_000);
  const late = "waited more than 600 s: rollout: waiting for pods";
  assert.equal((await report({ held: [WAIT] })).failure, late);
  assert.deepEqual(told(), [`Sync: ${late}`]);
});

const FOREIGN = overridden("statefulset", "StatefulSet shop/a", [
  { path: "spec.template.spec.priority", desired: 1, observed: 2 },
]);
const MORE = overridden("services", "Service shop/a", [
  { path: "spec.type", desired: "ClusterIP", observed: "NodePort" },
]);

Deno.test("what others set is told once, also by another process, and stands in the status", async () => {
  const { report, told, cr, restart } = stage();
  await report({ held: [FOREIGN] });
  assert.deepEqual(told(), [`Overridden: ${FOREIGN.reason}`]);
  assert.deepEqual(cr.status?.overridden, [
    "StatefulSet shop/a: spec.template.spec.priority",
  ]);
  await report({ held: [FOREIGN] });
  restart();
  await report({ held: [FOREIGN] });
  assert.deepEqual(told(), []);
  restart();
  await report({ held: [FOREIGN, MORE] });
  assert.deepEqual(told(), [`Overridden: ${MORE.reason}`]);
  await report({});
  assert.deepEqual(cr.status?.overridden, [], "a merge patch has to name what goes");
});

Deno.test("notices are told for a change, once for a manifest, and not in periodic passes", async () => {
  const { report, told } = stage();
  const notices: Notice[] = [
    { severity: "warning", reason: "Odd", message: "spec.odd is ignored" },
    { severity: "info", message: "only logged" },
  ];
  await report({ phase: "sync", notices });
  assert.deepEqual(told(), []);
  await report({ phase: "update", notices });
  await report({ phase: "update", notices });
  assert.deepEqual(told(), ["Odd: spec.odd is ignored"]);
});

Deno.test("of a cluster that another operator took over nothing is said", async () => {
  const { report, told, written } = stage();
  const ended = await report({ held: [UNREAD], isOurs: () => false });
  assert.deepEqual([ended.failure, told(), written], [undefined, [], []]);
});
