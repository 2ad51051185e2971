/**
 * What the chart needs to know of the parameters: which section of its values becomes which group of
 * OperatorConfiguration, and how a value is read. The templates that write the configuration are
 * hand-written (`charts/postgres-operator/templates/_configuration.tpl`) and go by this table, so a
 * new parameter needs no line in them.
 */
import { stringify } from "yaml";
import type { Schema } from "../openapi/model.ts";
import type { ConfigParameter } from "./config_keys.ts";

/** Groups of OperatorConfiguration → section of the chart's values, in the order of that file. */
export const CHART_SECTIONS: Readonly<Record<string, string>> = {
  "": "configGeneral",
  users: "configUsers",
  major_version_upgrade: "configMajorVersionUpgrade",
  kubernetes: "configKubernetes",
  postgres_pod_resources: "configPostgresPodResources",
  timeouts: "configTimeouts",
  load_balancer: "configLoadBalancer",
  debug: "configDebug",
  logging_rest_api: "configLoggingRestApi",
  aws_or_gcp: "configAwsOrGcp",
  logical_backup: "configLogicalBackup",
  teams_api: "configTeamsApi",
  connection_pooler: "configConnectionPooler",
  patroni: "configPatroni",
  scalyr: "configScalyr",
};

/** Parameters that the text of a ConfigMap cannot hold. */
export const CRD_ONLY: ReadonlySet<string> = new Set(["liveness_probe"]);

/** How a parameter's value is written; `single` holds one object, as pairs, in a ConfigMap. */
type ValueKind = "boolean" | "integer" | "string" | "list" | "map" | "json" | "single" | "crdOnly";

/** Emits the named template `postgres-operator.parameters`: sections, their groups and kinds. */
export function emitChartParameters(parameters: readonly ConfigParameter[]): string {
  const sections = Object.entries(CHART_SECTIONS).map(([group, section]) => {
    const rows = parameters.filter((one) => one.group === group);
    const kinds = Object.fromEntries(rows.map((one) => [one.key, valueKind(one)]));
    return [section, { group, kinds }] as const;
  });
  const table = stringify(Object.fromEntries(sections), { lineWidth: 0 });
  return `{{- define "postgres-operator.parameters" -}}\n${table}{{- end -}}\n`;
}

function valueKind({ key, schema }: ConfigParameter): ValueKind {
  if (CRD_ONLY.has(key)) return "crdOnly";
  switch (schema.type) {
    case "boolean":
    case "integer":
    case "string":
      return schema.type;
    case "array":
      return schema.items?.type === "object" ? "single" : "list";
    default:
      return holdsText(schema) ? "map" : "json";
  }
}

/** Whether an object has nothing but texts in it. */
function holdsText({ additionalProperties, properties = {} }: Schema): boolean {
  const inner = Object.values(properties);
  if (typeof additionalProperties === "object") inner.push(additionalProperties);
  return inner.length > 0 && inner.every(({ type }) => type === "string");
}

/** Emits `Chart.yaml`; chart and operator have the version of `deno.json`. */
export function emitChartMetadata(denoJson: string): string {
  const { version } = JSON.parse(denoJson) as { version: string };
  return `apiVersion: v2
name: postgres-operator
description: Runs highly available PostgreSQL from postgresql manifests
type: application
version: ${version}
appVersion: ${version}
keywords:
  - postgres
  - operator
  - patroni
  - spilo
annotations:
  artifacthub.io/operator: "true"
`;
}
