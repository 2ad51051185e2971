/**
 * The life of a cluster while the API server fails, in virtual time: it has to end, stage by stage,
 * where an undisturbed one ends, with nothing deleted that is not deleted there.
 */

import type { Postgresql } from "../../src/api/types.gen.ts";
import type { Config } from "../../src/config/config.ts";
import { simulateCluster, type SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { refOf } from "../../src/ports/requests.ts";
import { config as configured } from "../../src/testing/config_fixture.ts";
import { keepEndpoints, stored } from "../conformance/control_plane.ts";
import { differences, type EndState, endStateOf } from "../support/end_state.ts";
import type { Asked } from "./answers.ts";
import { concerns, type Failure, FAILURES } from "./failures.ts";
import { type HttpApi, serveHttp } from "./http_api.ts";
import { type FaultOperator, startOperator } from "./operator.ts";
import { runUntil, useVirtualTime } from "./virtual_time.ts";

const NAMESPACE = "shop";
const START_MS = Date.parse("2026-01-14T12:00:30Z");
const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** How long a stage may take in virtual time: an outage, and the longest pauses after it. */
const LIMIT_MS = 60 * MINUTE;
/** How long an undisturbed stage is given, to come to rest. */
const REST_MS = 5 * MINUTE;

const SETTINGS: Partial<Config> = {
  enableTeamsApi: false,
  enableDatabaseAccess: false,
  watchedNamespace: "*",
  enableFinalizers: true,
  enableSecretsDeletion: true,
  enablePersistentVolumeClaimDeletion: true,
};

const MANIFEST = {
  apiVersion: "acid.zalan.do/v1",
  kind: "postgresql",
  metadata: { namespace: NAMESPACE, name: "acid-faults", uid: "uid-of-acid-faults" },
} as const;

const SPEC = {
  teamId: "acid",
  numberOfInstances: 2,
  volume: { size: "1Gi" },
  postgresql: { version: "17" },
  users: { app: [] },
  enableConnectionPooler: true,
  enableLogicalBackup: true,
};

interface Stage {
  readonly name: string;
  /** The fields that change; null deletes the manifest. */
  readonly spec: Record<string, unknown> | null;
}

const STAGES: readonly Stage[] = [
  { name: "creation", spec: SPEC },
  { name: "scaling", spec: { numberOfInstances: 3 } },
  { name: "another image", spec: { dockerImage: "registry.example.com/spilo:faults" } },
  {
    name: "changes of everything else",
    spec: {
      volume: { size: "2Gi" },
      enableMasterLoadBalancer: true,
      users: { app: [], web: [] },
      connectionPooler: { numberOfInstances: 3 },
      logicalBackupSchedule: "17 3 * * *",
      numberOfInstances: 1,
    },
  },
  {
    name: "without pooler and backup",
    spec: { enableConnectionPooler: false, enableLogicalBackup: false },
  },
  { name: "deletion", spec: null },
];

/** Which requests fail, and how. */
export interface Plan {
  readonly failure: Failure;
  readonly hits: (right: string, nowMs: number) => boolean;
}

/** `verb resource` of a request. */
export function rightOf({ verb, resource, subresource }: Asked): string {
  return `${verb} ${resource.plural}${subresource === undefined ? "" : `/${subresource}`}`;
}

/** Each right fails so often, or those that are named. */
function eachTimes(failure: Failure, times: number, only?: string): Plan {
  const left = new Map<string, number>();
  return {
    failure,
    hits(right) {
      if (only !== undefined && right !== only) return false;
      const rest = left.get(right) ?? times;
      left.set(right, rest - 1);
      return rest > 0;
    },
  };
}

/** All requests fail for so long from the first one on, or those with one right. */
export function outage(failure: Failure, ms: number, only?: string): Plan {
  let startMs: number | undefined;
  return {
    failure,
    hits(right, nowMs) {
      if (only !== undefined && right !== only) return false;
      return nowMs - (startMs ??= nowMs) < ms;
    },
  };
}

/** Plans of one failure that belong together in a table. */
export interface PlansOf {
  readonly how: string;
  readonly plans: readonly { readonly what: string; readonly plan: Plan }[];
}

const OUTAGE_MS = 10 * MINUTE;

/** All plans of a failure: each right by itself, and all at once. */
export function plansOf(name: string, rights: readonly string[]): PlansOf[] {
  const failure = FAILURES[name];
  if (failure === undefined) throw new Error(`no failure is called ${name}`);
  // A token is read again at the first refusal, so only a second one is a failure.
  const times = name === "401" ? 2 : 1;
  const met = rights.filter((right) => concerns(failure, right.split(" ")[0] as Asked["verb"]));
  const all = (plan: Plan) => [{ what: "all requests", plan }];
  const alone = (planOf: (right: string) => Plan) =>
    met.map((right) => ({ what: right, plan: planOf(right) }));
  return [
    { how: "each right once", plans: all(eachTimes(failure, times)) },
    { how: "all for 10 minutes", plans: all(outage(failure, OUTAGE_MS)) },
    { how: "one right once", plans: alone((right) => eachTimes(failure, times, right)) },
    { how: "one right for 10 minutes", plans: alone((right) => outage(failure, OUTAGE_MS, right)) },
  ];
}

/** How a life went. */
export interface Life {
  readonly states: readonly EndState[];
  /** Objects that were deleted before the manifest was. */
  readonly deleted: readonly string[];
  /** All rights that were asked for. */
  readonly rights: readonly string[];
  readonly injected: number;
  /** What did not end as it should; empty where all went well. */
  readonly problems: readonly string[];
}

/** Lives once; without a plan nothing fails. `seed` says which chances are taken. */
export async function live(plan?: Plan, expected?: Life, seed = 1): Promise<Life> {
  const cluster = clusterOf(configured(SETTINGS));
  const restore = useVirtualTime(cluster.clock, seed);
  const api = serveHttp(cluster);
  const operator = startOperator(cluster, configured(SETTINGS), api);
  try {
    await wait(cluster, MINUTE, () => operator.caches.clustersLostMs() === 0);
    return await through({ cluster, operator, api }, plan, expected);
  } finally {
    await operator.stop();
    restore();
  }
}

function clusterOf(config: Config): SimulatedCluster {
  const cluster = simulateCluster({
    clusterNameLabel: config.clusterNameLabel,
    roleLabel: config.podRoleLabel,
    startMs: START_MS,
    serverVersion: 170005,
    stored,
  });
  keepEndpoints(cluster);
  // No Kubernetes is ever at its first version.
  cluster.api.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  return cluster;
}

interface Scene {
  readonly cluster: SimulatedCluster;
  readonly operator: FaultOperator;
  readonly api: HttpApi;
}

async function through(
  scene: Scene,
  plan: Plan | undefined,
  expected: Life | undefined,
): Promise<Life> {
  const { cluster, operator, api } = scene;
  const rights = new Set<string>();
  let injected = 0;
  api.failBy((asked) => {
    const right = rightOf(asked);
    rights.add(right);
    if (plan === undefined || !concerns(plan.failure, asked.verb)) return undefined;
    if (!plan.hits(right, cluster.clock.now())) return undefined;
    injected++;
    return plan.failure;
  });
  // Lists and watches come again, and meet the faults as well.
  api.endWatches();
  const deleted = watchDeletions(cluster);
  const states: EndState[] = [];
  const problems: string[] = [];
  for (const [index, stage] of STAGES.entries()) {
    if (stage.spec === null) deleted.stop();
    act(cluster, stage);
    const unlike = () => differences(expected!.states[index]!, stateOf(cluster));
    const reached = expected === undefined
      ? await wait(cluster, REST_MS, () => false).then(() => hasEnded(cluster, stage))
      : await wait(cluster, LIMIT_MS, () => hasEnded(cluster, stage) && unlike().length === 0);
    states.push(stateOf(cluster));
    if (reached) continue;
    problems.push(`${stage.name} did not end`, ...expected === undefined ? [] : unlike());
    problems.push(...operator.log.slice(-5));
    break;
  }
  const more = beyond(deleted.objects, expected?.deleted ?? deleted.objects);
  problems.push(...more.map((object) => `${object} was deleted`));
  return { states, deleted: deleted.objects, rights: [...rights].sort(), injected, problems };
}

function wait(cluster: SimulatedCluster, ms: number, over: () => boolean): Promise<boolean> {
  const { clock } = cluster;
  return runUntil(clock, { endMs: clock.now() + ms, everyMs: 15 * SECOND, over });
}

function act({ api }: SimulatedCluster, { spec }: Stage): void {
  if (spec === null) return api.remove(refOf(MANIFEST));
  const found = api.find(refOf(MANIFEST));
  api.put(
    { ...(found ?? MANIFEST), spec: { ...found?.["spec"] as object, ...spec } } as KubeObject,
  );
}

function hasEnded({ api }: SimulatedCluster, { spec }: Stage): boolean {
  const manifest = api.find(refOf(MANIFEST)) as Postgresql | undefined;
  if (spec === null) return manifest === undefined;
  return manifest?.status?.PostgresClusterStatus === "Running" &&
    manifest.status.observedGeneration === manifest.metadata.generation;
}

function stateOf({ api }: SimulatedCluster): EndState {
  const objects = JSON.stringify(api.objects()).replaceAll(/simulated-\d+/g, "<uid>");
  return endStateOf(JSON.parse(objects), NAMESPACE, { primary: "any" });
}

function watchDeletions({ api }: SimulatedCluster) {
  const objects: string[] = [];
  const stop = api.onChange(({ type, object }) => {
    if (type === "delete") objects.push(`${object.kind} ${object.metadata.name}`);
  });
  return { objects, stop };
}

/** What is in a list more often than in another. */
function beyond(list: readonly string[], other: readonly string[]): string[] {
  const rest = [...other];
  return list.filter((item) => {
    const place = rest.indexOf(item);
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
}
