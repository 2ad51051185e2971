/**
 * Deployments: one ReplicaSet a template version, rolled from old to new
 * (controllers of the dev cluster).
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
 */
import { unlessGone } from "../../client/client.ts";
import { reconciler } from "../../client/reconciler.ts";
import { deployments, replicaSets } from "../../client/resources.ts";
import { splitKey } from "../../client/watch_cache.ts";
import type { Condition } from "../../objects/meta.ts";
import type { Deployment, ReplicaSet } from "../../objects/workloads.ts";
import {
  type Controller,
  type ControllerContext,
  controllerKey,
  controllerOf,
  controllerReference,
  refOf,
  sameValue,
  selects,
  writeStatus,
} from "../context.ts";
import { minimumAvailable, rolloutScales, type RolloutSet } from "./deployment_rollout.ts";
import { templateHash } from "./revision.ts";
import { kubeTime } from "../../objects/time.ts";

const HASH_LABEL = "pod-template-hash";
const REVISION_ANNOTATION = "deployment.kubernetes.io/revision";

/** Starts the controller. */
export function deploymentController(context: ControllerContext): Controller {
  const { caches, onError } = context;
  const queue = reconciler((key) => syncDeployment(context, key), onError);
  caches.of<Deployment>(deployments).onChange(({ metadata }) =>
    queue.enqueue(`${metadata.namespace}/${metadata.name}`)
  );
  caches.of<ReplicaSet>(replicaSets).onChange((set) => {
    const key = controllerKey(set, deployments);
    if (key) return queue.enqueue(key);
    const all = caches.of<Deployment>(deployments).inNamespace(set.metadata.namespace);
    for (const { metadata, spec } of all) {
      if (selects(spec.selector, set.metadata.labels)) {
        queue.enqueue(`${metadata.namespace}/${metadata.name}`);
      }
    }
  });
  return queue;
}

async function syncDeployment(context: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = splitKey(key);
  const deployment = context.caches.of<Deployment>(deployments).get(namespace, name);
  if (!deployment) return;
  if (!deployment.metadata.deletionTimestamp) {
    const sets = await claimSets(context, deployment);
    const current = sets.find((set) => isOfTemplate(set, deployment)) ??
      (deployment.spec.paused ? undefined : await createSet(context, deployment, sets));
    if (current) await roll(context, deployment, current);
  }
  const after = ownSets(context, deployment);
  await writeStatus(context, deployments, deployment, { ...statusOf(deployment, after) });
  await pruneSets(context, deployment, after);
}

async function claimSets(context: ControllerContext, deployment: Deployment) {
  const cache = context.caches.of<ReplicaSet>(replicaSets);
  for (const set of cache.inNamespace(deployment.metadata.namespace)) {
    if (controllerOf(set) || !selects(deployment.spec.selector, set.metadata.labels)) continue;
    const ownerReferences = [controllerReference(deployment, deployments)];
    const patch = { metadata: { uid: set.metadata.uid, ownerReferences } };
    const adopted = await unlessGone(
      context.client.patch<ReplicaSet>(replicaSets, refOf(set), patch),
    );
    if (adopted) cache.learn(adopted);
  }
  return ownSets(context, deployment);
}

function ownSets({ caches }: ControllerContext, deployment: Deployment): ReplicaSet[] {
  return caches.of<ReplicaSet>(replicaSets)
    .inNamespace(deployment.metadata.namespace)
    .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid);
}

function isOfTemplate(set: ReplicaSet, deployment: Deployment): boolean {
  const { [HASH_LABEL]: _, ...labels } = set.spec.template?.metadata?.labels ?? {};
  const template = { ...set.spec.template, metadata: { ...set.spec.template?.metadata, labels } };
  const { template: wanted } = deployment.spec;
  const metadata = { ...wanted.metadata, labels: wanted.metadata?.labels ?? {} };
  return sameValue(template, { ...wanted, metadata });
}

