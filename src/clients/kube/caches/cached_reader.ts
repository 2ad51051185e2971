/**
 * Where a read of the pass is answered from: the selection by label, a selection by name, or the
 * memory of reads by name. Layer: client of the API server, implements the pass's ports.
 */

import type { ClusterQuery, KubeReader } from "../../../ports/ports.ts";
import { describeRef, type ObjectRef } from "../../../ports/requests.ts";
import { cloneObject } from "../../../api/clone.gen.ts";
import { observe } from "../direct.ts";
import { KubeError } from "../errors.ts";
import type { Pins } from "./pins.ts";
import type { Remembered } from "./remembered.ts";
import type { KindRef } from "../request.ts";
import type { CacheState, SelectionCache } from "./selection_cache.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";

const PIN_READY_MS = 10_000;

/** All that a read may be answered from. */
export interface Sources {
  /** The selection by label (or of all) that covers a kind in a namespace. */
  byLabel(kind: KindRef, namespace: string | undefined): SelectionCache | undefined;
  /** The selection by name that covers an object, without being asked for before. */
  byName(ref: ObjectRef): SelectionCache | undefined;
  readonly pins: Pins;
  readonly remembered: Remembered;
}

/** All caches that may hold an object. */
export function cachesOf(sources: Sources, ref: ObjectRef): SelectionCache[] {
  return [sources.byLabel(ref, ref.namespace), sources.byName(ref), sources.pins.get(ref)]
    .filter((cache) => cache !== undefined);
}

/** Reads objects that carry the cluster's label, and others whose names are known at start. */
export function createOwnedReader(sources: Sources): KubeReader {
  return {
    read: (ref, signal) => observe(async () => copy(await readOwned(sources, ref, signal))),
    listOfCluster: (query, signal) =>
      observe(async () => (await listOwned(sources, query, signal)).map(cloneObject)),
  };
}

/** Reads objects of others by name, and follows each from its first read on. */
export function createInputReader(sources: Sources): KubeReader {
  return {
    read: (ref, signal) =>
      observe(async () => {
        const selected = await readSelected(sources, ref, signal);
        if (selected.found !== undefined) return copy(selected.found);
        sources.pins.pin(ref);
        return copy(await readPinned(sources, ref, signal));
      }),
    listOfCluster: (query, signal) =>
      observe(async () => (await listOwned(sources, query, signal)).map(cloneObject)),
  };
}

/** `covers`: the selection's word is final, for found and for absent. */
interface Selected {
  readonly covers: boolean;
  readonly found?: KubeObject;
}

async function readOwned(
  sources: Sources,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const selected = await readSelected(sources, ref, signal);
  if (selected.found !== undefined) return selected.found;
  // One that is not ours by label, but took the name: a creation met it.
  if (sources.pins.get(ref) !== undefined) return await readPinned(sources, ref, signal);
  return selected.covers ? undefined : await sources.remembered.read(ref, signal);
}

async function readSelected(
  sources: Sources,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<Selected> {
  for (const cache of [sources.byLabel(ref, ref.namespace), sources.byName(ref)]) {
    if (cache === undefined) continue;
    const state = await cache.ready(signal);
    if (state === "unserved") return { covers: true };
    if (state !== "synced") continue;
    const found = cache.store.get(ref.namespace, ref.name);
    return { covers: true, ...(found === undefined ? {} : { found }) };
  }
  return { covers: false };
}

async function readPinned(
  sources: Sources,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const pinned = sources.pins.get(ref);
  const state = pinned === undefined ? undefined : await readyInTime(pinned, ref, signal);
  return pinned !== undefined && (state === "synced" || state === "unserved")
    ? pinned.store.get(ref.namespace, ref.name)
    : await sources.remembered.read(ref, signal);
}

/** A pass must not wait for an API server that is down: the object is unknown then. */
async function readyInTime(
  cache: SelectionCache,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<CacheState> {
  const limit = new AbortController();
  const timer = setTimeout(() => {
    const seconds = PIN_READY_MS / 1000;
    limit.abort(
      new KubeError(`cannot get ${describeRef(ref)}: not listed within ${seconds} s`, {
        status: 0,
        reason: "Timeout",
      }),
    );
  }, PIN_READY_MS);
  try {
    return await cache.ready(AbortSignal.any([signal, limit.signal]));
  } finally {
    clearTimeout(timer);
  }
}

async function listOwned(
  sources: Sources,
  query: ClusterQuery,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const cache = sources.byLabel(query, query.namespace);
  const state = await cache?.ready(signal);
  return cache !== undefined && (state === "synced" || state === "unserved")
    ? cache.store.ofCluster(query.namespace, query.cluster)
    : await sources.remembered.listOfCluster(query, signal);
}

function copy(object: KubeObject | undefined): KubeObject | undefined {
  return object === undefined ? undefined : cloneObject(object);
}
