/** Reviews: what may I do, what may they do, whose token is this. Answered, never stored. */
import type { ApiContext } from "./api_context.ts";
import type { User } from "../auth/authn.ts";
import { isObject, type JsonObject, listAt, objectAt, stringAt } from "../model/json.ts";
import { type Action, isAllowed, rulesOf } from "../auth/rbac.ts";

function actionOfSpec(spec: JsonObject): Action {
  const resource = spec["resourceAttributes"];
  if (!isObject(resource)) {
    const path = objectAt(spec, "nonResourceAttributes");
    return { verb: stringAt(path, "verb"), path: stringAt(path, "path") };
  }
  const subresource = stringAt(resource, "subresource");
  return {
    verb: stringAt(resource, "verb"),
    group: stringAt(resource, "group"),
    resource: stringAt(resource, "resource") + (subresource ? `/${subresource}` : ""),
    namespace: stringAt(resource, "namespace"),
    name: stringAt(resource, "name"),
  };
}

function accessStatus(context: ApiContext, user: User, spec: JsonObject): JsonObject {
  const allowed = isAllowed(context.store, user, actionOfSpec(spec));
  const byRole = allowed && !user.groups.includes("system:masters");
  return { allowed, ...(byRole ? { reason: "RBAC: allowed by a role binding" } : {}) };
}

function userOfSpec(spec: JsonObject): User {
  return { name: stringAt(spec, "user"), groups: listAt(spec, "groups").map(String) };
}

function userInfo(user: User): JsonObject {
  return {
    username: user.name,
    ...(user.uid ? { uid: user.uid } : {}),
    groups: user.groups,
    ...(user.extra ? { extra: user.extra } : {}),
  };
}

function rulesStatus(context: ApiContext, user: User, namespace: string): JsonObject {
  const resourceRules: JsonObject[] = [];
  const nonResourceRules: JsonObject[] = [];
  const all = user.groups.includes("system:masters")
    ? [
      { verbs: ["*"], apiGroups: ["*"], resources: ["*"], resourceNames: [], nonResourceURLs: [] },
      {
        verbs: ["*"],
        apiGroups: [],
        resources: [],
        resourceNames: [],
        nonResourceURLs: ["*"],
      },
    ]
    : rulesOf(context.store, user, namespace);
  for (const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } of all) {
    if (nonResourceURLs.length > 0) nonResourceRules.push({ verbs, nonResourceURLs });
    else {resourceRules.push({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames.length > 0 ? { resourceNames } : {}),
      });}
  }
  return { resourceRules, nonResourceRules, incomplete: false };
}

/** Answers a review by its kind, or undefined for a kind that is none. */
export function review(
  context: ApiContext,
  kind: string,
  user: User,
  body: JsonObject,
): JsonObject | undefined {
  const spec = objectAt(body, "spec");
  switch (kind) {
    case "SelfSubjectAccessReview":
      return { ...body, status: accessStatus(context, user, spec) };
    case "SubjectAccessReview":
    case "LocalSubjectAccessReview":
      return { ...body, status: accessStatus(context, userOfSpec(spec), spec) };
    case "SelfSubjectRulesReview":
      return { ...body, status: rulesStatus(context, user, stringAt(spec, "namespace")) };
    case "SelfSubjectReview":
      return { ...body, status: { userInfo: userInfo(user) } };
    case "TokenReview": {
      const found = context.authenticator.userOfToken(stringAt(spec, "token"));
      return {
        ...body,
        status: found
          ? {
            authenticated: true,
            user: userInfo(found),
            audiences: ["https://kubernetes.default.svc"],
          }
          : { user: {}, error: "invalid bearer token" },
      };
    }
    default:
      return undefined;
  }
}
