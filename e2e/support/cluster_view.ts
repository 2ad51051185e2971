/**
 * Everything that a test looks at, kept up to date by watches: conditions are waited for without
 * asking again and again, and the state of a namespace is a look into memory.
 */
import type { KubeClient } from "../../src/clients/kube/client.ts";
import { RESOURCES } from "../../src/ports/resources.gen.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { follow, type FollowEvent } from "../../src/clients/kube/caches/watch.ts";

/** One change of one object. */
export interface ViewChange {
  readonly type: "apply" | "delete";
  readonly object: KubeObject;
}

/** What is in the cluster. */
export interface ClusterView {
  get(kind: ViewedKind, namespace: string, name: string): KubeObject | undefined;
  list(kind: ViewedKind, namespace: string): KubeObject[];
  /** All objects of a namespace, Events left out. */
  all(namespace: string): KubeObject[];
  /** Hears of every change until the returned function is called. */
  onChange(listener: (change: ViewChange) => void): () => void;
  /**
   * Resolves with the first value of `check` that is neither undefined nor false. It is asked at
   * once and after every change.
   * @throws Error that says what was waited for, with what `explain` adds
   */
  until<T>(what: string, check: () => T | undefined | false, wait?: Wait): Promise<T>;
  stop(): Promise<void>;
}

/** How long a condition is waited for. */
export interface Wait {
  readonly limitMs?: number;
  /** Told in the message of a failure. */
  readonly explain?: () => string;
}

/** Kinds that are viewed, by the names of the resource table. */
const KINDS = [
  "Postgresql",
  "StatefulSet",
  "Pod",
  "Service",
  "Endpoints",
  "Secret",
  "ConfigMap",
  "PersistentVolumeClaim",
  "PodDisruptionBudget",
  "ServiceAccount",
  "RoleBinding",
  "Deployment",
  "CronJob",
  "Event",
] as const;

export type ViewedKind = typeof KINDS[number];

const LIMIT_MS = 30_000;

/** Starts to watch; resolves when everything that is there has been seen. */
export async function startClusterView(
  client: KubeClient,
  kinds: readonly ViewedKind[] = KINDS,
): Promise<ClusterView> {
  const stopping = new AbortController();
  const objects = new Map<ViewedKind, Map<string, KubeObject>>();
  const listeners = new Set<(change: ViewChange) => void>();
  const tell = (change: ViewChange) => {
    for (const listener of [...listeners]) listener(change);
  };
  const running: Promise<void>[] = [];
  const listed = kinds.map((kind) => {
    const known = new Map<string, KubeObject>();
    objects.set(kind, known);
    const first = Promise.withResolvers<void>();
    const source = { client, kind, known, tell, listed: first.resolve };
    running.push(keepUp(source, stopping.signal));
    return first.promise;
  });
  await Promise.all(listed);

  const list = (kind: ViewedKind, namespace: string) =>
    [...objects.get(kind)?.values() ?? []].filter(({ metadata }) =>
      metadata.namespace === namespace
    );
  return {
    get: (kind, namespace, name) => objects.get(kind)?.get(`${namespace}/${name}`),
    list,
    all: (namespace) =>
      kinds.filter((kind) => kind !== "Event").flatMap((kind) => list(kind, namespace)),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    until: (what, check, wait) => until(listeners, { what, check, ...wait }),
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

interface Source {
  readonly client: KubeClient;
  readonly kind: ViewedKind;
  readonly known: Map<string, KubeObject>;
  readonly tell: (change: ViewChange) => void;
  readonly listed: () => void;
}

async function keepUp(source: Source, signal: AbortSignal): Promise<void> {
  const { client, kind } = source;
  const { apiVersion, kind: name } = RESOURCES[kind];
  const ref = { apiVersion, kind: name };
  const requests = {
    listPage: (next: string | undefined) =>
      client.listPage(ref, { signal, ...(next === undefined ? {} : { continue: next }) }),
    watch: (resourceVersion: string) => client.watch(ref, { signal, resourceVersion }),
  };
  let fresh: KubeObject[] = [];
  for await (const event of follow(requests, { signal })) {
    fresh = take(source, event, fresh);
  }
}

function take({ known, tell, listed }: Source, event: FollowEvent, fresh: KubeObject[]) {
  switch (event.type) {
    case "Init":
      return [];
    case "InitApply":
      return [...fresh, event.object];
    case "InitDone": {
      const names = new Set(fresh.map(keyOf));
      for (const [key, object] of known) {
        if (!names.has(key) && known.delete(key)) tell({ type: "delete", object });
      }
      for (const object of fresh) {
        known.set(keyOf(object), object);
        tell({ type: "apply", object });
      }
      listed();
      return [];
    }
    case "Apply":
      known.set(keyOf(event.object), event.object);
      tell({ type: "apply", object: event.object });
      return fresh;
    case "Delete":
      known.delete(keyOf(event.object));
      tell({ type: "delete", object: event.object });
      return fresh;
    case "Failed":
      return fresh;
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

interface Condition<T> extends Wait {
  readonly what: string;
  readonly check: () => T | undefined | false;
}

function until<T>(
  listeners: Set<(change: ViewChange) => void>,
  { what, check, limitMs = LIMIT_MS, explain }: Condition<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      listeners.delete(look);
      act();
    };
    const look = () => {
      try {
        const found = check();
        if (found !== undefined && found !== false) settle(() => resolve(found));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const timer = setTimeout(() => {
      const more = explain?.();
      const text = `${what}: not so after ${limitMs} ms${more === undefined ? "" : `\n${more}`}`;
      settle(() => reject(new Error(text)));
    }, limitMs);
    listeners.add(look);
    look();
  });
}
