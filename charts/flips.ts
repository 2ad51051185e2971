/** Another value than the chart's own for each parameter of the operator (tests of the chart). */
import { parse } from "yaml";
import { CHART_SECTIONS } from "../codegen/emit/chart.ts";
import { type ConfigParameter, configParameters } from "../codegen/emit/config_keys.ts";
import { parseCrd } from "../codegen/openapi/parse.ts";
import { CHART } from "./helm.ts";

const CRD = new URL("../crds/operatorconfiguration.yaml", import.meta.url);

/** All parameters of the operator. */
export const PARAMETERS: readonly ConfigParameter[] = configParameters(
  parseCrd(CRD.pathname, Deno.readTextFileSync(CRD)),
);

/** The chart's own values. */
export const VALUES = parse(Deno.readTextFileSync(`${CHART}/values.yaml`)) as Record<
  string,
  Record<string, unknown>
>;

/** The section of the values that holds a parameter. */
export function sectionOf({ group }: ConfigParameter): string {
  const section = CHART_SECTIONS[group];
  if (section === undefined) throw new Error(`no section for group ${group}`);
  return section;
}

/** Where an OperatorConfiguration holds a parameter. */
export function pathOf({ group, key }: ConfigParameter): string {
  return group === "" ? key : `${group}.${key}`;
}

/** Values that no rule of the schema tells. */
const SPECIAL: Readonly<Record<string, unknown>> = {
  liveness_probe: { httpGet: { path: "/liveness", port: 8008 } },
  sidecars: { exporter: { image: "exporter:1" } },
  sidecar_docker_images: { exporter: "exporter" },
  infrastructure_roles_secrets: [
    { secretname: "operators/roles", userkey: "user", passwordkey: "password", rolekey: "role" },
  ],
  maintenance_windows: ["Sun:01:00-06:00"],
  persistent_volume_claim_retention_policy: { when_deleted: "delete", when_scaled: "delete" },
  pod_service_account_name: "pods",
  pod_service_account_definition:
    '{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"pods"}}',
  pod_service_account_role_binding_definition:
    '{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding"}',
  logical_backup_schedule: "0 5 * * *",
  additional_secret_mount_path: "/credentials",
  infrastructure_roles_secret_name: "operators/roles",
  secret_name_template: "{username}.of.{cluster}.{tprkind}.{tprgroup}",
  pdb_name_format: "{cluster}-budget",
  toleration: { key: "database", operator: "Exists", effect: "NoSchedule" },
  teams_api_url: "https://teams.example.org",
};

const TEXTS = ["7m", "7", "7Mi"];

/** A valid value that is not the chart's. */
export function flipped(parameter: ConfigParameter): unknown {
  const { key, schema } = parameter;
  const own = VALUES[sectionOf(parameter)]?.[key];
  if (key in SPECIAL) return SPECIAL[key];
  switch (schema.type) {
    case "boolean":
      return own !== true;
    case "integer":
      return (typeof own === "number" ? own : schema.minimum ?? 0) + 7;
    case "array":
      return ["one", "two"];
    case "object":
      return { one: "two" };
    default:
      return flippedText(parameter, own);
  }
}

function flippedText({ key, schema }: ConfigParameter, own: unknown): unknown {
  const { enum: allowed } = schema;
  if (allowed !== undefined) return allowed.find((value) => value !== own);
  const isDuration = /^\d+[smh]/.test(String(own ?? schema.default)) &&
    /timeout|period|interval|_time$/.test(key);
  if (isDuration) return "77s";
  if (schema.pattern === undefined) return `other-${key.replaceAll("_", "-")}`;
  const pattern = new RegExp(schema.pattern);
  return TEXTS.find((text) => pattern.test(text) && text !== own);
}
