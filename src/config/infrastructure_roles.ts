/**
 * Where infrastructure roles are described: the three ways to say it, read into one form.
 *
 * Zalando: pkg/controller/util.go, getInfrastructureRoleDefinitions
 */

import type { Config, InfrastructureRoleDefinition } from "./config.ts";
import { parseNamespacedName } from "./namespaced_name.ts";
import type { Read, ReadContext } from "./loading.ts";

type Definition = InfrastructureRoleDefinition;
type Definitions = readonly Definition[];

/** Names of the fields in both sources, and the property that each becomes. */
const TEXT_FIELDS = {
  userkey: "userKey",
  passwordkey: "passwordKey",
  rolekey: "roleKey",
  defaultuservalue: "defaultUserValue",
  defaultrolevalue: "defaultRoleValue",
  details: "details",
} as const;

type TextField = keyof typeof TEXT_FIELDS;

/** The text form of a ConfigMap knows the whole role as YAML (`details`) as little as templates. */
const TEXT_FORM_FIELDS: ReadonlySet<string> = new Set(
  Object.keys(TEXT_FIELDS).filter((field) => field !== "details"),
);

/** Namespace of a Secret that the text form names without one. */
const TEXT_FORM_NAMESPACE = "default";

/** Reads the list that an OperatorConfiguration holds. */
export function readRoleDefinitions(raw: unknown, context: ReadContext): Read<Definitions> {
  if (!Array.isArray(raw)) return { rule: "must be a list of role definitions" };
  const definitions: Definition[] = [];
  const warnings: string[] = [];
  for (const [index, item] of raw.entries()) {
    if (isNameless(item)) {
      warnings.push(`item ${index} is ignored: it must name a Secret in secretname`);
      continue;
    }
    const read = readRoleDefinition(item, context);
    if ("rule" in read) return { rule: `${read.rule} (item ${index})` };
    definitions.push(read.value);
  }
  return { value: definitions, warnings };
}

function isNameless(item: unknown): boolean {
  const secretname = (item as { secretname?: unknown } | null)?.secretname;
  return typeof item === "object" && item !== null && (secretname ?? null) === null;
}

function readRoleDefinition(item: unknown, context: ReadContext): Read<Definition> {
  if (typeof item !== "object" || item === null) return { rule: "must be a list of objects" };
  const { secretname, template = false, ...rest } = item as Record<string, unknown>;
  const secretName = typeof secretname === "string"
    ? parseNamespacedName(secretname, context.operatorNamespace)
    : undefined;
  if (secretName === undefined) return { rule: "must name a Secret in secretname" };
  if (typeof template !== "boolean") return { rule: "must hold true or false in template" };
  const texts: Partial<Record<TextField, string>> = {};
  for (const field of Object.keys(TEXT_FIELDS) as TextField[]) {
    const value = rest[field] ?? "";
    if (typeof value !== "string") return { rule: `must hold a text in ${field}` };
    texts[field] = value;
  }
  return { value: definition({ secretName, template, texts }) };
}

/**
 * Reads the text form `secretname:s,userkey:u,passwordkey:p,…`, which describes a single role. What
 * is incomplete is left out with a warning, as the reference does.
 */
export function readRoleDefinitionText(text: string): Read<Definitions> {
  const texts: Partial<Record<TextField, string>> = {};
  const warnings: string[] = [];
  let secretName: Definition["secretName"] | undefined;
  for (const property of text.split(",")) {
    const [name, value] = property.split(":").map((part) => part.trim());
    if (name === undefined || value === undefined) continue;
    if (name === "secretname") {
      secretName = parseNamespacedName(value, TEXT_FORM_NAMESPACE) ?? secretName;
    } else if (TEXT_FORM_FIELDS.has(name)) {
      texts[name as TextField] = value;
    } else {
      warnings.push(`has a field that no role knows: ${JSON.stringify(name)}`);
    }
  }
  const named = texts.userkey || texts.defaultuservalue;
  if (secretName === undefined || !named || !texts.passwordkey) {
    warnings.push(
      "is ignored: it must give secretname, passwordkey, and userkey or defaultuservalue",
    );
    return { value: [], warnings };
  }
  return { value: [definition({ secretName, template: false, texts })], warnings };
}

function definition({ secretName, template, texts }: {
  secretName: Definition["secretName"];
  template: boolean;
  texts: Partial<Record<TextField, string>>;
}): Definition {
  return {
    secretName,
    userKey: texts.userkey ?? "",
    passwordKey: texts.passwordkey ?? "",
    roleKey: texts.rolekey ?? "",
    defaultUserValue: texts.defaultuservalue ?? "",
    defaultRoleValue: texts.defaultrolevalue ?? "",
    details: texts.details ?? "",
    template,
  };
}

/** All definitions in force: `infrastructure_roles_secrets`, then the legacy numbered Secret. */
export function infrastructureRoleDefinitions(config: Config): Definitions {
  const legacy = config.infrastructureRolesSecretName;
  if (legacy === undefined) return config.infrastructureRolesSecrets;
  const texts = { userkey: "user", passwordkey: "password", rolekey: "inrole" };
  return [
    ...config.infrastructureRolesSecrets,
    definition({ secretName: legacy, template: true, texts }),
  ];
}
