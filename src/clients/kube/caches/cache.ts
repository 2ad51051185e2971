/**
 * The watch caches of one operator: what a pass reads without asking the API server. Layer: client
 * of the API server, implements the pass's ports.
 *
 * - Owned kinds are followed by the *existence* of the cluster-name label, custom resources without
 *   a selector, single objects by name. Unlabelled Secrets and ConfigMaps are never listed.
 * - `reader` answers for owned objects: what no selection shows is absent. `inputs` answers for
 *   objects of others (pod environment, infrastructure roles, TLS, operator configuration): the
 *   first read of one starts to follow it by name. Both hand out copies.
 * - `writer` sends a write and tells the caches its answer, so the next read shows it. A creation
 *   that meets a foreign object of that name (409) makes `reader` see that object from then on; a
 *   write that lost a race (409) makes it see what is there, whatever the watch has told.
 * - Where the role forbids list or watch of a kind, its objects are read by name and remembered
 *   until `invalidate`, a change of the manifest, or an own write; said once a kind in the log. It
 *   is asked again now and then, and followed once the role allows it.
 * - Objects outside the watched namespace are read by name too.
 */

import type { KubeReader, KubeWriter } from "../../../ports/ports.ts";
import type { ObjectRef } from "../../../ports/requests.ts";
import type { Resource } from "../../../ports/resources.gen.ts";
import { type Namespaced, refTo } from "../../../ports/typed.ts";
import type { Logger } from "../../../log/logger.ts";
import { cachesOf, createInputReader, createOwnedReader, type Sources } from "./cached_reader.ts";
import { createKeptReaders } from "./kept_reader.ts";
import { createCachedWriter } from "./cached_writer.ts";
import { cloneObject } from "../../../api/clone.gen.ts";
import type { KubeClient } from "../client.ts";
import type { KubeError } from "../errors.ts";
import type { KindRef } from "../request.ts";
import type { ObjectChange, ObjectStore } from "./object_store.ts";
import { createPins } from "./pins.ts";
import { createRemembered, type Remembered } from "./remembered.ts";
import { type CacheState, type SelectionCache, startSelectionCache } from "./selection_cache.ts";
import {
  CLUSTER_KIND,
  type FollowedSelection,
  followedSelections,
  selectionKey,
  selectionOfOne,
  type SelectionOptions,
} from "./selections.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { ownValue } from "../../../lib/own_value.ts";

export interface CacheOptions extends SelectionOptions {
  readonly logger: Logger;
}

/**
 * One change that a cache learned of. The objects are the cache's own: never change them. The echo
 * of an own write may or may not come.
 */
export interface CacheChange extends ObjectChange {
  readonly kind: string;
}

/** What one cache holds, for metrics and the debug API. */
export interface CacheSize {
  readonly kind: string;
  readonly state: CacheState;
  readonly objects: number;
}

/** The caches of one operator. */
export interface Caches {
  readonly reader: KubeReader;
  readonly inputs: KubeReader;
  /** Both without a request or a wait: what is not kept is unknown. */
  readonly kept: { readonly owned: KubeReader; readonly inputs: KubeReader };
  readonly writer: KubeWriter;
  /** Begins to follow; resolves when every selection is filled or given up. */
  start(signal: AbortSignal): Promise<void>;
  /** Copies of all objects of a kind that is followed. */
  list<T extends KubeObject>(resource: Resource<T>, namespace?: string): T[];
  /** A copy of one object as it was last seen or read; undefined where it was not. Asks nobody. */
  find(ref: ObjectRef): KubeObject | undefined;
  /** The same for an object whose kind is known. */
  peek<T extends KubeObject>(resource: Resource<T>, name: Namespaced): T | undefined;
  /** Registers a listener before `start`; it gets the first list too. Returns how to remove it. */
  onChange(listener: (change: CacheChange) => void): () => void;
  /** Makes reads by name ask again for what belongs to `namespace/name`. */
  invalidate(clusterKey: string): void;
  /** Follows one object by name. */
  pin(ref: ObjectRef): void;
  sizes(): readonly CacheSize[];
  /** Milliseconds since clusters are not followed; 0 while they are. */
  clustersLostMs(): number;
  stop(): Promise<void>;
}

