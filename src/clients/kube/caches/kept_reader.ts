/**
 * Reads of what the caches hold at this moment: no request, no wait, and nothing is followed because
 * of a read. What is not held is unknown, never absent. Layer: client of the API server, implements
 * the pass's ports.
 */

import { cloneObject } from "../../../api/clone.gen.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { known, type Observation, unknown } from "../../../ports/observation.ts";
import type { KubeReader } from "../../../ports/ports.ts";
import { describeRef, type ObjectRef } from "../../../ports/requests.ts";
import { cachesOf, type Sources } from "./cached_reader.ts";
import type { SelectionCache } from "./selection_cache.ts";

/** A reader for a cluster's own objects, and one for objects of others. */
export function createKeptReaders(
  sources: Sources,
): { readonly owned: KubeReader; readonly inputs: KubeReader } {
  const listOfCluster: KubeReader["listOfCluster"] = (query) => {
    const cache = sources.byLabel(query, query.namespace);
    const found = cache !== undefined && isFinal(cache)
      ? cache.store.ofCluster(query.namespace, query.cluster)
      : sources.remembered.recallList(query);
    return Promise.resolve(
      found === undefined
        ? unknown(`${query.kind} objects of ${query.namespace}/${query.cluster} are in no cache`)
        : known(found.map(cloneObject)),
    );
  };
  return {
    owned: { read: (ref) => Promise.resolve(readOwned(sources, ref)), listOfCluster },
    inputs: { read: (ref) => Promise.resolve(readInput(sources, ref)), listOfCluster },
  };
}

/** What no selection shows is absent. */
function readOwned(sources: Sources, ref: ObjectRef): Observation<KubeObject | undefined> {
  const found = foundIn(sources, ref);
  if (found !== undefined) return known(found);
  const pinned = sources.pins.get(ref);
  if (pinned !== undefined) return isFinal(pinned) ? known(undefined) : recalled(sources, ref);
  const covers = [sources.byLabel(ref, ref.namespace), sources.byName(ref)]
    .some((cache) => cache !== undefined && isFinal(cache));
  return covers ? known(undefined) : recalled(sources, ref);
}

/** An object of others has no label of ours: a selection by label does not tell that it is absent. */
function readInput(sources: Sources, ref: ObjectRef): Observation<KubeObject | undefined> {
  const found = foundIn(sources, ref);
  if (found !== undefined) return known(found);
  const covers = [sources.byName(ref), sources.pins.get(ref)]
    .some((cache) => cache !== undefined && isFinal(cache));
  return covers ? known(undefined) : recalled(sources, ref);
}

function foundIn(sources: Sources, ref: ObjectRef): KubeObject | undefined {
  for (const cache of cachesOf(sources, ref)) {
    const found = isFinal(cache) ? cache.store.get(ref.namespace, ref.name) : undefined;
    if (found !== undefined) return cloneObject(found);
  }
  return undefined;
}

function recalled(
  { remembered }: Sources,
  ref: ObjectRef,
): Observation<KubeObject | undefined> {
  const entry = remembered.recall(ref);
  if (entry === undefined) return unknown(`${describeRef(ref)} is in no cache`);
  return known(entry.object === undefined ? undefined : cloneObject(entry.object));
}

function isFinal(cache: SelectionCache): boolean {
  const state = cache.state();
  return state === "synced" || state === "unserved";
}
