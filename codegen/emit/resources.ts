/** `src/ports/resources.gen.ts`: where each kind lives in the API, and the type of its objects. */
import { apiVersionOf, type CrdModel, type KubernetesModel } from "../openapi/model.ts";
import { TYPE_NAMES } from "./api_names.ts";
import { type TypedResource, typeImports } from "./type_imports.ts";

/** All resources of Kubernetes and ours, sorted by type name. */
export function typedResources(model: KubernetesModel, crds: readonly CrdModel[]): TypedResource[] {
  const kubernetes = model.resources.map((info) => ({ ...info, type: info.kind, custom: false }));
  const ours = crds.map(({ resource }) => ({
    ...resource,
    type: TYPE_NAMES[resource.kind]![""]!,
    custom: true,
  }));
  return [...kubernetes, ...ours].sort((a, b) => a.type < b.type ? -1 : 1);
}

/** Emits the table of resources. */
export function emitResources(resources: readonly TypedResource[]): string {
  const types = resources.map(({ type }) => `  readonly ${type}: Resource<${type}>;`);
  const rows = resources.map(({ type, custom: _custom, ...info }) => {
    const row = { apiVersion: apiVersionOf(info), ...info };
    return `  ${type}: ${JSON.stringify(row)},`;
  });
  return `${typeImports(resources, ["KubeObject"])}

/** Where a kind lives in the API. */
export interface ResourceInfo {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
}

/** A kind together with the type of its objects, which exists for the type checker alone. */
export interface Resource<T extends KubeObject> extends ResourceInfo {
  readonly apiVersion: T["apiVersion"];
  readonly kind: T["kind"];
  readonly objects?: T;
}

/** All kinds the operator knows, by the name of their type. */
export const RESOURCES: {\n${types.join("\n")}\n} = {\n${rows.join("\n")}\n};

const BY_KIND: ReadonlyMap<string, ResourceInfo> = new Map(
  Object.values(RESOURCES).map((info) => [\`\${info.apiVersion}/\${info.kind}\`, info]),
);

/** Where a kind lives, by what objects and references carry. @throws for a kind that is not in the table. */
export function resourceOf(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): ResourceInfo {
  const resource = BY_KIND.get(\`\${apiVersion}/\${kind}\`);
  if (resource) return resource;
  throw new Error(\`Cannot address \${apiVersion} \${kind}: not in the resource table\`);
}
`;
}
