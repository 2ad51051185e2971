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
 *   that meets a stranger of that name (409) makes `reader` see that stranger from then on.
 * - Where the role forbids list or watch of a kind, its objects are read by name and remembered
 *   until `invalidate`, a change of the manifest, or an own write; said once a kind in the log.
 * - Objects outside the watched namespace are read by name too.
 *
 * `docs/adr` has why: watch caches by label, with GET as the fallback.
 */

import type { KubeReader, KubeWriter } from "../../cluster/ports.ts";
import type { ObjectRef } from "../../cluster/requests.ts";
import type { Logger } from "../../log/logger.ts";
import { createInputReader, createOwnedReader, type Sources } from "./cached_reader.ts";
import { createCachedWriter } from "./cached_writer.ts";
import { cloneKubeObject } from "./clone.gen.ts";
import type { KubeClient } from "./client.ts";
import type { KubeError } from "./errors.ts";
import { type ObjectChange, type ObjectStore } from "./object_store.ts";
import { createPins } from "./pins.ts";
import { createRemembered } from "./remembered.ts";
import { type KindRef, requireResource } from "./request.ts";
import { type CacheState, type SelectionCache, startSelectionCache } from "./selection_cache.ts";
import type { KubeObject } from "./types.gen.ts";

export interface CacheOptions {
  /** `cluster_name_label`. */
  readonly clusterNameLabel: string;
  /** Only this namespace; all of them when absent. */
  readonly namespace?: string;
  /** Objects followed by name in every watched namespace: the pods' ServiceAccount, RoleBinding. */
  readonly byName?: readonly (KindRef & { readonly name: string })[];
  /** Kinds followed whole beside `postgresql`: `PostgresTeam`, `Node`. */
  readonly whole?: readonly KindRef[];
  readonly logger: Logger;
}

/** One change that a cache learned of. The objects are the cache's own: never change them. */
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
  readonly writer: KubeWriter;
  /** Begins to follow; resolves when every selection is filled or given up. */
  start(signal: AbortSignal): Promise<void>;
  /** Copies of all objects of a kind that is followed. */
  list(kind: KindRef, namespace?: string): KubeObject[];
  /** Registers a listener before `start`; it gets the first list too. Returns how to remove it. */
  onChange(listener: (change: CacheChange) => void): () => void;
  /** Makes reads by name ask again for what belongs to `namespace/name`. */
  invalidate(clusterKey: string): void;
  /** Follows one object by name. */
  pin(ref: ObjectRef): void;
  sizes(): readonly CacheSize[];
  stop(): Promise<void>;
}

const CLUSTER_KIND: KindRef = { apiVersion: "acid.zalan.do/v1", kind: "postgresql" };

/** Kinds whose objects carry the cluster's label. */
const OWNED_KINDS: readonly KindRef[] = [
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "v1", kind: "Endpoints" },
  { apiVersion: "v1", kind: "Secret" },
  { apiVersion: "v1", kind: "ConfigMap" },
  { apiVersion: "v1", kind: "Pod" },
  { apiVersion: "v1", kind: "PersistentVolumeClaim" },
  { apiVersion: "apps/v1", kind: "StatefulSet" },
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "batch/v1", kind: "CronJob" },
  { apiVersion: "policy/v1", kind: "PodDisruptionBudget" },
  { apiVersion: "zalando.org/v1", kind: "FabricEventStream" },
];

/** Makes the caches; nothing is asked before `start`. */
export function createCaches(client: KubeClient, options: CacheOptions): Caches {
  const { clusterNameLabel, logger } = options;
  const listeners = new Set<(change: CacheChange) => void>();
  const remembered = createRemembered(client, clusterNameLabel);
  const byLabel = new Map<string, SelectionCache>();
  const byName = new Map<string, SelectionCache>();
  const reported = new Set<string>();
  const clusterOf = (object: KubeObject) => object.metadata.labels?.[clusterNameLabel];

  function onChange(change: ObjectChange): void {
    const { kind, metadata } = change.object;
    if (kind === CLUSTER_KIND.kind) {
      remembered.forgetCluster(metadata.namespace ?? "", metadata.name ?? "");
    }
    for (const listener of listeners) listener({ ...change, kind });
  }

  function onForbidden(error: KubeError, store: ObjectStore, kind: string): void {
    remembered.seed(store.all());
    if (reported.has(kind)) return;
    reported.add(kind);
    logger.warn(
      `${error.message}; ${kind} objects are read by name instead, ` +
        "and changes that others make to them are noticed late",
    );
  }

  function follow(
    kind: KindRef,
    rest: Pick<FollowOptions, "selection" | "holds" | "whenUnserved">,
  ) {
    return startSelectionCache({
      client,
      kind,
      clusterOf,
      logger,
      onChange,
      onForbidden: (error, store) => onForbidden(error, store, kind.kind),
      ...rest,
    });
  }

  const inNamespace = (kind: KindRef) =>
    options.namespace && requireResource(kind).namespaced ? { namespace: options.namespace } : {};
  const covers = (namespace: string | undefined) =>
    !options.namespace || namespace === undefined || namespace === options.namespace;

  const pins = createPins((ref) =>
    follow(ref, {
      selection: {
        ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
        fieldSelector: `metadata.name=${ref.name}`,
      },
      holds: () => true,
      whenUnserved: "empty",
    })
  );
  const sources: Sources = {
    byLabel: (kind, namespace) => covers(namespace) ? byLabel.get(kindKey(kind)) : undefined,
    byName: (ref) => covers(ref.namespace) ? byName.get(`${kindKey(ref)} ${ref.name}`) : undefined,
    pins,
    remembered,
  };

  function followAll(): void {
    for (const kind of OWNED_KINDS) {
      byLabel.set(
        kindKey(kind),
        follow(kind, {
          selection: { ...inNamespace(kind), labelSelector: clusterNameLabel },
          holds: (object) => clusterOf(object) !== undefined,
          whenUnserved: "empty",
        }),
      );
    }
    for (const kind of [CLUSTER_KIND, ...options.whole ?? []]) {
      byLabel.set(
        kindKey(kind),
        follow(kind, {
          selection: inNamespace(kind),
          holds: () => true,
          // Its CRD was registered a moment ago and may not be served yet.
          whenUnserved: kind === CLUSTER_KIND ? "wait" : "empty",
        }),
      );
    }
    for (const { name, ...kind } of options.byName ?? []) {
      byName.set(
        `${kindKey(kind)} ${name}`,
        follow(kind, {
          selection: { ...inNamespace(kind), fieldSelector: `metadata.name=${name}` },
          holds: () => true,
          whenUnserved: "empty",
        }),
      );
    }
  }

  const all = () => [...byLabel.values(), ...byName.values(), ...pins.all()];
  return {
    reader: createOwnedReader(sources),
    inputs: createInputReader(sources),
    writer: createCachedWriter(client, sources),
    async start(signal) {
      followAll();
      await Promise.all(all().map((cache) => cache.ready(signal)));
    },
    list: (kind, namespace) =>
      (byLabel.get(kindKey(kind))?.store.all() ?? [])
        .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
        .map(cloneKubeObject),
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
    async stop() {
      await Promise.all(all().map((cache) => cache.stop()));
    },
  };
}

type FollowOptions = Parameters<typeof startSelectionCache>[0];

function kindKey({ apiVersion, kind }: KindRef): string {
  return `${apiVersion} ${kind}`;
}
