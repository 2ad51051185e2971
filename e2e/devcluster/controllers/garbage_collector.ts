/**
 * Garbage collection by ownerReferences: background, foreground and orphaning deletion
 * (controllers of the dev cluster).
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
import { apiVersionOf, type DeleteOptions, unlessGone } from "../client/client.ts";
import { type Reconciler, reconciler } from "../client/reconciler.ts";
import type { Resource } from "../client/resources.ts";
import type { KubeObject, OwnerReference } from "../objects/meta.ts";
import { type Controller, type ControllerContext, refOf } from "./context.ts";
import type { ObjectWatch } from "./object_watch.ts";

const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";

interface Node {
  readonly resource: Resource;
  readonly object: KubeObject;
}

/** Who owns whom, by uid. */
interface Graph {
  readonly nodes: Map<string, Node>;
  readonly dependents: Map<string, Set<string>>;
}

interface Collector extends ControllerContext {
  readonly everything: ObjectWatch;
  readonly graph: Graph;
  readonly queue: Reconciler;
}

/** Starts the controller. */
export function garbageCollector(
  context: ControllerContext,
  everything: ObjectWatch,
): Controller {
  const graph: Graph = { nodes: new Map(), dependents: new Map() };
  const queue = reconciler((uid) => collect(collector, uid), context.onError);
  const collector: Collector = { ...context, everything, graph, queue };
  everything.onChange((resource, object, gone) => {
    if (gone) forget(collector, object);
    else remember(collector, { resource, object });
  });
  return queue;
}

function remember({ graph, queue }: Collector, node: Node): void {
  const { uid, ownerReferences = [], deletionTimestamp } = node.object.metadata;
  unlink(graph, uid!);
  graph.nodes.set(uid!, node);
  for (const owner of ownerReferences) {
    const dependents = graph.dependents.get(owner.uid) ?? new Set();
    graph.dependents.set(owner.uid, dependents.add(uid!));
    // A foreground deletion may have waited for this reference to change.
    if (graph.nodes.get(owner.uid)?.object.metadata.deletionTimestamp) queue.enqueue(owner.uid);
  }
  if (ownerReferences.length > 0 || deletionTimestamp) queue.enqueue(uid!);
}

function forget({ graph, queue }: Collector, object: KubeObject): void {
  const { uid, ownerReferences = [] } = object.metadata;
  unlink(graph, uid!);
  graph.nodes.delete(uid!);
  for (const dependent of graph.dependents.get(uid!) ?? []) queue.enqueue(dependent);
  for (const owner of ownerReferences) if (graph.nodes.has(owner.uid)) queue.enqueue(owner.uid);
}

function unlink({ nodes, dependents }: Graph, uid: string): void {
  for (const owner of nodes.get(uid)?.object.metadata.ownerReferences ?? []) {
    const known = dependents.get(owner.uid);
    known?.delete(uid);
    if (known?.size === 0) dependents.delete(owner.uid);
  }
}

async function collect(collector: Collector, uid: string): Promise<void> {
  const node = collector.graph.nodes.get(uid);
  if (!node) return;
  const { deletionTimestamp, finalizers = [] } = node.object.metadata;
  if (!deletionTimestamp) return await collectIfUnowned(collector, node);
  if (finalizers.includes(ORPHAN)) await orphanDependents(collector, node);
  else if (finalizers.includes(FOREGROUND)) await awaitDependents(collector, node);
}

function dependentsOf({ graph }: Collector, { object }: Node): Node[] {
  const uids = graph.dependents.get(object.metadata.uid!) ?? [];
  return [...uids].flatMap((uid) => graph.nodes.get(uid) ?? []);
}

async function orphanDependents(collector: Collector, owner: Node): Promise<void> {
  const { uid } = owner.object.metadata;
  for (const dependent of dependentsOf(collector, owner)) {
    await keepOwners(collector, dependent, (reference) => reference.uid !== uid);
  }
  await removeFinalizer(collector, owner, ORPHAN);
}

