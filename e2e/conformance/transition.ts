/**
 * Runs the operator's controller over a recorded case in a simulated cluster, step after step, and
 * records what it leaves behind as the recorder did. No network, no waiting: the clock is virtual.
 */

import type { Postgresql, PostgresTeam } from "../../src/api/types.gen.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { requestOf } from "../../src/clients/patroni/request.ts";
import type { Controller } from "../../src/controller/controller.ts";
import type { RecordPass } from "../../src/controller/runner.ts";
import { createTeamReader } from "../../src/controller/teams.ts";
import type { PassTools } from "../../src/cluster/pass/reconcile.ts";
import { type ObjectRef, refOf } from "../../src/ports/requests.ts";
import type { Config } from "../../src/config/config.ts";
import { infrastructureRoleDefinitions } from "../../src/config/infrastructure_roles.ts";
import { simulateCluster, type SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import { known } from "../../src/ports/observation.ts";
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
import {
  controllerFor,
  loggerFor,
  runUntil,
  toolsFor,
  writerAround,
} from "../../src/testing/simulated_operator.ts";

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
  { log = () => {}, ...hooks }: Partial<Omit<Start, "seed">> = {},
): Promise<Transition[]> {
  const [first] = steps;
  if (first === undefined) return [];
  const run = startCase(first, { log, ...hooks, seed: (cluster) => applyShared(cluster, first) });
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
  const startMs = run.cluster.clock.now();
  await runUntil(run.cluster, run.controller, () => {
    const done = manifestsIn(run).every((manifest) => FINAL.has(wordOf(manifest)));
    return Math.min(
      run.lastWriteMs + (done ? quietMs : QUIET_MS.unfinished),
      startMs + LONGEST_MS,
    );
  });
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
  /** Told of every plan before it is carried out. */
  readonly record?: RecordPass;
}

/** Starts an operator for a case in a cluster that somebody has filled. */
export function startCase(step: RecordedStep, { log, seed, record }: Start): Run {
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
  const controller = controllerFor(cluster, {
    config,
    tools: passTools(cluster, config, namespace, (write) => {
      run.lastWriteMs = cluster.clock.now();
      writes.push(write);
    }),
    logger: loggerFor(cluster, log),
    ...(record === undefined ? {} : { record }),
  });
  controller.start();
  const run: Run = { namespace, cluster, controller, writes, lastWriteMs: cluster.clock.now() };
  return run;
}

/** Nobody has put a token into the Secret that the recorder's configurations name. */
export const NO_TOKEN = {
  members: () => Promise.reject(new Error("the token's Secret is missing")),
};

const PLURALS: Readonly<Record<string, string>> = { postgresql: "postgresqls" };

function resourceOf({ kind }: Pick<ObjectRef, "kind">): string {
  const lower = kind.toLowerCase();
  return PLURALS[kind] ?? (lower.endsWith("s") ? lower : `${lower}s`);
}

/** The recorder's words for writes. */
const VERBS = { create: "create", replace: "update", patch: "patch", delete: "delete" };

function passTools(
  cluster: SimulatedCluster,
  config: Config,
  namespace: string,
  wrote: (write: RecordedWrite) => void,
): PassTools {
  const { api, clock, writers } = cluster;
  const kube = writerAround(writers.kube, async (verb, ref, write) => {
    const done = (code: number) => {
      if (ref.namespace !== namespace) return;
      wrote({ verb: VERBS[verb], resource: resourceOf(ref), name: ref.name, code });
    };
    try {
      const result = await write();
      done(200);
      return result;
    } catch (error) {
      done((error as { status?: number }).status ?? 500);
      throw error;
    }
  });
  // An audit log counts dry runs as writes: of what exists, they end as a conflict.
  const tryCreate = (object: KubeObject): Promise<undefined> => {
    const resource = resourceOf(object);
    wrote({ verb: "create", resource, name: object.metadata.name ?? "", code: 409 });
    return Promise.resolve(undefined);
  };
  return toolsFor(cluster, config, {
    inputs: {
      teams: createTeamReader(config, config.enableTeamsApi ? NO_TOKEN : undefined, clock.now),
      postgresTeams: () =>
        api.objects().filter(({ kind }) => kind === "PostgresTeam") as unknown as PostgresTeam[],
      infrastructureRoleDefinitions: infrastructureRoleDefinitions(config),
      eventStreamsSupported: () => known(true),
    },
    writers: { ...writers, kube: { ...kube, tryCreate } },
  });
}
