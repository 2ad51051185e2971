/**
 * Requests by annotations on a simulated cluster, pass after pass: what is done, what is answered, and
 * that an operator which is killed after any write does nothing twice.
 */

import assert from "node:assert/strict";
import type { Postgresql } from "../api/types.gen.ts";
import { createDerivedVerifiers } from "../cluster/pass/passwords.ts";
import { emptyMemory } from "../cluster/pass/memory.ts";
import { reconcile } from "../cluster/pass/reconcile.ts";
import type { Writers } from "../cluster/apply/perform.ts";
import { infrastructureRoleDefinitions } from "../config/infrastructure_roles.ts";
import { Sensitive } from "../lib/sensitive.ts";
import { known } from "../ports/observation.ts";
import { refOf } from "../ports/requests.ts";
import { cluster } from "../testing/cluster_fixture.ts";
import { config } from "../testing/config_fixture.ts";
import { withoutWrites } from "../leadership/shadow.ts";
import { NO_TEAMS } from "./dry_run.ts";
import { simulateCluster } from "./simulated/cluster.ts";

const START_MS = Date.parse("2026-01-05T12:00:00Z");
const NEVER = new AbortController().signal;
const MOST_PASSES = 40;

class Killed extends Error {}

interface WorldOptions {
  readonly spec?: Partial<Postgresql["spec"]>;
  /** The API server's definition has no `status.requests`. */
  readonly prunes?: boolean;
  readonly execFails?: string;
  /** From the moment that the cluster is at rest on. */
  readonly shadow?: boolean;
  /** Called before each write and each call of Patroni. */
  readonly before?: (what: string, status: Postgresql["status"]) => void;
}

/** A cluster that is at rest, with what was done to it counted from then on. */
async function world({ spec = {}, prunes = false, execFails, before, shadow }: WorldOptions = {}) {
  const settings = config();
  const commands: string[] = [];
  const simulated = simulateCluster({
    clusterNameLabel: settings.clusterNameLabel,
    roleLabel: settings.podRoleLabel,
    startMs: START_MS,
    exec: {
      exec({ command }) {
        commands.push(command.join(" "));
        const failed = execFails !== undefined && command.some((word) => word.includes(execFails));
        return Promise.resolve({
          exitCode: failed ? 1 : 0,
          stdout: "0\n",
          stderr: failed ? "cannot be upgraded" : "",
        });
      },
    },
  });
  const { api, clock, patroni, writers } = simulated;
  let memory = emptyMemory();
  let writes = 0;
  let killAt = Infinity;
  const done: string[] = [];
  const counted = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    before?.(what, find().status);
    const result = await work();
    done.push(what);
    if (++writes === killAt) throw new Killed();
    return result;
  };
  const prune = (object: Postgresql) => {
    if (prunes) delete object.status?.requests;
    return object;
  };
  const kube = writers.kube;
  const counting: Writers = {
    ...writers,
    kube: {
      ...kube,
      create: (object, signal) =>
        counted(`create ${object.kind} ${object.metadata.name}`, () => kube.create(object, signal)),
      patch: (request, signal) =>
        counted(`patch ${request.target.kind} ${request.target.name}`, async () => {
          const stored = await kube.patch(request, signal);
          if (prunes && stored.kind === "postgresql") api.put(prune(stored as Postgresql));
          return stored;
        }),
      delete: (request, signal) =>
        counted(
          `delete ${request.target.kind} ${request.target.name}`,
          () => kube.delete(request, signal),
        ),
    },
    patroni: {
      ...patroni,
      getConfig: patroni.getConfig,
      send: (pod, request, signal) =>
        counted(`${request.call} ${pod.name}`, () => patroni.send(pod, request, signal)),
    },
  };
  const tools = {
    config: settings,
    kube: api.reader,
    inputs: {
      kube: api.reader,
      owned: api.reader,
      teams: NO_TEAMS,
      postgresTeams: () => [],
      infrastructureRoleDefinitions: infrastructureRoleDefinitions(settings),
      eventStreamsSupported: () => known(false),
    },
    patroni,
    catalog: () => Promise.resolve(undefined),
    derived: createDerivedVerifiers(),
    writers: counting,
    clock: { now: () => new Date(clock.now()) },
    newPassword: () => new Sensitive("x".repeat(64)),
  };
  const ref = refOf(cluster());
  const find = () => structuredClone(api.find(ref)) as Postgresql;
  let resting = false;
  const pass = async () => {
    const cancellation = { stop: NEVER, abort: NEVER };
    const watches = shadow && resting
      ? { shadow: true as const, writers: withoutWrites(tools.writers) }
      : {};
    const report = await reconcile({ ...tools, ...watches }, {
      cr: find(),
      issues: [],
      full: false,
      memory,
      cancellation,
    });
    while (clock.advance());
    return report;
  };
  /** Passes until nothing is left to do; a killed operator comes again and remembers nothing. */
  const settle = async () => {
    for (let count = 0; count < MOST_PASSES; count++) {
      const before = JSON.stringify(find());
      try {
        const { plan } = await pass();
        const acted = plan.steps.some(({ action }) => action.kind !== "event");
        if (!acted && JSON.stringify(find()) === before) return;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        killAt = Infinity;
        memory = emptyMemory();
        while (clock.advance());
      }
    }
    assert.fail(`not settled: ${JSON.stringify(find().status)}`);
  };
  const ask = (annotations: Record<string, string | undefined>) => {
    const cr = find();
    const all = { ...cr.metadata.annotations, ...annotations };
    const kept = Object.entries(all).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value] as const]
    );
    api.put({ ...cr, metadata: { ...cr.metadata, annotations: Object.fromEntries(kept) } });
  };
  api.put(cluster({ spec }));
  await settle();
  resting = true;
  done.length = 0;
  writes = 0;
  return {
    ask,
    pass,
    settle,
    find,
    done,
    commands,
    clock,
    events: simulated.events,
    api,
    killAt: (write: number) => void (killAt = write),
    restartOperator: () => void (memory = emptyMemory()),
    answers: () => find().status?.requests ?? [],
    writes: () => writes,
  };
}

