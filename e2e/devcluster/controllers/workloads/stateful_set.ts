/**
 * StatefulSets: revisions, members, their claims, status (controllers of the dev cluster).
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 */
import { alreadyExists, isNotFound, unlessGone } from "../../client/client.ts";
import { reconciler } from "../../client/reconciler.ts";
import {
  controllerRevisions,
  persistentVolumeClaims,
  pods as podResource,
  statefulSets,
} from "../../client/resources.ts";
import { splitKey } from "../../client/watch_cache.ts";
import type { KubeObject } from "../../objects/meta.ts";
import type { Pod, PodTemplate } from "../../objects/pod.ts";
import type { PersistentVolumeClaim } from "../../objects/storage.ts";
import type {
  ControllerRevision,
  StatefulSet,
  StatefulSetStatus,
} from "../../objects/workloads.ts";
import {
  claimPods,
  type Controller,
  type ControllerContext,
  controllerKey,
  refOf,
  sameValue,
  selects,
  writeStatus,
} from "../context.ts";
import { availableInMs, isRunningAndReady, isTerminating, whenNextAvailable } from "./pods.ts";
import { templateOf } from "./revision.ts";
import {
  claimOwner,
  identityLabels,
  memberClaims,
  memberPod,
  memberSteps,
  ordinalOf,
  REVISION_LABEL,
} from "./stateful_set_pods.ts";
import { pruneRevisions, type Revisions, syncRevisions } from "./stateful_set_revisions.ts";

/** Starts the controller. */
export function statefulSetController(context: ControllerContext): Controller {
  const { caches, onError } = context;
  const sets = caches.of<StatefulSet>(statefulSets);
  const queue = reconciler((key) => syncStatefulSet(context, key), onError);
  sets.onChange((set) => queue.enqueue(`${set.metadata.namespace}/${set.metadata.name}`));
  const enqueueSelecting = ({ metadata }: KubeObject) => {
    for (const set of sets.inNamespace(metadata.namespace)) {
      if (selects(set.spec.selector, metadata.labels)) {
        queue.enqueue(`${set.metadata.namespace}/${set.metadata.name}`);
      }
    }
  };
  caches.of<Pod>(podResource).onChange((pod) => {
    const key = controllerKey(pod, statefulSets);
    if (key) queue.enqueue(key);
    else enqueueSelecting(pod); // an orphan, which one of these may adopt
  });
  caches.of<ControllerRevision>(controllerRevisions);
  // A member waits for a claim of its name that is still being deleted.
  caches.of<PersistentVolumeClaim>(persistentVolumeClaims).onChange((claim, gone) => {
    if (gone) enqueueSelecting(claim);
  });
  return queue;
}

async function syncStatefulSet(context: ControllerContext, key: string) {
  const { namespace, name } = splitKey(key);
  const set = context.caches.of<StatefulSet>(statefulSets).get(namespace, name);
  if (!set || set.metadata.deletionTimestamp) return;
  const owned = {
    owner: set,
    resource: statefulSets,
    selector: set.spec.selector,
    adopts: (pod: Pod) => ordinalOf(set, pod.metadata.name) !== undefined,
  };
  const revisions = await syncRevisions(context, set);
  const pods = await claimPods(context, owned);
  await settleMembers(context, set, pods);
  const nowMs = Date.now();
  const names = {
    currentRevision: revisions.current.metadata.name,
    updateRevision: revisions.update.metadata.name,
  };
  let taken = false;
  for (const step of memberSteps({ set, pods, nowMs, ...names })) {
    if (step.kind === "delete") await deleteMember(context, step.pod);
    else if (!await createMember(context, set, step, revisions)) taken = true;
  }
  const after = await claimPods(context, owned);
  await writeStatus(context, statefulSets, set, {
    ...statusOf({ set, pods: after, names, nowMs }),
  });
  await pruneRevisions(context, set, revisions, after);
  if (taken) return { againInMs: TAKEN_RETRY_MS };
  return whenNextAvailable(after, set.spec.minReadySeconds, nowMs);
}

/** Gives adopted members their identity labels, and claims the owner that the policy asks for. */
async function settleMembers(context: ControllerContext, set: StatefulSet, pods: readonly Pod[]) {
  const { client, caches } = context;
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod.metadata.name)!;
    const labels = identityLabels(pod.metadata.name, ordinal);
    const missing = Object.keys(labels).some((it) => pod.metadata.labels?.[it] !== labels[it]);
    if (missing && !isTerminating(pod)) {
      const patched = await unlessGone(
        client.patch<Pod>(podResource, refOf(pod), { metadata: { labels } }),
      );
      if (patched) caches.of<Pod>(podResource).learn(patched);
    }
    await settleClaimOwners(context, set, pod, ordinal);
  }
}

