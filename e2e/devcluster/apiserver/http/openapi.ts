/**
 * OpenAPI v3, one document a group version: enough for `kubectl apply` (is there fieldValidation?) and
 * `kubectl explain` (the schemas; descriptions of custom resources only).
 */
import type { JsonObject } from "../model/json.ts";
import { builtinSchemas } from "../kubernetes/builtin.ts";
import type { Registry } from "../registry/registry.ts";
import { groupVersion, type ResourceType } from "../model/resource_type.ts";
import { OBJECT_META, REF_PREFIX, refName, type Schema } from "../model/schema.ts";

function basePath(type: ResourceType): string {
  return type.group ? `apis/${groupVersion(type)}` : `api/${type.version}`;
}

function customSchemaName(type: ResourceType): string {
  return `${type.group.split(".").reverse().join(".")}.${type.version}.${type.kind}`;
}

function schemaNameOf(type: ResourceType): string {
  return refName(type.schema) ?? customSchemaName(type);
}

function gvk(type: ResourceType): JsonObject {
  return { group: type.group, version: type.version, kind: type.kind };
}

const WRITE_PARAMETERS = ["dryRun", "fieldManager", "fieldValidation"].map((name) => ({
  name,
  in: "query",
  schema: { type: "string", uniqueItems: true },
}));

function operation(type: ResourceType, action: string): JsonObject {
  const reads = action === "get" || action === "list";
  const content = { "application/json": { schema: { $ref: REF_PREFIX + schemaNameOf(type) } } };
  return {
    ...(reads ? {} : { parameters: WRITE_PARAMETERS }),
    responses: { "200": { description: "OK", content } },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": gvk(type),
  };
}

function pathsOf(type: ResourceType): JsonObject {
  const base = `/${basePath(type)}`;
  const collection = type.namespaced
    ? `${base}/namespaces/{namespace}/${type.plural}`
    : `${base}/${type.plural}`;
  const has = (verb: string) => type.verbs.includes(verb);
  return {
    [collection]: {
      ...(has("list") ? { get: operation(type, "list") } : {}),
      ...(has("create") ? { post: operation(type, "post") } : {}),
    },
    ...(has("get")
      ? {
        [`${collection}/{name}`]: {
          get: operation(type, "get"),
          ...(has("update")
            ? { put: operation(type, "put"), patch: operation(type, "patch") }
            : {}),
        },
      }
      : {}),
  };
}

function customSchema(type: ResourceType): Schema {
  const text = { type: "string" };
  return {
    ...type.schema,
    properties: {
      ...type.schema.properties,
      apiVersion: text,
      kind: text,
      metadata: { $ref: REF_PREFIX + OBJECT_META },
    },
    "x-kubernetes-group-version-kind": [{
      group: type.group,
      version: type.version,
      kind: type.kind,
    }],
  };
}

function reachable(name: string, all: Record<string, Schema>, found: Record<string, Schema>): void {
  const schema = all[name];
  if (!schema || found[name]) return;
  found[name] = schema;
  for (const [, inner] of JSON.stringify(schema).matchAll(/#\/components\/schemas\/([^"]+)"/g)) {
    reachable(inner!, all, found);
  }
}

function document(types: ResourceType[]): JsonObject {
  const all = { ...builtinSchemas() };
  for (const type of types) if (type.custom) all[customSchemaName(type)] = customSchema(type);
  const schemas: Record<string, Schema> = {};
  for (const type of types) reachable(schemaNameOf(type), all, schemas);
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1.34" },
    paths: Object.assign({}, ...types.map(pathsOf)),
    components: { schemas: schemas as unknown as JsonObject },
  };
}

function byPath(registry: Registry): Map<string, ResourceType[]> {
  const result = new Map<string, ResourceType[]>();
  for (const type of registry.all()) {
    const path = basePath(type);
    result.set(path, [...result.get(path) ?? [], type]);
  }
  return result;
}

/** Changes whenever the document does: clients keep documents by it. */
function hashOf(types: ResourceType[]): string {
  const text = types.some((type) => type.custom)
    ? JSON.stringify(types.map((type) => type.schema))
    : "builtin";
  let hash = 2_166_136_261;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
  }
  return (hash >>> 0).toString(16);
}

/** Answers /openapi/v3 and /openapi/v3/…; undefined for other paths. */
export function openapi(registry: Registry, path: string): JsonObject | undefined {
  const all = byPath(registry);
  if (path === "/openapi/v3") {
    const paths = [...all].map(([base, types]) =>
      [base, { serverRelativeURL: `/openapi/v3/${base}?hash=${hashOf(types)}` }] as const
    );
    return { paths: Object.fromEntries(paths) };
  }
  const types = all.get(path.replace(/^\/openapi\/v3\//, ""));
  return types && path.startsWith("/openapi/v3/") ? document(types) : undefined;
}
