/** RBAC: which rules a user has, and whether they cover an action. */
import type { User } from "./authn.ts";
import {
  type JsonObject,
  type KubeObject,
  listAt,
  objectAt,
  objectsAt,
  stringAt,
} from "../model/json.ts";
import type { Store } from "../storage/store.ts";

const GROUP = "rbac.authorization.k8s.io";

export interface Rule {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
  resourceNames: string[];
  nonResourceURLs: string[];
}

/** What a request wants to do; `path` is for requests outside the resources. */
export interface Action {
  verb: string;
  group?: string;
  /** `pods`, or `pods/exec` for a subresource. */
  resource?: string;
  namespace?: string;
  name?: string;
  path?: string;
}

/** The rule as an object with all its lists. */
export function ruleOf(rule: JsonObject): Rule {
  const list = (key: string) => listAt(rule, key).map(String);
  return {
    verbs: list("verbs"),
    apiGroups: list("apiGroups"),
    resources: list("resources"),
    resourceNames: list("resourceNames"),
    nonResourceURLs: list("nonResourceURLs"),
  };
}

function bindsUser(binding: KubeObject, user: User): boolean {
  return objectsAt(binding, "subjects").some((subject) => {
    const name = stringAt(subject, "name");
    switch (subject["kind"]) {
      case "User":
        return name === user.name;
      case "Group":
        return user.groups.includes(name);
      default:
        // Without a namespace it is the binding's own.
        return user.name ===
          `system:serviceaccount:${
            stringAt(subject, "namespace") || binding.metadata.namespace
          }:${name}`;
    }
  });
}

/** The rules of the role that a binding refers to, aggregated ones included. */
export function rulesOfRef(store: Store, ref: JsonObject, namespace: string | undefined): Rule[] {
  const plural = ref["kind"] === "ClusterRole" ? "clusterroles" : "roles";
  const role = store.get(
    `${GROUP}/${plural}`,
    plural === "roles" ? namespace : undefined,
    stringAt(ref, "name"),
  );
  return role ? objectsAt(role, "rules").map(ruleOf) : [];
}

/** All rules that a user has in a namespace; only the cluster-wide ones without a namespace. */
export function rulesOf(store: Store, user: User, namespace: string | undefined): Rule[] {
  const bindings = store.list(`${GROUP}/clusterrolebindings`);
  if (namespace) bindings.push(...store.list(`${GROUP}/rolebindings`, namespace));
  return bindings.filter((binding) => bindsUser(binding, user)).flatMap((binding) =>
    rulesOfRef(store, objectAt(binding, "roleRef"), binding.metadata.namespace)
  );
}

function matches(allowed: string[], wanted: string): boolean {
  return allowed.includes("*") || allowed.includes(wanted);
}

function matchesResource(allowed: string[], wanted: string): boolean {
  if (matches(allowed, wanted)) return true;
  const subresource = wanted.split("/")[1];
  return subresource !== undefined && allowed.includes(`*/${subresource}`);
}

function matchesPath(allowed: string[], path: string): boolean {
  return allowed.some((pattern) =>
    pattern === path || (pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1)))
  );
}

/** Whether one rule covers an action. */
export function ruleAllows(rule: Rule, action: Action): boolean {
  if (!matches(rule.verbs, action.verb)) return false;
  if (action.resource === undefined) return matchesPath(rule.nonResourceURLs, action.path ?? "");
  return matches(rule.apiGroups, action.group ?? "") &&
    matchesResource(rule.resources, action.resource) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(action.name ?? ""));
}

/** Whether the user may do it. */
export function isAllowed(store: Store, user: User, action: Action): boolean {
  if (user.groups.includes("system:masters")) return true;
  return rulesOf(store, user, action.namespace || undefined).some((rule) =>
    ruleAllows(rule, action)
  );
}

/** Whether the rules together cover everything that one rule grants. */
export function covers(rules: Rule[], wanted: Rule): boolean {
  const names = wanted.resourceNames.length > 0 ? wanted.resourceNames : [undefined];
  for (const verb of wanted.verbs) {
    for (const path of wanted.nonResourceURLs) {
      if (!rules.some((rule) => matches(rule.verbs, verb) && coversPath(rule, path))) return false;
    }
    for (const group of wanted.apiGroups) {
      for (const resource of wanted.resources) {
        for (const name of names) {
          if (!rules.some((rule) => coversOne(rule, { verb, group, resource, name }))) return false;
        }
      }
    }
  }
  return true;
}

function coversPath(rule: Rule, path: string): boolean {
  return rule.nonResourceURLs.includes(path) ||
    matchesPath(rule.nonResourceURLs, path.replace(/\*$/, ""));
}

function coversOne(
  rule: Rule,
  wanted: { verb: string; group: string; resource: string; name: string | undefined },
): boolean {
  return matches(rule.verbs, wanted.verb) && matches(rule.apiGroups, wanted.group) &&
    matchesResource(rule.resources, wanted.resource) &&
    (rule.resourceNames.length === 0 ||
      (wanted.name !== undefined && rule.resourceNames.includes(wanted.name)));
}
