/**
 * The configuration in forms for people: lines for the log under the names that people write, and
 * the shape that the debug API serves under the reference's names. Secrets are redacted in both.
 *
 * Zalando: pkg/controller/logs_and_api.go, GetOperatorConfig; pkg/util/config/config.go
 */

import type { Container } from "../kubernetes/types.gen.ts";
import { formatDuration } from "../lib/duration.ts";
import { Sensitive } from "../lib/sensitive.ts";
import type { Config, InfrastructureRoleDefinition, NamespacedName } from "./config.ts";
import type { Environment, Switches } from "./from_environment.ts";
import { formatNamespacedName } from "./namespaced_name.ts";
import { type Parameter, PARAMETERS } from "./parameters.ts";

const REDACTED = String(new Sensitive(""));

/** Parts of names that Go writes in capitals. */
const INITIALISMS: Readonly<Record<string, string>> = {
  api: "API",
  arn: "ARN",
  aws: "AWS",
  cpu: "CPU",
  crd: "CRD",
  db: "DB",
  dns: "DNS",
  gcp: "GCP",
  iam: "IAM",
  id: "ID",
  irsa: "IRSA",
  pdb: "PDB",
  s3: "S3",
  sse: "SSE",
  ttl: "TTL",
};

/** Field names of the reference that do not follow from the parameter's name. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  connection_pooler_image: "Image",
  connection_pooler_max_db_connections: "MaxDBConnections",
  connection_pooler_mode: "Mode",
  connection_pooler_number_of_instances: "NumberOfInstances",
  connection_pooler_schema: "Schema",
  connection_pooler_user: "User",
  db_hosted_zone: "DbHostedZone",
  enable_database_access: "EnableDBAccess",
  enable_pgversion_env_var: "EnablePgVersionEnvVar",
  enable_pod_antiaffinity: "EnablePodAntiAffinity",
  enable_shm_volume: "ShmVolume",
  enable_team_id_clustername_prefix: "EnableTeamIdClusternamePrefix",
  infrastructure_roles_secrets: "InfrastructureRoles",
  kubernetes_use_configmaps: "KubernetesUseConfigMaps",
  oauth_token_secret_name: "OAuthTokenSecretName",
  pod_antiaffinity_preferred_during_scheduling: "PodAntiAffinityPreferredDuringScheduling",
  pod_antiaffinity_topology_key: "PodAntiAffinityTopologyKey",
  pod_environment_configmap: "PodEnvironmentConfigMap",
  protected_role_names: "ProtectedRoles",
  scalyr_server_url: "ScalyrServerURL",
  share_pgsocket_with_sidecars: "SharePgSocketWithSidecars",
  sidecar_docker_images: "SidecarImages",
  sidecars: "SidecarContainers",
  spilo_fsgroup: "SpiloFSGroup",
  spilo_runasgroup: "SpiloRunAsGroup",
  spilo_runasuser: "SpiloRunAsUser",
  toleration: "PodToleration",
  wal_az_storage_account: "WALAZStorageAccount",
  wal_gs_bucket: "WALGSBucket",
  wal_s3_bucket: "WALES3Bucket",
};

/** One line `parameter: value` for each parameter, sorted by name, secrets redacted. */
export function describeConfig(config: Config): string[] {
  return PARAMETERS
    .map((parameter) =>
      `${parameter.key}: ${JSON.stringify(plainValue(parameter, config)) ?? '""'}`
    )
    .sort();
}

/**
 * The operator's part of `/config/`: the reference's field names, secrets redacted. A watch over all
 * namespaces shows as '', which the reference's web interface relies on.
 */
export function operatorConfigView(
  config: Config,
  operatorNamespace: string,
): { WatchedNamespace: string; [field: string]: unknown } {
  const view: Record<string, unknown> = {};
  for (const parameter of PARAMETERS) {
    const value = plainValue(parameter, config) ?? null;
    view[fieldName(parameter.key)] = parameter.kind === "namespacedName" ? value || "/" : value;
  }
  const watched = config.watchedNamespace || operatorNamespace;
  return { ...view, WatchedNamespace: watched === "*" ? "" : watched };
}

