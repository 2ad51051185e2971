/**
 * Objects of one watched selection, indexed by name and by cluster. Layer: client of the API server.
 *
 * Two writers meet here: the watch, and this process's own writes, whose answers arrive before or
 * after their watch events. The greater resourceVersion wins; what we deleted stays hidden until its
 * DELETED event, and what was deleted never comes back by a late answer. Own writes make no change
 * event: who wrote knows.
 */

import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { BoundedMap } from "../../../lib/bounded_map.ts";

/** What a listener learns. The objects are the cache's own: read them, never change them. */
export interface ObjectChange {
  readonly type: "apply" | "delete";
  readonly object: KubeObject;
  /** What the cache held before. */
  readonly old?: KubeObject;
}

/** How many deleted uids are remembered against late answers. */
const REMEMBERED_UIDS = 2_000;

export class ObjectStore {
  readonly #objects = new Map<string, KubeObject>();
  readonly #byCluster = new Map<string, Map<string, KubeObject>>();
  /** Deleted by us, the DELETED event still to come. */
  readonly #tombstones = new Set<string>();
  /** Their DELETED event was seen, with this resourceVersion. It may mean a lost label only. */
  readonly #gone = new BoundedMap<string, string>(REMEMBERED_UIDS);
  readonly #clusterOf: (object: KubeObject) => string | undefined;

  constructor(clusterOf: (object: KubeObject) => string | undefined) {
    this.#clusterOf = clusterOf;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }

  /** Objects of a cluster by its label, in no order. */
  ofCluster(namespace: string, cluster: string): KubeObject[] {
    return [...this.#byCluster.get(keyOf(namespace, cluster))?.values() ?? []];
  }

  all(): KubeObject[] {
    return [...this.#objects.values()];
  }

  /** Takes an ADDED or MODIFIED event. */
  applyEvent(object: KubeObject): ObjectChange | undefined {
    const uid = object.metadata.uid ?? "";
    if (this.#tombstones.has(uid)) return undefined;
    this.#gone.delete(uid);
    const old = this.#objects.get(objectKey(object));
    if (old !== undefined && !isNewer(object, old)) return undefined;
    this.#put(object, old);
    return { type: "apply", object, ...(old === undefined ? {} : { old }) };
  }

  /** Takes a DELETED event. */
  deleteEvent(object: KubeObject): ObjectChange | undefined {
    const uid = object.metadata.uid ?? "";
    this.#tombstones.delete(uid);
    this.#gone.set(uid, object.metadata.resourceVersion ?? "");
    const old = this.#objects.get(objectKey(object));
    // One of the same name was made meanwhile, and we know of it already.
    if (old !== undefined && old.metadata.uid !== object.metadata.uid) {
      return { type: "delete", object };
    }
    if (old !== undefined) this.#remove(old);
    return { type: "delete", object, ...(old === undefined ? {} : { old }) };
  }

  /** Takes a whole list; what it does not hold is gone, unless we wrote it after the list. */
  replaceAll(listed: readonly KubeObject[], listVersion: string): ObjectChange[] {
    const keys = new Set(listed.map(objectKey));
    const uids = new Set(listed.map((object) => object.metadata.uid));
    for (const uid of this.#tombstones) if (!uids.has(uid)) this.#tombstones.delete(uid);
    const changes: ObjectChange[] = [];
    for (const old of this.all()) {
      const version = old.metadata.resourceVersion ?? "";
      if (keys.has(objectKey(old)) || isNewerVersion(version, listVersion)) continue;
      this.#remove(old);
      changes.push({ type: "delete", object: old, old });
    }
    for (const object of listed) {
      const change = this.applyEvent(object);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  /** Takes the answer to an own create, replace or patch. */
  applyWrite(object: KubeObject): void {
    const uid = object.metadata.uid ?? "";
    if (this.#tombstones.has(uid)) return;
    const gone = this.#gone.get(uid);
    if (gone !== undefined && !isNewerVersion(object.metadata.resourceVersion ?? "", gone)) return;
    const old = this.#objects.get(objectKey(object));
    if (old === undefined || isNewer(object, old)) this.#put(object, old);
  }

  /** Hides what we have just deleted; `uid` is the deleted object's, if the server told it. */
  markDeleted(namespace: string | undefined, name: string, uid: string | undefined): void {
    const old = this.#objects.get(keyOf(namespace, name));
    if (old === undefined || (uid !== undefined && old.metadata.uid !== uid)) return;
    this.#remove(old);
    if (old.metadata.uid !== undefined) this.#tombstones.add(old.metadata.uid);
  }

  #put(object: KubeObject, old: KubeObject | undefined): void {
    if (old !== undefined) this.#remove(old);
    const key = objectKey(object);
    this.#objects.set(key, object);
    const cluster = this.#clusterOf(object);
    if (cluster === undefined) return;
    const clusterKey = keyOf(object.metadata.namespace, cluster);
    const group = this.#byCluster.get(clusterKey) ?? new Map<string, KubeObject>();
    this.#byCluster.set(clusterKey, group.set(key, object));
  }

  #remove(object: KubeObject): void {
    const key = objectKey(object);
    this.#objects.delete(key);
    const cluster = this.#clusterOf(object);
    if (cluster === undefined) return;
    const clusterKey = keyOf(object.metadata.namespace, cluster);
    const group = this.#byCluster.get(clusterKey);
    group?.delete(key);
    if (group?.size === 0) this.#byCluster.delete(clusterKey);
  }
}

/** `namespace/name`; a cluster-scoped object has no namespace. */
export function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}

function objectKey(object: KubeObject): string {
  return keyOf(object.metadata.namespace, object.metadata.name ?? "");
}

function isNewer(object: KubeObject, old: KubeObject): boolean {
  return isNewerVersion(
    object.metadata.resourceVersion ?? "",
    old.metadata.resourceVersion ?? "",
  );
}

/**
 * Whether a resourceVersion is later. They are decimal numbers in practice (and officially from
 * Kubernetes 1.35 on); of others only equality says something, and then what comes last is taken.
 */
export function isNewerVersion(version: string, than: string): boolean {
  if (!/^[1-9]\d*$/.test(version) || !/^[1-9]\d*$/.test(than)) return version !== than;
  return version.length === than.length ? version > than : version.length > than.length;
}
