/**
 * Reads infrastructure roles out of the Secrets and ConfigMaps that describe them; pure.
 *
 * Three forms: numbered keys (`user1`, `password1`, `inrole1`), one role by named keys, and a
 * ConfigMap of the Secret's name whose keys are roles, with passwords in the Secret.
 * Zalando: pkg/controller/util.go, getInfrastructureRole
 */

import { parse } from "yaml";
import type { ConfigMap, Secret } from "../../kubernetes/types.gen.ts";
import type { InfrastructureRoleDefinition } from "../../config/config.ts";
import { Sensitive } from "../../lib/sensitive.ts";
import type { InfrastructureRole } from "../effective/inputs.ts";

/** The objects that one definition refers to. */
export interface RoleObjects {
  readonly secret: Secret | undefined;
  readonly configMap: ConfigMap | undefined;
}

/** All roles of one definition; incomplete ones are left out. */
export function infrastructureRolesOf(
  definition: InfrastructureRoleDefinition,
  objects: RoleObjects,
): InfrastructureRole[] {
  const data = decoded(objects.secret);
  const roles = definition.template
    ? numberedRoles(definition, data)
    : singleRole(definition, data);
  return [...roles, ...mappedRoles(objects.configMap, data)];
}

function decoded(secret: Secret | undefined): Map<string, string> {
  const entries = Object.entries(secret?.data ?? {});
  return new Map(entries.map(([key, value]) => [key, decodeBase64(value)]));
}

function decodeBase64(text: string): string {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

function role(name: string, password: string, memberOf: readonly string[]): InfrastructureRole {
  const groups = memberOf.filter((group) => group !== "");
  return { name, password: new Sensitive(password), flags: [], memberOf: groups, parameters: {} };
}

function numberedRoles(
  definition: InfrastructureRoleDefinition,
  data: ReadonlyMap<string, string>,
): InfrastructureRole[] {
  const found: InfrastructureRole[] = [];
  for (let number = 1; data.has(`${definition.userKey}${number}`); number++) {
    const name = data.get(`${definition.userKey}${number}`) ?? "";
    const password = data.get(`${definition.passwordKey}${number}`) ?? "";
    const group = data.get(`${definition.roleKey}${number}`) ?? "";
    if (name !== "" && password !== "") found.push(role(name, password, [group]));
  }
  return found;
}

function singleRole(
  definition: InfrastructureRoleDefinition,
  data: ReadonlyMap<string, string>,
): InfrastructureRole[] {
  const name = data.get(definition.userKey) ?? definition.defaultUserValue;
  const password = data.get(definition.passwordKey) ?? "";
  if (name === "" || password === "") return [];
  const group = data.get(definition.roleKey) ?? definition.defaultRoleValue;
  const plain = role(name, password, [group]);
  const details = definition.details === "" ? undefined : data.get(definition.details);
  return [details === undefined ? plain : withDetails(plain, details)];
}

function mappedRoles(
  configMap: ConfigMap | undefined,
  data: ReadonlyMap<string, string>,
): InfrastructureRole[] {
  return Object.entries(configMap?.data ?? {}).flatMap(([name, details]) => {
    const password = data.get(name) ?? "";
    return password === "" ? [] : [withDetails(role(name, password, []), details)];
  });
}

/** Fields of a role as YAML; what cannot be read as such is left as it was. */
function withDetails(plain: InfrastructureRole, text: string): InfrastructureRole {
  const details = parsedDetails(text);
  const inrole = textList(details["inrole"]);
  const parameters = details["db_parameters"];
  const adminRole = details["admin_role"];
  return {
    ...plain,
    flags: textList(details["user_flags"]),
    memberOf: inrole.length > 0 ? inrole : plain.memberOf,
    parameters: typeof parameters === "object" && parameters !== null
      ? Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, String(value)]))
      : {},
    ...(typeof adminRole === "string" && adminRole !== "" ? { adminRole } : {}),
    ...(isYes(details["is_db_owner"]) ? { isDbOwner: true } : {}),
  };
}

/** As Go reads a YAML boolean, which knows more words than YAML 1.2. */
function isYes(value: unknown): boolean {
  return value === true || typeof value === "string" && /^(y|yes|on|true)$/i.test(value);
}

function parsedDetails(text: string): Record<string, unknown> {
  try {
    const value: unknown = parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

function textList(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String).filter((text) => text !== "") : [];
}

/** One role a name; a later definition wins. */
export function mergeRoles(roles: readonly InfrastructureRole[]): InfrastructureRole[] {
  return [...new Map(roles.map((one) => [one.name, one])).values()];
}
