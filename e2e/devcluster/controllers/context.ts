/** What every controller of the dev cluster gets, and what they ask of owners and selectors. */
import { type KubeClient, type Ref, unlessGone } from "../client/client.ts";
import { apiVersionOf } from "../client/client.ts";
import type { Resource } from "../client/resources.ts";
import { pods as podResource } from "../client/resources.ts";
import { cacheKey, type WatchCache, type WatchCaches } from "../client/watch_cache.ts";
import type { KubeObject, LabelSelector, OwnerReference } from "../objects/meta.ts";
import type { Pod } from "../objects/pod.ts";

export interface ControllerContext {
  readonly client: KubeClient;
  readonly caches: WatchCaches;
  readonly onError: (error: unknown) => void;
  /** For how long a node may be silent before it counts as lost, 40 s when absent. */
  readonly nodeGraceMs?: number;
}

/** A controller that runs. */
export interface Controller {
  stop(): Promise<void>;
}

/** The reference that makes `owner` the controller of what carries it. */
export function controllerReference(owner: KubeObject, resource: Resource): OwnerReference {
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid!,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The owner that controls an object, if there is one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller);
}

/** The cache key of the object's controller when that is of the given kind. */
export function controllerKey(object: KubeObject, resource: Resource): string | undefined {
  const owner = controllerOf(object);
  if (owner?.kind !== resource.kind || owner.apiVersion !== apiVersionOf(resource)) {
    return undefined;
  }
  return cacheKey(object.metadata.namespace, owner.name);
}

/** The namespace and name of an object. */
export function refOf(object: KubeObject): Ref {
  return { namespace: object.metadata.namespace, name: object.metadata.name };
}

/**
 * Applies a label selector. An empty one selects everything, an absent one nothing.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function selects(
  selector: LabelSelector | undefined,
  labels: Record<string, string> = {},
): boolean {
  if (!selector) return false;
  const equal = Object.entries(selector.matchLabels ?? {})
    .every(([key, value]) => labels[key] === value);
  return equal && (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === "In") return value !== undefined && values.includes(value);
    if (operator === "NotIn") return value === undefined || !values.includes(value);
    return operator === "Exists" ? value !== undefined : value === undefined;
  });
}

/**
 * Hears of each change of an object with the labels that it had before, so that whoever selected
 * it then learns of its leaving.
 */
export function onLabelChange<T extends KubeObject>(
  cache: WatchCache<T>,
  listener: (object: T, isSelectedBy: (selector: LabelSelector | undefined) => boolean) => void,
): void {
  const before = new Map<string, Record<string, string> | undefined>();
  cache.onChange((object, gone) => {
    const { uid, labels } = object.metadata;
    const old = before.get(uid!);
    if (gone) before.delete(uid!);
    else before.set(uid!, labels);
    listener(object, (selector) => selects(selector, labels) || selects(selector, old ?? {}));
  });
}

/** Whether the pod belongs to no controller and may be adopted by one whose selector fits. */
export interface Claimant {
  readonly owner: KubeObject;
  readonly resource: Resource;
  readonly selector: LabelSelector;
  /** Narrows adoption further, e.g. to the names of a StatefulSet's members. */
  readonly adopts?: (pod: Pod) => boolean;
}

/**
 * The pods that belong to an owner: its own, and orphans that it adopts now. Own pods that its
 * selector no longer covers are released.
 */
export async function claimPods(context: ControllerContext, claimant: Claimant): Promise<Pod[]> {
  const { owner, resource, selector } = claimant;
  const cache = context.caches.of<Pod>(podResource);
  const claimed: Pod[] = [];
  for (const pod of cache.inNamespace(owner.metadata.namespace)) {
    const controller = controllerOf(pod);
    const covered = selects(selector, pod.metadata.labels) && (claimant.adopts?.(pod) ?? true);
    if (controller?.uid === owner.metadata.uid) {
      if (covered) claimed.push(pod);
      else await setOwners(context, pod, without(pod, owner));
    } else if (!controller && covered && !pod.metadata.deletionTimestamp) {
      const reference = controllerReference(owner, resource);
      const adopted = await setOwners(context, pod, [...without(pod, owner), reference]);
      if (adopted) claimed.push(adopted);
    }
  }
  return claimed;
}

function without(pod: Pod, owner: KubeObject): OwnerReference[] {
  return (pod.metadata.ownerReferences ?? []).filter((it) => it.uid !== owner.metadata.uid);
}

async function setOwners(
  { client, caches }: ControllerContext,
  pod: Pod,
  ownerReferences: OwnerReference[],
): Promise<Pod | undefined> {
  const metadata = { uid: pod.metadata.uid, ownerReferences };
  const patched = await unlessGone(
    client.patch<Pod>(podResource, refOf(pod), { metadata }),
  );
  if (patched) caches.of<Pod>(podResource).learn(patched);
  return patched;
}

/**
 * Writes the top-level status fields that differ; a field that is gone from `status` is removed.
 * Nothing is sent when nothing differs.
 */
export async function writeStatus<T extends KubeObject & { status?: unknown }>(
  { client, caches }: ControllerContext,
  resource: Resource,
  object: T,
  status: Record<string, unknown>,
): Promise<void> {
  const known = (object.status ?? {}) as Record<string, unknown>;
  const fields = new Set([...Object.keys(known), ...Object.keys(status)]);
  const changed = [...fields].filter((field) => !sameValue(known[field], status[field]));
  // The API server drops a zero or an empty list in some kinds and keeps it in others.
  const empty = (value: unknown) =>
    value === undefined || value === 0 || Array.isArray(value) && value.length === 0;
  if (changed.every((field) => empty(known[field]) && empty(status[field]))) return;
  const patch = Object.fromEntries(changed.map((field) => [field, status[field] ?? null]));
  const written = await unlessGone(
    client.patch<T>(resource, refOf(object), { status: patch }, { subresource: "status" }),
  );
  if (written) caches.of<T>(resource).learn(written);
}

/** Compares plain data; the order of an object's keys does not matter. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = Object.entries(b).filter(([, value]) => value !== undefined);
  return left.length === right.length &&
    left.every(([key, value]) => sameValue(value, (b as Record<string, unknown>)[key]));
}
