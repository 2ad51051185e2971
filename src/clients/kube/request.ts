/**
 * Turns (verb, resource, names, options) into an HTTP request as plain data; sending it is
 * `client.ts`'s work. Layer: client of the API server, pure.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/
 */

import { type ResourceInfo, resourceOf } from "../../ports/resources.gen.ts";
import type { KubeObject } from "../../kubernetes/types.gen.ts";
import {
  FIELD_MANAGER,
  type PatchType,
  type Preconditions,
  type Propagation,
} from "../../ports/requests.ts";

/** Where a kind lives in the API. */
export type Resource = Omit<ResourceInfo, "subresources">;

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** RBAC's word for what a request does. */
export type Verb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "update"
  | "patch"
  | "delete";

/** One HTTP request. `path` has no query; `body` is what `JSON.stringify` gets. */
export interface ApiRequest {
  readonly verb: Verb;
  readonly method: Method;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** For counters and logs. */
  readonly resource: string;
  /** `kind namespace/name` or `kinds of namespace`, for messages. */
  readonly subject: string;
}

/** Names one object of a resource; the name is left out for collections. */
export interface Location {
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** Which objects a list or watch means. */
export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListOptions extends Selection {
  /** Objects a page. */
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
}

export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  /** After that many seconds the server ends the watch. */
  readonly timeoutSeconds?: number;
}

export interface WriteOptions {
  /** Validate and default, store nothing. */
  readonly dryRun?: "All";
}

export interface PatchOptions extends WriteOptions {
  readonly type: PatchType;
  readonly body: unknown;
}

export interface DeleteOptions extends WriteOptions {
  readonly propagation?: Propagation;
  readonly preconditions?: Preconditions;
  readonly gracePeriodSeconds?: number;
}

const JSON_TYPE = "application/json";

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  // The server reads YAML; JSON is a part of YAML.
  apply: "application/apply-patch+yaml",
};

/** Names a kind as objects do. */
export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Where a kind lives. @throws Error for a kind that the generated table does not have */
export function requireResource(kind: KindRef): ResourceInfo {
  const resource = resourceOf(kind);
  if (resource === undefined) {
    throw new Error(`Cannot address ${kind.apiVersion} ${kind.kind}: not in the resource table`);
  }
  return resource;
}

/** The URL path of an object, a collection or a subresource. @throws Error for a missing namespace */
export function pathOf(resource: Resource, location: Location): string {
  const { namespace, name, subresource } = location;
  const root = resource.group === ""
    ? `/api/${resource.version}`
    : `/apis/${resource.group}/${resource.version}`;
  if (resource.namespaced && name !== undefined && !namespace) {
    throw new Error(`Cannot name ${resource.kind} ${name}: it needs a namespace`);
  }
  const parts = [root];
  if (resource.namespaced && namespace) parts.push("namespaces", encodeURIComponent(namespace));
  parts.push(resource.plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return parts.join("/");
}

/** GET of one object or of its subresource. */
export function getRequest(resource: Resource, location: Location): ApiRequest {
  return request({ verb: "get", method: "GET", resource, location });
}

/** GET of one page of a collection; without a namespace, of all namespaces. */
export function listRequest(resource: Resource, options: ListOptions): ApiRequest {
  const query = {
    ...selectionQuery(options),
    ...(options.limit === undefined ? {} : { limit: String(options.limit) }),
    ...(options.continue === undefined ? {} : { continue: options.continue }),
    ...(options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion }),
    ...(options.resourceVersionMatch === undefined
      ? {}
      : { resourceVersionMatch: options.resourceVersionMatch }),
  };
  return request({ verb: "list", method: "GET", resource, location: inNamespace(options), query });
}

/** GET of the changes since a resourceVersion, with bookmarks. */
export function watchRequest(resource: Resource, options: WatchOptions): ApiRequest {
  const query = {
    ...selectionQuery(options),
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion: options.resourceVersion,
    ...(options.timeoutSeconds === undefined
      ? {}
      : { timeoutSeconds: String(options.timeoutSeconds) }),
  };
  return request({ verb: "watch", method: "GET", resource, location: inNamespace(options), query });
}

