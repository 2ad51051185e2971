/**
 * Watches: changes after a revision as a stream of JSON lines, each sent at once. Bookmarks go out
 * only when asked for: Patroni's client fails on an unasked one.
 */
import { ApiError, expired } from "../model/api_error.ts";
import type { JsonObject, KubeObject } from "../model/json.ts";
import { enqueuePieces } from "./prompt_body.ts";
import { parseRevision, requireReached, selection } from "../registry/read.ts";
import { isTrue } from "../model/request_info.ts";
import { groupVersion, type ResourceType } from "../model/resource_type.ts";
import type { Change, Store } from "../storage/store.ts";

const BOOKMARK_INTERVAL_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 45 * 60_000;

export interface WatchRequest {
  store: Store;
  type: ResourceType;
  namespace: string;
  query: URLSearchParams;
  /** The form an object is sent in (version, Table). */
  present(object: KubeObject): JsonObject;
  /** Called with a function that ends the watch; the result is called when it has ended. */
  register(end: () => void): () => void;
}

type WatchEvent = { type: string; object: JsonObject };

interface WatchOptions {
  revision: number | undefined;
  bookmarks: boolean;
  initial: boolean;
  /** The list before the first change ends with a marked bookmark. */
  marked: boolean;
  timeoutMs: number;
}

function watchOptions(query: URLSearchParams): WatchOptions {
  const revision = parseRevision(query.get("resourceVersion"));
  const bookmarks = isTrue(query.get("allowWatchBookmarks"));
  const send = query.get("sendInitialEvents");
  const match = query.get("resourceVersionMatch");
  const refuse = (field: string, why: string): never => {
    throw new ApiError(
      422,
      "Invalid",
      `ListOptions.meta.k8s.io "" is invalid: ${field}: Forbidden: ${why}`,
    );
  };
  if (send !== null && match !== "NotOlderThan") {
    refuse(
      "resourceVersionMatch",
      "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
    );
  }
  if (send === null && match !== null && match !== "") {
    refuse(
      "resourceVersionMatch",
      "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
    );
  }
  const seconds = Number(query.get("timeoutSeconds") ?? 0);
  return {
    revision,
    bookmarks,
    initial: send === null ? !revision : isTrue(send),
    marked: isTrue(send) && bookmarks,
    timeoutMs: seconds > 0 ? seconds * 1000 : DEFAULT_TIMEOUT_MS,
  };
}

/** Event of a change as seen through a selection: what leaves it is DELETED, what enters is ADDED. */
export function selectedEvent(
  change: Change,
  matches: (object: KubeObject) => boolean,
): { type: string; object: KubeObject } | undefined {
  const now = change.type !== "DELETED" && matches(change.object);
  const before = change.previous !== undefined && matches(change.previous);
  if (now) return { type: before ? "MODIFIED" : "ADDED", object: change.object };
  if (!before) return undefined;
  if (change.type === "DELETED") return { type: "DELETED", object: change.object };
  const metadata = {
    ...change.previous!.metadata,
    resourceVersion: change.object.metadata.resourceVersion!,
  };
  return { type: "DELETED", object: { ...change.previous!, metadata } };
}

function errorEvent(error: ApiError): WatchEvent {
  return { type: "ERROR", object: error.status() };
}

function bookmark(request: WatchRequest, revision: number, marked: boolean): WatchEvent {
  const object: KubeObject = {
    kind: request.type.kind,
    apiVersion: groupVersion(request.type),
    metadata: {
      resourceVersion: String(revision),
      creationTimestamp: null as unknown as string,
      ...(marked ? { annotations: { "k8s.io/initial-events-end": "true" } } : {}),
    },
  };
  return { type: "BOOKMARK", object: request.present(object) };
}

/** Starts a watch. @throws ApiError 400, 422, 504 before the stream begins. */
export function watchStream(request: WatchRequest): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { store, type, namespace } = request;
  const options = watchOptions(request.query);
  const matches = selection(type, request.query);
  requireReached(store, options.revision);
  const encoder = new TextEncoder();
  let end = () => {};
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      let ended = false;
      const send = (event: WatchEvent) => {
        if (ended) return;
        const bytes = encoder.encode(JSON.stringify(event) + "\n");
        try {
          enqueuePieces(controller, bytes);
        } catch {
          end(); // The client broke off a moment ago: no reason to fail the write that told us.
        }
      };
      const forward = (change: Change) => {
        if (namespace && change.object.metadata.namespace !== namespace) return;
        const event = selectedEvent(change, matches);
        if (event) send({ type: event.type, object: request.present(event.object) });
      };
      const unsubscribe = store.subscribe(type.storageKey, forward);
      const bookmarks = options.bookmarks
        ? setInterval(() => send(bookmark(request, store.revision, false)), BOOKMARK_INTERVAL_MS)
        : undefined;
      end = () => {
        if (ended) return;
        ended = true;
        unsubscribe();
        clearInterval(bookmarks);
        clearTimeout(timeout);
        unregister();
        try {
          controller.close();
        } catch {
          // The client has cancelled the stream already.
        }
      };
      const unregister = request.register(end);
      const timeout = setTimeout(() => {
        if (options.bookmarks) send(bookmark(request, store.revision, false));
        end();
      }, options.timeoutMs);
      if (!sendPast(request, options, { send, forward, matches })) end();
    },
    cancel: () => end(),
  });
}

interface Sender {
  send(event: WatchEvent): void;
  forward(change: Change): void;
  matches(object: KubeObject): boolean;
}

/** Sends what lies before "now". False when the revision is forgotten and the watch is over. */
function sendPast(request: WatchRequest, options: WatchOptions, sender: Sender): boolean {
  const { store, type, namespace } = request;
  if (options.initial) {
    for (const object of store.list(type.storageKey, namespace)) {
      if (sender.matches(object)) sender.send({ type: "ADDED", object: request.present(object) });
    }
    if (options.marked) sender.send(bookmark(request, store.revision, true));
    return true;
  }
  const changes = store.changesSince(type.storageKey, options.revision ?? store.revision);
  if (!changes) {
    sender.send(errorEvent(expired(
      `too old resource version: ${options.revision} (${store.compactedRevision})`,
    )));
    return false;
  }
  for (const change of changes) sender.forward(change);
  return true;
}
