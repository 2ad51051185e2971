/**
 * The model between inputs and emitters: OpenAPI schemas as plain data, Kubernetes resources, and our
 * custom resource definitions. Pure; everything in `codegen/emit` reads these shapes and nothing else.
 */

/** One OpenAPI v3 schema node, reduced to the keywords that Kubernetes uses. */
export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  description?: string;
  nullable?: boolean;
  enum?: unknown[];
  default?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  not?: Schema;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-int-or-string"?: boolean;
  [extension: `x-${string}`]: unknown;
}

/** Schemas by their short name; references between them are `#/components/schemas/<short name>`. */
export type Schemas = Record<string, Schema>;

/** A kind that is served under a path of the API server. */
export interface ResourceInfo {
  kind: string;
  group: string;
  version: string;
  plural: string;
  namespaced: boolean;
  subresources: string[];
}

/** The trimmed Kubernetes OpenAPI as committed in `inputs/kubernetes.json`. */
export interface KubernetesModel {
  version: string;
  resources: ResourceInfo[];
  schemas: Schemas;
}

/** One of our CustomResourceDefinitions, as far as the emitters need it. */
export interface CrdModel {
  /** Path of the YAML file, relative to the project. */
  source: string;
  resource: ResourceInfo;
  schema: Schema;
  /** The whole definition as read from the file. */
  manifest: CrdManifest;
}

/** The wire form of a CustomResourceDefinition with exactly one version. */
export interface CrdManifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  spec: {
    group: string;
    scope: "Namespaced" | "Cluster";
    names: { kind: string; plural: string; singular: string; [other: string]: unknown };
    versions: {
      name: string;
      schema: { openAPIV3Schema: Schema };
      subresources?: Record<string, unknown>;
      [other: string]: unknown;
    }[];
    [other: string]: unknown;
  };
}

/** Returns `group/version`, or the version alone for the core group. */
export function apiVersionOf(resource: Pick<ResourceInfo, "group" | "version">): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}
