/**
 * The values that our manifests and chart ship, and how they are written. A parameter ships with what
 * `inputs/shipped_values.yaml` says for the target, else for all, else with its schema default; one
 * without any of these is shown as a comment.
 */
import { stringify } from "yaml";
import { wrap } from "../lines.ts";
import { CHART_SECTIONS, CRD_ONLY } from "./chart.ts";
import type { ConfigParameter } from "./config_keys.ts";

/** The parsed `inputs/shipped_values.yaml`. */
export interface ShippedValues {
  all: Record<string, unknown>;
  configMap: Record<string, unknown>;
  operatorConfiguration: Record<string, unknown>;
  chart: Record<string, unknown>;
}

type Target = Exclude<keyof ShippedValues, "all">;

/** Emits `manifests/configmap.yaml`. */
export function emitConfigMap(
  parameters: readonly ConfigParameter[],
  shipped: ShippedValues,
): string {
  assertKnown(parameters, shipped);
  const rows = parameters.filter(({ key }) => !CRD_ONLY.has(key))
    .sort((a, b) => a.key < b.key ? -1 : 1)
    .map((one) => {
      const value = shippedValue(one, shipped, "configMap");
      const line = `${one.key}: ${JSON.stringify(value === undefined ? "" : configMapText(value))}`;
      return entry(one, value === undefined ? `# ${line}` : line, "  ");
    });
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: postgres-operator
data:
${rows.join("")}`;
}

/** Emits `manifests/postgresql-operator-default-configuration.yaml`. */
export function emitDefaultConfiguration(
  parameters: readonly ConfigParameter[],
  shipped: ShippedValues,
): string {
  assertKnown(parameters, shipped);
  const groups = [...new Set(parameters.map((one) => one.group))];
  const parts = groups.map((group) => {
    const head = group === "" ? "" : `  ${group}:\n`;
    const indent = group === "" ? "  " : "    ";
    return head + section(parameters, { group, target: "operatorConfiguration", indent }, shipped);
  });
  return `apiVersion: acid.zalan.do/v1
kind: OperatorConfiguration
metadata:
  name: postgresql-operator-default-configuration
configuration:
${parts.join("")}`;
}

/** Emits the chart's values: the hand-written part, then a section for every group. */
export function emitChartValues(
  parameters: readonly ConfigParameter[],
  shipped: ShippedValues,
  handWritten: string,
): string {
  assertKnown(parameters, shipped);
  const sections = Object.entries(CHART_SECTIONS).map(([group, name]) =>
    `\n${name}:\n${section(parameters, { group, target: "chart", indent: "  " }, shipped)}`
  );
  return `${handWritten.trimEnd()}\n${sections.join("")}`;
}

interface Section {
  group: string;
  target: Target;
  indent: string;
}

function section(
  parameters: readonly ConfigParameter[],
  { group, target, indent }: Section,
  shipped: ShippedValues,
): string {
  const rows = parameters.filter((one) => one.group === group).map((one) => {
    const value = shippedValue(one, shipped, target);
    if (value === undefined) return { active: false, text: entry(one, `# ${one.key}:`, indent) };
    const text = stringify({ [one.key]: value }, { lineWidth: 0 }).trimEnd();
    return { active: true, text: entry(one, text.replaceAll("\n", `\n${indent}`), indent) };
  });
  const empty = rows.some((row) => row.active) ? "" : `${indent}{}\n`;
  return rows.map((row) => row.text).join("") + empty;
}

function entry({ schema }: ConfigParameter, line: string, indent: string): string {
  const words = wrap(schema.description ?? "", 94 - indent.length);
  return `${words.map((text) => `${indent}# ${text}\n`).join("")}${indent}${line}\n`;
}

function shippedValue({ key, schema }: ConfigParameter, shipped: ShippedValues, target: Target) {
  const own = shipped[target];
  // null takes a parameter out of the target.
  if (key in own) return own[key] ?? undefined;
  return key in shipped.all ? shipped.all[key] : schema.default;
}

/** The grammar of ConfigMap values: lists and maps are joined by commas. */
function configMapText(value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).map(([name, item]) => `${name}:${item}`).join(",");
  }
  return String(value);
}

function assertKnown(parameters: readonly ConfigParameter[], shipped: ShippedValues): void {
  const keys = new Set(parameters.map((one) => one.key));
  const unknown = Object.values(shipped).flatMap((part) => Object.keys(part))
    .filter((key) => !keys.has(key));
  if (unknown.length > 0) throw new Error(`cannot ship values of unknown parameters: ${unknown}`);
}
