/**
 * Runs the operator's controller over a recorded case in a simulated cluster, step after step, and
 * records what it leaves behind as the recorder did. No network, no waiting: the clock is virtual.
 */

import type { Postgresql, PostgresTeam } from "../../src/api/types.gen.ts";
import type { KubeObject, StatefulSet } from "../../src/kubernetes/types.gen.ts";
import { requestOf } from "../../src/clients/patroni/request.ts";
import { type Controller, createController } from "../../src/controller/controller.ts";
import { createTeamReader } from "../../src/controller/teams.ts";
import type { PassTools } from "../../src/cluster/pass/reconcile.ts";
import { type ObjectRef, refOf } from "../../src/ports/requests.ts";
import type { Config } from "../../src/config/config.ts";
import { createDerivedVerifiers } from "../../src/cluster/pass/passwords.ts";
import { infrastructureRoleDefinitions } from "../../src/config/infrastructure_roles.ts";
import { simulateCluster, type SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import { known } from "../../src/ports/observation.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { createLogger } from "../../src/log/logger.ts";
import { keepEndpoints, refusal, stored } from "./control_plane.ts";
import { withData } from "./objects.ts";
import { recordObjects } from "./record.ts";
import {
  type GoldenStep,
  recordedConfig,
  type RecordedStep,
  type RecordedWrite,
} from "./recorded.ts";
import { PortError } from "../../src/ports/errors.ts";

/** No window of the cases is open at this time but those that last all day. */
const NOW = new Date("2026-01-14T12:00:30Z");
const TODAY = "260114";

/** When the recorder took a case for settled: quiet for so long, by whether it had ended. */
const QUIET_MS = { first: 4000, later: 7000, unfinished: 45_000 };
const LONGEST_MS = 200_000;
const FINAL = new Set([
  "Running",
  "CreateFailed",
  "UpdateFailed",
  "SyncFailed",
  "Invalid",
  "AddFailed",
]);

export interface Transition {
  readonly step: RecordedStep;
  readonly ours: GoldenStep;
}

/** A case while it is run. */
export interface Run {
  readonly namespace: string;
  readonly cluster: SimulatedCluster;
  readonly controller: Controller;
  readonly writes: RecordedWrite[];
  lastWriteMs: number;
}

/** What ours leaves behind after each step of a case; `log` gets the operator's log lines. */
export async function runCase(
  steps: readonly RecordedStep[],
  log: (line: string) => void = () => {},
): Promise<Transition[]> {
  const [first] = steps;
  if (first === undefined) return [];
  const run = startCase(first, { log, seed: (cluster) => applyShared(cluster, first) });
  const transitions: Transition[] = [];
  for (const step of steps) transitions.push({ step, ours: await runStep(run, step) });
  await run.controller.stop();
  return transitions;
}

async function runStep(run: Run, step: RecordedStep): Promise<GoldenStep> {
  const { cluster, namespace } = run;
  const input = JSON.stringify([...step.documents.values()]);
  const marks = {
    writes: run.writes.length,
    events: cluster.events.length,
    requests: cluster.patroni.requests.length,
  };
  run.lastWriteMs = cluster.clock.now();
  for (const document of step.applied) applyDocument(cluster, document, namespace);
  await settle(run, step.name.endsWith("/1") ? QUIET_MS.first : QUIET_MS.later);
  return {
    status: manifestsIn(run).map(wordOf),
    objects: recordObjects(cluster.api.objects(), namespace, { today: TODAY, input }),
    writes: run.writes.slice(marks.writes),
    events: cluster.events.slice(marks.events),
    patroni: cluster.patroni.requests.slice(marks.requests).map(({ pod, request }) => {
      const { method, path, body } = requestOf(request);
      return { pod: pod.name, method, path, ...(body === undefined ? {} : { body }) };
    }),
  };
}

function wordOf(manifest: KubeObject): string {
  return (manifest as unknown as Postgresql).status?.PostgresClusterStatus ?? "";
}

function manifestsIn({ cluster, namespace }: Run): KubeObject[] {
  return cluster.api.objects()
    .filter(({ kind, metadata }) => kind === "postgresql" && metadata.namespace === namespace)
    .sort((a, b) => (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1);
}

/** Lets virtual time go on until the recorder would have taken the case for settled. */
export async function settle(run: Run, quietMs: number): Promise<void> {
  const { clock } = run.cluster;
  const startMs = clock.now();
  for (;;) {
    await idle(run.controller);
    const done = manifestsIn(run).every((manifest) => FINAL.has(wordOf(manifest)));
    const endMs = Math.min(
      run.lastWriteMs + (done ? quietMs : QUIET_MS.unfinished),
      startMs + LONGEST_MS,
    );
    const next = clock.nextMs();
    if (next === undefined || next > endMs) return clock.moveTo(endMs);
    clock.advance();
  }
}

const MOST_TURNS = 200_000;

/** Waits until no pass is under way and none is due; nothing here waits for more than promises. */
async function idle(controller: Controller): Promise<void> {
  for (let quiet = 0, turns = 0; quiet < 25; quiet++) {
    await Promise.resolve();
    if (++turns > MOST_TURNS) throw new Error("the passes of a case do not come to an end");
    const busy = (controller.workers()?.busy().length ?? 0) + controller.queue.waiting().length;
    if (busy > 0) quiet = 0;
  }
}

const CLUSTER_SCOPED = new Set(["Namespace", "PriorityClass", "StorageClass"]);

/** As the recorder: metadata that the document leaves out stays, but labels and annotations go. */
export function applyDocument(
  { api }: SimulatedCluster,
  document: KubeObject,
  namespace: string,
): void {
  const { delete: deleted, ...given } = withData(document) as KubeObject;
  const metadata = CLUSTER_SCOPED.has(document.kind)
    ? document.metadata
    : { namespace, ...document.metadata };
  const ref = refOf({ ...given, metadata } as KubeObject);
  if (deleted === true) return api.remove(ref);
  const object = document.kind === "Secret" ? given : withoutDelete(document);
  const before = api.find(ref);
  const { labels, annotations, ownerReferences, finalizers, uid: _, ...rest } = metadata;
  const status = before?.status;
  api.put({
    ...before,
    ...object,
    metadata: {
      ...before?.metadata,
      ...rest,
      labels: labels ?? {},
      annotations: annotations ?? {},
      ...(ownerReferences ? { ownerReferences } : {}),
      ...(finalizers ? { finalizers } : {}),
    },
    ...(status === undefined ? {} : { status }),
  } as KubeObject);
}

function withoutDelete({ delete: _, ...document }: KubeObject): KubeObject {
  return document as KubeObject;
}

function applyShared(cluster: SimulatedCluster, { shared }: RecordedStep): void {
  for (const document of shared) applyDocument(cluster, document, "default");
}

/** How a case begins. */
interface Start {
  readonly log: (line: string) => void;
  /** Puts what stands there before the operator is started. */
  readonly seed: (cluster: SimulatedCluster) => void;
}

/** Starts an operator for a case in a cluster that somebody has filled. */
export function startCase(step: RecordedStep, { log, seed }: Start): Run {
  const { namespace } = step;
  const config = recordedConfig(step);
  const cluster: SimulatedCluster = simulateCluster({
    clusterNameLabel: config.clusterNameLabel,
    roleLabel: config.podRoleLabel,
    startMs: NOW.getTime(),
    // As the recorder's stand-in for Patroni says, and its kubelet, which runs no command.
    serverVersion: 170005,
    exec: {
      exec: () => Promise.reject(new PortError("connection refused", "failed")),
    },
    stored,
    refuses: (object, old) => refusal(cluster, namespace, object, old),
  });
  keepEndpoints(cluster);
  seed(cluster);
  // The recorder started the operator after its objects had settled.
  while (cluster.clock.advance());
  const writes: RecordedWrite[] = [];
  const tools = passTools(cluster, config, namespace, (write) => {
    run.lastWriteMs = cluster.clock.now();
    writes.push(write);
  });
  const logger = createLogger({
    format: "text",
    verbosity: 0,
    now: () => new Date(cluster.clock.now()),
    write: log,
  });
  const kind = (name: string) => cluster.api.objects().filter((object) => object.kind === name);
  const controller = createController({
    forgotten: () => {},
    metrics: { keyAdded: () => {}, keyTaken: () => {}, passEnded: () => {} },
    tools,
    config,
    controllerId: "",
    logger,
    clock: cluster.clock,
    manifests: () => structuredClone(kind("postgresql")) as unknown as Postgresql[],
    services: () => structuredClone(kind("Service")),
    statefulSets: () => structuredClone(kind("StatefulSet")) as StatefulSet[],
    live: cluster.api.reader,
    onChange: cluster.api.onChange,
    invalidate() {},
  });
  controller.start();
  const run: Run = { namespace, cluster, controller, writes, lastWriteMs: cluster.clock.now() };
  return run;
}

/** Nobody has put a token into the Secret that the recorder's configurations name. */
const NO_TOKEN = { members: () => Promise.reject(new Error("the token's Secret is missing")) };

const PLURALS: Readonly<Record<string, string>> = { postgresql: "postgresqls" };

function resourceOf({ kind }: Pick<ObjectRef, "kind">): string {
  const lower = kind.toLowerCase();
  return PLURALS[kind] ?? (lower.endsWith("s") ? lower : `${lower}s`);
}

function passTools(
  cluster: SimulatedCluster,
  config: Config,
  namespace: string,
  wrote: (write: RecordedWrite) => void,
): PassTools {
  const { api, clock, patroni, writers } = cluster;
  const kube = writers.kube;
  let passwords = 0;
  const counted = async <T>(verb: string, ref: ObjectRef, write: () => Promise<T>): Promise<T> => {
    const record = { verb, resource: resourceOf(ref), name: ref.name };
    const done = (code: number) => {
      if (ref.namespace === namespace) wrote({ ...record, code });
    };
    try {
      const result = await write();
      done(200);
      return result;
    } catch (error) {
      done((error as { status?: number }).status ?? 500);
      throw error;
    }
  };
  return {
    config,
    kube: api.reader,
    inputs: {
      kube: api.reader,
      owned: api.reader,
      teams: createTeamReader(config, config.enableTeamsApi ? NO_TOKEN : undefined, clock.now),
      postgresTeams: () =>
        api.objects().filter(({ kind }) => kind === "PostgresTeam") as unknown as PostgresTeam[],
      infrastructureRoleDefinitions: infrastructureRoleDefinitions(config),
      eventStreamsSupported: () => known(true),
    },
    patroni,
    catalog: () => Promise.resolve(undefined),
    derived: createDerivedVerifiers(),
    writers: {
      ...writers,
      kube: {
        create: (object, signal) =>
          counted("create", refOf(object), () => kube.create(object, signal)),
        replace: (object, signal) =>
          counted("update", refOf(object), () => kube.replace(object, signal)),
        patch: (request, signal) =>
          counted("patch", request.target, () => kube.patch(request, signal)),
        delete: (request, signal) =>
          counted("delete", request.target, () => kube.delete(request, signal)),
        awaitGone: (request, signal) => kube.awaitGone(request, signal),
      },
    },
    clock: { now: () => new Date(clock.now()) },
    newPassword: () => new Sensitive(`P${String(++passwords).padStart(63, "x")}`),
  };
}
