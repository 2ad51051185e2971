/** `src/kubernetes/clone.gen.ts`: deep clones of all Kubernetes kinds. */
import type { KubernetesModel, Schema, Schemas } from "../openapi/model.ts";
import { emitCloneFunctions } from "./clone.ts";
import { reachable } from "../openapi/refs.ts";
import { kindsOf } from "./kube_types.ts";

const PREAMBLE = `
/** A deep copy of any JSON value, for what no schema describes. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  const to = { ...value } as Record<string, unknown>;
  for (const key in to) {
    const field = to[key];
    if (typeof field === "object" && field !== null) to[key] = cloneJson(field);
  }
  return to as T;
}

/** A copy of a list or object that holds no other; anything else as JSON. */
export function cloneFlat<T>(from: T): T {
  if (Array.isArray(from)) return from.slice() as T;
  return isObject(from) ? { ...from } : from;
}

/** A list with every item cloned by \`clone\`. */
export function cloneList<T>(from: T[], clone: (item: T) => T): T[] {
  return Array.isArray(from) ? from.map(clone) : cloneJson(from);
}

/** A map with every value cloned by \`clone\`. */
export function cloneMap<T>(
  from: { [key: string]: T },
  clone: (value: T) => T,
): { [key: string]: T } {
  if (!isObject(from)) return cloneJson(from);
  const to: { [key: string]: T } = {};
  for (const key in from) to[key] = clone(from[key]!);
  return to;
}

/** Whether a value is an object and not a list. */
export function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
`;

/** Types whose clones are imported by the clones of our custom resources. */
const CLONED_BY_OTHERS = ["VolumeSource"];

/** Emits the clone functions. */
export function emitKubeClone(model: KubernetesModel): string {
  const kinds = kindsOf(model.schemas);
  const all = withVolumeSource(model.schemas);
  const names = new Set(reachable(all, [...kinds, ...CLONED_BY_OTHERS]));
  const schemas = Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
  const functions = emitCloneFunctions({ schemas, external: new Set() });
  const types = [...new Set(functions.matchAll(/from: (\w+)\)/g).map((match) => match[1]!))];
  const rows = kinds.map((kind) => {
    const identity = model.schemas[kind]!["x-kubernetes-group-version-kind"] as Gvk[];
    return `  ${JSON.stringify(key(identity[0]!))}: (from) => clone${kind}(from as ${kind}),`;
  });
  return `import type { KubeObject, ${types.sort().join(", ")} } from "./types.gen.ts";
${PREAMBLE}
const CLONES: Readonly<Record<string, (from: KubeObject) => KubeObject>> = {\n${rows.join("\n")}\n};

/**
 * A deep copy of an object of any kind. A field that the schema of its kind does not know is kept, but
 * shared with the original; a kind that is not in the table is copied as JSON.
 */
export function cloneKubeObject<T extends KubeObject>(from: T): T {
  const clone = CLONES[\`\${from.apiVersion}/\${from.kind}\`];
  return (clone ? clone(from) : cloneJson(from)) as T;
}

${functions}`;
}

interface Gvk {
  group: string;
  version: string;
  kind: string;
}

function key({ group, version, kind }: Gvk): string {
  return `${group === "" ? "" : `${group}/`}${version}/${kind}`;
}

/** Adds \`VolumeSource\`, which the types define as \`Volume\` without its name. */
function withVolumeSource(schemas: Schemas): Schemas {
  const { name: _name, ...properties } = schemas.Volume!.properties!;
  const source: Schema = { type: "object", properties };
  return Object.fromEntries(
    Object.entries({ ...schemas, VolumeSource: source }).sort(([a], [b]) => a < b ? -1 : 1),
  );
}
