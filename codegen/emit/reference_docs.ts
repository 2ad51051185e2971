/** Reference pages `docs/reference/*.md`: the fields of each custom resource and all parameters. */
import { apiVersionOf, type CrdModel, type Schema } from "../openapi/model.ts";
import { KUBERNETES_TYPES } from "./api_names.ts";
import type { ConfigParameter } from "./config_keys.ts";

/** A CRD may not describe `metadata`. */
const METADATA = "Standard object metadata.";

/** Emits the page of one custom resource: a section for every object, a row for every field. */
export function emitResourcePage(crd: CrdModel): string {
  const { kind, plural } = crd.resource;
  const sections: string[] = [];
  const visit = (schema: Schema, path: string): void => {
    const fields = Object.entries(schema.properties ?? {});
    if (fields.length === 0) return;
    sections.push(fieldSection(crd, path, schema));
    for (const [name, child] of fields) {
      const childPath = path === "" ? name : `${path}.${name}`;
      const [inner, suffix] = innermost(child);
      if (!isKubernetes(crd, childPath + suffix)) visit(inner, childPath + suffix);
    }
  };
  visit(crd.schema, "");
  return `# ${kind}

${crd.schema.description} API version \`${apiVersionOf(crd.resource)}\`, plural \`${plural}\`.
\`[]\` stands for an item of a list, \`{}\` for a value of a map. Fields in **bold** are required.

${sections.join("\n")}`;
}

/** Emits the page of all parameters: a section for every group. */
export function emitParameterPage(parameters: readonly ConfigParameter[], crd: CrdModel): string {
  const groups = [...new Set(parameters.map((one) => one.group))];
  const configuration = crd.schema.properties!.configuration!.properties!;
  const sections = groups.map((group) => {
    const title = group === "" ? "Top level" : `\`${group}\``;
    const words = group === "" ? "" : `${markdown(configuration[group]!.description ?? "")}\n\n`;
    const rows = parameters.filter((one) => one.group === group).map(({ key, schema }) =>
      row([`\`${key}\``, typeText(schema), defaultText(schema), markdown(schema.description ?? "")])
    );
    return `## ${title}\n\n${words}${table(["Parameter", "Type", "Default", "Meaning"], rows)}`;
  });
  return `# Operator parameters

In an OperatorConfiguration a parameter stands below \`configuration\`, in the group that is the title of
its section. In a ConfigMap it stands in \`data\` under its own name, as text: lists are joined by commas,
maps are written \`name:value,name:value\`. The column Default shows what the API server fills in where
the group is present in an OperatorConfiguration. Two parameters have one home only: \`liveness_probe\`
cannot be written in a ConfigMap, and \`enable_load_balancer\`, deprecated and without effect, is known
in a ConfigMap alone.

${sections.join("\n")}`;
}

function fieldSection(crd: CrdModel, path: string, schema: Schema): string {
  const rows = Object.entries(schema.properties ?? {}).map(([name, child]) => {
    const required = schema.required?.includes(name);
    const field = required ? `**\`${name}\`**` : `\`${name}\``;
    const type = kubernetesText(crd, path === "" ? name : `${path}.${name}`, child);
    const words = path === "" && name === "metadata" ? METADATA : child.description ?? "";
    return row([field, type, defaultText(child), markdown(words)]);
  });
  const title = path === "" ? "Object" : `\`${path}\``;
  return `## ${title}\n\n${table(["Field", "Type", "Default", "Meaning"], rows)}`;
}

function isKubernetes(crd: CrdModel, path: string): boolean {
  return KUBERNETES_TYPES[crd.resource.kind]?.[path] !== undefined;
}

/** The type of a field, with the name of the Kubernetes type where it embeds one. */
function kubernetesText(crd: CrdModel, path: string, schema: Schema): string {
  const [, suffix] = innermost(schema);
  const type = KUBERNETES_TYPES[crd.resource.kind]?.[path + suffix];
  if (!type) return typeText(schema);
  return suffix === "[]" ? `list of Kubernetes ${type}` : `Kubernetes ${type}`;
}

/** What is inside lists and maps, and the path to it. */
function innermost(schema: Schema): [Schema, string] {
  const [inner, step] = schema.items
    ? [schema.items, "[]"]
    : typeof schema.additionalProperties === "object"
    ? [schema.additionalProperties, "{}"]
    : [undefined, ""];
  if (!inner) return [schema, ""];
  const [last, rest] = innermost(inner);
  return [last, step + rest];
}

function typeText(schema: Schema): string {
  if (schema.items) return `list of ${typeText(schema.items)}`;
  if (typeof schema.additionalProperties === "object") {
    return `map to ${typeText(schema.additionalProperties)}`;
  }
  const bounds = [
    ...(schema.minimum === undefined ? [] : [`at least ${schema.minimum}`]),
    ...(schema.maximum === undefined ? [] : [`at most ${schema.maximum}`]),
  ];
  if (bounds.length > 0) return `${schema.type}, ${bounds.join(", ")}`;
  if (!schema.enum) return schema.type ?? "any";
  // Flags may be written in small and in capital letters.
  const values = schema.enum.map(String);
  const small = values.filter((value) => value === value.toLowerCase());
  const shown = values.length > 20 ? small : values;
  return shown.map((value) => `\`${value}\``).join(", ");
}

function defaultText({ default: value }: Schema): string {
  if (value === undefined || value === "") return "";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function table(head: readonly string[], rows: readonly string[]): string {
  return `${row(head)}${row(head.map(() => "---"))}${rows.join("")}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}

function markdown(text: string): string {
  return text.replaceAll("*", "\\*");
}
