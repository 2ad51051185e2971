/** Authorization of requests by RBAC, with the 403 messages of kube-apiserver. */
import { ApiError } from "./api_error.ts";
import type { User } from "./authn.ts";
import { type Action, isAllowed } from "./rbac.ts";
import type { RequestInfo } from "./request_info.ts";
import type { Store } from "./store.ts";

/** What a request wants, in RBAC's terms. */
export function actionOf(info: RequestInfo): Action {
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

function refusal(user: User, info: RequestInfo): ApiError {
  const target = info.resource;
  if (!target) {
    return new ApiError(
      403,
      "Forbidden",
      `forbidden: User "${user.name}" cannot ${info.verb} path "${info.path}"`,
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
    `${subject} is forbidden: User "${user.name}" cannot ${info.verb} resource "${resource}" in API group ` +
      `"${group}" ${scopeText(info)}`,
    { details: { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: plural } },
  );
}

/** Lets a request pass or refuses it. @throws ApiError 403. */
export function authorize(store: Store, user: User, info: RequestInfo): void {
  if (!isAllowed(store, user, actionOf(info))) throw refusal(user, info);
}