async function settleClaimOwners(
  { client, caches }: ControllerContext,
  set: StatefulSet,
  pod: Pod,
  ordinal: number,
) {
  const cache = caches.of<PersistentVolumeClaim>(persistentVolumeClaims);
  const owner = claimOwner(set, pod, ordinal);
  for (const { metadata } of memberClaims(set, ordinal)) {
    const claim = cache.get(metadata.namespace, metadata.name);
    if (!claim) continue;
    const known = claim.metadata.ownerReferences ?? [];
    const mine = (it: { kind: string; name: string }) =>
      it.kind === "StatefulSet" && it.name === set.metadata.name ||
      it.kind === "Pod" && it.name === pod.metadata.name;
    const ownerReferences = [...known.filter((it) => !mine(it)), ...(owner ? [owner] : [])];
    if (sameValue(known, ownerReferences)) continue;
    const patch = { metadata: { ownerReferences } };
    const patched = await unlessGone(
      client.patch<PersistentVolumeClaim>(persistentVolumeClaims, refOf(claim), patch),
    );
    if (patched) cache.learn(patched);
  }
}

/** How long a member waits whose name another pod has, such as one that just ended. */
const TAKEN_RETRY_MS = 500;

/** Makes a member; false when another pod has its name. */
async function createMember(
  context: ControllerContext,
  set: StatefulSet,
  step: { ordinal: number; revision: string },
  revisions: Revisions,
): Promise<boolean> {
  await createClaims(context, set, step.ordinal);
  const template: PodTemplate = step.revision === revisions.update.metadata.name
    ? set.spec.template
    : templateOf(revisions.current.data);
  const pod = memberPod({ set, template, ...step });
  try {
    const created = await context.client.create<Pod>(podResource, pod);
    context.caches.of<Pod>(podResource).learn(created);
    return true;
  } catch (error) {
    if (!alreadyExists(error)) throw error;
    return false;
  }
}

async function createClaims({ client, caches }: ControllerContext, set: StatefulSet, n: number) {
  const cache = caches.of<PersistentVolumeClaim>(persistentVolumeClaims);
  for (const claim of memberClaims(set, n)) {
    const known = cache.get(claim.metadata.namespace, claim.metadata.name);
    if (known?.metadata.deletionTimestamp) {
      const name = `${claim.metadata.namespace}/${claim.metadata.name}`;
      throw new Error(`cannot use claim ${name}: it is being deleted`);
    }
    if (known) continue;
    try {
      cache.learn(await client.create(persistentVolumeClaims, claim));
    } catch (error) {
      if (!alreadyExists(error)) throw error;
    }
  }
}

async function deleteMember({ client, caches }: ControllerContext, pod: Pod): Promise<void> {
  try {
    const preconditions = { uid: pod.metadata.uid! };
    const ending = await client.delete<Pod>(podResource, refOf(pod), { preconditions });
    if (ending) caches.of<Pod>(podResource).learn(ending);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** A StatefulSet's status; what is zero stays out where the API server leaves it out. */
type MemberCounts = { [Field in keyof StatefulSetStatus]: StatefulSetStatus[Field] | undefined };

interface StatusInput {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly names: { currentRevision: string; updateRevision: string };
  readonly nowMs: number;
}

function statusOf({ set, pods, names, nowMs }: StatusInput): MemberCounts {
  const count = (holds: (pod: Pod) => boolean) => pods.filter(holds).length;
  const created = (pod: Pod) => Boolean(pod.status?.phase);
  const at = (revision: string) => (pod: Pod) =>
    created(pod) && !isTerminating(pod) && pod.metadata.labels?.[REVISION_LABEL] === revision;
  const status = {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: count(created),
    readyReplicas: count(isRunningAndReady) || undefined,
    availableReplicas: count((pod) =>
      isRunningAndReady(pod) && availableInMs(pod, set.spec.minReadySeconds, nowMs) === 0
    ),
    currentReplicas: count(at(names.currentRevision)) || undefined,
    updatedReplicas: count(at(names.updateRevision)) || undefined,
    collisionCount: set.status?.collisionCount ?? 0,
    ...names,
  };
  return finishedUpdate(set, status) ?? status;
}

/** Only a rolling update ends by making the new revision the current one; OnDelete never does. */
function finishedUpdate(set: StatefulSet, status: MemberCounts): MemberCounts | undefined {
  const { updatedReplicas = 0, replicas, readyReplicas = 0, updateRevision } = status;
  if (set.spec.updateStrategy?.type === "OnDelete") return undefined;
  if (updatedReplicas !== replicas || readyReplicas !== replicas) return undefined;
  return {
    ...status,
    currentReplicas: updatedReplicas || undefined,
    currentRevision: updateRevision!,
  };
}
