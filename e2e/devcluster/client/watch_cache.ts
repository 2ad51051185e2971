/**
 * One shared watch a kind, and the objects it has seen (client layer of the dev cluster).
 *
 * The cache also takes the answers of our own writes, so a controller that has just made a pod
 * does not make it again because its event is still under way.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import { ApiError, type KubeClient } from "./client.ts";
import type { KubeObject } from "../objects/meta.ts";
import { type Resource, resourceKey } from "./resources.ts";

/** Called with the object after the change, or as it last was when `gone`. */
export type Listener<T> = (object: T, gone: boolean) => void;

/** The objects of one kind. */
export interface WatchCache<T extends KubeObject> {
  readonly resource: Resource;
  /** Settles when the first list has arrived. */
  readonly synced: Promise<void>;
  get(namespace: string | undefined, name: string): T | undefined;
  all(): Iterable<T>;
  inNamespace(namespace: string | undefined): T[];
  /** Hears of every later change, and of what is there already. */
  onChange(listener: Listener<T>): void;
  /** Takes in the answer of a write. */
  learn(object: T): void;
}

/** Every watch that somebody asked for, one a kind. */
export interface WatchCaches {
  of<T extends KubeObject>(resource: Resource): WatchCache<T>;
  /** Ends one watch, e.g. of a custom resource whose definition is gone. */
  forget(resource: Resource): void;
  stop(): Promise<void>;
}

/** Opens watches on demand; `onError` hears of those that broke (they start again). */
export function watchCaches(client: KubeClient, onError: (error: unknown) => void): WatchCaches {
  const running = new Map<
    string,
    { cache: WatchCache<KubeObject>; abort: AbortController; done: Promise<void> }
  >();
  return {
    of<T extends KubeObject>(resource: Resource) {
      const key = resourceKey(resource);
      let entry = running.get(key);
      if (!entry) {
        const abort = new AbortController();
        const store = objectStore<KubeObject>(resource);
        const done = follow(client, store, abort.signal, onError);
        entry = { cache: store, abort, done };
        running.set(key, entry);
      }
      return entry.cache as unknown as WatchCache<T>;
    },
    forget(resource) {
      running.get(resourceKey(resource))?.abort.abort();
      running.delete(resourceKey(resource));
    },
    async stop() {
      for (const { abort } of running.values()) abort.abort();
      await Promise.all([...running.values()].map((entry) => entry.done));
    },
  };
}

interface Store<T extends KubeObject> extends WatchCache<T> {
  replaceAll(items: readonly T[]): void;
  remove(object: T): void;
  markSynced(): void;
}

/** How many uids of deleted objects are kept, so that a late answer does not bring one back. */
const GONE_LIMIT = 2000;

function objectStore<T extends KubeObject>(resource: Resource): Store<T> {
  const namespaces = new Map<string, Map<string, T>>();
  const gone = new Set<string>();
  const listeners: Listener<T>[] = [];
  const ready = Promise.withResolvers<void>();
  const get = (namespace = "", name: string) => namespaces.get(namespace)?.get(name);
  const tell = (object: T, isGone: boolean) => listeners.forEach((it) => it(object, isGone));

  function learn(object: T): void {
    if (object.metadata.uid && gone.has(object.metadata.uid)) return;
    const { namespace = "", name, uid } = object.metadata;
    const known = get(namespace, name);
    if (known && versionOf(known) >= versionOf(object)) return;
    if (known && known.metadata.uid !== uid) remove(known);
    const there = namespaces.get(namespace) ?? new Map<string, T>();
    namespaces.set(namespace, there.set(name, object));
    tell(object, false);
  }

  function remove(object: T): void {
    const { uid, namespace = "", name } = object.metadata;
    if (uid) gone.add(uid);
    if (gone.size > GONE_LIMIT) gone.delete(gone.values().next().value!);
    const there = namespaces.get(namespace);
    if (there?.get(name)?.metadata.uid === uid) there?.delete(name);
    if (there?.size === 0) namespaces.delete(namespace);
    tell(object, true);
  }

  function* all(): Generator<T> {
    for (const there of namespaces.values()) yield* there.values();
  }

  return {
    resource,
    synced: ready.promise,
    markSynced: () => ready.resolve(),
    get,
    all,
    inNamespace: (namespace = "") => [...namespaces.get(namespace)?.values() ?? []],
    onChange(listener) {
      listeners.push(listener);
      for (const object of [...all()]) listener(object, false);
    },
    learn,
    remove,
    replaceAll(items) {
      const there = new Set(items.map((item) => item.metadata.uid));
      for (const known of [...all()]) if (!there.has(known.metadata.uid)) remove(known);
      items.forEach(learn);
    },
  };
}

/** Pause before a broken watch starts again. */
const RETRY_MS = 500;

async function follow<T extends KubeObject>(
  client: KubeClient,
  store: Store<T>,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  let from = "";
  let broken = false;
  while (!signal.aborted) {
    try {
      if (!from) from = await relist(client, store);
      for await (const { type, object } of client.watch<T>(store.resource, from, signal)) {
        if (type === "ERROR") {
          from = ""; // 410: the revision is too old to resume from, so list again.
          break;
        }
        broken = false;
        from = object.metadata.resourceVersion ?? from;
        if (type === "DELETED") store.remove(object);
        else if (type !== "BOOKMARK") store.learn(object);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError) from = "";
      if (!broken) onError(error); // once an outage, not at each attempt
      broken = true;
      await pause(RETRY_MS, signal);
    }
  }
}

async function relist<T extends KubeObject>(client: KubeClient, store: Store<T>): Promise<string> {
  const { items, resourceVersion } = await client.list<T>(store.resource);
  store.replaceAll(items);
  store.markSynced();
  return resourceVersion;
}

/** Waits, or returns at once when the signal says so. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish);
  });
}

/** The key of an object in a cache: `namespace/name`, or `/name`. */
export function cacheKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}

/** Takes a key apart again. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

function versionOf(object: KubeObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}