async function createSet(
  { client, caches }: ControllerContext,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): Promise<ReplicaSet> {
  const { spec, metadata } = deployment;
  const hash = { [HASH_LABEL]: templateHash(spec.template) };
  const labels = { ...spec.template.metadata?.labels, ...hash };
  const revision = 1 + Math.max(0, ...sets.map(revisionOf));
  const set: ReplicaSet = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${metadata.name}-${hash[HASH_LABEL]}`,
      namespace: metadata.namespace!,
      labels,
      annotations: { ...metadata.annotations, [REVISION_ANNOTATION]: String(revision) },
      ownerReferences: [controllerReference(deployment, deployments)],
    },
    spec: {
      replicas: 0,
      selector: {
        ...spec.selector,
        matchLabels: { ...spec.selector.matchLabels, ...hash },
      },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
    },
  };
  const created = await client.create<ReplicaSet>(replicaSets, set);
  caches.of<ReplicaSet>(replicaSets).learn(created);
  return created;
}

/** Gives every ReplicaSet the size of the next step of the rollout. */
async function roll(context: ControllerContext, deployment: Deployment, current: ReplicaSet) {
  const sets = ownSets(context, deployment);
  await noteRevision(context, deployment, current, sets);
  const scales = rolloutScales(deployment, sets.map((set) => asRolloutSet(set, current)));
  for (const set of sets) {
    const replicas = scales.get(set.metadata.name);
    if (replicas === undefined || replicas === set.spec.replicas) continue;
    const patch = { spec: { replicas } };
    const scaled = await unlessGone(
      context.client.patch<ReplicaSet>(replicaSets, refOf(set), patch),
    );
    if (scaled) context.caches.of<ReplicaSet>(replicaSets).learn(scaled);
  }
}

function asRolloutSet(set: ReplicaSet, current: ReplicaSet): RolloutSet {
  const { metadata, spec, status } = set;
  return {
    name: metadata.name,
    isNew: metadata.uid === current.metadata.uid,
    wanted: spec.replicas ?? 1,
    existing: status?.replicas ?? 0,
    available: status?.availableReplicas ?? 0,
  };
}

/** The current ReplicaSet carries the highest revision, and the Deployment shows it. */
async function noteRevision(
  { client, caches }: ControllerContext,
  deployment: Deployment,
  current: ReplicaSet,
  sets: readonly ReplicaSet[],
) {
  const others = sets.filter((set) => set.metadata.uid !== current.metadata.uid).map(revisionOf);
  const revision = Math.max(revisionOf(current), 1 + Math.max(0, ...others));
  const patch = { metadata: { annotations: { [REVISION_ANNOTATION]: String(revision) } } };
  if (revisionOf(current) !== revision) {
    caches.of<ReplicaSet>(replicaSets).learn(
      await client.patch<ReplicaSet>(replicaSets, refOf(current), patch),
    );
  }
  if (deployment.metadata.annotations?.[REVISION_ANNOTATION] !== String(revision)) {
    caches.of<Deployment>(deployments).learn(
      await client.patch<Deployment>(deployments, refOf(deployment), patch),
    );
  }
}

function revisionOf(set: ReplicaSet): number {
  return Number(set.metadata.annotations?.[REVISION_ANNOTATION] ?? 0);
}

function statusOf(deployment: Deployment, sets: readonly ReplicaSet[]) {
  const sum = (of: (set: ReplicaSet) => number | undefined) =>
    sets.reduce((total, set) => total + (of(set) ?? 0), 0);
  const wanted = deployment.spec.replicas ?? 1;
  const replicas = sum((set) => set.status?.replicas);
  const availableReplicas = sum((set) => set.status?.availableReplicas);
  const current = sets.find((set) => isOfTemplate(set, deployment));
  const updatedReplicas = current?.status?.replicas ?? 0;
  const complete = updatedReplicas === wanted && replicas === wanted &&
    availableReplicas === wanted;
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    replicas: replicas || undefined,
    updatedReplicas: updatedReplicas || undefined,
    readyReplicas: sum((set) => set.status?.readyReplicas) || undefined,
    availableReplicas: availableReplicas || undefined,
    unavailableReplicas: Math.max(0, sum((set) => set.spec.replicas) - availableReplicas) ||
      undefined,
    conditions: [
      condition(deployment, "Available", availableReplicas >= minimumAvailable(deployment)),
      condition(deployment, "Progressing", true, complete),
    ],
  };
}

function condition(
  { status }: Deployment,
  type: "Available" | "Progressing",
  holds: boolean,
  complete = false,
): Condition {
  const reason = type === "Progressing"
    ? complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated"
    : holds
    ? "MinimumReplicasAvailable"
    : "MinimumReplicasUnavailable";
  const known = status?.conditions?.find((it) => it.type === type);
  const value = holds ? "True" : "False";
  if (known?.status === value && known.reason === reason) return known;
  return { type, status: value, reason, lastTransitionTime: kubeTime() };
}

async function pruneSets(
  context: ControllerContext,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): Promise<void> {
  const old = sets
    .filter((set) => !isOfTemplate(set, deployment))
    .filter((set) => set.spec.replicas === 0 && (set.status?.replicas ?? 0) === 0)
    .sort((a, b) => revisionOf(a) - revisionOf(b));
  const surplus = old.length - (deployment.spec.revisionHistoryLimit ?? 10);
  for (const set of old.slice(0, Math.max(0, surplus))) {
    await unlessGone(context.client.delete(replicaSets, refOf(set)));
  }
}
