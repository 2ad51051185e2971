/**
 * Puts pods on nodes through the binding subresource (dev cluster; stands in for the
 * kube-scheduler: node selectors, required node affinity, taints, required pod anti-affinity,
 * claims that have to be bound; no resources, no preferences but few pods).
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
import { isConflict, type KubeClient, unlessGone } from "../client/client.ts";
import { reconciler } from "../client/reconciler.ts";
import { nodes, persistentVolumeClaims, pods as podResource } from "../client/resources.ts";
import { splitKey, type WatchCaches } from "../client/watch_cache.ts";
import type { Node } from "../objects/placement.ts";
import type { Pod } from "../objects/pod.ts";
import type { PersistentVolumeClaim } from "../objects/storage.ts";
import type { EventRecorder } from "./event_recorder.ts";
import { misfit } from "./scheduling.ts";

export interface SchedulerOptions {
  readonly client: KubeClient;
  readonly caches: WatchCaches;
  readonly events: EventRecorder;
  readonly onError: (error: unknown) => void;
}

/** Starts the scheduler; it needs the caches of pods, nodes and claims. */
export function startScheduler(options: SchedulerOptions): { stop(): Promise<void> } {
  const { caches, onError } = options;
  const podCache = caches.of<Pod>(podResource);
  const queue = reconciler((key) => schedule(options, key), onError);
  const waits = ({ spec, metadata }: Pod) => !spec.nodeName && !metadata.deletionTimestamp;
  const enqueue = ({ metadata }: Pod) => queue.enqueue(`${metadata.namespace}/${metadata.name}`);
  const enqueueWaiting = () => [...podCache.all()].filter(waits).forEach(enqueue);
  podCache.onChange((pod, gone) => {
    if (gone) enqueueWaiting(); // room may be free now
    else if (waits(pod)) enqueue(pod);
  });
  caches.of<PersistentVolumeClaim>(persistentVolumeClaims).onChange((claim) => {
    for (const pod of podCache.inNamespace(claim.metadata.namespace)) {
      if (waits(pod)) enqueue(pod);
    }
  });
  caches.of<Node>(nodes).onChange(enqueueWaiting);
  return queue;
}

const DEFAULT_SCHEDULER = "default-scheduler";
/** How long a claim may take to be bound before that is worth an Event. */
const BINDING_MS = 2000;

async function schedule(options: SchedulerOptions, key: string) {
  const { caches, events } = options;
  const { namespace, name } = splitKey(key);
  const pod = caches.of<Pod>(podResource).get(namespace, name);
  if (!pod || pod.spec.nodeName || pod.metadata.deletionTimestamp) return undefined;
  if ((pod.spec.schedulerName ?? DEFAULT_SCHEDULER) !== DEFAULT_SCHEDULER) return undefined;
  const all = [...caches.of<Pod>(podResource).all()];
  const known = [...caches.of<Node>(nodes).all()];
  const misfits = known.map((node) => ({ node, why: misfit(pod, node, all, known) }));
  const onNode = (node: Node) => all.filter((it) => it.spec.nodeName === node.metadata.name).length;
  const [best] = misfits.filter(({ why }) => !why).map(({ node }) => node)
    .sort((a, b) => onNode(a) - onNode(b));
  const unbound = unboundClaim(caches, pod);
  if (best && !unbound) return await bind(options, pod, best.metadata.name);
  const reasons = unbound ? [unbound] : misfits.map(({ why }) => why!);
  const message = `0/${known.length} nodes are available: ${[...new Set(reasons)].join(", ")}.`;
  if (isKnownUnschedulable(pod, message)) return undefined;
  const ageMs = Date.now() - Date.parse(pod.metadata.creationTimestamp!);
  if (unbound && ageMs < BINDING_MS) return { againInMs: BINDING_MS };
  events.record(pod, { type: "Warning", reason: "FailedScheduling", message });
  await markUnschedulable(options, pod, message);
  return undefined;
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

async function bind(options: SchedulerOptions, pod: Pod, node: string): Promise<undefined> {
  const { namespace, name, uid } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/binding`;
  const metadata = { name, namespace, uid };
  const target = { apiVersion: "v1", kind: "Node", name: node };
  const binding = { apiVersion: "v1", kind: "Binding", metadata, target };
  try {
    await unlessGone(options.client.send("POST", path, binding));
  } catch (error) {
    // Bound meanwhile, or another pod has the name: the next event tells.
    if (isConflict(error)) return undefined;
    throw error;
  }
  const message = `Successfully assigned ${namespace}/${name} to ${node}`;
  options.events.record(pod, { type: "Normal", reason: "Scheduled", message });
  return undefined;
}

function isKnownUnschedulable({ status }: Pod, message: string): boolean {
  return status?.conditions?.some((it) =>
    it.type === "PodScheduled" && it.status === "False" && it.message === message
  ) ?? false;
}

async function markUnschedulable({ client }: SchedulerOptions, pod: Pod, message: string) {
  const { namespace, name, uid } = pod.metadata;
  const condition = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message,
    lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
  };
  const others = (pod.status?.conditions ?? []).filter((it) => it.type !== "PodScheduled");
  const patch = { metadata: { uid }, status: { conditions: [...others, condition] } };
  await unlessGone(
    client.patch(podResource, { namespace, name }, patch, { subresource: "status" }),
  );
}
