/**
 * Takes the schema of a CRD apart into named schemas that refer to each other and to Kubernetes types.
 * The type and the clone emitter both work on the result. Pure.
 */
import { apiVersionOf, type CrdModel, type Schema, type Schemas } from "../openapi/model.ts";
import { refTo } from "../openapi/refs.ts";
import { KUBERNETES_TYPES, TYPE_NAMES } from "./api_names.ts";

/** Named schemas of all custom resources, sorted by name, and the Kubernetes types they refer to. */
export interface ApiSchemas {
  schemas: Schemas;
  /** The names of the custom resources' own types. */
  kinds: string[];
  external: string[];
}

/** @throws when a path of the name tables does not exist, or two parts of one name differ. */
export function apiSchemas(crds: readonly CrdModel[]): ApiSchemas {
  const parts: Schemas = {};
  const external = new Set<string>();
  const kinds: string[] = [];
  for (const crd of crds) {
    const names = TYPE_NAMES[crd.resource.kind] ?? {};
    const kubernetes = KUBERNETES_TYPES[crd.resource.kind] ?? {};
    const unused = new Set([...Object.keys(names), ...Object.keys(kubernetes)]);
    const split = (node: Schema, path: string): Schema => {
      unused.delete(path);
      const kubernetesType = kubernetes[path];
      if (kubernetesType) {
        external.add(kubernetesType);
        return referTo(kubernetesType, node);
      }
      const inner = splitChildren(node, path, split);
      const name = names[path];
      if (name === undefined) return inner;
      addPart(parts, name, inner);
      return referTo(name, node);
    };
    split(withIdentity(crd), "");
    if (unused.size > 0) throw new Error(`cannot name ${[...unused]}: not in ${crd.source}`);
    kinds.push(names[""] ?? crd.resource.kind);
  }
  const sorted = Object.fromEntries(Object.entries(parts).sort(([a], [b]) => a < b ? -1 : 1));
  return { schemas: sorted, kinds, external: [...external].sort() };
}

function splitChildren(
  node: Schema,
  path: string,
  split: (node: Schema, path: string) => Schema,
): Schema {
  const result = { ...node };
  if (node.properties) {
    result.properties = Object.fromEntries(
      Object.entries(node.properties).map(([name, child]) => [
        name,
        split(child, path === "" ? name : `${path}.${name}`),
      ]),
    );
  }
  if (node.items) result.items = split(node.items, `${path}[]`);
  if (typeof node.additionalProperties === "object") {
    result.additionalProperties = split(node.additionalProperties, `${path}{}`);
  }
  return result;
}

/** A reference that keeps the description and nullability of the place where it stands. */
function referTo(name: string, node: Schema): Schema {
  if (!node.description && !node.nullable) return { $ref: refTo(name) };
  return {
    ...(node.description ? { description: node.description } : {}),
    ...(node.nullable ? { nullable: true } : {}),
    allOf: [{ $ref: refTo(name) }],
  };
}

/** Adds a named part. Two places may share a name when they have the same shape, whatever they say. */
function addPart(parts: Schemas, name: string, schema: Schema): void {
  const { nullable: _nullable, ...part } = schema;
  const before = parts[name];
  if (before && JSON.stringify(wordless(before)) !== JSON.stringify(wordless(part))) {
    throw new Error(`cannot name two different schemas ${name}`);
  }
  if (!before) parts[name] = part;
}

function wordless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wordless);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key, child]) =>
      !(key === "description" && typeof child === "string")
    ).map(([key, child]) => [key, wordless(child)]),
  );
}

/** The schema of the whole object with literal apiVersion and kind. */
function withIdentity(crd: CrdModel): Schema {
  return {
    ...crd.schema,
    required: [...new Set(["apiVersion", "kind", ...(crd.schema.required ?? [])])],
    properties: {
      ...crd.schema.properties,
      apiVersion: { type: "string", enum: [apiVersionOf(crd.resource)] },
      kind: { type: "string", enum: [crd.resource.kind] },
    },
  };
}
