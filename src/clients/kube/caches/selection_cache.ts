/**
 * Keeps one selection of objects up to date: one list, one watch, one store. Layer: client of the
 * API server.
 *
 * Where the role forbids list or watch, or the kind is not served, it says so once, and its user
 * asks by name. It goes on asking now and then, so that a new role, or one that was out of effect
 * for a moment, counts without a restart.
 */

import type { Logger } from "../../../log/logger.ts";
import type { KubeClient } from "../client.ts";
import { isForbidden, isNotFound, type KubeError } from "../errors.ts";
import { type ObjectChange, ObjectStore } from "./object_store.ts";
import type { KindRef, Selection } from "../request.ts";
import type { KubeObject } from "../../../kubernetes/types.gen.ts";
import { FIELD_MANAGER } from "../../../ports/requests.ts";
import { follow, type FollowEvent } from "./watch.ts";

/** `unserved`: the API server does not know the kind, so there are no such objects. */
export type CacheState = "starting" | "synced" | "forbidden" | "unserved";

/** One selection of objects, kept up to date. */
export interface SelectionCache {
  readonly kind: KindRef;
  readonly selection: Selection;
  readonly store: ObjectStore;
  /** Whether the server would show this object in the selection. */
  holds(object: KubeObject): boolean;
  state(): CacheState;
  /** Milliseconds since it was last known to be up to date; 0 while it is. */
  lostMs(): number;
  /** Resolves when the state is no longer `starting`; rejects when aborted. */
  ready(signal: AbortSignal): Promise<CacheState>;
  stop(): Promise<void>;
}

export interface SelectionCacheOptions {
  readonly client: KubeClient;
  readonly kind: KindRef;
  readonly selection: Selection;
  readonly clusterOf: (object: KubeObject) => string | undefined;
  readonly holds: (object: KubeObject) => boolean;
  readonly logger: Logger;
  readonly onChange: (change: ObjectChange) => void;
  /** Called when list or watch turns out to be forbidden; the store keeps what it has. */
  readonly onForbidden: (error: KubeError, store: ObjectStore) => void;
  /** What happens where the API server does not serve the kind: wait for it, or take it as empty. */
  readonly whenUnserved: "wait" | "empty";
}

/** The server ends a watch after five to ten minutes, spread so that not all end together. */
const WATCH_SECONDS = 300;

/** Starts listing and watching. */
export function startSelectionCache(options: SelectionCacheOptions): SelectionCache {
  const { kind, selection } = options;
  const stopping = new AbortController();
  const store = new ObjectStore(options.clusterOf);
  const readiness = Promise.withResolvers<void>();
  let state: CacheState = "starting";
  let lostSinceMs: number | undefined = performance.now();
  const running = run(options, {
    store,
    signal: stopping.signal,
    settle(next) {
      state = next;
      readiness.resolve();
    },
    state: () => state,
    heard: () => void (lostSinceMs = undefined),
    lost: () => void (lostSinceMs ??= performance.now()),
  });
  return {
    kind,
    selection,
    store,
    holds: options.holds,
    state: () => state,
    lostMs: () => lostSinceMs === undefined ? 0 : performance.now() - lostSinceMs,
    async ready(signal) {
      signal.throwIfAborted();
      // A pass asks for every object that it reads: most times there is nothing to wait for.
      if (state === "starting") await untilAborted(readiness.promise, signal);
      return state;
    },
    async stop() {
      stopping.abort(new DOMException("the cache was stopped", "AbortError"));
      await running;
    },
  };
}

interface Run {
  readonly store: ObjectStore;
  readonly signal: AbortSignal;
  readonly settle: (state: CacheState) => void;
  readonly state: () => CacheState;
  /** The server told where things stand, or will tell of every change. */
  readonly heard: () => void;
  readonly lost: () => void;
}

