/**
 * What is stored in the API server in memory: versions, finalizers and owners as the real one and its
 * garbage collector treat them, and who hears of a change. Layer: dry run.
 */

import type { KubeObject } from "../../kubernetes/types.gen.ts";
import { describeRef, type ObjectRef, type Propagation, refOf } from "../../ports/requests.ts";

/** One change, in the shape in which the controller hears of changes. */
export interface SimulatedChange {
  readonly type: "apply" | "delete";
  readonly object: KubeObject;
  readonly old?: KubeObject | undefined;
}

const DELETED_AT = "2026-01-01T00:00:00Z";

/** Objects by kind, namespace and name. One that is known to be absent is `undefined`. */
export class SimulatedObjects {
  readonly #objects = new Map<string, KubeObject | undefined>();
  readonly #listeners = new Set<(change: SimulatedChange) => void>();
  readonly #stored: (object: KubeObject) => KubeObject;
  #version = 0;

  /** `stored` is what the API server adds to an object that it stores. */
  constructor(stored: (object: KubeObject) => KubeObject) {
    this.#stored = stored;
  }

  all(): KubeObject[] {
    return [...this.#objects.values()].filter((object) => object !== undefined);
  }

  find(ref: ObjectRef): KubeObject | undefined {
    return this.#objects.get(describeRef(ref));
  }

  /** True where it is known whether there is such an object. */
  knows(ref: ObjectRef): boolean {
    return this.#objects.has(describeRef(ref));
  }

  /** Takes what was read elsewhere; nobody hears of it, and what is known already stays. */
  learn(ref: ObjectRef, object: KubeObject | undefined): void {
    if (!this.knows(ref)) this.#objects.set(describeRef(ref), object);
  }

  /** Stores an object; one that waited for its last finalizer goes. */
  put(object: KubeObject, old: KubeObject | undefined): KubeObject {
    const { deletionTimestamp, finalizers = [] } = object.metadata;
    if (deletionTimestamp === undefined || finalizers.length > 0) return this.#store(object, old);
    this.#drop(object, "Background");
    return object;
  }

  /** Asks for an object's end: it is marked where a finalizer holds it. */
  remove(ref: ObjectRef, propagation: Propagation = "Background"): void {
    const object = this.find(ref);
    if (object === undefined) return;
    const held = object.metadata.finalizers ?? [];
    if (held.length === 0) return this.#drop(object, propagation);
    if (object.metadata.deletionTimestamp !== undefined) return;
    const metadata = { ...object.metadata, deletionTimestamp: DELETED_AT };
    this.#store({ ...object, metadata }, object);
  }

  /** Calls `listener` for each change; the answer ends that. */
  onChange(listener: (change: SimulatedChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #emit(change: SimulatedChange): void {
    for (const listener of [...this.#listeners]) listener(structuredClone(change));
  }

  #store(object: KubeObject, old: KubeObject | undefined): KubeObject {
    const changed = JSON.stringify(old?.["spec"]) !== JSON.stringify(object["spec"]);
    const generation = (old?.metadata.generation ?? 0) + (changed || old === undefined ? 1 : 0);
    const next = this.#stored(object);
    if (old !== undefined && sameContent(next, old)) return old;
    const written = {
      ...next,
      metadata: {
        ...next.metadata,
        uid: old?.metadata.uid ?? object.metadata.uid ?? `simulated-${++this.#version}`,
        resourceVersion: String(++this.#version),
        generation,
      },
    };
    const key = describeRef(refOf(object));
    // In the order of their creation, as Patroni lists its members.
    if (old === undefined) this.#objects.delete(key);
    this.#objects.set(key, written);
    this.#emit({ type: "apply", object: written, old });
    return written;
  }

  #drop(object: KubeObject, propagation: Propagation): void {
    this.#objects.set(describeRef(refOf(object)), undefined);
    this.#releaseDependents(object, propagation);
    const metadata = { ...object.metadata, resourceVersion: String(++this.#version) };
    this.#emit({ type: "delete", object: { ...object, metadata } });
  }

  /** What the garbage collector does with the objects that an object owns. */
  #releaseDependents({ metadata }: KubeObject, propagation: Propagation): void {
    for (const dependent of this.#objects.values()) {
      const owners = dependent?.metadata.ownerReferences ?? [];
      if (dependent === undefined || !owners.some(({ uid }) => uid === metadata.uid)) continue;
      const others = owners.filter(({ uid }) => uid !== metadata.uid);
      if (propagation !== "Orphan" && others.length === 0) this.remove(refOf(dependent));
      else {
        const { ownerReferences: _, ...rest } = dependent.metadata;
        const kept = others.length === 0 ? rest : { ...rest, ownerReferences: others };
        this.#store({ ...dependent, metadata: kept }, dependent);
      }
    }
  }
}

/** True for a write that changes nothing: the API server keeps the version, nobody hears of it. */
function sameContent(next: KubeObject, old: KubeObject): boolean {
  const content = ({ metadata, ...rest }: KubeObject) => {
    const { resourceVersion: _, generation: __, uid: ___, ...kept } = metadata;
    return JSON.stringify(sortedKeys({ ...rest, metadata: kept }));
  };
  return content(next) === content(old);
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(record).sort().map((key) => [key, sortedKeys(record[key])]),
  );
}
