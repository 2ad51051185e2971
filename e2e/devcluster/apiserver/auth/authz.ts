/** Authorization of requests by RBAC, with the 403 messages of kube-apiserver. */
import { ApiError } from "../model/api_error.ts";
import type { User } from "./authn.ts";
import { type Action, isAllowed } from "./rbac.ts";
import type { RequestInfo } from "../model/request_info.ts";
import type { Store } from "../storage/store.ts";

/** What was authorized or refused. */
export interface AuditEntry {
  user: User;
  action: Action;
  allowed: boolean;
}

/** What authorizing needs of an API server. */
export interface Authorizer {
  store: Store;
  audit: (entry: AuditEntry) => void;
}

/** Subresources that streams are opened to. */
const STREAMS = new Set(["attach", "exec", "portforward"]);

/**
 * What a request wants, in RBAC's terms. A WebSocket begins as a GET and is authorized as `get`;
 * `upgrade` tells of a WebSocket for whose stream `create` is asked as well.
 */
export function actionsOf(info: RequestInfo, { upgrade }: { upgrade: boolean }): Action[] {
  const action = actionOf(info);
  const opens = upgrade && info.verb === "get" && STREAMS.has(info.resource?.subresource ?? "");
  return opens ? [action, { ...action, verb: "create" }] : [action];
}

function actionOf(info: RequestInfo): Action {
  const target = info.resource;
  if (!target) return { verb: info.verb, path: info.path };
  return {
    verb: info.verb,
    group: target.group,
    resource: target.subresource ? `${target.plural}/${target.subresource}` : target.plural,
    namespace: target.namespace,
    name: target.name,
  };
}

function scopeText(info: RequestInfo): string {
  const { namespace, plural } = info.resource!;
  return namespace && plural !== "namespaces"
    ? `in the namespace "${namespace}"`
    : "at the cluster scope";
}

function refusal(user: User, { verb }: Action, info: RequestInfo): ApiError {
  const target = info.resource;
  if (!target) {
    return new ApiError(
      403,
      "Forbidden",
      `forbidden: User "${user.name}" cannot ${verb} path "${info.path}"`,
      { details: {} },
    );
  }
  const { group, name, plural, subresource } = target;
  const resource = subresource ? `${plural}/${subresource}` : plural;
  const qualified = group ? `${plural}.${group}` : plural;
  const subject = name ? `${qualified} "${name}"` : qualified;
  return new ApiError(
    403,
    "Forbidden",
    `${subject} is forbidden: User "${user.name}" cannot ${verb} resource "${resource}" in API group ` +
      `"${group}" ${scopeText(info)}`,
    { details: { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: plural } },
  );
}

/** Lets a request pass or refuses it. @throws ApiError 403. */
export function authorize(
  { store, audit }: Authorizer,
  user: User,
  action: Action,
  info: RequestInfo,
): void {
  const allowed = isAllowed(store, user, action);
  audit({ user, action, allowed });
  if (!allowed) throw refusal(user, action, info);
}
