/**
 * Runs the operator's controller over a recorded case in an imagined cluster, step after step, and
 * records what it leaves behind as the recorder did. No network, no waiting: the clock is virtual.
 */

import type { Postgresql, PostgresTeam } from "../../src/api/types.gen.ts";
import type { KubeObject, Service, StatefulSet } from "../../src/clients/kube/types.gen.ts";
import { requestOf } from "../../src/clients/patroni/request.ts";
import { type Controller, createController } from "../../src/controller/controller.ts";
import { createTeamReader } from "../../src/controller/teams.ts";
import type { PassTools } from "../../src/cluster/reconcile.ts";
import { type ObjectRef, refOf } from "../../src/cluster/requests.ts";
import type { Config } from "../../src/config/config.ts";
import { infrastructureRoleDefinitions } from "../../src/config/infrastructure_roles.ts";
import { imagineCluster, type ImaginedCluster } from "../../src/foresight/cluster.ts";
import type { Refusal } from "../../src/foresight/imagined_api.ts";
import { known } from "../../src/lib/observation.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { createLogger } from "../../src/log/logger.ts";
import { storedStatefulSet } from "./normalise.ts";
import { withData } from "./objects.ts";
import { CHANGE_TIME, recordObjects } from "./record.ts";
import {
  type GoldenStep,
  recordedConfig,
  type RecordedStep,
  type RecordedWrite,
} from "./recorded.ts";
import { storedObject } from "./stored.ts";

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
interface Run {
  readonly namespace: string;
  readonly cluster: ImaginedCluster;
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
  const run = startCase(first, log);
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
async function settle(run: Run, quietMs: number): Promise<void> {
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
function applyDocument({ api }: ImaginedCluster, document: KubeObject, namespace: string): void {
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

function startCase(step: RecordedStep, log: (line: string) => void): Run {
  const { namespace } = step;
  const config = recordedConfig(step);
  const cluster: ImaginedCluster = imagineCluster({
    clusterNameLabel: config.clusterNameLabel,
    roleLabel: config.podRoleLabel,
    startMs: NOW.getTime(),
    // As the recorder's stand-in for Patroni says, and its kubelet, which runs no command.
    serverVersion: 170005,
    exec: {
      exec: () => Promise.reject(Object.assign(new Error("connection refused"), { status: 500 })),
    },
    stored,
    refuses: (object, old) => refusal(cluster, namespace, object, old),
  });
  keepEndpoints(cluster);
  for (const document of step.shared) applyDocument(cluster, document, "default");
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
    tools,
    config,
    controllerId: "",
    logger,
    clock: cluster.clock,
    manifests: () => structuredClone(kind("postgresql")) as unknown as Postgresql[],
    services: () => structuredClone(kind("Service")),
    onChange: cluster.api.onChange,
    invalidate() {},
  });
  controller.start();
  const run: Run = { namespace, cluster, controller, writes, lastWriteMs: cluster.clock.now() };
  return run;
}

/** The endpoints controller: an object of its own for every Service that has none. */
function keepEndpoints({ api }: ImaginedCluster): void {
  api.onChange(({ type, object }) => {
    if (object.kind !== "Service") return;
    const { namespace = "", name = "", labels } = object.metadata;
    const ref = { apiVersion: "v1", kind: "Endpoints", namespace, name };
    const found = api.find(ref);
    if (type === "apply" && found === undefined) {
      const annotations = { [CHANGE_TIME]: "2026-01-14T12:00:30Z" };
      const metadata = { namespace, name, annotations, ...(labels ? { labels } : {}) };
      api.put({ apiVersion: "v1", kind: "Endpoints", metadata });
    }
    if (type === "delete" && found !== undefined) api.remove(ref);
  });
}

/** What the API server adds; uids of owners stay, which the recorder masked. */
export function stored(object: KubeObject): KubeObject {
  const { ownerReferences } = object.metadata;
  const next = object.kind === "StatefulSet"
    ? storedStatefulSet(object as StatefulSet)
    : object.kind === "Service"
    ? storedService(object as Service)
    : storedObject(object);
  if (ownerReferences === undefined) return next;
  return { ...next, metadata: { ...next.metadata, ownerReferences } };
}

/** Fields of another type of service go with it; node ports stay, which the recorder left out. */
function storedService(service: Service): KubeObject {
  const { allocateLoadBalancerNodePorts, externalTrafficPolicy, ...spec } = service.spec ?? {};
  const exposed = spec.type === "LoadBalancer" || spec.type === "NodePort";
  const kept = {
    ...spec,
    ...(spec.type === "LoadBalancer" && allocateLoadBalancerNodePorts !== undefined
      ? { allocateLoadBalancerNodePorts }
      : {}),
    ...(exposed && externalTrafficPolicy !== undefined ? { externalTrafficPolicy } : {}),
  };
  const next = storedObject({ ...service, spec: kept } as KubeObject) as Service;
  const ports = next.spec?.ports?.map((port, index) => {
    const nodePort = exposed ? service.spec?.ports?.[index]?.nodePort : undefined;
    return nodePort === undefined ? port : { ...port, nodePort };
  });
  return { ...next, spec: { ...next.spec, ...(ports ? { ports } : {}) } } as KubeObject;
}

const IMMUTABLE = ["volumeClaimTemplates", "selector", "serviceName", "podManagementPolicy"];

/** Writes that a real API server refuses, as far as the cases meet them. */
function refusal(
  { api }: ImaginedCluster,
  own: string,
  object: KubeObject,
  old: KubeObject | undefined,
): Refusal | undefined {
  const { namespace = "" } = object.metadata;
  const known = [own, "default"].includes(namespace) ||
    api.find({ apiVersion: "v1", kind: "Namespace", name: namespace }) !== undefined;
  if (!known) return { status: 404, message: `namespaces "${namespace}" not found` };
  if (object.kind === "StatefulSet" && hugePagesDiffer(object as StatefulSet)) {
    return { status: 422, message: "resources.requests: must be equal to hugepages limit" };
  }
  if (old === undefined) return undefined;
  const part = (one: KubeObject, field: string) => JSON.stringify(specOf(one)[field] ?? null);
  if (object.kind === "StatefulSet") {
    const next = stored(object);
    const changed = IMMUTABLE.filter((field) => part(next, field) !== part(old, field));
    return changed.length === 0
      ? undefined
      : { status: 422, message: `spec: Forbidden: ${changed.join(", ")}` };
  }
  if (object.kind === "PersistentVolumeClaim") return claimRefusal(api, object, old);
  return undefined;
}

function hugePagesDiffer({ spec }: StatefulSet): boolean {
  return (spec?.template.spec?.containers ?? []).some(({ resources }) =>
    Object.entries(resources?.requests ?? {}).some(([name, amount]) =>
      name.startsWith("hugepages-") && amount !== resources?.limits?.[name]
    )
  );
}

function specOf({ spec }: KubeObject): Record<string, unknown> {
  return (spec ?? {}) as Record<string, unknown>;
}

function claimRefusal(
  api: ImaginedCluster["api"],
  object: KubeObject,
  old: KubeObject,
): Refusal | undefined {
  const resources = (one: KubeObject) => JSON.stringify(specOf(one).resources);
  if (resources(object) === resources(old)) return undefined;
  const name = String(specOf(object).storageClassName ?? "");
  const apiVersion = "storage.k8s.io/v1";
  const storageClass = api.find({ apiVersion, kind: "StorageClass", name });
  if (storageClass?.allowVolumeExpansion === true) return undefined;
  return { status: 403, message: "only dynamically provisioned pvc can be resized" };
}

/** Nobody has put a token into the Secret that the recorder's configurations name. */
const NO_TOKEN = { members: () => Promise.reject(new Error("the token's Secret is missing")) };

const PLURALS: Readonly<Record<string, string>> = { postgresql: "postgresqls" };

function resourceOf({ kind }: Pick<ObjectRef, "kind">): string {
  const lower = kind.toLowerCase();
  return PLURALS[kind] ?? (lower.endsWith("s") ? lower : `${lower}s`);
}

function passTools(
  cluster: ImaginedCluster,
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