type World = Awaited<ReturnType<typeof world>>;

const P = "acid.zalan.do/request-";
const NAME = "acid-orders";

function count({ done }: World, what: string): number {
  return done.filter((one) => one.startsWith(what)).length;
}

function states({ answers }: World): string[] {
  return answers().map(({ what, id, state }) => `${what} ${id} ${state}`);
}

Deno.test("a cluster without requests gets no status.requests", async () => {
  const { find, pass } = await world();
  await pass();
  assert.equal("requests" in (find().status ?? {}), false);
});

Deno.test("a switchover that is asked for is done once, also when the annotation stays", async () => {
  const here = await world({ spec: { numberOfInstances: 3 } });
  here.ask({ [`${P}switchover`]: `a1,to=${NAME}-2` });
  await here.settle();
  assert.deepEqual(states(here), ["switchover a1 done"]);
  assert.equal(count(here, "switchover"), 1);
  here.restartOperator();
  await here.settle();
  assert.equal(count(here, "switchover"), 1);
  const told = here.events.filter(({ reason }) => reason === "Request").map((one) => one.message);
  assert.deepEqual(told, [`switchover a1: done: ${NAME}-2 is the primary`]);
  assert.equal(here.find().status?.PostgresClusterStatus, "Running");
});

Deno.test("another id is another switchover, and a former id is not taken up again", async () => {
  const here = await world();
  for (const id of ["a1", "a2", "a1"]) {
    here.ask({ [`${P}switchover`]: id });
    await here.settle();
  }
  assert.equal(count(here, "switchover"), 2);
});

Deno.test("a switchover waits for its time", async () => {
  const here = await world();
  here.ask({ [`${P}switchover`]: "a1,at=2026-01-05T14:00Z" });
  const { plan } = await here.pass();
  assert.ok((plan.requeueAfterMs ?? 0) > 3_000_000, String(plan.requeueAfterMs));
  assert.equal(count(here, "switchover"), 0);
  assert.deepEqual(states(here), ["switchover a1 waiting"]);
});

Deno.test("of several requests one disturbs pods at a time, and all are answered", async () => {
  const here = await world({ spec: { numberOfInstances: 3 } });
  here.ask({ [`${P}switchover`]: `s1,to=${NAME}-2`, [`${P}restart`]: "r1" });
  const { plan } = await here.pass();
  assert.deepEqual(plan.requests?.map(({ what, state }) => `${what} ${state}`), [
    "restart started",
    "switchover waiting",
  ]);
  await here.settle();
  assert.deepEqual(states(here).toSorted(), ["restart r1 done", "switchover s1 done"]);
  assert.equal(here.find().status?.primary, `${NAME}-2`);
});

Deno.test("a rolling restart recreates each pod once, the primary last", async () => {
  const here = await world({ spec: { numberOfInstances: 3 } });
  here.ask({ [`${P}restart`]: "r1" });
  await here.settle();
  assert.deepEqual(states(here), ["restart r1 done"]);
  assert.deepEqual(here.done.filter((one) => one.startsWith("delete Pod")).toSorted(), [
    `delete Pod ${NAME}-0`,
    `delete Pod ${NAME}-1`,
    `delete Pod ${NAME}-2`,
  ]);
  assert.equal(count(here, "switchover"), 1);
});

