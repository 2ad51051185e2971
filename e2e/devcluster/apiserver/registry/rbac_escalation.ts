/**
 * Nobody grants what they do not have: roles and bindings may only hold permissions of the user who
 * writes them, unless the user may `escalate` or `bind`.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
import { ApiError } from "../model/api_error.ts";
import { type KubeObject, objectAt, objectsAt, stringAt } from "../model/json.ts";
import { covers, isAllowed, type Rule, ruleOf, rulesOf, rulesOfRef } from "../auth/rbac.ts";
import type { StrategyContext } from "./strategy.ts";

const GROUP = "rbac.authorization.k8s.io";

function ruleText(rule: Rule): string {
  const quoted = (values: string[]) => `[${values.map((value) => `"${value}"`).join(" ")}]`;
  const parts = [
    rule.apiGroups.length > 0 ? `APIGroups:${quoted(rule.apiGroups)}` : "",
    rule.resources.length > 0 ? `Resources:${quoted(rule.resources)}` : "",
    rule.resourceNames.length > 0 ? `ResourceNames:${quoted(rule.resourceNames)}` : "",
    rule.nonResourceURLs.length > 0 ? `NonResourceURLs:${quoted(rule.nonResourceURLs)}` : "",
    `Verbs:${quoted(rule.verbs)}`,
  ];
  return `{${parts.filter((part) => part !== "").join(", ")}}`;
}

/** Rules of one API group, resource and name each: the form in which Kubernetes names the missing ones. */
function split(rule: Rule): Rule[] {
  if (rule.resources.length === 0) return [rule];
  return rule.apiGroups.flatMap((group) =>
    rule.resources.map((resource) => ({ ...rule, apiGroups: [group], resources: [resource] }))
  );
}

function refuse(object: KubeObject, context: StrategyContext, missing: Rule[]): never {
  const plural = `${object.kind.toLowerCase()}s`;
  const { name } = object.metadata;
  const groups = context.user.groups.map((group) => `"${group}"`).join(" ");
  throw new ApiError(
    403,
    "Forbidden",
    `${plural}.${GROUP} "${name}" is forbidden: user "${context.user.name}" (groups=[${groups}]) is attempting ` +
      `to grant RBAC permissions not currently held:\n${missing.map(ruleText).join("\n")}`,
    { details: { name: name!, group: GROUP, kind: plural } },
  );
}

function check(object: KubeObject, context: StrategyContext, granted: Rule[]): void {
  const held = rulesOf(context.store, context.user, object.metadata.namespace);
  const missing = granted.flatMap(split).filter((rule) => !covers(held, rule));
  if (missing.length > 0) refuse(object, context, missing);
}

/** @throws ApiError 403 for a role with permissions that the user has not. */
export function checkRoleEscalation(object: KubeObject, context: StrategyContext): void {
  const { store, user } = context;
  if (user.groups.includes("system:masters")) return;
  const resource = `${object.kind.toLowerCase()}s`;
  const { namespace, name } = object.metadata;
  const action = {
    verb: "escalate",
    group: GROUP,
    resource,
    ...(namespace ? { namespace } : {}),
    name: name!,
  };
  if (isAllowed(store, user, action)) return;
  check(object, context, objectsAt(object, "rules").map(ruleOf));
}

/** @throws ApiError 403 for a binding to a role with permissions that the user has not. */
export function checkBindingEscalation(object: KubeObject, context: StrategyContext): void {
  const { store, user } = context;
  if (user.groups.includes("system:masters")) return;
  const ref = objectAt(object, "roleRef");
  const resource = `${stringAt(ref, "kind").toLowerCase()}s`;
  const { namespace } = object.metadata;
  const action = {
    verb: "bind",
    group: GROUP,
    resource,
    ...(namespace ? { namespace } : {}),
    name: stringAt(ref, "name"),
  };
  if (isAllowed(store, user, action)) return;
  check(object, context, rulesOfRef(store, ref, namespace));
}
