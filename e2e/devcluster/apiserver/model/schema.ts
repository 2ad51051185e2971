/**
 * OpenAPI schemas of built-in kinds and CRDs behind one interface: references are resolved here,
 * so that pruning, patching, managed fields and validation walk both alike.
 */

export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  default?: unknown;
  enum?: unknown[];
  nullable?: boolean;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minProperties?: number;
  maxProperties?: number;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  not?: Schema;
  "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-map-type"?: "granular" | "atomic";
  "x-kubernetes-patch-merge-key"?: string;
  "x-kubernetes-patch-strategy"?: string;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-embedded-resource"?: boolean;
  "x-kubernetes-validations"?: { rule: string; message?: string; [key: string]: unknown }[];
  "x-kubernetes-group-version-kind"?: { group: string; version: string; kind: string }[];
}

const definitions = new Map<string, Schema>();

export const REF_PREFIX = "#/components/schemas/";
export const OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/** Makes named schemas known to `resolve`. */
export function define(schemas: Record<string, Schema>): void {
  for (const [name, schema] of Object.entries(schemas)) definitions.set(name, schema);
}

/** The schema of that name. */
export function definition(name: string): Schema | undefined {
  return definitions.get(name);
}

/** Name of the schema that a reference points at, or undefined for an inline schema. */
export function refName(schema: Schema | undefined): string | undefined {
  return schema?.$ref?.slice(REF_PREFIX.length);
}

/** The schema itself, or the one that its `$ref` names. Sibling keys of a reference win. */
export function resolve(schema: Schema | undefined): Schema | undefined {
  const name = refName(schema);
  if (schema === undefined || name === undefined) return schema;
  const target = definitions.get(name);
  if (target === undefined) return undefined;
  const { $ref: _, ...siblings } = schema;
  return Object.keys(siblings).length === 0 ? target : { ...target, ...siblings };
}

/** Schema of a property: named, or that of a map's values. */
export function propertySchema(schema: Schema | undefined, key: string): Schema | undefined {
  const own = schema?.properties?.[key];
  if (own) return own;
  return typeof schema?.additionalProperties === "object" ? schema.additionalProperties : undefined;
}

/** Whether the schema is a map with free keys. */
export function isMap(schema: Schema | undefined): boolean {
  return schema?.additionalProperties !== undefined && schema.properties === undefined;
}
