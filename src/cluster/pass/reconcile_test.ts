/** One pass in memory: what it reads before it acts, in which order it tells, and when it acts not. */

import assert from "node:assert/strict";
import type { Postgresql, PostgresqlSpec } from "../../api/types.gen.ts";
import type { Issue } from "../../api/validate.ts";
import { simulateCluster } from "../../dry_run/simulated/cluster.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { known, unknown } from "../../ports/observation.ts";
import type { KubeReader } from "../../ports/ports.ts";
import { cluster as manifestOf } from "../../testing/cluster_fixture.ts";
import { config as configOf } from "../../testing/config_fixture.ts";
import { toolsFor, writerAround } from "../../testing/simulated_operator.ts";
import { emptyMemory } from "./memory.ts";
import { type BackupReader, type PassRequest, reconcile } from "./reconcile.ts";

interface StageOptions {
  readonly spec?: Partial<PostgresqlSpec>;
  readonly backups?: BackupReader;
}

const SIGNAL = new AbortController().signal;
const CONFIG = configOf({ enableTeamsApi: false, enableDatabaseAccess: false });

/** One cluster, a pass at a time; `unread` names kinds that nobody can read. */
function stage(unread: readonly string[] = [], given: StageOptions = {}) {
  const cluster = simulateCluster({
    clusterNameLabel: CONFIG.clusterNameLabel,
    roleLabel: CONFIG.podRoleLabel,
    startMs: Date.parse("2026-01-14T12:00:30Z"),
    serverVersion: 170005,
  });
  const { api } = cluster;
  const { metadata, spec } = manifestOf({ spec: given.spec ?? {} });
  const REF = { apiVersion: "acid.zalan.do/v1", kind: "postgresql" };
  api.put({ ...REF, metadata: { ...metadata, labels: { team: "acid" } }, spec } as KubeObject);
  const done: string[] = [];
  const kube = writerAround(cluster.writers.kube, (verb, { kind }, write) => {
    done.push(`${verb} ${kind}`);
    return write();
  });
  const reader: KubeReader = {
    read: (ref, signal) =>
      unread.includes(ref.kind)
        ? Promise.resolve(unknown(`${ref.kind}: no answer`))
        : api.reader.read(ref, signal),
    listOfCluster: (query, signal) =>
      unread.includes(query.kind)
        ? Promise.resolve(unknown(`${query.kind}: no answer`))
        : api.reader.listOfCluster(query, signal),
  };
  const tools = toolsFor(cluster, CONFIG, {
    kube: reader,
    inputs: { kube: reader, owned: reader },
    writers: { ...cluster.writers, kube },
    ...(given.backups === undefined ? {} : { backups: given.backups }),
  });
  const memory = emptyMemory();
  const ref = { ...REF, namespace: metadata.namespace ?? "", name: metadata.name ?? "" };
  const manifest = () => structuredClone(api.find(ref)) as unknown as Postgresql;
  const pass = (changes: Partial<PassRequest> = {}) =>
    reconcile(tools, {
      cr: manifest(),
      issues: [],
      full: true,
      memory,
      cancellation: { stop: SIGNAL, abort: SIGNAL },
      planned: () => void done.push("planned"),
      ...changes,
    });
  return { cluster, done, memory, pass, manifest };
}

Deno.test("a plan is told before the first write, and so is that work begins", async () => {
  const { done, pass, cluster } = stage();
  await pass();
  assert.deepEqual(done.slice(0, 2), ["planned", "patch postgresql"]);
  assert.ok(done.includes("create StatefulSet"), done.join());
  assert.equal(cluster.events[0]?.reason, "Create");
});

Deno.test("a pass over a cluster that is as it should be writes nothing", async () => {
  const { done, pass, cluster } = stage();
  for (let passes = 0; passes < 10; passes++) {
    await pass();
    while (cluster.clock.advance());
  }
  done.splice(0);
  const report = await pass();
  assert.deepEqual([report.settled, report.plan.steps.length, done], [true, 0, ["planned"]]);
});

const ARCHIVES = { env: [{ name: "WALG_S3_PREFIX", value: "s3://b/a" }] };
const BACKED_UP = known({
  baseBackups: known(["2026-01-14T01:00:00Z"]),
  archiver: { state: "working", failedWal: "" } as const,
  isStandby: false,
});

