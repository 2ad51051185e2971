/**
 * Deletes pods from nodes whose taints they do not bear, and pods whose node is gone
 * (controllers of the dev cluster).
 * https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
import { isConflict, unlessGone } from "../client/client.ts";
import { reconciler } from "../client/reconciler.ts";
import { nodes, pods as podResource } from "../client/resources.ts";
import { cacheKey, splitKey } from "../client/watch_cache.ts";
import type { Node, Taint, Toleration } from "../objects/placement.ts";
import type { Pod } from "../objects/pod.ts";
import { bears } from "../scheduler/terms.ts";
import { type Controller, type ControllerContext, refOf } from "./context.ts";

/** What a person puts on a node that will not come back. */
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

/** Starts the controller. */
export function taintEvictionController(context: ControllerContext): Controller {
  const { caches, onError } = context;
  const podCache = caches.of<Pod>(podResource);
  const tainted = new Map<string, number>();
  const queue = reconciler((key) => syncPod(context, tainted, key), onError);
  const enqueue = ({ metadata }: Pod) => queue.enqueue(cacheKey(metadata.namespace, metadata.name));
  podCache.onChange((pod, gone) => {
    if (gone) tainted.delete(pod.metadata.uid!);
    else if (pod.spec.nodeName) enqueue(pod);
  });
  caches.of<Node>(nodes).onChange(({ metadata }) => {
    for (const pod of podCache.all()) if (pod.spec.nodeName === metadata.name) enqueue(pod);
  });
  return queue;
}

async function syncPod(context: ControllerContext, tainted: Map<string, number>, key: string) {
  const { namespace, name } = splitKey(key);
  await context.caches.of<Node>(nodes).synced;
  const pod = context.caches.of<Pod>(podResource).get(namespace, name);
  if (!pod?.spec.nodeName) return undefined;
  const node = context.caches.of<Node>(nodes).get(undefined, pod.spec.nodeName);
  const taints = node?.spec?.taints ?? [];
  if (pod.metadata.deletionTimestamp) {
    // No kubelet will confirm its end.
    if (!node || taints.some(({ key }) => key === OUT_OF_SERVICE)) await remove(context, pod, 0);
    return undefined;
  }
  if (!node) return undefined; // a pod may be bound to a node that is about to register
  const borneMs = borneForMs(taints, pod.spec.tolerations ?? []);
  if (borneMs === Infinity) return void tainted.delete(pod.metadata.uid!);
  const since = tainted.get(pod.metadata.uid!) ?? Date.now();
  tainted.set(pod.metadata.uid!, since);
  const leftMs = since + borneMs - Date.now();
  if (leftMs > 0) return { againInMs: leftMs };
  await remove(context, pod);
  return undefined;
}

/** For how long a pod bears the taints that evict; 0 for one that it does not tolerate. */
export function borneForMs(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  const times = taints.filter(({ effect }) => effect === "NoExecute").map((taint) => {
    const by = tolerations.filter((it) => bears(it, taint));
    if (by.length === 0) return 0;
    return Math.min(...by.map(({ tolerationSeconds = Infinity }) => tolerationSeconds * 1000));
  });
  return Math.min(Infinity, ...times);
}

async function remove(
  { client }: ControllerContext,
  pod: Pod,
  gracePeriodSeconds?: number,
): Promise<void> {
  const options = {
    preconditions: { uid: pod.metadata.uid! },
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  };
  try {
    await unlessGone(client.delete(podResource, refOf(pod), options));
  } catch (error) {
    if (!isConflict(error)) throw error; // another pod has the name
  }
}
