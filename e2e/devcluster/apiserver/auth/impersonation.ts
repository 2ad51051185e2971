/** Acting as somebody else (`kubectl --as`), for those who may. */
import { forbidden } from "../model/api_error.ts";
import { serviceAccountUser, type User } from "./authn.ts";
import { isAllowed } from "./rbac.ts";
import type { Store } from "../storage/store.ts";

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

function require(store: Store, user: User, resource: string, name: string): void {
  if (isAllowed(store, user, { verb: "impersonate", group: "", resource, name })) return;
  throw forbidden(
    { group: "", kind: resource, name },
    `User "${user.name}" cannot impersonate resource "${resource}" in API group "" at the cluster scope`,
  );
}

/** The user that a request is to be seen as. @throws ApiError 403. */
export function effectiveUser(store: Store, user: User, headers: Headers): User {
  const name = headers.get("impersonate-user");
  if (!name) return user;
  const groups = (headers.get("impersonate-group") ?? "").split(",").map((group) => group.trim())
    .filter((group) => group !== "");
  const [, namespace, account] = name.match(SERVICE_ACCOUNT) ?? [];
  require(store, user, account ? "serviceaccounts" : "users", account ?? name);
  for (const group of groups) require(store, user, "groups", group);
  if (namespace && account) return serviceAccountUser(namespace, account, "");
  return { name, groups: [...groups, "system:authenticated"] };
}