/** A settled cluster and how often its archive was asked. */
async function archived(spec: Partial<PostgresqlSpec>) {
  let asked = 0;
  const backups = () => {
    asked++;
    return Promise.resolve(BACKED_UP);
  };
  const made = stage([], { spec, backups });
  for (let passes = 0; passes < 10; passes++) {
    await made.pass();
    while (made.cluster.clock.advance());
  }
  return { ...made, asked: () => asked };
}

Deno.test("an archive is asked once in a periodic pass, in no other, and writes nothing by itself", async () => {
  const { pass, asked, done } = await archived(ARCHIVES);
  const before = asked();
  assert.ok(before > 0);
  done.splice(0);
  for (const full of [true, true, false, false]) await pass({ full });
  assert.equal(asked() - before, 2);
  assert.deepEqual(done.filter((one) => one !== "planned"), []);
});

Deno.test("while no primary is up nobody knows of backups, and the condition says why", async () => {
  const { pass, manifest, cluster } = await archived(ARCHIVES);
  const told = () => manifest().status?.conditions?.find(({ type }) => type === "BackupOK");
  assert.equal(told()?.status, "True");
  for (const pod of cluster.api.objects().filter(({ kind }) => kind === "Pod")) {
    const labels = { ...pod.metadata.labels, "spilo-role": "replica" };
    cluster.api.put({ ...pod, metadata: { ...pod.metadata, labels } });
  }
  await pass();
  assert.deepEqual([told()?.status, told()?.reason], ["Unknown", "Unreadable"]);
  assert.match(told()?.message ?? "", /no primary/);
});

Deno.test("where the pods archive nothing, or none are wanted, no archive is asked", async () => {
  for (const spec of [{}, { ...ARCHIVES, numberOfInstances: 0 }]) {
    assert.equal((await archived(spec)).asked(), 0);
  }
});

Deno.test("an issue of the whole manifest holds everything back, and its failure names the field", async () => {
  const { done, pass } = stage();
  const issue: Issue = { path: "spec.volume.size", message: "must be a size" };
  const report = await pass({ issues: [issue] });
  assert.deepEqual([report.plan.steps, report.outcomes], [[], []]);
  assert.match(report.failure ?? "", /spec\.volume\.size/);
  assert.deepEqual(done, ["patch postgresql"], "its status alone");
});

const UNREAD: readonly [string, readonly string[]][] = [
  ["Secret", ["create StatefulSet", "create Secret"]],
  ["Service", ["create StatefulSet", "create Service"]],
  ["StatefulSet", ["create StatefulSet"]],
];

for (const [kind, without] of UNREAD) {
  Deno.test(`where no ${kind} can be read none is made, nor what comes after it`, async () => {
    const { done, pass } = stage([kind]);
    const report = await pass();
    assert.deepEqual(done.filter((one) => without.includes(one)), []);
    assert.match(report.failure ?? "", new RegExp(`${kind}: no answer`));
  });
}

Deno.test("a pass that is stopped begins no further step, and says which were skipped", async () => {
  const { done, pass } = stage();
  const stopping = new AbortController();
  const report = await pass({
    cancellation: { stop: stopping.signal, abort: SIGNAL },
    planned: () => stopping.abort(new Error("the operator is shutting down")),
  });
  assert.ok(report.plan.steps.length > 5);
  assert.deepEqual(report.outcomes.filter(({ result }) => result === "done"), []);
  assert.deepEqual(done.filter((one) => !one.endsWith("postgresql")), []);
});

Deno.test("the same step without effect is left after five times, for five minutes", async () => {
  const { done, pass, cluster } = stage();
  const undo = () => {
    for (const object of cluster.api.objects()) {
      if (object.kind === "PodDisruptionBudget") {
        const { kind, apiVersion, metadata: { namespace = "", name = "" } } = object;
        cluster.api.remove({ kind, apiVersion, namespace, name });
      }
    }
  };
  const attempts: number[] = [];
  for (let passes = 0; passes < 8; passes++) {
    done.splice(0);
    await pass();
    attempts.push(done.filter((one) => one === "create PodDisruptionBudget").length);
    undo();
  }
  const [first = 0] = attempts;
  assert.ok(first > 0);
  assert.deepEqual(attempts, [first, first, first, first, first, 0, 0, 0]);
  cluster.clock.moveTo(cluster.clock.now() + 5 * 60_000 + 1);
  done.splice(0);
  await pass();
  assert.equal(done.filter((one) => one === "create PodDisruptionBudget").length, first);
});