async function awaitDependents(collector: Collector, owner: Node): Promise<void> {
  const { uid } = owner.object.metadata;
  const dependents = dependentsOf(collector, owner);
  const blocks = ({ object }: Node) =>
    object.metadata.ownerReferences!.some((it) => it.uid === uid && it.blockOwnerDeletion);
  if (!dependents.some(blocks)) return await removeFinalizer(collector, owner, FOREGROUND);
  for (const { object } of dependents) collector.queue.enqueue(object.metadata.uid!);
}

async function collectIfUnowned(collector: Collector, node: Node): Promise<void> {
  const { ownerReferences = [] } = node.object.metadata;
  const states = await Promise.all(ownerReferences.map(async (reference) => ({
    reference,
    state: await ownerState(collector, node, reference),
  })));
  if (states.length === 0 || states.some(({ state }) => state === "unknown")) return;
  const solid = states.filter(({ state }) => state === "solid").map((it) => it.reference.uid);
  if (solid.length === states.length) return;
  if (solid.length > 0) return await keepOwners(collector, node, (it) => solid.includes(it.uid));
  const waiting = states.some(({ state }) => state === "waiting");
  const propagationPolicy = waiting && dependentsOf(collector, node).length > 0
    ? "Foreground"
    : propagationOf(node.object);
  await remove(collector, node, propagationPolicy);
}

/** A finalizer that is there already says how the deletion was meant. */
function propagationOf({ metadata }: KubeObject): DeleteOptions["propagationPolicy"] & string {
  if (metadata.finalizers?.includes(ORPHAN)) return "Orphan";
  return metadata.finalizers?.includes(FOREGROUND) ? "Foreground" : "Background";
}

/** solid: there. waiting: there, but its deletion waits for its dependents. */
type OwnerState = "solid" | "waiting" | "gone" | "unknown";

async function ownerState(
  { graph, everything, client }: Collector,
  { object }: Node,
  reference: OwnerReference,
): Promise<OwnerState> {
  const owner = graph.nodes.get(reference.uid)?.object ?? await liveOwner();
  if (owner === "unknown") return "unknown";
  if (!owner || owner.metadata.uid !== reference.uid) return "gone";
  const { deletionTimestamp, finalizers = [] } = owner.metadata;
  return deletionTimestamp && finalizers.includes(FOREGROUND) ? "waiting" : "solid";

  async function liveOwner(): Promise<KubeObject | undefined | "unknown"> {
    const group = reference.apiVersion.includes("/") ? reference.apiVersion.split("/")[0] : "";
    const resource = everything.resources()
      .find((it) => it.group === group && it.kind === reference.kind);
    // Of a kind that is not served nothing can be said, so nothing is deleted.
    if (!resource) return "unknown";
    const namespace = resource.namespaced ? object.metadata.namespace : undefined;
    return await client.get(resource, { namespace, name: reference.name });
  }
}

async function keepOwners(
  { client }: Collector,
  { resource, object }: Node,
  keep: (reference: OwnerReference) => boolean,
): Promise<void> {
  const { uid, resourceVersion, ownerReferences = [] } = object.metadata;
  const metadata = {
    uid,
    resourceVersion,
    ownerReferences: ownerReferences.filter(keep),
  };
  const typed = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata };
  await unlessGone(client.patch(resource, refOf(object), typed));
}

async function removeFinalizer(
  { client }: Collector,
  { resource, object }: Node,
  finalizer: string,
): Promise<void> {
  const { resourceVersion, finalizers = [] } = object.metadata;
  const rest = finalizers.filter((it) => it !== finalizer);
  const patch = { metadata: { resourceVersion, finalizers: rest } };
  await unlessGone(client.patch(resource, refOf(object), patch));
}

async function remove(
  { client }: Collector,
  { resource, object }: Node,
  propagationPolicy: NonNullable<DeleteOptions["propagationPolicy"]>,
): Promise<void> {
  const { uid, resourceVersion } = object.metadata;
  const preconditions = { uid: uid!, resourceVersion: resourceVersion! };
  await unlessGone(client.delete(resource, refOf(object), { propagationPolicy, preconditions }));
}
