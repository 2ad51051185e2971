/**
 * `src/config/keys.gen.ts`: every configuration parameter, read off the schema of OperatorConfiguration.
 * What the schema cannot say (durations are plain strings there, some parameters exist in one source
 * only, some are secrets) stands in the small tables below.
 */
import type { CrdModel, Schema } from "../openapi/model.ts";

/** One parameter as the emitters for keys, manifests and docs need it. */
export interface ConfigParameter {
  name: string;
  /** Group in OperatorConfiguration; empty for the top level. */
  group: string;
  path: string[];
  type: "bool" | "int" | "string" | "duration" | "list" | "map" | "object" | "objects";
  /** Where the parameter can be set. */
  source: "both" | "configmap" | "crd";
  sensitive: boolean;
  schema: Schema;
}

/** Parameters outside the group `timeouts` (where all are) whose text is a duration. */
const DURATIONS = new Set([
  "master_pod_move_timeout",
  "pod_terminate_grace_period",
  "repair_period",
  "resync_period",
]);

/** Parameters that must never be shown. */
const SENSITIVE = new Set([
  "logical_backup_azure_storage_account_key",
  "logical_backup_s3_access_key_id",
  "logical_backup_s3_secret_access_key",
  "scalyr_api_key",
]);

/** Parameters that cannot be written as the text of a ConfigMap value. */
const CRD_ONLY = new Set(["liveness_probe"]);

/** Parameters that no OperatorConfiguration has. */
const CONFIG_MAP_ONLY: readonly ConfigParameter[] = [{
  name: "enable_load_balancer",
  group: "",
  path: [],
  type: "bool",
  source: "configmap",
  sensitive: false,
  schema: {
    type: "boolean",
    description: "Deprecated and without effect; its presence is logged. " +
      "Use enable_master_load_balancer and enable_replica_load_balancer.",
  },
}];

/** Returns all parameters, sorted by group and name. @throws when a table names an unknown one. */
export function configParameters(crd: CrdModel): ConfigParameter[] {
  const top = crd.schema.properties?.configuration?.properties ?? {};
  const found: ConfigParameter[] = [...CONFIG_MAP_ONLY];
  for (const [name, schema] of Object.entries(top)) {
    if (!schema.properties) found.push(parameter("", name, schema));
    for (const [inner, innerSchema] of Object.entries(schema.properties ?? {})) {
      found.push(parameter(name, inner, innerSchema));
    }
  }
  const names = new Set(found.map((one) => one.name));
  const unknown = [...DURATIONS, ...SENSITIVE, ...CRD_ONLY].filter((name) => !names.has(name));
  if (unknown.length > 0 || names.size !== found.length) {
    throw new Error(`cannot list parameters: unknown ${unknown}, or a name occurs twice`);
  }
  return found.sort((a, b) => sortKey(a) < sortKey(b) ? -1 : 1);
}

function sortKey(one: ConfigParameter): string {
  return `${one.group} ${one.name}`;
}

function parameter(group: string, name: string, schema: Schema): ConfigParameter {
  return {
    name,
    group,
    path: group === "" ? ["configuration", name] : ["configuration", group, name],
    type: group === "timeouts" || DURATIONS.has(name) ? "duration" : typeOf(name, schema),
    source: CRD_ONLY.has(name) ? "crd" : "both",
    sensitive: SENSITIVE.has(name),
    schema,
  };
}

function typeOf(name: string, schema: Schema): ConfigParameter["type"] {
  switch (schema.type) {
    case "boolean":
      return "bool";
    case "integer":
      return "int";
    case "string":
      return "string";
    case "array":
      return schema.items?.type === "object" ? "objects" : "list";
    case "object":
      return schema.additionalProperties ? "map" : "object";
    default:
      throw new Error(`cannot emit parameter ${name}: unknown type ${schema.type}`);
  }
}

const PREAMBLE = `
/** How the text of a parameter is read. \`objects\` is a list of objects. */
export type ConfigKeyType =
  | "bool" | "int" | "string" | "duration" | "list" | "map" | "object" | "objects";

/** One parameter of the operator. */
export interface ConfigKey {
  /** Key in the ConfigMap and name in OperatorConfiguration. */
  readonly name: ConfigKeyName;
  /** Group in OperatorConfiguration; empty for the top level. */
  readonly group: string;
  /** Place in an OperatorConfiguration object; empty for a parameter that only a ConfigMap has. */
  readonly path: readonly string[];
  readonly type: ConfigKeyType;
  /** Where the parameter can be set. */
  readonly source: "both" | "configmap" | "crd";
  /** Whether the value must never be shown. */
  readonly sensitive: boolean;
  /** Default that the API server fills in where the group exists. */
  readonly default?: boolean | number | string | readonly string[] | Readonly<Record<string, string>>;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description: string;
}
`;

/** Emits the table of parameters. */
export function emitConfigKeys(crd: CrdModel): string {
  const parameters = configParameters(crd);
  const union = parameters.map((one) => `  | ${JSON.stringify(one.name)}`).sort().join("\n");
  const rows = parameters.map((one) => `  ${JSON.stringify(row(one))},`).join("\n");
  return `${PREAMBLE}
/** All parameters, by group and name. */
export const CONFIG_KEYS: readonly ConfigKey[] = [\n${rows}\n];

/** The names of all parameters. */
export type ConfigKeyName =\n${union};\n`;
}

function row({ name, group, path, type, source, sensitive, schema }: ConfigParameter) {
  const optional = {
    default: schema.default,
    enum: schema.enum,
    pattern: schema.pattern,
    minimum: schema.minimum,
    maximum: schema.maximum,
  };
  return {
    name,
    group,
    path,
    type,
    source,
    sensitive,
    ...optional,
    description: schema.description,
  };
}
