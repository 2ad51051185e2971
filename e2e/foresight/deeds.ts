/**
 * What a plan says will be done for a manifest, and what the operator then does: both as counts of
 * deeds (verb and object, calls of Patroni) and the order in which pods are deleted.
 */

import type { Postgresql } from "../../src/api/types.gen.ts";
import { dryRunPasses, refusals } from "../../src/dry_run/dry_run.ts";
import type { SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import { documentReader } from "../../src/dry_run/sources.ts";
import type { TeamReader } from "../../src/cluster/observed/read_inputs.ts";
import type { Action, Plan } from "../../src/cluster/plan/steps/action.ts";
import type { Config } from "../../src/config/config.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { known } from "../../src/ports/observation.ts";
import { stored } from "../conformance/control_plane.ts";

/** What is done for one change of a manifest. */
export interface Deeds {
  /** Sorted; a deed that is done twice stands there twice. */
  readonly all: readonly string[];
  /** Pods in the order in which they are deleted. */
  readonly deletedPods: readonly string[];
}

export interface Foresight {
  readonly cluster: SimulatedCluster;
  readonly manifest: KubeObject;
  readonly config: Config;
  readonly teams: TeamReader;
  readonly eventStreams: boolean;
}

/** What the plan command would say of a manifest in a cluster as it stands; nothing is written. */
export async function foretold(question: Foresight): Promise<Deeds> {
  const { cluster, manifest, config, teams, eventStreams } = question;
  const objects = cluster.api.objects();
  // The later of two documents of one name counts.
  const present = [...objects, ...await patroniState(question)];
  const { namespace = "", name = "" } = manifest.metadata;
  const live = objects.find(({ kind, metadata }) =>
    kind === "postgresql" && metadata.namespace === namespace && metadata.name === name
  ) as unknown as Postgresql | undefined;
  if (refusals({ manifest, config, live }).length > 0) return deedsOf([]);
  const { plans } = await dryRunPasses({
    ...{ manifest, config, live, stored, teams },
    reader: documentReader(present, undefined, config.clusterNameLabel),
    eventStreamsSupported: known(eventStreams),
    now: new Date(cluster.clock.now()),
    signal: new AbortController().signal,
  });
  return deedsOf(plans.flatMap(deedsOfPlan));
}

/** What Patroni keeps in Kubernetes: its configuration in either of its stores, members on pods. */
async function patroniState({ cluster, manifest }: Foresight): Promise<KubeObject[]> {
  const { namespace = "", name = "" } = manifest.metadata;
  const { signal } = new AbortController();
  const pods = cluster.api.objects().filter(({ kind, metadata }) =>
    kind === "Pod" && metadata.namespace === namespace && metadata.name?.startsWith(`${name}-`) &&
    /^\d+$/.test(metadata.name.slice(name.length + 1))
  );
  const [first] = pods;
  if (first === undefined) return [];
  const refOfPod = ({ metadata }: KubeObject) => ({
    namespace,
    name: metadata.name ?? "",
    ip: "",
  });
  const config = await cluster.patroni.getConfig(refOfPod(first), signal);
  const stores = ["ConfigMap", "Endpoints"].map((kind) => {
    const ref = { apiVersion: "v1", kind, namespace, name: `${name}-config` };
    const { metadata, ...found } = cluster.api.find(ref) ?? { metadata: {} };
    const annotations = { ...metadata.annotations, config: JSON.stringify(config) };
    return { ...found, ...ref, metadata: { ...metadata, namespace, name: ref.name, annotations } };
  });
  const members = await Promise.all(pods.map(async (pod) => {
    const { state, role, pendingRestart } = await cluster.patroni.getMember(refOfPod(pod), signal);
    const status = JSON.stringify({ state, role, pending_restart: pendingRestart });
    const annotations = { ...pod.metadata.annotations, status };
    return { ...pod, metadata: { ...pod.metadata, annotations } };
  }));
  return [...stores, ...members] as KubeObject[];
}

/** Sorts deeds. */
export function deedsOf(all: readonly string[]): Deeds {
  const deletedPods = all.filter((deed) => deed.startsWith("delete Pod "));
  return { all: [...all].sort(), deletedPods };
}

function deedsOfPlan({ steps }: Plan): string[] {
  return steps.flatMap(({ action }) => deedsOfAction(action));
}

function deedsOfAction(action: Action): string[] {
  const on = (verb: string, { kind, name = "" }: { kind: string; name?: string }) =>
    kind === "postgresql" ? [] : [`${verb} ${kind} ${name}`];
  const object = ({ kind, metadata: { name = "" } }: KubeObject) => ({ kind, name });
  switch (action.kind) {
    case "create":
      return on("create", object(action.object));
    case "replace":
      return on("update", object(action.object));
    case "recreate":
      return [...on("delete", object(action.object)), ...on("create", object(action.object))];
    case "patch":
      return on("patch", action.request.target);
    case "delete":
      return on("delete", action.request.target);
    case "patroni":
      return [`patroni ${action.request.call} ${action.pod.name}`];
    default:
      return [];
  }
}

/** Where what was foretold and what was done part; empty where they are the same. */
export function partings(before: Deeds, after: Deeds): string[] {
  const missing = without(before.all, after.all).map((deed) => `foretold, not done: ${deed}`);
  const extra = without(after.all, before.all).map((deed) => `done, not foretold: ${deed}`);
  const order = before.deletedPods.join() === after.deletedPods.join() ? [] : [
    `pods: foretold ${before.deletedPods.join()}, deleted ${after.deletedPods.join()}`,
  ];
  return [...missing, ...extra, ...order];
}

function without(list: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return list.filter((deed) => {
    const at = left.indexOf(deed);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}