/** What a role defined outside of manifests looks like to this file: everything but its password. */
export interface ShownRole {
  readonly name: string;
  readonly flags: readonly string[];
  readonly memberOf: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly adminRole?: string;
}

/** Go counts the origins of roles; this is the number of infrastructure roles. */
const ORIGIN_INFRASTRUCTURE = 2;

const NANOSECONDS_PER_MS = 1e6;

/** The controller's part of `/config/`: where the configuration came from, flags, outside roles. */
export function controllerConfigView({ config, environment, switches, ...rest }: {
  config: Config;
  environment: Environment;
  switches: Switches;
  kubeQps: number;
  kubeBurst: number;
  roles: readonly ShownRole[];
}): { InfrastructureRoles: Record<string, Record<string, unknown>>; [field: string]: unknown } {
  const { source } = environment;
  const { kubeQps, kubeBurst, roles } = rest;
  return {
    InfrastructureRoles: Object.fromEntries(roles.map((role) => [role.name, roleView(role)])),
    NoDatabaseAccess: switches.noDatabaseAccess,
    NoTeamsAPI: switches.noTeamsApi,
    CRDReadyWaitInterval: config.readyWaitIntervalMs * NANOSECONDS_PER_MS,
    CRDReadyWaitTimeout: config.readyWaitTimeoutMs * NANOSECONDS_PER_MS,
    ConfigMapName: source.kind === "ConfigMap" ? formatNamespacedName(source.name) : "/",
    Namespace: "",
    IgnoredAnnotations: null,
    EnableJsonLogging: environment.logFormat === "json",
    KubeQPS: kubeQps,
    KubeBurst: kubeBurst,
  };
}

function roleView(role: ShownRole) {
  return {
    Origin: ORIGIN_INFRASTRUCTURE,
    Name: role.name,
    Namespace: "",
    Password: REDACTED,
    Flags: orNull(role.flags),
    MemberOf: orNull(role.memberOf),
    Parameters: orNull(role.parameters),
    AdminRole: role.adminRole ?? "",
    IsDbOwner: false,
    Deleted: false,
    Rotated: false,
    Degraded: false,
  };
}

/** Go writes an empty list or map that was never made as null. */
function orNull<T extends object>(value: T): T | null {
  return Object.keys(value).length === 0 ? null : value;
}

function fieldName(key: string): string {
  return FIELD_NAMES[key] ?? key.split("_").map(capitalised).join("");
}

function capitalised(word: string): string {
  return INITIALISMS[word] ?? word.charAt(0).toUpperCase() + word.slice(1);
}

/** A value as JSON shows it; an empty secret stays empty, so that one sees that none is set. */
function plainValue({ kind, property }: Parameter, config: Config): unknown {
  const value = config[property];
  switch (kind) {
    case "secret":
      return value instanceof Sensitive && value.reveal() !== "" ? String(value) : "";
    case "duration":
      return formatDuration(value as number);
    case "namespacedName":
      return value === undefined ? "" : formatNamespacedName(value as NamespacedName);
    case "containers":
      return (value as readonly Container[]).map(withoutEnvironmentValues);
    case "roleDefinitions":
      return (value as readonly InfrastructureRoleDefinition[]).map(roleDefinitionView);
    default:
      return value;
  }
}

/** People write passwords and keys there. */
function withoutEnvironmentValues(container: Container): Container {
  if (container.env === undefined) return container;
  const env = container.env.map((row) =>
    row.value === undefined ? row : { ...row, value: REDACTED }
  );
  return { ...container, env };
}

function roleDefinitionView(definition: InfrastructureRoleDefinition) {
  return {
    secretname: formatNamespacedName(definition.secretName),
    userkey: definition.userKey,
    passwordkey: definition.passwordKey,
    rolekey: definition.roleKey,
    defaultuservalue: definition.defaultUserValue,
    defaultrolevalue: definition.defaultRoleValue,
    details: definition.details,
    template: definition.template,
  };
}
