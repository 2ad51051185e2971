/**
 * A small HTTP client of the Kubernetes API for the dev cluster's controllers and kubelet.
 *
 * They get no in-process shortcut: what they do is what any client of an API server could do,
 * so they work on a real control plane as well. https://kubernetes.io/docs/reference/using-api/
 */
import type { KubeObject, Metadata } from "../objects/meta.ts";
import { objectPath, type Resource } from "./resources.ts";

/** How to reach an API server. */
export interface ClusterAccess {
  /** Such as `https://127.0.0.1:6443`, without a slash at the end. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Certificates to trust besides the system's; absent for plain http. */
  readonly caPem?: string | undefined;
  /** A client certificate and its key, where the API server wants one. */
  readonly certPem?: string | undefined;
  readonly keyPem?: string | undefined;
}

/** An answer of the API server that is not a success. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(readonly status: number, readonly reason: string, message: string) {
    super(message);
  }
}

export type PatchKind = "merge" | "json" | "strategic";

/** A list as the API server sends it. */
export interface ObjectList<T> {
  readonly resourceVersion: string;
  readonly items: T[];
}

/** One line of a watch. */
export interface WatchEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: T;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** Where a patch goes besides the object itself. */
export interface PatchOptions {
  readonly kind?: PatchKind;
  readonly subresource?: string;
}

export interface KubeClient {
  readonly access: ClusterAccess;
  get<T extends KubeObject>(resource: Resource, ref: Ref): Promise<T | undefined>;
  list<T extends KubeObject>(resource: Resource, namespace?: string): Promise<ObjectList<T>>;
  watch<T extends KubeObject>(
    resource: Resource,
    from: string,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(resource: Resource, object: Draft<T>): Promise<T>;
  patch<T extends KubeObject>(
    resource: Resource,
    ref: Ref,
    body: unknown,
    options?: PatchOptions,
  ): Promise<T>;
  /** Answers with the object as it is while it ends, or nothing when it is gone at once. */
  delete<T extends KubeObject>(
    resource: Resource,
    ref: Ref,
    options?: DeleteOptions,
  ): Promise<T | undefined>;
  /** Any other request, such as discovery or the binding subresource. */
  send<T>(method: string, path: string, body?: unknown): Promise<T>;
  close(): void;
}

/** An object to create, which may leave its name to the API server (`generateName`). */
export type Draft<T extends KubeObject> = Omit<T, "metadata"> & { metadata: Partial<Metadata> };

/** Names an object; `namespace` stays out for kinds without one. */
export interface Ref {
  readonly namespace?: string | undefined;
  readonly name: string;
}

const PATCH_TYPE = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
} as const;

/** How long an API server keeps a watch open before the client asks again, in seconds. */
const WATCH_TIMEOUT_S = 1800;

/** Opens a client; `close` frees its connections. */
export function kubeClient(access: ClusterAccess): KubeClient {
  const http = Deno.createHttpClient({
    poolIdleTimeout: 30_000,
    ...(access.caPem ? { caCerts: [access.caPem] } : {}),
    ...(access.certPem && access.keyPem ? { cert: access.certPem, key: access.keyPem } : {}),
  });
  const headers = { ...(access.token ? { authorization: `Bearer ${access.token}` } : {}) };

  async function request(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const options = { method, client: http, ...init, headers: { ...headers, ...init.headers } };
    const response = await fetch(access.url + path, options).catch((error: Error) => {
      const what = `${method} ${path.split("?")[0]}`;
      throw new Error(`cannot ${what}: ${error.message}`, { cause: error });
    });
    if (response.ok) return response;
    throw await apiError(response, `${method} ${path.split("?")[0]}`);
  }

  async function send<T>(method: string, path: string, body?: unknown, type?: string): Promise<T> {
    const init = body === undefined ? {} : {
      body: JSON.stringify(body),
      headers: { "content-type": type ?? "application/json" },
    };
    const response = await request(method, path, init);
    return await response.json() as T;
  }

  return {
    access,
    send: (method, path, body) => send(method, path, body),
    close: () => http.close(),
    create: (resource, object) =>
      send("POST", objectPath(resource, { namespace: object.metadata.namespace }), object),
    patch: (resource, ref, body, options = {}) =>
      send(
        "PATCH",
        objectPath(resource, ref) + (options.subresource ? `/${options.subresource}` : ""),
        body,
        PATCH_TYPE[options.kind ?? "merge"],
      ),
    async get<T>(resource: Resource, ref: Ref) {
      try {
        return await send<T>("GET", objectPath(resource, ref));
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async list<T>(resource: Resource, namespace?: string) {
      const path = objectPath(resource, { namespace });
      const answer = await send<{ metadata: { resourceVersion: string }; items: T[] | null }>(
        "GET",
        path,
      );
      const kind = { apiVersion: apiVersionOf(resource), kind: resource.kind };
      const items = (answer.items ?? []).map((item) => ({ ...kind, ...item }));
      return { resourceVersion: answer.metadata.resourceVersion, items };
    },
    async delete<T extends KubeObject>(resource: Resource, ref: Ref, options: DeleteOptions = {}) {
      const body = { kind: "DeleteOptions", apiVersion: "v1", ...options };
      const answer = await send<T>("DELETE", objectPath(resource, ref), body);
      return answer.metadata?.deletionTimestamp ? answer : undefined;
    },
    async *watch<T>(resource: Resource, from: string, signal: AbortSignal) {
      const query = new URLSearchParams({
        watch: "true",
        resourceVersion: from,
        allowWatchBookmarks: "true",
        timeoutSeconds: String(WATCH_TIMEOUT_S),
      });
      const response = await request("GET", `${objectPath(resource, {})}?${query}`, { signal });
      yield* watchEvents<T>(response.body!, signal);
    },
  };
}

/** Splits the body of a watch into its events, until it ends or the signal says so. */
export async function* watchEvents<T>(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  // Aborting the request alone leaves a read of its body pending now and then.
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel);
  if (signal.aborted) cancel();
  let rest = "";
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = (rest + decoder.decode(read.value, { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line.trim()) yield JSON.parse(line) as WatchEvent<T>;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}

/** The `apiVersion` of a kind's objects, such as `apps/v1`. */
export function apiVersionOf(resource: Resource): string {
  return resource.group ? `${resource.group}/${resource.version}` : resource.version;
}

/** Says whether an error is the API server's "there is no such object". */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Says whether an error is a lost race: the object has changed meanwhile. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason !== "AlreadyExists";
}

/** Says whether a creation failed because an object of that name is there. */
export function alreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === "AlreadyExists";
}

/** Runs a write whose object may have gone meanwhile, which is then no error. */
export async function unlessGone<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function apiError(response: Response, request: string): Promise<ApiError> {
  const text = await response.text();
  let reason = "";
  let message = text.slice(0, 300);
  try {
    const status = JSON.parse(text) as { reason?: string; message?: string };
    reason = status.reason ?? "";
    message = status.message ?? message;
  } catch {
    // Not a Status object, e.g. a proxy's page: its text says enough.
  }
  return new ApiError(response.status, reason, `cannot ${request}: ${response.status} ${message}`);
}
