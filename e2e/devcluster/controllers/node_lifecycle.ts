/**
 * Nodes that fall silent: they become not ready, get taints, and their pods count as not ready
 * (controllers of the dev cluster). A node without a Lease was made by hand and is left alone.
 * https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller
 */
import { unlessGone } from "../client/client.ts";
import { reconciler } from "../client/reconciler.ts";
import { leases, nodes, pods as podResource } from "../client/resources.ts";
import type { Condition } from "../objects/meta.ts";
import type { Lease, Node, Taint } from "../objects/placement.ts";
import type { Pod } from "../objects/pod.ts";
import { type Controller, type ControllerContext, refOf, sameValue } from "./context.ts";
import { kubeTime } from "../objects/time.ts";

/** For how long a node may be silent. */
const GRACE_MS = 40_000;
const LEASES = "kube-node-lease";

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

/** Starts the controller. */
export function nodeLifecycleController(context: ControllerContext): Controller {
  const { caches, onError } = context;
  const queue = reconciler((name) => syncNode(context, name), onError);
  caches.of<Node>(nodes).onChange(({ metadata }) => queue.enqueue(metadata.name));
  caches.of<Lease>(leases).onChange(({ metadata }) => {
    if (metadata.namespace === LEASES) queue.enqueue(metadata.name);
  });
  caches.of<Pod>(podResource);
  return queue;
}

async function syncNode(context: ControllerContext, name: string) {
  const node = context.caches.of<Node>(nodes).get(undefined, name);
  const renewed = context.caches.of<Lease>(leases).get(LEASES, name)?.spec?.renewTime;
  if (!node || renewed === undefined) return undefined;
  const silentMs = Date.now() - Date.parse(renewed);
  const graceMs = context.nodeGraceMs ?? GRACE_MS;
  if (silentMs > graceMs) await markUnknown(context, node);
  await setTaints(context, node, readyOf(node)?.status);
  if (readyOf(node)?.status !== "True") await markPodsNotReady(context, name);
  return silentMs > graceMs ? undefined : { againInMs: graceMs - silentMs + 10 };
}

function readyOf({ status }: Node): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === "Ready");
}

async function markUnknown({ client }: ControllerContext, node: Node): Promise<void> {
  if (readyOf(node)?.status === "Unknown") return;
  const others = (node.status?.conditions ?? []).filter(({ type }) => type !== "Ready");
  const ready = {
    type: "Ready",
    status: "Unknown",
    reason: "NodeStatusUnknown",
    message: "Kubelet stopped posting node status.",
    lastTransitionTime: kubeTime(),
  };
  const patch = { status: { conditions: [...others, ready] } };
  await unlessGone(client.patch(nodes, refOf(node), patch, { subresource: "status" }));
}

/** The taints that follow from a node's state; those of others stay. */
export function taintsFor(node: Node, ready: string | undefined, nowMs: number): Taint[] {
  const ours = [NOT_READY, UNREACHABLE, UNSCHEDULABLE];
  const key = ready === "False" ? NOT_READY : ready === "Unknown" ? UNREACHABLE : undefined;
  const wanted: Taint[] = [
    ...(key === undefined ? [] : [
      { key, effect: "NoSchedule", timeAdded: kubeTime(nowMs) },
      { key, effect: "NoExecute", timeAdded: kubeTime(nowMs) },
    ]),
    ...(node.spec?.unschedulable
      ? [{ key: UNSCHEDULABLE, effect: "NoSchedule", timeAdded: kubeTime(nowMs) }]
      : []),
  ];
  const known = node.spec?.taints ?? [];
  const same = (a: Taint, b: Taint) => a.key === b.key && a.effect === b.effect;
  return [
    ...known.filter((taint) => !ours.includes(taint.key) || wanted.some((it) => same(it, taint))),
    ...wanted.filter((taint) => !known.some((it) => same(it, taint))),
  ];
}

async function setTaints(
  { client, caches }: ControllerContext,
  node: Node,
  ready: string | undefined,
): Promise<void> {
  const taints = taintsFor(node, ready, Date.now());
  if (sameValue(taints, node.spec?.taints ?? [])) return;
  const { name, resourceVersion } = node.metadata;
  const patch = { metadata: { resourceVersion }, spec: { taints } };
  const patched = await unlessGone(client.patch<Node>(nodes, { name }, patch));
  if (patched) caches.of<Node>(nodes).learn(patched);
}

async function markPodsNotReady({ client, caches }: ControllerContext, node: string) {
  for (const pod of caches.of<Pod>(podResource).all()) {
    if (pod.spec.nodeName !== node) continue;
    const conditions = pod.status?.conditions ?? [];
    if (!conditions.some(({ type, status }) => type === "Ready" && status === "True")) continue;
    const changed = conditions.map((it) =>
      it.type === "Ready"
        ? { ...it, status: "False", reason: "NodeNotReady", lastTransitionTime: kubeTime() }
        : it
    );
    const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions: changed } };
    await unlessGone(client.patch(podResource, refOf(pod), patch, { subresource: "status" }));
  }
}
