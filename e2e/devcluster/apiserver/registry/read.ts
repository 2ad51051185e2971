/** Reads: one object and lists, with selectors, pages and the resourceVersion rules. */
import { ApiError, badRequest, expired, invalid, notFound } from "../model/api_error.ts";
import type { JsonObject, KubeObject } from "../model/json.ts";
import { groupVersion, type ResourceType, subjectOf } from "../model/resource_type.ts";
import { parseFieldSelector, parseLabelSelector } from "../model/selectors.ts";
import { notSupported } from "./validate_metadata.ts";
import type { Store } from "../storage/store.ts";

export interface List {
  items: KubeObject[];
  revision: number;
  continueToken?: string;
  remaining?: number;
}

/** Both selectors of a query as one predicate. @throws ApiError 400. */
export function selection(
  type: ResourceType,
  query: URLSearchParams,
): (object: JsonObject) => boolean {
  const labelText = query.get("labelSelector") ?? "";
  const fieldText = query.get("fieldSelector") ?? "";
  const byLabel = parseLabelSelector(labelText);
  const byField = parseFieldSelector(fieldText, type.storageKey, type.custom?.selectableFields);
  if (!labelText && !fieldText) return () => true;
  return (object) => byLabel((object as KubeObject).metadata.labels ?? {}) && byField(object);
}

/** The object. @throws ApiError 404. */
export function getObject(
  store: Store,
  type: ResourceType,
  namespace: string,
  name: string,
): KubeObject {
  const object = store.get(type.storageKey, type.namespaced ? namespace : undefined, name);
  if (!object) throw notFound(subjectOf(type, name));
  return object;
}

interface ContinueToken {
  rv: number;
  start: string;
}

function parseContinue(text: string): ContinueToken {
  try {
    const token = JSON.parse(atob(text));
    if (typeof token.rv === "number" && typeof token.start === "string") return token;
  } catch {
    // Falls through to the one message for any malformed token.
  }
  throw badRequest(
    "invalid continue token: continue key is not valid: illegal base64 data or unknown version",
  );
}

/** Parses a resourceVersion parameter. @throws ApiError 400 when it is no number. */
export function parseRevision(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (!/^\d+$/.test(text)) {
    throw new ApiError(
      400,
      "BadRequest",
      `invalid resource version: resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
    );
  }
  return Number(text);
}

function tooLarge(wanted: number, current: number): ApiError {
  return new ApiError(
    504,
    "Timeout",
    `Too large resource version: ${wanted}, current: ${current}`,
    {
      details: {
        retryAfterSeconds: 1,
        causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      },
    },
  );
}

/** Refuses a revision that does not exist yet. */
export function requireReached(store: Store, revision: number | undefined): void {
  if (revision !== undefined && revision > store.revision) throw tooLarge(revision, store.revision);
}

/** A list, or one page of it. @throws ApiError 400, 410, 504. */
export function listObjects(
  store: Store,
  type: ResourceType,
  namespace: string,
  query: URLSearchParams,
): List {
  const matches = selection(type, query);
  const limit = Number(query.get("limit") ?? 0) || 0;
  const token = query.get("continue") ? parseContinue(query.get("continue")!) : undefined;
  const match = query.get("resourceVersionMatch");
  const wanted = parseRevision(query.get("resourceVersion"));
  checkMatch(match, wanted, token !== undefined);
  if (!token) requireReached(store, wanted);
  const exact = token?.rv ?? (match === "Exact" ? wanted : undefined);
  const revision = exact ?? store.revision;
  const all = exact === undefined
    ? store.list(type.storageKey, namespace)
    : store.listAt(type.storageKey, exact, namespace);
  if (!all) {
    throw token
      ? expired("The provided continue parameter is too old to display a consistent list result.")
      : expired(`The resourceVersion for the provided list is too old.`);
  }
  const from = token?.start ?? "";
  const selected = all.filter((object) => pageKey(object) >= from).filter(matches);
  if (limit === 0 || selected.length <= limit) return { items: selected, revision };
  const filtered = (query.get("labelSelector") ?? "") + (query.get("fieldSelector") ?? "") !== "";
  const next: ContinueToken = { rv: revision, start: pageKey(selected[limit]!) };
  return {
    items: selected.slice(0, limit),
    revision,
    continueToken: btoa(JSON.stringify(next)),
    ...(filtered ? {} : { remaining: selected.length - limit }),
  };
}

function checkMatch(match: string | null, wanted: number | undefined, continued: boolean): void {
  const refuse = (why: string): never => {
    throw new ApiError(
      422,
      "Invalid",
      `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: ${why}`,
    );
  };
  if (match === null || match === "") {
    if (continued && wanted !== undefined && wanted !== 0) {
      throw badRequest("specifying resource version is not allowed when using continue");
    }
    return;
  }
  if (continued) refuse("resourceVersionMatch is forbidden when continue is provided");
  if (match !== "Exact" && match !== "NotOlderThan") {
    throw invalid({ group: "meta.k8s.io", kind: "ListOptions", name: "" }, [
      notSupported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]),
    ]);
  }
  if (wanted === undefined) {
    refuse("resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  if (match === "Exact" && wanted === 0) {
    refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
}

function pageKey(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name}` : name!;
}

/** Items of built-in lists do not repeat what they are: the list's kind tells. */
function withoutType(item: KubeObject): JsonObject {
  const { apiVersion: _, kind: __, ...rest } = item;
  return rest;
}

/** The list as its JSON object, items as presented. */
export function listBody(type: ResourceType, list: List): JsonObject {
  return {
    kind: type.listKind,
    apiVersion: groupVersion(type),
    metadata: {
      resourceVersion: String(list.revision),
      ...(list.continueToken ? { continue: list.continueToken } : {}),
      ...(list.remaining ? { remainingItemCount: list.remaining } : {}),
    },
    items: type.custom ? list.items : list.items.map(withoutType),
  };
}
