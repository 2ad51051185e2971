/**
 * The generic client of the Kubernetes API: verbs over objects of any kind in the resource table.
 * Layer: client of the API server. Requests are made by `request.ts` and sent by `transport.ts`.
 *
 * Typed methods per kind are generated around it (`client.gen.ts`).
 */

import { describeRef, type ObjectRef, type PatchType } from "../../ports/requests.ts";
import { errorOfAnswer, isAbsent, isTooLarge, KubeError } from "./errors.ts";
import {
  type ApiRequest,
  createRequest,
  type DeleteOptions,
  deleteRequest,
  getRequest,
  type KindRef,
  listRequest,
  type Location,
  patchRequest,
  replaceRequest,
  requireResource,
  type Resource,
  type Selection,
  watchRequest,
} from "./request.ts";
import {
  attemptText,
  createTransport,
  type Transport,
  type TransportOptions,
} from "./connection/transport.ts";
import type { KubeList, KubeObject, WatchEvent } from "../../kubernetes/types.gen.ts";
import { readWatch } from "./streams/watch_stream.ts";

/** Options that every call takes. */
export interface CallOptions {
  readonly signal: AbortSignal;
}

export interface WriteCallOptions extends CallOptions {
  /** Validate and default, store nothing. */
  readonly dryRun?: "All";
  readonly subresource?: string;
}

export interface PatchCallOptions extends WriteCallOptions {
  readonly type: PatchType;
  readonly body: unknown;
}

export interface DeleteCallOptions extends CallOptions, DeleteOptions {}

export interface ListCallOptions extends CallOptions, Selection {
  /** Objects a page; 500 unless told. */
  readonly limit?: number;
}

export interface ListPageOptions extends ListCallOptions {
  readonly continue?: string;
}

export interface WatchCallOptions extends CallOptions, Selection {
  readonly resourceVersion: string;
  readonly timeoutSeconds?: number;
  /** The watch fails when nothing arrives for so long. */
  readonly idleTimeoutMs?: number;
  /** Called when the server has accepted the watch; changes may still take long to come. */
  readonly onOpen?: () => void;
}

/** One line of a watch; the server's ERROR lines are thrown instead. */
export type ChangeEvent = Exclude<WatchEvent<KubeObject>, { type: "ERROR" }>;

/** Every call throws `KubeError`, or the signal's reason when aborted. */
export interface KubeClient {
  /** The server's address, for messages. */
  readonly server: string;
  /** One object, or `undefined` when there is none. */
  get(ref: ObjectRef, options: CallOptions & { subresource?: string }): Promise<
    KubeObject | undefined
  >;
  /** A whole collection, read page by page. */
  list(kind: KindRef, options: ListCallOptions): Promise<KubeList<KubeObject>>;
  /** One page; `metadata.continue` leads to the next. */
  listPage(kind: KindRef, options: ListPageOptions): Promise<KubeList<KubeObject>>;
  create(object: KubeObject, options: WriteCallOptions): Promise<KubeObject>;
  /** HTTP PUT. */
  replace(object: KubeObject, options: WriteCallOptions): Promise<KubeObject>;
  patch(ref: ObjectRef, options: PatchCallOptions): Promise<KubeObject>;
  /** The server's answer (the object while it is still there, else a `Status`); `undefined`: was gone. */
  delete(ref: ObjectRef, options: DeleteCallOptions): Promise<KubeObject | undefined>;
  /** Changes since a resourceVersion until the server ends the watch. */
  watch(kind: KindRef, options: WatchCallOptions): AsyncGenerator<ChangeEvent>;
  /** POST to a subresource such as `eviction` of a Pod or `token` of a ServiceAccount. */
  createSubresource(
    ref: ObjectRef,
    body: KubeObject,
    options: WriteCallOptions & { subresource: string },
  ): Promise<KubeObject>;
  /** GET of any path below the server's address, as text: `/version`, `/openapi/v3`, a Pod's log. */
  getText(path: string, options: CallOptions): Promise<string>;
  /** The same as it comes, without an end: a Pod's log that is followed. */
  openText(path: string, options: CallOptions): Promise<ReadableStream<Uint8Array>>;
}

export type KubeClientOptions = TransportOptions;

const PAGE_SIZE = 500;

/** Makes a client over one connection. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const transport = createTransport(options);
  return {
    server: transport.server,
    ...readCalls(transport),
    ...writeCalls(transport),
    watch: (kind, options) => watchChanges(transport, kind, options),
    getText: (path, { signal }) => transport.send(textRequest(path), signal),
    async openText(path, { signal }) {
      const { body } = await transport.open(textRequest(path), signal);
      return body ?? new Response("").body!;
    },
  };
}

async function sendForObject(
  transport: Transport,
  request: ApiRequest,
  signal: AbortSignal,
): Promise<KubeObject> {
  return parseObject(await transport.send(request, signal), attemptText(request));
}

/** What an answer holds; `undefined` where the server says that there is no such object. */
async function unlessAbsent<T>(answer: Promise<T>, { name }: ObjectRef): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isAbsent(error, name)) return undefined;
    throw error;
  }
}

