/**
 * The typed client: a member for each kind that the operator names itself, over the ports of a pass.
 * What a plan writes is data and needs no member. The verbs are in `src/ports/typed.ts`.
 */
import { type TypedResource, typeImports } from "./type_imports.ts";

/** Kinds that are read by name or listed for one cluster. */
const READ = [
  "ConfigMap",
  "CustomResourceDefinition",
  "Endpoints",
  "FabricEventStream",
  "Namespace",
  "OperatorConfiguration",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "Pod",
  "Postgresql",
  "Secret",
  "StatefulSet",
];

/** Kinds that are written outside of a plan. */
const WRITTEN = ["CustomResourceDefinition", "Event", "Postgresql"];

/** Emits `src/ports/client.gen.ts`. */
export function emitTypedClient(resources: readonly TypedResource[]): string {
  const read = pick(resources, READ);
  const written = pick(resources, WRITTEN);
  const named = resources.filter((one) => read.includes(one) || written.includes(one));
  return `import { type ClusterScoped, type KindReader, type KindWriter, type Namespaced, readerOf, writerOf } from "./typed.ts";
import type { KubeReader, KubeWriter } from "./ports.ts";
import { RESOURCES } from "./resources.gen.ts";
${typeImports(named, [])}

/** Typed reads: one member a kind. */
export interface TypedReader {\n${membersOf(read, "KindReader")}\n}

/** Typed writes: one member a kind. */
export interface TypedWriter {\n${membersOf(written, "KindWriter")}\n}

/** Puts typed reads around a reader. */
export function typedReader(reader: KubeReader): TypedReader {
  return {\n${valuesOf(read, "readerOf(reader")}\n  };
}

/** Puts typed writes around a writer. */
export function typedWriter(writer: KubeWriter): TypedWriter {
  return {\n${valuesOf(written, "writerOf(writer")}\n  };
}
`;
}

function pick(resources: readonly TypedResource[], types: readonly string[]): TypedResource[] {
  return types.map((type) => {
    const found = resources.find((one) => one.type === type);
    if (found === undefined) {
      throw new Error(`the typed client names ${type}, which is no resource`);
    }
    return found;
  });
}

function membersOf(resources: readonly TypedResource[], verbs: string): string {
  return resources.map((one) => {
    const scope = one.namespaced ? "Namespaced" : "ClusterScoped";
    return `  readonly ${memberOf(one)}: ${verbs}<${one.type}, ${scope}>;`;
  }).join("\n");
}

function valuesOf(resources: readonly TypedResource[], call: string): string {
  return resources.map((one) => `    ${memberOf(one)}: ${call}, RESOURCES.${one.type}),`)
    .join("\n");
}

/** `StatefulSet` of plural `statefulsets` → `statefulSets`. */
function memberOf({ type, plural }: TypedResource): string {
  if (!plural.startsWith(type.toLowerCase())) {
    throw new Error(`cannot name the member of ${type}: its plural is ${plural}`);
  }
  return type.charAt(0).toLowerCase() + type.slice(1) + plural.slice(type.length);
}
