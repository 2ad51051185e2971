/** The built-in kinds, read once from `kubernetes.gen.json` (see generate.ts). */
import { define, type Schema } from "../model/schema.ts";
import { groupVersion, type ResourceType, type Subresource } from "../model/resource_type.ts";
import type { WireType } from "./go_types.ts";
import { TOKEN_REQUEST_SCHEMAS, TOKEN_REQUEST_WIRE } from "./token_request.ts";

interface RecordedResource {
  group: string;
  version: string;
  name: string;
  kind: string;
  kindGroupVersion?: string;
  namespaced: boolean;
  verbs: string[];
  singular?: string;
  shortNames?: string[];
  categories?: string[];
}

interface Recorded {
  resources: RecordedResource[];
  columns: Record<string, [name: string, type: string, format: string, priority: number][]>;
  schemas: Record<string, Schema>;
  wire: Record<string, WireType>;
}

const recorded: Recorded = JSON.parse(
  Deno.readTextFileSync(new URL("./kubernetes.gen.json", import.meta.url)),
);
Object.assign(recorded.schemas, TOKEN_REQUEST_SCHEMAS);
Object.assign(recorded.wire, TOKEN_REQUEST_WIRE);
define(recorded.schemas);

/** Wire form of the Go type behind a schema name. */
export function wireType(schemaName: string): WireType | undefined {
  return recorded.wire[schemaName];
}

/** All schemas by name. */
export function builtinSchemas(): Record<string, Schema> {
  return recorded.schemas;
}

function schemaNameOf(group: string, version: string, kind: string): string | undefined {
  return Object.entries(recorded.schemas).find(([, schema]) =>
    schema["x-kubernetes-group-version-kind"]?.some((gvk) =>
      gvk.group === group && gvk.version === version && gvk.kind === kind
    )
  )?.[0];
}

/** Name of the schema of a kind, such as `io.k8s.api.apps.v1.StatefulSet`. */
export function schemaName(apiVersion: string, kind: string): string | undefined {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return schemaNameOf(group!, version!, kind);
}

function subresourcesOf(resource: RecordedResource): Map<string, Subresource> {
  const result = new Map<string, Subresource>();
  for (const other of recorded.resources) {
    if (other.group !== resource.group || other.version !== resource.version) continue;
    if (!other.name.startsWith(`${resource.name}/`)) continue;
    const name = other.name.slice(resource.name.length + 1);
    result.set(name, {
      name,
      kind: other.kind,
      verbs: other.verbs,
      ...(other.kindGroupVersion ? { kindGroupVersion: other.kindGroupVersion } : {}),
    });
  }
  return result;
}

function resourceType(resource: RecordedResource): ResourceType {
  const { group, version } = resource;
  const name = schemaNameOf(group, version, resource.kind);
  // Events of both groups are the same objects.
  const storageKey = group === "events.k8s.io" ? "/events" : `${group}/${resource.name}`;
  return {
    group,
    version,
    plural: resource.name,
    singular: resource.singular ?? resource.name,
    kind: resource.kind,
    listKind: `${resource.kind}List`,
    namespaced: resource.namespaced,
    verbs: resource.verbs,
    shortNames: resource.shortNames ?? [],
    categories: resource.categories ?? [],
    subresources: subresourcesOf(resource),
    schema: name ? { $ref: `#/components/schemas/${name}` } : {},
    columns: (recorded.columns[`${groupVersion(resource)}/${resource.name}`] ?? []).map((
      [name, type, format, priority],
    ) => ({ name, type, format, priority })),
    storageKey,
  };
}

/** Every built-in resource, subresources inside. */
export function builtinResources(): ResourceType[] {
  return recorded.resources.filter((resource) => !resource.name.includes("/")).map(resourceType);
}