function readCalls(transport: Transport): Pick<KubeClient, "get" | "list" | "listPage"> {
  async function listPage(
    kind: KindRef,
    { signal, ...selection }: ListPageOptions,
  ): Promise<KubeList<KubeObject>> {
    const resource = requireResource(kind);
    for (let limit = selection.limit ?? PAGE_SIZE;; limit = Math.ceil(limit / 10)) {
      const request = listRequest(resource, { ...selection, limit });
      try {
        const list = parseList(await transport.send(request, signal), attemptText(request));
        return { ...list, items: list.items.map((item) => withKind(item, resource)) };
      } catch (error) {
        // Large objects: fewer of them come at a time.
        if (!isTooLarge(error) || limit === 1) throw error;
      }
    }
  }

  return {
    listPage,

    async get(ref, { signal, subresource }) {
      const request = getRequest(requireResource(ref), locationOf(ref, subresource));
      return await unlessAbsent(sendForObject(transport, request, signal), ref);
    },

    async list(kind, options) {
      let page = await listPage(kind, options);
      const items = page.items;
      while (page.metadata.continue) {
        page = await listPage(kind, { ...options, continue: page.metadata.continue });
        items.push(...page.items);
      }
      return { ...page, items };
    },
  };
}

type WriteCalls = Pick<
  KubeClient,
  "create" | "replace" | "patch" | "delete" | "createSubresource"
>;

function writeCalls(transport: Transport): WriteCalls {
  const send = (request: ApiRequest, signal: AbortSignal) =>
    sendForObject(transport, request, signal);
  return {
    create: async (object, { signal, ...options }) =>
      await send(createRequest(requireResource(object), object, options), signal),

    replace: async (object, { signal, ...options }) =>
      await send(replaceRequest(requireResource(object), object, options), signal),

    patch: async (ref, { signal, subresource, ...options }) =>
      await send(patchRequest(requireResource(ref), locationOf(ref, subresource), options), signal),

    async delete(ref, { signal, ...options }) {
      const request = deleteRequest(requireResource(ref), locationOf(ref), options);
      return await unlessAbsent(send(request, signal), ref);
    },

    async createSubresource(ref, body, { signal, subresource, ...options }) {
      const location = locationOf(ref, subresource);
      const request = createRequest(requireResource(ref), body, { ...options, location });
      return await send(request, signal);
    },
  };
}

async function* watchChanges(
  transport: Transport,
  kind: KindRef,
  { signal, idleTimeoutMs, onOpen, ...options }: WatchCallOptions,
): AsyncGenerator<ChangeEvent> {
  const request = watchRequest(requireResource(kind), options);
  const attempt = attemptText(request);
  const stream = readWatch({
    async open(signal) {
      const answer = await transport.open(request, signal);
      onOpen?.();
      return answer;
    },
    attempt,
    signal,
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  });
  for await (const event of stream) {
    if (event.type === "ERROR") {
      throw errorOfAnswer(attempt, event.object.code ?? 500, JSON.stringify(event.object));
    }
    yield event;
  }
}

function textRequest(path: string): ApiRequest {
  const url = new URL(path, "http://server");
  return {
    verb: "get",
    method: "GET",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { accept: "*/*" },
    resource: "",
    subject: path,
  };
}

function locationOf(ref: ObjectRef, subresource?: string): Location {
  if (ref.name === "") throw new Error(`Cannot address ${describeRef(ref)}: it has no name`);
  return {
    ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
    name: ref.name,
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** Items of a list come without apiVersion and kind. */
function withKind(item: KubeObject, { apiVersion, kind }: Resource): KubeObject {
  return item.kind === undefined ? { ...item, apiVersion, kind } : item;
}

function parseObject(body: string, attempt: string): KubeObject {
  const value = parseJson(body, attempt);
  if (typeof value === "object" && value !== null && "kind" in value) return value as KubeObject;
  throw new KubeError(`${attempt}: the answer is no Kubernetes object`, {
    status: 0,
    reason: "BadAnswer",
  });
}

function parseList(body: string, attempt: string): KubeList<KubeObject> {
  const list = parseObject(body, attempt) as unknown as KubeList<KubeObject>;
  // An empty collection may come as `items: null`.
  return { ...list, metadata: list.metadata ?? {}, items: list.items ?? [] };
}

function parseJson(body: string, attempt: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // V8's error quotes the text, which may hold a Secret: no cause.
    throw new KubeError(`${attempt}: the answer is no JSON`, { status: 0, reason: "BadAnswer" });
  }
}
