/**
 * Nulls of a file, treated as the API server treats them: where a definition does not allow them they
 * are taken for absent, and the built-in kinds know none at all. Pure.
 */

import { CRDS } from "../api/crds.gen.ts";
import type { JSONSchemaProps, KubeObject } from "../kubernetes/types.gen.ts";

/**
 * The object as the API server would decode it. A null in a list stays: no list of ours may hold one,
 * and its validation says so. Contents of custom resources that are not ours stay as they are.
 */
export function withoutNulls(object: KubeObject): KubeObject {
  const { metadata, ...rest } = object;
  const schema = schemaOf(object);
  const contents = schema !== undefined
    ? pruned(rest, schema)
    : isBuiltIn(object)
    ? withoutAny(rest)
    : rest;
  const texts = TEXT_MAPS.flatMap((key) => textsOf(rest, key));
  return {
    ...contents as KubeObject,
    ...Object.fromEntries(texts),
    metadata: withoutAny(metadata) as KubeObject["metadata"],
  };
}

/** Maps of texts in which a null is an empty text. */
const TEXT_MAPS = ["data", "stringData", "binaryData"];

function textsOf(object: Readonly<Record<string, unknown>>, key: string): [string, unknown][] {
  const map = object[key];
  if (!isRecord(map) || !["Secret", "ConfigMap"].includes(String(object["kind"]))) return [];
  return [[key, Object.fromEntries(Object.entries(map).map(([name, text]) => [name, text ?? ""]))]];
}

function schemaOf({ apiVersion, kind }: KubeObject): JSONSchemaProps | undefined {
  const definition = CRDS.find(({ spec }) => spec.names.kind === kind);
  const version = definition?.spec.versions.find(({ name }) =>
    apiVersion === `${definition.spec.group}/${name}`
  );
  return version?.schema?.openAPIV3Schema;
}

/** Groups of custom resources have a domain that is not Kubernetes' own. */
function isBuiltIn({ apiVersion }: KubeObject): boolean {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  return !group.includes(".") || group.endsWith(".k8s.io");
}

function pruned(value: unknown, schema: JSONSchemaProps | undefined): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) {
    const items = schema.items as JSONSchemaProps | undefined;
    return value.map((item) => pruned(item, items));
  }
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).flatMap(([key, field]): [string, unknown][] => {
    const property = propertyOf(schema, key);
    if (field === null && property !== undefined && property.nullable !== true) return [];
    return [[key, pruned(field, property)]];
  });
  return Object.fromEntries(kept);
}

function propertyOf(schema: JSONSchemaProps, key: string): JSONSchemaProps | undefined {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return isRecord(additionalProperties) ? additionalProperties as JSONSchemaProps : undefined;
}

function withoutAny(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAny);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(kept.map(([key, field]) => [key, withoutAny(field)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
