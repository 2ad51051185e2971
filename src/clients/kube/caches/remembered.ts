/**
 * Objects read by name and kept until they may have changed: the stand-in for a watch that the role
 * forbids. Layer: client of the API server.
 *
 * What is remembered is asked for again after an own write, after a change of the cluster's
 * manifest, and when the controller says so; an idle pass asks for nothing.
 */

import type { ClusterQuery } from "../../../ports/ports.ts";
import type { ObjectRef } from "../../../ports/requests.ts";
import type { KubeClient } from "../client.ts";
import { isForbidden, type KubeError } from "../errors.ts";
import type { KindRef } from "../request.ts";
import { trim } from "./selection_cache.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { ownValue } from "../../../lib/own_value.ts";

/** Reads by name, with a memory. What it returns is its own: clone before handing out. */
export interface Remembered {
  /** @throws KubeError */
  read(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined>;
  /** What is remembered of an object; undefined where that is nothing. Asks nobody. */
  recall(ref: ObjectRef): { readonly object: KubeObject | undefined } | undefined;
  /** A list that is remembered; undefined where none is. Asks nobody. */
  recallList(query: ClusterQuery): readonly KubeObject[] | undefined;
  /** By a list with the cluster's label. @throws KubeError */
  listOfCluster(query: ClusterQuery, signal: AbortSignal): Promise<readonly KubeObject[]>;
  /** Takes objects of a kind that were listed, in place of all that was known of the kind. */
  seed(kind: KindRef, objects: readonly KubeObject[]): void;
  /** Takes the answer to an own write. */
  wrote(object: KubeObject): void;
  /** Takes the answer to an own delete that left nothing behind. */
  deleted(ref: ObjectRef): void;
  /** Forgets one object: it is going, or a write of it was refused. */
  forget(ref: ObjectRef): void;
  /** Forgets what may belong to a cluster, and what belongs to none. */
  forgetCluster(namespace: string, cluster: string): void;
}

interface Entry {
  readonly ref: ObjectRef;
  readonly object: KubeObject | undefined;
}

/** One namespace's memory, by `apiVersion kind name` and by `apiVersion kind cluster`. */
interface Scope {
  readonly entries: Map<string, Entry>;
  readonly lists: Map<string, readonly KubeObject[]>;
  /** Counts what was forgotten: an answer from before must not be kept. */
  epoch: number;
}

/** A role may get more rights; until then asking is of no use. */
const REFUSAL_MS = 5 * 60_000;

/** Makes an empty memory. */
export function createRemembered(client: KubeClient, clusterNameLabel: string): Remembered {
  const memory = new Memory(clusterNameLabel);
  const refusals = new Refusals();
  return {
    async read(ref, signal) {
      const scope = memory.scopeOf(ref.namespace);
      const entry = scope.entries.get(entryKey(ref));
      if (entry !== undefined) return entry.object;
      const { epoch } = scope;
      const object = await client.get(ref, { signal });
      if (object !== undefined) trim(object);
      if (scope.epoch === epoch) scope.entries.set(entryKey(ref), { ref, object });
      return object;
    },

    recall: (ref) => memory.scopeOf(ref.namespace).entries.get(entryKey(ref)),

    recallList: ({ namespace, cluster, ...kind }) =>
      memory.scopeOf(namespace).lists.get(entryKey({ ...kind, name: cluster })),

    async listOfCluster({ namespace, cluster, ...kind }, signal) {
      const scope = memory.scopeOf(namespace);
      const key = entryKey({ ...kind, name: cluster });
      const remembered = scope.lists.get(key);
      if (remembered !== undefined) return remembered;
      const { epoch } = scope;
      const labelSelector = `${clusterNameLabel}=${cluster}`;
      const { items } = await refusals.unlessRefused(
        entryKey({ ...kind, name: namespace }),
        () => client.list(kind, { namespace, labelSelector, signal }),
      );
      if (scope.epoch !== epoch) return items;
      for (const object of items) memory.keep(scope, trim(object));
      scope.lists.set(key, items);
      return items;
    },

    seed: (kind, objects) => memory.seed(kind, objects),
    wrote: (object) => memory.wrote(object),
    deleted: (ref) => memory.deleted(ref),
    forget: (ref) => void memory.forget(ref),
    forgetCluster: (namespace, cluster) => memory.forgetCluster(namespace, cluster),
  };
}

/** What was read, by namespace. */
class Memory {
  readonly #scopes = new Map<string, Scope>();
  readonly #clusterNameLabel: string;

