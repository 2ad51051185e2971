/**
 * ReplicaSets: as many equal pods as wanted (controllers of the dev cluster).
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
 */
import { unlessGone } from "../../client/client.ts";
import { reconciler } from "../../client/reconciler.ts";
import { pods as podResource, replicaSets } from "../../client/resources.ts";
import { splitKey } from "../../client/watch_cache.ts";
import type { Pod } from "../../objects/pod.ts";
import type { ReplicaSet } from "../../objects/workloads.ts";
import {
  claimPods,
  type Controller,
  type ControllerContext,
  controllerKey,
  controllerReference,
  refOf,
  selects,
  writeStatus,
} from "../context.ts";
import { availableInMs, isActive, isReady, podFromTemplate, whenNextAvailable } from "./pods.ts";

/** Starts the controller. */
export function replicaSetController(context: ControllerContext): Controller {
  const { caches, onError } = context;
  const sets = caches.of<ReplicaSet>(replicaSets);
  const queue = reconciler((key) => syncReplicaSet(context, key), onError);
  sets.onChange((set) => queue.enqueue(`${set.metadata.namespace}/${set.metadata.name}`));
  caches.of<Pod>(podResource).onChange((pod) => {
    const key = controllerKey(pod, replicaSets);
    if (key) return queue.enqueue(key);
    for (const { metadata, spec } of sets.inNamespace(pod.metadata.namespace)) {
      if (selects(spec.selector, pod.metadata.labels)) {
        queue.enqueue(`${metadata.namespace}/${metadata.name}`);
      }
    }
  });
  return queue;
}

async function syncReplicaSet(context: ControllerContext, key: string) {
  const { namespace, name } = splitKey(key);
  const set = context.caches.of<ReplicaSet>(replicaSets).get(namespace, name);
  if (!set) return;
  const owned = { owner: set, resource: replicaSets, selector: set.spec.selector };
  if (!set.metadata.deletionTimestamp) {
    const active = (await claimPods(context, owned)).filter(isActive);
    const missing = (set.spec.replicas ?? 1) - active.length;
    for (let n = 0; n < missing; n++) await createPod(context, set);
    if (missing < 0) await endPods(context, active.sort(endFirst).slice(0, -missing));
  }
  const after = (await claimPods(context, owned)).filter(isActive);
  const nowMs = Date.now();
  const available = (pod: Pod) => availableInMs(pod, set.spec.minReadySeconds, nowMs) === 0;
  await writeStatus(context, replicaSets, set, {
    replicas: after.length,
    fullyLabeledReplicas: after.filter((pod) =>
      selects({ matchLabels: set.spec.template?.metadata?.labels ?? {} }, pod.metadata.labels)
    ).length,
    readyReplicas: after.filter(isReady).length || undefined,
    availableReplicas: after.filter(available).length || undefined,
    observedGeneration: set.metadata.generation ?? 1,
  });
  return whenNextAvailable(after, set.spec.minReadySeconds, nowMs);
}

async function createPod({ client, caches }: ControllerContext, set: ReplicaSet): Promise<void> {
  const pod = podFromTemplate({
    template: set.spec.template!,
    namespace: set.metadata.namespace,
    generateName: `${set.metadata.name}-`,
    owner: controllerReference(set, replicaSets),
  });
  caches.of<Pod>(podResource).learn(await client.create<Pod>(podResource, pod));
}

async function endPods({ client, caches }: ControllerContext, pods: readonly Pod[]): Promise<void> {
  for (const pod of pods) {
    const ending = await unlessGone(client.delete<Pod>(podResource, refOf(pod)));
    if (ending) caches.of<Pod>(podResource).learn(ending);
  }
}

/** The order in which surplus pods end: not scheduled, pending, not ready, the youngest. */
function endFirst(a: Pod, b: Pod): number {
  const rank = (pod: Pod) =>
    !pod.spec.nodeName ? 0 : pod.status?.phase !== "Running" ? 1 : isReady(pod) ? 3 : 2;
  const age = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? "") || 0;
  return rank(a) - rank(b) || age(b) - age(a) || (a.metadata.name < b.metadata.name ? -1 : 1);
}
