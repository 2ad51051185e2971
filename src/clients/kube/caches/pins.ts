/**
 * Single objects that are followed by name because no label selects them: configuration and
 * credentials of others, and foreign objects that hold a name which we want. Layer: client of the API
 * server.
 *
 * Each costs a watch, so there is a bound; what exceeds it is read by name and remembered.
 */

import type { ObjectRef } from "../../../ports/requests.ts";
import type { SelectionCache } from "./selection_cache.ts";

/** Followed single objects. */
export interface Pins {
  /** Follows an object from now on, if there is room. */
  pin(ref: ObjectRef): void;
  get(ref: ObjectRef): SelectionCache | undefined;
  all(): readonly SelectionCache[];
}

interface Pin {
  readonly cache: SelectionCache;
  usedAtMs: number;
}

/** Watches are connections, on our side and on the API server's. */
const MOST_PINS = 64;
/** A pin that was not read for so long belongs to a cluster that is gone. */
const UNUSED_MS = 2 * 3600_000;

/** Makes an empty set; `start` begins to follow one object. */
export function createPins(start: (ref: ObjectRef) => SelectionCache): Pins {
  const pins = new Map<string, Pin>();
  const makeRoom = () => {
    if (pins.size < MOST_PINS) return true;
    const oldMs = performance.now() - UNUSED_MS;
    for (const [key, { cache, usedAtMs }] of pins) {
      if (usedAtMs > oldMs) continue;
      void cache.stop();
      pins.delete(key);
    }
    return pins.size < MOST_PINS;
  };
  return {
    pin(ref) {
      const key = pinKey(ref);
      if (pins.has(key) || !makeRoom()) return;
      pins.set(key, { cache: start(ref), usedAtMs: performance.now() });
    },
    get(ref) {
      const pin = pins.get(pinKey(ref));
      if (pin !== undefined) pin.usedAtMs = performance.now();
      return pin?.cache;
    },
    all: () => [...pins.values()].map((pin) => pin.cache),
  };
}

function pinKey({ apiVersion, kind, namespace, name }: ObjectRef): string {
  return `${apiVersion} ${kind} ${namespace ?? ""}/${name}`;
}