async function run(options: SelectionCacheOptions, { signal, ...context }: Run): Promise<void> {
  let listed: KubeObject[] = [];
  let failing = false;
  const followed = () => {
    context.heard();
    if (failing) options.logger.info(`${options.kind.kind} objects are followed again`);
    failing = false;
  };
  for await (const event of follow(sourceOf(options, signal, followed), { signal })) {
    if (event.type === "Init") {
      listed = [];
    } else if (event.type === "InitApply") {
      listed.push(trim(event.object));
    } else if (event.type === "Failed") {
      context.lost();
      failing = fail(options, context, event, failing);
    } else {
      emit(options, changesOf(event, context.store, listed));
      if (event.type === "InitDone") {
        listed = [];
        // A role without `watch` fails right after; until then the list is as good as a GET.
        if (context.state() !== "synced") context.settle("synced");
      }
    }
  }
}

/** Takes a failure to the state that it means; tells whether it has been reported. */
function fail(
  options: SelectionCacheOptions,
  { store, settle, state }: Pick<Run, "store" | "settle" | "state">,
  event: FollowEvent & { type: "Failed" },
  reported: boolean,
): boolean {
  const next = endOf(event.error, state(), options);
  if (next === undefined) return logFailure(options.logger, event, reported);
  if (next === "forbidden" && state() !== next) options.onForbidden(event.error, store);
  settle(next);
  return true;
}

function sourceOf(
  { client, kind, selection }: SelectionCacheOptions,
  signal: AbortSignal,
  onOpen: () => void,
) {
  return {
    listPage: (next: string | undefined) =>
      client.listPage(kind, {
        ...selection,
        ...(next === undefined ? {} : { continue: next }),
        signal,
      }),
    watch: (resourceVersion: string) =>
      client.watch(kind, {
        ...selection,
        resourceVersion,
        timeoutSeconds: Math.round(WATCH_SECONDS * (1 + Math.random())),
        signal,
        onOpen,
      }),
  };
}

function changesOf(
  event: Exclude<FollowEvent, { type: "Failed" | "Init" | "InitApply" }>,
  store: ObjectStore,
  listed: readonly KubeObject[],
): ObjectChange[] {
  if (event.type === "InitDone") return store.replaceAll(listed, event.resourceVersion);
  const object = trim(event.object);
  const change = event.type === "Apply" ? store.applyEvent(object) : store.deleteEvent(object);
  return change === undefined ? [] : [change];
}

function emit(options: SelectionCacheOptions, changes: readonly ObjectChange[]): void {
  for (const change of changes) {
    try {
      options.onChange(change);
    } catch (error) {
      // A listener's bug must not end the watch.
      options.logger.error(`cannot handle a change of ${options.kind.kind}: ${error}`);
    }
  }
}

/** The state that a failure means, or `undefined` where it is only a matter of time. */
function endOf(
  error: KubeError,
  state: CacheState,
  { whenUnserved }: SelectionCacheOptions,
): "forbidden" | "unserved" | undefined {
  if (isForbidden(error)) return "forbidden";
  // What was served a moment ago is not gone because a server says so once.
  const unserved = isNotFound(error) && whenUnserved === "empty";
  return unserved && (state === "starting" || state === "unserved") ? "unserved" : undefined;
}

/** Writes a line for the first failure in a row (watches break all the time); tells if it did. */
function logFailure(
  logger: Logger,
  { error, during }: FollowEvent & { type: "Failed" },
  reported: boolean,
): boolean {
  const usual = during === "watch" && ["Disconnected", "Expired", "Gone"].includes(error.reason);
  if (reported || usual) {
    logger.debug(error.message);
    return reported;
  }
  logger.warn(`${error.message}; trying again`);
  return true;
}

/** Kinds of which it is told who else sets a field. */
const SHARED_KINDS = ["Deployment", "StatefulSet"];

/**
 * Drops what no one reads and what would fill the memory: a node's images, and managed fields but
 * those that others set on objects that others also write.
 */
export function trim(object: KubeObject): KubeObject {
  const others = (object.metadata.managedFields ?? []).filter(({ manager, subresource }) =>
    manager !== FIELD_MANAGER && subresource !== "status"
  );
  if (others.length > 0 && SHARED_KINDS.includes(object.kind)) {
    object.metadata.managedFields = others;
  } else delete object.metadata.managedFields;
  if (object.kind === "Node") {
    const status = object["status"] as { images?: unknown } | undefined;
    delete status?.images;
  }
  return object;
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
