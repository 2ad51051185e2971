/** `src/kubernetes/types.gen.ts`: the Kubernetes types that operator and dev cluster use. */
import type { KubernetesModel, Schema, Schemas } from "../openapi/model.ts";
import { emitTypes } from "./types.ts";

const PREAMBLE = `
/** Any Kubernetes object. Every kind of this file, and of our API, is assignable to it. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** The answer to a list request. */
export interface KubeList<T> {
  apiVersion: string;
  kind: string;
  metadata: ListMeta;
  items: T[];
}

/** One line of a watch. BOOKMARK carries nothing but a resourceVersion; ERROR a \`Status\`. */
export type WatchEvent<T> =
  | { type: "ADDED" | "MODIFIED" | "DELETED"; object: T }
  | { type: "BOOKMARK"; object: KubeObject }
  | { type: "ERROR"; object: Status };

/** What a volume can be made of: \`Volume\` without its name. */
export type VolumeSource = Omit<Volume, "name">;
`;

/** Returns the names of all schemas that are kinds with their own apiVersion, kind and metadata. */
export function kindsOf(schemas: Schemas): string[] {
  return Object.keys(schemas).filter((name) =>
    gvkOf(schemas[name]!) !== undefined && name !== "Status"
  );
}

/** Emits all Kubernetes types. */
export async function emitKubeTypes(model: KubernetesModel): Promise<string> {
  const kinds = kindsOf(model.schemas);
  const schemas: Schemas = {};
  for (const [name, schema] of Object.entries(model.schemas)) {
    schemas[name] = kinds.includes(name) ? withIdentity(schema) : schema;
  }
  const types = await emitTypes(schemas, { aliases: new Set(kinds) });
  return `${PREAMBLE}\n${types}`;
}

/** Makes apiVersion and kind required literals and metadata required. */
function withIdentity(schema: Schema): Schema {
  const gvk = gvkOf(schema)!;
  const apiVersion = gvk.group === "" ? gvk.version : `${gvk.group}/${gvk.version}`;
  const required = new Set(["apiVersion", "kind", "metadata", ...(schema.required ?? [])]);
  return {
    ...schema,
    required: [...required],
    properties: {
      ...schema.properties,
      apiVersion: { type: "string", enum: [apiVersion] },
      kind: { type: "string", enum: [gvk.kind] },
    },
  };
}

function gvkOf(schema: Schema): { group: string; version: string; kind: string } | undefined {
  const gvks = schema["x-kubernetes-group-version-kind"] as
    | { group: string; version: string; kind: string }[]
    | undefined;
  return gvks?.[0];
}
