/**
 * Puts pods on nodes through the binding subresource (dev cluster; stands in for the
 * kube-scheduler: node selectors and affinity, taints, pod anti-affinity, spread constraints,
 * claims that have to be bound; no resources, no pod affinity).
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
import {
  type ClusterAccess,
  isConflict,
  type KubeClient,
  kubeClient,
  unlessGone,
} from "../client/client.ts";
import { reconciler } from "../client/reconciler.ts";
import { nodes, persistentVolumeClaims, pods as podResource } from "../client/resources.ts";
import { splitKey, type WatchCaches, watchCaches } from "../client/watch_cache.ts";
import { type EventRecorder, eventRecorder } from "../client/event_recorder.ts";
import type { Node } from "../objects/placement.ts";
import type { Pod } from "../objects/pod.ts";
import type { PersistentVolumeClaim } from "../objects/storage.ts";
import { misfit } from "./fit.ts";
import { bestNode } from "./rank.ts";
import { kubeTime } from "../objects/time.ts";

const DEFAULT_SCHEDULER = "default-scheduler";

interface Scheduler {
  readonly client: KubeClient;
  readonly caches: WatchCaches;
  readonly events: EventRecorder;
  /** Nodes of pods that were bound a moment ago, by uid: the cache does not know them yet. */
  readonly bound: Map<string, string>;
}

/**
 * Starts the scheduler; resolves when it knows what is there. `onError` hears of what went wrong and
 * is tried again.
 */
export async function startScheduler(
  access: ClusterAccess,
  onError: (error: unknown) => void,
): Promise<{ stop(): Promise<void> }> {
  const client = kubeClient(access);
  const caches = watchCaches(client, onError);
  const events = eventRecorder(client, { component: DEFAULT_SCHEDULER });
  const scheduler: Scheduler = { client, caches, events, bound: new Map() };
  const podCache = caches.of<Pod>(podResource);
  await Promise.all(
    [podResource, nodes, persistentVolumeClaims].map((it) => caches.of(it).synced),
  );
  const queue = reconciler((key) => schedule(scheduler, key), onError);
  const waits = ({ spec, metadata }: Pod) => !spec.nodeName && !metadata.deletionTimestamp;
  const enqueue = ({ metadata }: Pod) => queue.enqueue(`${metadata.namespace}/${metadata.name}`);
  const enqueueWaiting = () => [...podCache.all()].filter(waits).forEach(enqueue);
  podCache.onChange((pod, gone) => {
    if (gone || pod.spec.nodeName) scheduler.bound.delete(pod.metadata.uid!);
    if (gone) enqueueWaiting(); // room may be free now
    else if (waits(pod)) enqueue(pod);
  });
  caches.of<PersistentVolumeClaim>(persistentVolumeClaims).onChange((claim) => {
    for (const pod of podCache.inNamespace(claim.metadata.namespace)) {
      if (waits(pod)) enqueue(pod);
    }
  });
  caches.of<Node>(nodes).onChange(enqueueWaiting);
  return {
    async stop() {
      await queue.stop();
      await caches.stop();
      await events.flush();
      client.close();
    },
  };
}

/** How long a claim may take to be bound before that is worth an Event. */
const BINDING_MS = 2000;

async function schedule(scheduler: Scheduler, key: string) {
  const { caches, events } = scheduler;
  const { namespace, name } = splitKey(key);
  const pod = caches.of<Pod>(podResource).get(namespace, name);
  if (!pod || pod.spec.nodeName || pod.metadata.deletionTimestamp) return undefined;
  if ((pod.spec.schedulerName ?? DEFAULT_SCHEDULER) !== DEFAULT_SCHEDULER) return undefined;
  const all = knownPods(scheduler);
  const known = [...caches.of<Node>(nodes).all()];
  const misfits = known.map((node) => ({ node, why: misfit(pod, node, all, known) }));
  const candidates = misfits.filter(({ why }) => !why).map(({ node }) => node);
  const best = bestNode(pod, candidates, all, known);
  const unbound = unboundClaim(caches, pod);
  if (best && !unbound) return await bind(scheduler, pod, best.metadata.name);
  const reasons = unbound ? [unbound] : misfits.map(({ why }) => why!);
  const message = `0/${known.length} nodes are available: ${[...new Set(reasons)].join(", ")}.`;
  if (isKnownUnschedulable(pod, message)) return undefined;
  const ageMs = Date.now() - Date.parse(pod.metadata.creationTimestamp!);
  if (unbound && ageMs < BINDING_MS) return { againInMs: BINDING_MS };
  events.record(pod, { type: "Warning", reason: "FailedScheduling", message });
  await markUnschedulable(scheduler, pod, message);
  return undefined;
}

/** All pods, those that were just bound with their node. */
function knownPods({ caches, bound }: Scheduler): Pod[] {
  return [...caches.of<Pod>(podResource).all()].map((pod) => {
    const nodeName = bound.get(pod.metadata.uid!);
    return nodeName === undefined ? pod : { ...pod, spec: { ...pod.spec, nodeName } };
  });
}

function unboundClaim(caches: WatchCaches, { spec, metadata }: Pod): string | undefined {
  const claims = caches.of<PersistentVolumeClaim>(persistentVolumeClaims);
  for (const { persistentVolumeClaim } of spec.volumes ?? []) {
    if (!persistentVolumeClaim) continue;
    const claim = claims.get(metadata.namespace, persistentVolumeClaim.claimName);
    if (!claim) return `persistentvolumeclaim "${persistentVolumeClaim.claimName}" not found`;
    if (claim.status?.phase !== "Bound") return "pod has unbound immediate PersistentVolumeClaims";
  }
  return undefined;
}

async function bind(scheduler: Scheduler, pod: Pod, node: string): Promise<undefined> {
  const { namespace, name, uid } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/binding`;
  const metadata = { name, namespace, uid };
  const target = { apiVersion: "v1", kind: "Node", name: node };
  const binding = { apiVersion: "v1", kind: "Binding", metadata, target };
  scheduler.bound.set(uid!, node);
  try {
    await unlessGone(scheduler.client.send("POST", path, binding));
  } catch (error) {
    scheduler.bound.delete(uid!);
    // Bound meanwhile, or another pod has the name: the next event tells.
    if (isConflict(error)) return undefined;
    throw error;
  }
  const message = `Successfully assigned ${namespace}/${name} to ${node}`;
  scheduler.events.record(pod, { type: "Normal", reason: "Scheduled", message });
  return undefined;
}

function isKnownUnschedulable({ status }: Pod, message: string): boolean {
  return status?.conditions?.some((it) =>
    it.type === "PodScheduled" && it.status === "False" && it.message === message
  ) ?? false;
}

async function markUnschedulable({ client }: Scheduler, pod: Pod, message: string) {
  const { namespace, name, uid } = pod.metadata;
  const condition = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message,
    lastTransitionTime: kubeTime(),
  };
  const others = (pod.status?.conditions ?? []).filter((it) => it.type !== "PodScheduled");
  const patch = { metadata: { uid }, status: { conditions: [...others, condition] } };
  await unlessGone(
    client.patch(podResource, { namespace, name }, patch, { subresource: "status" }),
  );
}