Deno.test("no pod is deleted and no primary moved before the status says why", async () => {
  const here = await world({
    spec: { numberOfInstances: 2 },
    before: (what, status) => {
      const [, , name = ""] = what.split(" ");
      if (!what.startsWith("delete Pod") && !what.startsWith("switchover")) return;
      const pod = what.startsWith("delete Pod") ? name : what.split(" ")[1];
      const entry = status?.restarts?.find((one) => one.pod === pod);
      assert.match(entry?.why ?? "", /containers\[postgres\].image.*spilo:next/, what);
    },
  });
  const cr = here.find();
  here.api.put({
    ...cr,
    metadata: { ...cr.metadata, generation: 2 },
    spec: { ...cr.spec, dockerImage: "spilo:next" },
  });
  await here.settle();
  const restarts = here.find().status?.restarts ?? [];
  assert.deepEqual(restarts.map(({ what, pod }) => `${what} ${pod}`).toSorted(), [
    `recreate ${NAME}-0`,
    `recreate ${NAME}-1`,
  ]);
  for (const { why } of restarts) assert.match(why, /containers\[postgres\].image.*spilo:next/);
});

Deno.test("in shadow mode the plan of a drift is made, also for requests, and nothing is written", async () => {
  const here = await world({ shadow: true });
  assert.deepEqual((await here.pass()).plan.steps, []);
  const ref = { apiVersion: "v1", kind: "Service", namespace: "shop", name: NAME };
  const service = structuredClone(here.api.find(ref)!);
  here.api.put({ ...service, spec: { ...service["spec"] as object, type: "NodePort" } });
  here.ask({ [`${P}switchover`]: "a1" });
  const before = JSON.stringify(here.api.objects());
  const { plan, outcomes } = await here.pass();
  const subjects = plan.steps.filter(({ action }) => action.kind !== "event").map((one) =>
    one.subject
  );
  // The request waits until the drift is mended.
  assert.deepEqual(subjects, ["services"]);
  assert.deepEqual(outcomes, []);
  assert.deepEqual(here.done, []);
  assert.equal(JSON.stringify(here.api.objects()), before);
});

const HURTING: readonly [string, string, WorldOptions, Record<string, number>][] = [
  ["switchover", "k1", { spec: { numberOfInstances: 3 } }, { switchover: 1 }],
  ["restart", "k1", { spec: { numberOfInstances: 2 } }, { "delete Pod": 2, switchover: 1 }],
  ["backup", "k1", { spec: { enableLogicalBackup: true } }, { "create Job": 1 }],
];

for (const [what, value, options, most] of HURTING) {
  Deno.test(`an operator killed after any write does a ${what} at most once`, async () => {
    const untouched = await world(options);
    untouched.ask({ [`${P}${what}`]: value });
    await untouched.settle();
    assert.deepEqual(states(untouched), [`${what} k1 done`]);
    const writes = untouched.writes();
    assert.ok(writes >= 2, String(writes));
    for (let kill = 1; kill <= writes; kill++) {
      const here = await world(options);
      here.ask({ [`${P}${what}`]: value });
      here.killAt(kill);
      await here.settle();
      for (const [step, times] of Object.entries(most)) {
        const jobs = here.api.objects().filter(({ kind }) => kind === "Job").length;
        const found = step === "create Job" ? jobs : count(here, step);
        assert.ok(found <= times, `killed after write ${kill}: ${step} ${found} times`);
      }
      const [answer] = here.answers();
      assert.match(answer?.state ?? "", /^(done|failed|started)$/, `killed after write ${kill}`);
    }
  });
}

Deno.test("an API server that drops status.requests gets no switchover, and is told why", async () => {
  const here = await world({ prunes: true });
  here.ask({ [`${P}switchover`]: "a1" });
  const { plan } = await here.pass();
  assert.equal(count(here, "switchover"), 0);
  assert.match(plan.held.map(({ reason }) => reason).join(), /status.requests was not kept/);
});