/** POST of a new object, or of a subresource such as `eviction`. */
export function createRequest(
  resource: Resource,
  object: KubeObject,
  options: WriteOptions & { readonly location?: Location } = {},
): ApiRequest {
  return request({
    verb: "create",
    method: "POST",
    resource,
    location: options.location ??
      (object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
    about: object.metadata.name ?? `${object.metadata.generateName ?? ""}…`,
    query: writeQuery(options),
    body: object,
  });
}

/** PUT of a whole object; with a resourceVersion in it, only over that version. */
export function replaceRequest(
  resource: Resource,
  object: KubeObject,
  options: WriteOptions & { readonly subresource?: string } = {},
): ApiRequest {
  const { namespace, name } = object.metadata;
  return request({
    verb: "update",
    method: "PUT",
    resource,
    location: {
      ...(namespace === undefined ? {} : { namespace }),
      name: name ?? "",
      ...(options.subresource === undefined ? {} : { subresource: options.subresource }),
    },
    query: writeQuery(options),
    body: object,
  });
}

/** PATCH; server-side apply takes over fields of other managers (`force`). */
export function patchRequest(
  resource: Resource,
  location: Location,
  options: PatchOptions,
): ApiRequest {
  return request({
    verb: "patch",
    method: "PATCH",
    resource,
    location,
    query: {
      ...writeQuery(options),
      ...(options.type === "apply" ? { force: "true" } : {}),
    },
    headers: { "content-type": PATCH_TYPES[options.type] },
    body: options.body,
  });
}

/** DELETE of one object. */
export function deleteRequest(
  resource: Resource,
  location: Location,
  options: DeleteOptions = {},
): ApiRequest {
  return request({
    verb: "delete",
    method: "DELETE",
    resource,
    location,
    query: options.dryRun === undefined ? {} : { dryRun: options.dryRun },
    ...deleteBody(options),
  });
}

/** The request's path with its query, as it goes after the server's URL. */
export function targetOf(request: ApiRequest): string {
  const query = new URLSearchParams(request.query).toString();
  return query === "" ? request.path : `${request.path}?${query}`;
}

interface Parts {
  readonly verb: Verb;
  readonly method: Method;
  readonly resource: Resource;
  readonly location: Location;
  /** Shown instead of the location's name. */
  readonly about?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

function request(parts: Parts): ApiRequest {
  const { resource, location, body } = parts;
  const sub = location.subresource;
  return {
    verb: parts.verb,
    method: parts.method,
    path: pathOf(resource, location),
    query: parts.query ?? {},
    headers: {
      accept: JSON_TYPE,
      ...(body === undefined ? {} : { "content-type": JSON_TYPE }),
      ...parts.headers,
    },
    ...(body === undefined ? {} : { body }),
    resource: sub === undefined ? resource.plural : `${resource.plural}/${sub}`,
    subject: subjectOf(resource, location, parts.about),
  };
}

function subjectOf(resource: Resource, location: Location, about?: string): string {
  const { namespace, subresource } = location;
  const name = location.name ?? about;
  if (name === undefined) {
    const where = !resource.namespaced ? "" : namespace ? ` in ${namespace}` : " in all namespaces";
    return `${resource.plural}${resource.group === "" ? "" : `.${resource.group}`}${where}`;
  }
  const owner = `${resource.kind} ${namespace ? `${namespace}/` : ""}${name}`;
  return subresource === undefined ? owner : `${subresource} of ${owner}`;
}

function inNamespace(selection: Selection): Location {
  return selection.namespace ? { namespace: selection.namespace } : {};
}

function selectionQuery(selection: Selection): Record<string, string> {
  return {
    ...(selection.labelSelector ? { labelSelector: selection.labelSelector } : {}),
    ...(selection.fieldSelector ? { fieldSelector: selection.fieldSelector } : {}),
  };
}

function writeQuery(options: WriteOptions): Record<string, string> {
  return {
    fieldManager: FIELD_MANAGER,
    ...(options.dryRun === undefined ? {} : { dryRun: options.dryRun }),
  };
}

function deleteBody(options: DeleteOptions): { body?: unknown } {
  const { propagation, preconditions, gracePeriodSeconds } = options;
  if (
    propagation === undefined && preconditions === undefined && gracePeriodSeconds === undefined
  ) return {};
  return {
    body: {
      apiVersion: "v1",
      kind: "DeleteOptions",
      ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
      ...(preconditions === undefined ? {} : { preconditions }),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    },
  };
}
