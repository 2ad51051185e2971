/**
 * Build-time reader of Kubernetes' Go type files: which JSON fields are left out when empty and
 * which protobuf number each has. OpenAPI does not tell either, and both show in what a real API
 * server stores and in what kubectl sends.
 */

/** `number` is the protobuf field number; `omit` says when Go leaves the field out. */
export type WireField = [
  number: number,
  omit: "pointer" | "value" | "struct" | "zero" | "always" | "null",
];

/** Wire form of one Go struct; `inline` are embedded structs by protobuf number and type. */
export interface WireType {
  fields: Record<string, WireField>;
  inline?: [number: number, type: string][];
}

const PACKAGES: [prefix: string, module: string, path: string][] = [
  ["io.k8s.apimachinery.pkg.apis.meta.v1.", "apimachinery", "pkg/apis/meta/v1"],
  [
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.",
    "apiextensions-apiserver",
    "pkg/apis/apiextensions/v1",
  ],
];

interface GoStruct {
  fields: { name: string; type: string; json: string; protobuf: string }[];
}

/** Reads the structs behind the given OpenAPI schema names from `<modules>/<module>@<version>/`. */
export async function goWireTypes(
  modules: string,
  schemaNames: string[],
): Promise<Record<string, WireType>> {
  const cache = new Map<string, Map<string, GoStruct>>();
  const wire: Record<string, WireType> = {};
  const queue = [...schemaNames];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const directory = packageDirectory(modules, name);
    if (wire[name] || !directory) continue;
    if (!cache.has(directory)) cache.set(directory, await readPackage(directory));
    const structs = cache.get(directory)!;
    const prefix = name.slice(0, name.lastIndexOf(".") + 1);
    const struct = structs.get(name.slice(prefix.length));
    if (!struct) continue;
    wire[name] = wireType(struct, structs, prefix);
    for (const [, inline] of wire[name]!.inline ?? []) queue.push(inline);
  }
  return Object.fromEntries(Object.entries(wire).sort(([a], [b]) => a < b ? -1 : 1));
}

function packageDirectory(modules: string, schemaName: string): string | undefined {
  const api = schemaName.match(/^io\.k8s\.api\.([a-z]+)\.(v\d\w*)\.\w+$/);
  const found = api
    ? ["api", `${api[1]}/${api[2]}`]
    : PACKAGES.find(([prefix]) => schemaName.startsWith(prefix))?.slice(1);
  if (!found) return undefined;
  const [module, path] = found;
  for (const entry of Deno.readDirSync(modules)) {
    if (entry.name.startsWith(`${module}@`)) return `${modules}/${entry.name}/${path}`;
  }
  return undefined;
}

async function readPackage(directory: string): Promise<Map<string, GoStruct>> {
  const structs = new Map<string, GoStruct>();
  for await (const entry of Deno.readDir(directory)) {
    if (!/^types.*\.go$/.test(entry.name)) continue;
    const text = await Deno.readTextFile(`${directory}/${entry.name}`);
    for (const match of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
      structs.set(match[1]!, { fields: [...goFields(match[2]!)] });
    }
  }
  return structs;
}

function* goFields(body: string): Generator<GoStruct["fields"][number]> {
  for (const line of body.split("\n")) {
    const match = line.match(/^\t(?:(\w+)\s+)?([\w.*[\]]+)\s+`(.*)`/);
    if (!match) continue;
    const tag = match[3]!;
    yield {
      name: match[1] ?? "",
      type: match[2]!,
      json: tag.match(/json:"([^"]*)"/)?.[1] ?? "",
      protobuf: tag.match(/protobuf:"([^"]*)"/)?.[1] ?? "",
    };
  }
}

function wireType(struct: GoStruct, structs: Map<string, GoStruct>, prefix: string): WireType {
  const type: WireType = { fields: {} };
  for (const field of struct.fields) {
    const number = Number(field.protobuf.split(",")[1] ?? 0);
    const [name, ...options] = field.json.split(",");
    if (options.includes("inline")) {
      if (!field.type.endsWith("TypeMeta") && !field.type.includes(".")) {
        (type.inline ??= []).push([number, prefix + field.type]);
      }
      continue;
    }
    if (!name || name === "-") continue;
    type.fields[name] = [number, omission(field.type, options, structs)];
  }
  return type;
}

function omission(
  type: string,
  options: string[],
  structs: Map<string, GoStruct>,
): WireField[1] {
  if (options.includes("omitzero")) return "zero";
  if (!options.includes("omitempty")) return /^[*[]|^map/.test(type) ? "null" : "always";
  if (type.startsWith("*")) return "pointer";
  const isStruct = structs.has(type) ||
    /^(v1|metav1)\.(ObjectMeta|ListMeta|PodTemplateSpec|Time|MicroTime|LabelSelector)$/.test(type);
  return isStruct ? "struct" : "value";
}