Deno.test("a paused cluster is left as it is, says what it would need, and goes on after", async () => {
  const here = await world();
  here.ask({ [`${P}pause`]: "p1" });
  await here.settle();
  const cr = here.find();
  here.api.put({
    ...cr,
    metadata: { ...cr.metadata, generation: 2 },
    spec: { ...cr.spec, numberOfInstances: 3 },
  });
  here.done.length = 0;
  const { plan } = await here.pass();
  assert.deepEqual(here.done.filter((one) => !one.startsWith("patch postgresql")), []);
  assert.match(
    plan.held.map(({ reason }) => reason).join(),
    /paused by request p1.*replicas: 2 → 3/,
  );
  const { status } = here.find();
  const condition = (type: string) => status?.conditions?.find((one) => one.type === type);
  assert.equal(condition("Paused")?.status, "True");
  assert.equal(condition("Synced")?.reason, "Paused");
  assert.equal(status?.observedGeneration, 1);
  here.ask({ [`${P}pause`]: undefined });
  await here.settle();
  assert.deepEqual(states(here), ["pause p1 done"]);
  assert.equal(here.find().status?.conditions?.some(({ type }) => type === "Paused"), false);
  assert.equal(here.find().status?.readyInstances, 3);
});

Deno.test("a pause of more than a day is told once", async () => {
  const here = await world();
  here.ask({ [`${P}pause`]: "p1" });
  await here.settle();
  const told = () => here.events.filter(({ message }) => /more than a day/.test(message)).length;
  const day = { ...here.find() };
  const requests = day.status?.requests?.map((one) => ({ ...one, time: "2026-01-04T11:00:00Z" }));
  here.api.put({ ...day, status: { ...day.status!, requests: requests ?? [] } });
  here.restartOperator();
  await here.settle();
  assert.equal(told(), 1);
  here.restartOperator();
  await here.settle();
  assert.equal(told(), 1);
});

Deno.test("a hibernating cluster has no pods, and comes back as large as it was", async () => {
  const here = await world({ spec: { numberOfInstances: 3 } });
  here.ask({ [`${P}hibernate`]: "h1" });
  await here.settle();
  const pods = () => here.api.objects().filter(({ kind }) => kind === "Pod").length;
  assert.equal(pods(), 0);
  assert.match(here.commands.join("\n"), /psql .*CHECKPOINT/);
  assert.deepEqual(states(here), ["hibernate h1 active"]);
  assert.ok(here.find().status?.conditions?.some(({ type }) => type === "Hibernated"));
  assert.deepEqual(here.find().status?.members, []);
  assert.equal("primary" in (here.find().status ?? {}), false);
  here.ask({ [`${P}hibernate`]: undefined });
  await here.settle();
  assert.equal(pods(), 3);
  assert.equal(here.find().status?.primary, `${NAME}-0`);
  assert.deepEqual(states(here), ["hibernate h1 done"]);
});

Deno.test("an upgrade check runs once; what stands against it is the answer, and no failure", async () => {
  for (const [fails, want] of [[undefined, "done"], ["pg_upgrade", "failed"]] as const) {
    const here = await world(fails === undefined ? {} : { execFails: fails });
    here.ask({ [`${P}upgrade-check`]: "u1,to=18" });
    await here.settle();
    await here.settle();
    assert.deepEqual(states(here), [`upgrade-check u1 ${want}`]);
    assert.equal(here.commands.filter((one) => one.includes("pg_upgrade")).length, 1);
    assert.equal(here.find().status?.PostgresClusterStatus, "Running");
  }
});

const WRONG: readonly [string, string, RegExp][] = [
  ["reboot", "a1", /no such request/],
  ["switchover", "", /must begin with an id/],
  ["switchover", "a b", /must begin with an id/],
  ["switchover", "a1,at=tomorrow", /at=2026/],
  ["switchover", "a1,from=x", /may follow/],
  ["switchover", "a1,to=acid-orders-9", /there is no pod acid-orders-9/],
  ["restart", "a1,only=some", /only=pending/],
  ["backup", "a1", /enableLogicalBackup/],
  ["backup", "a1,to=s3", /takes no arguments/],
  ["upgrade-check", "a1,to=nine", /to=17/],
  ["upgrade-check", "a1,to=16", /older than version 17/],
];

for (const [what, value, message] of WRONG) {
  Deno.test(`request-${what}: ${JSON.stringify(value)} is refused with an answer`, async () => {
    const here = await world();
    here.ask({ [`${P}${what}`]: value });
    await here.settle();
    const [answer] = here.answers();
    assert.equal(answer?.state, "refused");
    assert.match(answer?.message ?? "", message);
    const events = here.events.filter(({ reason, type }) =>
      reason === "Request" && type === "Warning"
    );
    assert.equal(events.length, 1);
    assert.deepEqual(here.done.filter((one) => !one.startsWith("patch postgresql")), []);
  });
}
