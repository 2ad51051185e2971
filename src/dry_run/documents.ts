/** YAML documents as the API server would store them; pure. */

import { parseAllDocuments, type YAMLError } from "yaml";
import type { KubeObject } from "../kubernetes/types.gen.ts";
import { encodeBase64 } from "../lib/base64.ts";
import { withoutNulls } from "./nulls.ts";

/** Kinds that belong to no namespace, of those that make sense beside a manifest. */
const CLUSTER_SCOPED = new Set(["Namespace", "CustomResourceDefinition", "PriorityClass"]);

/**
 * The objects of a YAML text; those without a namespace get `namespace`.
 * @throws Error that names the file and what is wrong with it, never what stands there
 */
export function readDocuments(text: string, file: string, namespace: string): KubeObject[] {
  const documents = parseAllDocuments(text);
  return documents.flatMap((document, index) => {
    const place = documents.length > 1 ? `${file}, document ${index + 1}` : file;
    const [error] = document.errors;
    if (error) throw new Error(`cannot read ${place}: ${yamlProblem(error)}`);
    const value: unknown = document.toJS();
    if (value === null || value === undefined) return [];
    return objectsOf(value, place).map((object) => stored(withoutNulls(object), namespace));
  });
}

/** Where and what, without a word of the text: `its YAML is wrong in line 2, column 4 (bad indent)`. */
function yamlProblem({ code, linePos }: YAMLError): string {
  const [at] = linePos ?? [];
  const where = at === undefined ? "" : ` in line ${at.line}, column ${at.col}`;
  return `its YAML is wrong${where} (${code.toLowerCase().replaceAll("_", " ")})`;
}

/** One object, or the items of a list. */
function objectsOf(value: unknown, place: string): KubeObject[] {
  const { kind, metadata, ...rest } = value as Partial<KubeObject>;
  const items = rest["items"] ?? [];
  if (typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)) {
    return items.flatMap((item) => objectsOf(item, place));
  }
  if (typeof kind !== "string" || typeof metadata?.name !== "string") {
    throw new Error(`cannot read ${place}: it is no Kubernetes object with kind and metadata.name`);
  }
  return [value as KubeObject];
}

function stored(object: KubeObject, namespace: string): KubeObject {
  const metadata = CLUSTER_SCOPED.has(object.kind)
    ? object.metadata
    : { namespace, ...object.metadata };
  const { stringData, ...rest } = object;
  if (object.kind !== "Secret" || stringData === undefined) return { ...object, metadata };
  const texts = Object.entries(stringData as Record<string, unknown>)
    .map(([key, text]) => [key, encodeBase64(String(text))]);
  const data = { ...object["data"] as object, ...Object.fromEntries(texts) };
  return { ...rest, metadata, data } as KubeObject;
}
