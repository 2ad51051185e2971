/**
 * Clusters that visitors may see, listed once and watched from then on with the rights of whoever
 * looks: any number of visitors with the same rights cost Kubernetes what one costs.
 *
 * A watch goes on after a right was taken away, so Kubernetes is asked again each minute whether the
 * visitor may still list. Where only the watch is refused, the list is good for two seconds.
 */

import type { Postgresql } from "../api/types.gen.ts";
import { follow, type FollowEvent, type FollowSource } from "../clients/kube/caches/watch.ts";
import { KubeError } from "../clients/kube/errors.ts";

/** How long nobody looks before a watch ends. */
const IDLE_MS = 60_000;
/** How long rights are believed. */
const RIGHTS_MS = 60_000;
/** How long a list without a watch is good. */
const LIST_MS = 2000;
/** How long a refusal is believed. */
const REFUSED_MS = 30_000;
/** Watches at once; the one that nobody has looked at for the longest ends first. */
const MOST = 200;

/** How one visitor's clusters are read. */
export interface Reading {
  readonly source: (signal: AbortSignal) => FollowSource;
  /** Throws where the visitor may no longer list. @throws KubeError */
  readonly check: () => Promise<void>;
}

/** Time and timers. */
export interface Clock {
  now(): number;
  /** Calls back once; gives back how to call that off. */
  after(ms: number, then: () => void): () => void;
}

export interface Followed {
  /** The clusters of a key, which stands for rights and a namespace. @throws KubeError */
  clusters(key: string, reading: Reading): Promise<readonly Postgresql[]>;
  /** What is known of these keys is asked anew: somebody has changed something, or all ends. */
  drop(concerns: (key: string) => boolean): void;
  /** How many watches there are. */
  watches(): number;
}

interface Entry {
  readonly objects: Map<string, Postgresql>;
  readonly listed: Promise<void>;
  readonly stop: AbortController;
  /** Until when the rights are believed. */
  rightsMs: number;
  /** Until when the list counts; undefined while a watch keeps it. */
  untilMs: number | undefined;
  cancelIdle: () => void;
}

/** Makes the memory of what is followed. */
export function createFollowed(clock: Clock = CLOCK): Followed {
  return new FollowedClusters(clock);
}

class FollowedClusters implements Followed {
  readonly #clock: Clock;
  /** The one that was looked at last is the last. */
  readonly #entries = new Map<string, Entry>();
  readonly #refused = new Map<string, { readonly untilMs: number; readonly error: KubeError }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async clusters(key: string, reading: Reading): Promise<readonly Postgresql[]> {
    const no = this.#refused.get(key);
    if (no !== undefined && no.untilMs > this.#clock.now()) throw no.error;
    this.#refused.delete(key);
    const entry = this.#current(key, reading);
    entry.cancelIdle();
    entry.cancelIdle = this.#clock.after(IDLE_MS, () => this.#end(key));
    try {
      if (entry.rightsMs <= this.#clock.now()) {
        entry.rightsMs = this.#clock.now() + RIGHTS_MS;
        await reading.check();
      }
      await entry.listed;
    } catch (error) {
      this.#end(key);
      if (error instanceof KubeError && error.kind === "forbidden") this.#refuse(key, error);
      throw error;
    }
    return [...entry.objects.values()];
  }

  drop(concerns: (key: string) => boolean): void {
    for (const key of [...this.#entries.keys()].filter(concerns)) this.#end(key);
    for (const key of [...this.#refused.keys()].filter(concerns)) this.#refused.delete(key);
  }

  watches(): number {
    return this.#entries.size;
  }

  #refuse(key: string, error: KubeError): void {
    this.#refused.set(key, { untilMs: this.#clock.now() + REFUSED_MS, error });
    if (this.#refused.size > MOST) this.#refused.delete(this.#refused.keys().next().value!);
  }

  #end(key: string): void {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    entry?.cancelIdle();
    entry?.stop.abort(new DOMException("nobody looks any more", "AbortError"));
  }

  /** The entry that is good at the moment. */
  #current(key: string, reading: Reading): Entry {
    const known = this.#entries.get(key);
    const over = known?.untilMs !== undefined && known.untilMs <= this.#clock.now();
    if (known === undefined || over) {
      this.#end(key);
      return this.#begin(key, reading);
    }
    this.#entries.delete(key);
    this.#entries.set(key, known);
    return known;
  }

  #begin(key: string, { source }: Reading): Entry {
    const stop = new AbortController();
    const listed = Promise.withResolvers<void>();
    const entry: Entry = {
      objects: new Map(),
      listed: listed.promise,
      stop,
      rightsMs: this.#clock.now() + RIGHTS_MS,
      untilMs: undefined,
      cancelIdle: () => {},
    };
    // Who waits for the list is told; nobody else has to be.
    listed.promise.catch(() => {});
    const failed = (error: KubeError) => {
      listed.reject(error);
      if (this.#entries.get(key) === entry) this.#end(key);
    };
    const events = follow(source(stop.signal), { signal: stop.signal });
    void keep(entry, events, { listed: listed.resolve, failed, now: () => this.#clock.now() });
    this.#entries.set(key, entry);
    if (this.#entries.size > MOST) this.#end(this.#entries.keys().next().value!);
    return entry;
  }
}

/** Who is told while an entry is kept. */
interface Told {
  readonly listed: () => void;
  readonly failed: (error: KubeError) => void;
  readonly now: () => number;
}

/** Keeps the objects of an entry until it is stopped. */
async function keep(
  entry: Entry,
  events: AsyncGenerator<FollowEvent>,
  told: Told,
): Promise<void> {
  let fresh = new Map<string, Postgresql>();
  for await (const event of events) {
    switch (event.type) {
      case "Init":
        fresh = new Map();
        break;
      case "InitApply":
        fresh.set(keyOf(event.object), event.object as Postgresql);
        break;
      case "InitDone":
        entry.objects.clear();
        for (const [key, object] of fresh) entry.objects.set(key, object);
        told.listed();
        break;
      case "Apply":
        entry.objects.set(keyOf(event.object), event.object as Postgresql);
        break;
      case "Delete":
        entry.objects.delete(keyOf(event.object));
        break;
      case "Failed":
        if (event.during === "list") return told.failed(event.error);
        // The list stays good for a moment; then it is asked for again.
        entry.untilMs ??= told.now() + LIST_MS;
        if (event.error.kind === "forbidden") return;
    }
  }
}

function keyOf({ metadata }: { metadata: { namespace?: string; name?: string } }): string {
  return `${metadata.namespace}/${metadata.name}`;
}

const CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  },
};
