/**
 * Objects that the clusters of a namespace share: the first passes of many of them find none and want
 * the same one at the same time. It is sent once, and its answer is the answer for all. Layer: client
 * of the API server.
 */

import { BoundedMap } from "../../../lib/bounded_map.ts";
import { describeRef, type ObjectRef, refOf } from "../../../ports/requests.ts";
import { cloneObject } from "../../../api/clone.gen.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";

const SHARED_KINDS = ["ServiceAccount", "RoleBinding"];

/** Namespaces whose creations are remembered, twice over. */
const KEPT = 512;

interface Creation {
  /** What was sent, as text. */
  readonly wanted: string;
  readonly made: Promise<KubeObject>;
}

/** Sends a creation, unless another one was sent that makes it needless. */
export type CreateShared = (
  object: KubeObject,
  send: () => Promise<KubeObject>,
) => Promise<KubeObject>;

/** `isThere`: whether the object that a creation has made is there as far as the caches know. */
export function createSharing(
  isThere: (ref: ObjectRef, uid: string | undefined) => boolean,
): CreateShared {
  const creations = new BoundedMap<string, Creation>(KEPT);
  return async (object, send) => {
    if (!SHARED_KINDS.includes(object.kind)) return await send();
    const ref = refOf(object);
    const key = describeRef(ref);
    const wanted = JSON.stringify(object);
    const other = creations.get(key);
    // One that failed says nothing about this one.
    const made = other?.wanted === wanted ? await other.made.catch(() => {}) : undefined;
    if (made !== undefined && isThere(ref, made.metadata.uid)) return cloneObject(made);
    // Who waited for the same failure shares the next try.
    const next = creations.get(key);
    if (next !== undefined && next !== other && next.wanted === wanted) {
      return cloneObject(await next.made);
    }
    const sent = send();
    creations.set(key, { wanted, made: sent });
    return await sent;
  };
}
