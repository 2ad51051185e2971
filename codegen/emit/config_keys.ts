/**
 * `src/config/keys.gen.ts`: every configuration parameter, read off the schema of OperatorConfiguration.
 * How its text is read, and which defaults differ in a ConfigMap, is written beside the reader
 * (`src/config/parameters.ts`); here stands only what the schema says.
 */
import type { CrdModel, Schema } from "../openapi/model.ts";

/** One parameter as the emitters for keys, manifests and docs need it. */
export interface ConfigParameter {
  key: string;
  /** Group in OperatorConfiguration; empty for the top level. */
  group: string;
  schema: Schema;
}

/** Returns all parameters, top level first, sorted by group and key. @throws when a key occurs twice. */
export function configParameters(crd: CrdModel): ConfigParameter[] {
  const top = crd.schema.properties?.configuration?.properties ?? {};
  const found: ConfigParameter[] = [];
  for (const [key, schema] of Object.entries(top)) {
    if (!schema.properties) found.push({ group: "", key, schema });
    for (const [inner, innerSchema] of Object.entries(schema.properties ?? {})) {
      found.push({ group: key, key: inner, schema: innerSchema });
    }
  }
  if (new Set(found.map((one) => one.key)).size !== found.length) {
    throw new Error(`cannot list the parameters of ${crd.source}: a key occurs twice`);
  }
  return found.sort((a, b) => sortKey(a) < sortKey(b) ? -1 : 1);
}

function sortKey({ group, key }: ConfigParameter): string {
  return `${group} ${key}`;
}

const PREAMBLE = `
/** One parameter of the operator, as the schema of OperatorConfiguration has it. */
export interface ConfigKey {
  /** Key in the ConfigMap and property name in OperatorConfiguration. */
  readonly key: string;
  /** Group in OperatorConfiguration; empty for the top level. */
  readonly group: string;
  /** Place below \`configuration\` of an OperatorConfiguration. */
  readonly path: readonly string[];
  readonly type: "array" | "boolean" | "integer" | "object" | "string";
  readonly format?: "int32" | "int64";
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
  const rows = configParameters(crd).map((one) => `  ${JSON.stringify(row(one))},`).join("\n");
  return `${PREAMBLE}
/** All parameters, by group and key. */
export const CONFIG_KEYS: readonly ConfigKey[] = [\n${rows}\n];\n`;
}

function row({ group, key, schema }: ConfigParameter): Record<string, unknown> {
  const { type, format, enum: values, pattern, minimum, maximum, description } = schema;
  return {
    key,
    group,
    path: group === "" ? [key] : [group, key],
    type,
    format,
    default: schema.default,
    enum: values,
    pattern,
    minimum,
    maximum,
    description,
  };
}