/** Makes the caches; nothing is asked before `start`. */
export function createCaches(client: KubeClient, options: CacheOptions): Caches {
  const listeners = new Set<(change: CacheChange) => void>();
  const remembered = createRemembered(client, options.clusterNameLabel);
  const follow = createFollow(client, options, { listeners, remembered });
  const pins = createPins((ref) => follow(selectionOfOne(ref)));
  const followed = new Map<string, SelectionCache>();
  const covers = (namespace: string | undefined) =>
    !options.namespace || namespace === undefined || namespace === options.namespace;
  const sources: Sources = {
    byLabel: (kind, namespace) => covers(namespace) ? followed.get(selectionKey(kind)) : undefined,
    byName: (ref) => covers(ref.namespace) ? followed.get(selectionKey(ref, ref.name)) : undefined,
    pins,
    remembered,
  };
  const all = () => [...followed.values(), ...pins.all()];
  const find = (ref: ObjectRef): KubeObject | undefined => {
    const found = cachesOf(sources, ref)
      .map(({ store }) => store.get(ref.namespace, ref.name))
      .find((object) => object !== undefined) ?? remembered.recall(ref)?.object;
    return found === undefined ? undefined : cloneObject(found);
  };
  return {
    reader: createOwnedReader(sources),
    inputs: createInputReader(sources),
    kept: createKeptReaders(sources),
    writer: createCachedWriter(client, sources),
    async start(signal) {
      for (const selection of followedSelections(options)) {
        followed.set(selectionKey(selection.kind, selection.name), follow(selection));
      }
      await Promise.all(all().map((cache) => cache.ready(signal)));
    },
    list: <T extends KubeObject>(resource: Resource<T>, namespace?: string) =>
      (followed.get(selectionKey(resource))?.store.all() ?? [])
        .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
        .map((object) => cloneObject(object) as T),
    find,
    peek: <T extends KubeObject>(resource: Resource<T>, name: Namespaced) =>
      find(refTo(resource, name)) as T | undefined,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    invalidate(clusterKey) {
      const [namespace = "", name = ""] = clusterKey.split("/");
      remembered.forgetCluster(namespace, name);
    },
    pin: pins.pin,
    sizes: () =>
      all().map((cache) => ({
        kind: cache.kind.kind,
        state: cache.state(),
        objects: cache.store.size,
      })),
    clustersLostMs: () => followed.get(selectionKey(CLUSTER_KIND))?.lostMs() ?? Infinity,
    async stop() {
      await Promise.all(all().map((cache) => cache.stop()));
    },
  };
}

/** What following tells of. */
interface Audience {
  readonly listeners: ReadonlySet<(change: CacheChange) => void>;
  readonly remembered: Remembered;
}

function createFollow(
  client: KubeClient,
  { clusterNameLabel, logger }: CacheOptions,
  { listeners, remembered }: Audience,
): (selection: FollowedSelection) => SelectionCache {
  const reported = new Set<string>();
  const clusterOf = (object: KubeObject) => ownValue(object.metadata.labels, clusterNameLabel);

  function onChange(change: ObjectChange): void {
    const { kind, metadata } = change.object;
    if (kind === CLUSTER_KIND.kind) {
      remembered.forgetCluster(metadata.namespace ?? "", metadata.name ?? "");
    }
    for (const listener of listeners) listener({ ...change, kind });
  }

  function onForbidden(error: KubeError, store: ObjectStore, ref: KindRef): void {
    const { kind } = ref;
    remembered.seed(ref, store.all());
    if (reported.has(kind)) return;
    reported.add(kind);
    logger.warn(
      `${error.message}; ${kind} objects are read by name instead, ` +
        "and changes that others make to them are noticed late",
    );
  }

  return ({ kind, selection, onlyLabelled, whenUnserved }) =>
    startSelectionCache({
      client,
      kind,
      selection,
      whenUnserved,
      clusterOf,
      holds: (object) => !onlyLabelled || clusterOf(object) !== undefined,
      logger,
      onChange,
      onForbidden: (error, store) => onForbidden(error, store, kind),
    });
}
