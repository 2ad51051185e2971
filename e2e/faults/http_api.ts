/**
 * The simulated API server as HTTP answers: what the operator's own client, with its retries, caches
 * and watches, speaks to. Every request may fail before it is looked at.
 */

import type { SimulatedCluster } from "../../src/dry_run/simulated/cluster.ts";
import type { SimulatedChange } from "../../src/dry_run/simulated/objects.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { failureKind } from "../../src/ports/errors.ts";
import type { ObjectRef, Propagation } from "../../src/ports/requests.ts";
import { type ResourceInfo, RESOURCES } from "../../src/ports/resources.gen.ts";
import { answer, type Asked, status } from "./answers.ts";
import type { Failure } from "./failures.ts";

export interface HttpApi {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Decides which requests fail from now on, and how. */
  failBy(choose: (asked: Asked) => Failure | undefined): void;
  /** Tells every watch that it is too old, so that everything is listed again. */
  endWatches(): void;
}

/** An object, or how it went, as it is known since a version. */
interface Logged extends SimulatedChange {
  readonly version: number;
}

const SECOND = 1000;
const BOOKMARK_MS = 60 * SECOND;
/** How many changes a stale answer does not show. */
const CHANGES_BEHIND = 5;

/** Serves a simulated cluster. */
export function serveHttp(cluster: SimulatedCluster): HttpApi {
  const store = logChanges(cluster);
  let choose: (asked: Asked) => Failure | undefined = () => undefined;
  const watches = new Set<Watch>();
  const serve = createServer(cluster, store, watches);
  return {
    async fetch(url, init) {
      const asked = parse(new URL(url), init);
      const failure = choose(asked);
      if (failure?.answer !== undefined) return failure.answer(asked);
      if (failure?.isSilent === true) return await untilAborted(init.signal);
      return await serve(asked, init, failure);
    },
    failBy: (next) => void (choose = next),
    endWatches() {
      for (const watch of [...watches]) watch.end(TOO_OLD);
    },
  };
}

const TOO_OLD = { type: "ERROR", object: status(410, "Expired", "too old resource version") };

interface ChangeLog {
  readonly changes: readonly Logged[];
  version(): number;
  hear(listener: (change: Logged) => void): () => void;
}