  constructor(clusterNameLabel: string) {
    this.#clusterNameLabel = clusterNameLabel;
  }

  scopeOf(namespace = ""): Scope {
    const scope = this.#scopes.get(namespace) ??
      { entries: new Map(), lists: new Map(), epoch: 0 };
    this.#scopes.set(namespace, scope);
    return scope;
  }

  keep(scope: Scope, object: KubeObject): void {
    const ref = { ...object, name: object.metadata.name ?? "" };
    scope.entries.set(entryKey(ref), { ref, object });
    this.#forgetListWith(scope, object);
  }

  seed(kind: KindRef, objects: readonly KubeObject[]): void {
    for (const scope of this.#scopes.values()) {
      scope.epoch++;
      forgetKind(scope.entries, kind);
      forgetKind(scope.lists, kind);
    }
    for (const object of objects) this.keep(this.scopeOf(object.metadata.namespace), object);
  }

  wrote(object: KubeObject): void {
    const scope = this.scopeOf(object.metadata.namespace);
    scope.epoch++;
    this.keep(scope, object);
  }

  deleted(ref: ObjectRef): void {
    this.forget(ref).entries.set(entryKey(ref), { ref, object: undefined });
  }

  forget(ref: ObjectRef): Scope {
    const scope = this.scopeOf(ref.namespace);
    scope.epoch++;
    const object = scope.entries.get(entryKey(ref))?.object;
    scope.entries.delete(entryKey(ref));
    if (object !== undefined) this.#forgetListWith(scope, object);
    return scope;
  }

  forgetCluster(namespace: string, cluster: string): void {
    const scope = this.scopeOf(namespace);
    scope.epoch++;
    for (const [key, { ref, object }] of scope.entries) {
      const owner = object === undefined ? undefined : this.#clusterOf(object);
      // Absent objects have no label, but names made of the cluster's.
      const mayBelong = object === undefined
        ? ref.name.includes(cluster)
        : owner === undefined || owner === cluster;
      if (mayBelong) scope.entries.delete(key);
    }
    for (const key of scope.lists.keys()) {
      if (key.endsWith(` ${cluster}`)) scope.lists.delete(key);
    }
  }

  #clusterOf(object: KubeObject): string | undefined {
    return ownValue(object.metadata.labels, this.#clusterNameLabel);
  }

  /** Forgets the list of the cluster that an object belongs to. */
  #forgetListWith(scope: Scope, object: KubeObject): void {
    const cluster = this.#clusterOf(object);
    if (cluster !== undefined) scope.lists.delete(entryKey({ ...object, name: cluster }));
  }
}

/** Kinds and namespaces that the role forbids to list: the answer will not change soon. */
class Refusals {
  readonly #refused = new Map<string, { readonly error: KubeError; readonly atMs: number }>();

  /** Asks, unless the same was refused a short time ago. @throws KubeError */
  async unlessRefused<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const refusal = this.#refused.get(key);
    if (refusal !== undefined && performance.now() - refusal.atMs < REFUSAL_MS) throw refusal.error;
    try {
      return await ask();
    } catch (error) {
      if (isForbidden(error)) this.#refused.set(key, { error, atMs: performance.now() });
      throw error;
    }
  }
}

function forgetKind(map: Map<string, unknown>, kind: KindRef): void {
  const start = entryKey({ ...kind, name: "" });
  for (const key of map.keys()) {
    if (key.startsWith(start)) map.delete(key);
  }
}

function entryKey(ref: { apiVersion: string; kind: string; name: string }): string {
  return `${ref.apiVersion} ${ref.kind} ${ref.name}`;
}
