/**
 * The state of the cluster: objects by resource and name, one growing revision, and a log of
 * changes for watches and for lists at an older revision. Objects in the store are never changed
 * in place: a write puts a new object, so readers may keep what they got.
 */
import type { KubeObject } from "../model/json.ts";

export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

export interface Change {
  revision: number;
  type: ChangeType;
  storageKey: string;
  /** The object after the change; for DELETED its last state with the revision of the deletion. */
  object: KubeObject;
  previous?: KubeObject;
}

export interface Snapshot {
  revision: number;
  objects: Record<string, KubeObject[]>;
}

const LOG_LIMIT = 20_000;

/** Key of an object inside its resource; sorts as Kubernetes sorts lists. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name!);
}

export class Store {
  #revision = 1;
  #compacted = 0;
  #objects = new Map<string, Map<string, KubeObject>>();
  #log: Change[] = [];
  #listeners = new Map<string, Set<(change: Change) => void>>();
  /** Called after each change, for persistence. */
  onChange: (() => void) | undefined;

  /** Revision of the newest change. */
  get revision(): number {
    return this.#revision;
  }

  /** Changes up to this revision are forgotten. */
  get compactedRevision(): number {
    return this.#compacted;
  }

  /** The object, or undefined. */
  get(storageKey: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(storageKey)?.get(objectKey(namespace, name));
  }

  /** All objects of a resource (in one namespace, if given), sorted by key. */
  list(storageKey: string, namespace?: string): KubeObject[] {
    return sorted(this.#objects.get(storageKey) ?? new Map(), namespace);
  }

  /** The list as it was at a revision, or undefined when the log does not reach back that far. */
  listAt(storageKey: string, revision: number, namespace?: string): KubeObject[] | undefined {
    if (revision < this.#compacted) return undefined;
    const objects = new Map(this.#objects.get(storageKey) ?? []);
    for (let index = this.#log.length - 1; index >= 0; index--) {
      const change = this.#log[index]!;
      if (change.revision <= revision) break;
      if (change.storageKey !== storageKey) continue;
      if (change.previous) objects.set(keyOf(change.object), change.previous);
      else objects.delete(keyOf(change.object));
    }
    return sorted(objects, namespace);
  }

  /** A copy of everything as it was some changes ago, or as far back as the log reaches. */
  before(changes: number): Store {
    const revision = Math.max(this.#compacted, this.#revision - changes);
    const objects: Record<string, KubeObject[]> = {};
    for (const storageKey of this.#objects.keys()) {
      objects[storageKey] = this.listAt(storageKey, revision) ?? [];
    }
    const past = new Store();
    past.restore({ revision, objects });
    return past;
  }

  /** Stores a new or changed object under the next revision and returns it as stored. */
  put(storageKey: string, object: KubeObject): KubeObject {
    const objects = this.#resource(storageKey);
    const key = keyOf(object);
    const previous = objects.get(key);
    const revision = ++this.#revision;
    const stored = withRevision(object, revision);
    objects.set(key, stored);
    const type = previous ? "MODIFIED" : "ADDED";
    this.#record({ revision, type, storageKey, object: stored, ...(previous ? { previous } : {}) });
    return stored;
  }

  /** Removes an object; `last` is its final state where that differs from the stored one. */
  remove(
    storageKey: string,
    namespace: string | undefined,
    name: string,
    last?: KubeObject,
  ): KubeObject | undefined {
    const objects = this.#resource(storageKey);
    const key = objectKey(namespace, name);
    const previous = objects.get(key);
    if (!previous) return undefined;
    objects.delete(key);
    const revision = ++this.#revision;
    const object = withRevision(last ?? previous, revision);
    this.#record({ revision, type: "DELETED", storageKey, object, previous });
    return object;
  }

  /** Changes of a resource after a revision, or undefined when some of them are forgotten. */
  changesSince(storageKey: string, revision: number): Change[] | undefined {
    if (revision < this.#compacted) return undefined;
    return this.#log.filter((change) =>
      change.revision > revision && change.storageKey === storageKey
    );
  }

  /** Calls `listener` at each later change of a resource; the result ends that. */
  subscribe(storageKey: string, listener: (change: Change) => void): () => void {
    const listeners = this.#listeners.get(storageKey) ?? new Set();
    this.#listeners.set(storageKey, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Forgets the log: older revisions answer 410 from now on. */
  compact(): void {
    this.#log = [];
    this.#compacted = this.#revision;
  }

  /** Everything, for a file. */
  snapshot(): Snapshot {
    const objects: Record<string, KubeObject[]> = {};
    for (const [storageKey, byKey] of this.#objects) objects[storageKey] = [...byKey.values()];
    return { revision: this.#revision, objects };
  }

  /** Replaces everything by a snapshot; earlier revisions are forgotten. */
  restore(snapshot: Snapshot): void {
    this.#revision = snapshot.revision;
    this.#objects = new Map(
      Object.entries(snapshot.objects).map((
        [storageKey, list],
      ) => [storageKey, new Map(list.map((object) => [keyOf(object), object]))]),
    );
    this.compact();
  }

  #resource(storageKey: string): Map<string, KubeObject> {
    let objects = this.#objects.get(storageKey);
    if (!objects) this.#objects.set(storageKey, objects = new Map());
    return objects;
  }

  #record(change: Change): void {
    this.#log.push(change);
    if (this.#log.length > LOG_LIMIT) {
      const dropped = this.#log.splice(0, LOG_LIMIT / 2);
      this.#compacted = dropped.at(-1)!.revision;
    }
    for (const listener of [...this.#listeners.get(change.storageKey) ?? []]) listener(change);
    this.onChange?.();
  }
}

function sorted(objects: Map<string, KubeObject>, namespace?: string): KubeObject[] {
  const prefix = namespace ? `${namespace}/` : "";
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix));
  return keys.sort((a, b) => a < b ? -1 : a > b ? 1 : 0).map((key) => objects.get(key)!);
}

function withRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}