function logChanges({ api }: SimulatedCluster): ChangeLog {
  const changes: Logged[] = [];
  const listeners = new Set<(change: Logged) => void>();
  let version = 1;
  api.onChange((change) => {
    version = Math.max(version, Number(change.object.metadata.resourceVersion));
    const logged = { ...change, version };
    changes.push(logged);
    for (const listener of [...listeners]) listener(logged);
  });
  return {
    changes,
    version: () => version,
    hear(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const BY_PLURAL = new Map(
  Object.values(RESOURCES).map((one) => [`${one.group}/${one.plural}`, one as ResourceInfo]),
);
const METHODS = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" } as const;
const PATH =
  /^\/(?:api|apis\/([^/]+))\/[^/]+(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

function parse({ pathname, searchParams }: URL, { method = "GET" }: RequestInit): Asked {
  const [, group = "", namespace, plural, name, subresource] = PATH.exec(pathname) ?? [];
  const resource = BY_PLURAL.get(`${group}/${plural}`);
  if (resource === undefined) throw new Error(`a request that nobody expected: ${pathname}`);
  const read = searchParams.has("watch") ? "watch" : name === undefined ? "list" : "get";
  const verb = method === "GET" ? read : METHODS[method as keyof typeof METHODS];
  return { verb, resource, namespace, name, subresource, query: searchParams };
}

type Serve = (asked: Asked, init: RequestInit, failure?: Failure) => Promise<Response>;

function createServer(cluster: SimulatedCluster, log: ChangeLog, watches: Set<Watch>): Serve {
  const { api } = cluster;
  return async (asked, init, failure) => {
    const { verb, resource, namespace = "", name = "", subresource } = asked;
    const ref: ObjectRef = {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      namespace,
      name,
    };
    const signal = init.signal ?? new AbortController().signal;
    const body = init.body === undefined || init.body === null ? {} : JSON.parse(String(init.body));
    const stale = failure?.isStale === true;
    try {
      switch (verb) {
        case "watch":
          return openWatch({ cluster, log, watches }, asked, failure?.dropsWatches === true);
        case "list":
          return answer(200, listOf(stale ? former(log) : current(cluster, log), asked));
        case "get": {
          const found = stale
            ? former(log).objects.find((object) => isThe(ref, object))
            : api.find(ref);
          return found === undefined ? notFound(ref) : answer(200, found);
        }
        case "create":
          if (resource.kind === "SelfSubjectAccessReview") {
            return answer(201, { ...body, status: { allowed: true } });
          }
          if (asked.query.has("dryRun")) return answer(201, body);
          return answer(201, await api.writer.create(body, signal));
        case "update":
          return answer(200, await api.writer.replace(body, signal));
        case "patch": {
          const request = { target: ref, type: "merge", body } as const;
          const ofStatus = subresource === "status" ? { subresource: "status" } as const : {};
          return answer(200, await api.writer.patch({ ...request, ...ofStatus }, signal));
        }
        case "delete":
          if (api.find(ref) === undefined) return notFound(ref);
          await api.writer.delete({ target: ref, ...deletion(body) }, signal);
          return answer(200, api.find(ref) ?? { ...status(200, "", ""), status: "Success" });
      }
    } catch (error) {
      const code = (error as { status?: number }).status;
      if (failureKind(error) === undefined || code === undefined) throw error;
      const text = error instanceof Error ? error.message : String(error);
      return answer(code, status(code, REASONS[code] ?? "", text, name));
    }
  };
}

const REASONS: Readonly<Record<number, string>> = { 404: "NotFound", 409: "Conflict" };

interface DeleteOptions {
  readonly propagationPolicy?: Propagation;
  readonly preconditions?: { readonly uid?: string };
}

function deletion(
  { propagationPolicy: propagation = "Background", preconditions }: DeleteOptions,
) {
  return { propagation, ...(preconditions === undefined ? {} : { preconditions }) };
}

function isThe(ref: ObjectRef, { kind, metadata }: KubeObject): boolean {
  return kind === ref.kind && metadata.name === ref.name &&
    (metadata.namespace ?? "") === ref.namespace;
}

interface Snapshot {
  readonly objects: readonly KubeObject[];
  readonly version: number;
}

function current({ api }: SimulatedCluster, log: ChangeLog): Snapshot {
  return { objects: api.objects(), version: log.version() };
}

/** Everything as it was some changes ago. */
function former({ changes }: ChangeLog): Snapshot {
  const shown = changes.slice(0, Math.max(0, changes.length - CHANGES_BEHIND));
  const objects = new Map<string, KubeObject>();
  for (const { type, object } of shown) {
    const { namespace = "", name } = object.metadata;
    const key = `${object.kind} ${namespace}/${name}`;
    if (type === "apply") objects.set(key, object);
    else objects.delete(key);
  }
  return { objects: [...objects.values()], version: shown.at(-1)?.version ?? 1 };
}

function listOf({ objects, version }: Snapshot, asked: Asked): unknown {
  return {
    apiVersion: asked.resource.apiVersion,
    kind: `${asked.resource.kind}List`,
    metadata: { resourceVersion: String(version) },
    items: objects.filter((object) => isSelected(object, asked)),
  };
}

function isSelected(
  { kind, metadata }: KubeObject,
  { resource, namespace, query }: Asked,
): boolean {
  if (kind !== resource.kind) return false;
  if (namespace !== undefined && metadata.namespace !== namespace) return false;
  const label = query.get("labelSelector");
  if (label !== null) {
    const [key = "", value] = label.split("=");
    const found = metadata.labels?.[key];
    if (found === undefined || (value !== undefined && found !== value)) return false;
  }
  const name = query.get("fieldSelector")?.replace("metadata.name=", "");
  return name === undefined || metadata.name === name;
}

interface Watch {
  end(last?: unknown): void;
}

interface Streams {
  readonly cluster: SimulatedCluster;
  readonly log: ChangeLog;
  readonly watches: Set<Watch>;
}

function openWatch({ cluster, log, watches }: Streams, asked: Asked, drops: boolean): Response {
  const { clock } = cluster;
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (event: unknown) =>
        controller.enqueue(new TextEncoder().encode(`${JSON.stringify(event)}\n`));
      const tell = ({ type, object, version }: Logged) => {
        if (!isSelected(object, asked)) return;
        const metadata = { ...object.metadata, resourceVersion: String(version) };
        send({ type: type === "delete" ? "DELETED" : "MODIFIED", object: { ...object, metadata } });
      };
      const deaf = log.hear(tell);
      let timer = 0;
      const bookmark = () => {
        const metadata = { resourceVersion: String(log.version()) };
        send({ type: "BOOKMARK", object: { kind: asked.resource.kind, metadata } });
        timer = clock.setTimer(bookmark, BOOKMARK_MS);
      };
      timer = clock.setTimer(bookmark, BOOKMARK_MS);
      const watch: Watch = {
        end(last) {
          if (!watches.delete(watch)) return;
          deaf();
          clock.clearTimer(timer);
          clock.clearTimer(life);
          if (last !== undefined) send(last);
          controller.close();
        },
      };
      const seconds = Number(asked.query.get("timeoutSeconds") ?? 300);
      const life = clock.setTimer(() => watch.end(), seconds * SECOND);
      watches.add(watch);
      end = () => watch.end();
      const since = Number(asked.query.get("resourceVersion"));
      for (const change of log.changes) if (change.version > since) tell(change);
      if (drops) watch.end();
    },
    cancel: () => end(),
  });
  return new Response(body, { status: 200 });
}

function untilAborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
  });
}

function notFound({ kind, name }: ObjectRef): Response {
  return answer(404, status(404, "NotFound", `${kind} "${name}" not found`, name));
}
