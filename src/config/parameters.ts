/**
 * One row for each of the 191 parameters: which property of `Config` it becomes, how its value is
 * written, and what it is when nobody sets it. Built from the generated keys; written by hand is
 * only what the schema cannot say.
 *
 * Zalando: pkg/util/config/config.go (types, ConfigMap defaults),
 * pkg/controller/operator_config.go (defaults of the OperatorConfiguration)
 */

import type { IntegerType } from "../lib/go_values.ts";
import type { Config } from "./config.ts";
import { CONFIG_KEYS, type ConfigKey } from "./keys.gen.ts";

/** How a value is written; `optional…` keeps "not set" apart from false and zero. */
export type ParameterKind =
  | "string"
  | "secret"
  | "boolean"
  | "optionalBoolean"
  | "integer"
  | "optionalInteger"
  | "duration"
  | "list"
  | "map"
  | "namespacedName"
  | "containers"
  | "roleDefinitions"
  | "probe";

export interface Parameter {
  readonly key: string;
  readonly property: keyof Config;
  readonly kind: ParameterKind;
  readonly integerType: IntegerType;
  /** Where `configuration` of the CR holds it; undefined when only a ConfigMap can set it. */
  readonly path: readonly string[] | undefined;
  /** False when only an OperatorConfiguration can set it. */
  readonly inConfigMap: boolean;
  readonly enum: readonly string[] | undefined;
  readonly defaults: ParameterDefaults;
}

/** Values in the form that an OperatorConfiguration would hold; undefined is Go's zero value. */
export interface ParameterDefaults {
  /** The key is missing from the ConfigMap. */
  readonly configMap: unknown;
  /** The key is missing from the OperatorConfiguration. */
  readonly crd: unknown;
  /** The OperatorConfiguration holds an empty text, list or map, or a zero. */
  readonly crdEmpty: unknown;
  /** The ConfigMap holds an empty text: Go's zero value unless that could only break clusters. */
  readonly configMapEmpty: unknown;
}

/** Parameters whose schema does not tell how the value is written, or that it may be unset. */
const KINDS: Readonly<Record<string, ParameterKind>> = {
  enable_crd_registration: "optionalBoolean",
  enable_finalizers: "optionalBoolean",
  enable_init_containers: "optionalBoolean",
  enable_load_balancer: "optionalBoolean",
  enable_maintenance_windows: "optionalBoolean",
  enable_owner_references: "optionalBoolean",
  enable_patroni_failsafe_mode: "optionalBoolean",
  enable_persistent_volume_claim_deletion: "optionalBoolean",
  enable_pod_disruption_budget: "optionalBoolean",
  enable_secrets_deletion: "optionalBoolean",
  enable_shm_volume: "optionalBoolean",
  enable_sidecars: "optionalBoolean",
  infrastructure_roles_secret_name: "namespacedName",
  infrastructure_roles_secrets: "roleDefinitions",
  kubernetes_use_configmaps: "optionalBoolean",
  liveness_probe: "probe",
  logical_backup_azure_storage_account_key: "secret",
  logical_backup_s3_access_key_id: "secret",
  logical_backup_s3_secret_access_key: "secret",
  master_pod_move_timeout: "duration",
  oauth_token_secret_name: "namespacedName",
  patroni_api_check_interval: "duration",
  patroni_api_check_timeout: "duration",
  pdb_master_label_selector: "optionalBoolean",
  pod_deletion_wait_timeout: "duration",
  pod_environment_configmap: "namespacedName",
  pod_label_wait_timeout: "duration",
  pod_terminate_grace_period: "duration",
  ready_wait_interval: "duration",
  ready_wait_timeout: "duration",
  repair_period: "duration",
  resource_check_interval: "duration",
  resource_check_timeout: "duration",
  resync_period: "duration",
  rollout_bake_time: "duration",
  scalyr_api_key: "secret",
  share_pgsocket_with_sidecars: "optionalBoolean",
  sidecars: "containers",
  spilo_allow_privilege_escalation: "optionalBoolean",
  spilo_fsgroup: "optionalInteger",
  spilo_runasgroup: "optionalInteger",
  spilo_runasuser: "optionalInteger",
};

const INTEGER_TYPES: Readonly<Record<string, IntegerType>> = {
  workers: "uint32",
  password_rotation_interval: "uint32",
  password_rotation_user_retention: "uint32",
  api_port: "int64",
  cluster_history_entries: "int64",
  ring_log_lines: "int64",
  spilo_fsgroup: "int64",
  spilo_runasgroup: "int64",
  spilo_runasuser: "int64",
};

/** Defaults of the reference's code where the schema has none; both sources. */
const CODE_DEFAULTS: Readonly<Record<string, unknown>> = {
  connection_pooler_max_db_connections: 60,
  crd_categories: ["all"],
  db_hosted_zone: "db.example.com",
  enable_finalizers: false,
  enable_owner_references: false,
  enable_patroni_failsafe_mode: false,
  logical_backup_s3_bucket_prefix: "spilo",
  share_pgsocket_with_sidecars: false,
};

/** Defaults of the ConfigMap where they differ from those of the OperatorConfiguration. */
const CONFIGMAP_DEFAULTS: Readonly<Record<string, unknown>> = {
  enable_master_load_balancer: true,
  enable_postgres_team_crd: false,
  enable_teams_api: true,
  node_readiness_label_merge: "OR",
  oauth_token_secret_name: "postgresql-operator",
  password_rotation_user_retention: 180,
  persistent_volume_claim_retention_policy: { when_deleted: "retain", when_scaled: "retain" },
};

/** What an OperatorConfiguration's empty value means where that is not the schema's default. */
const CRD_EMPTY_DEFAULTS: Readonly<Record<string, unknown>> = {
  master_pod_move_timeout: "10m",
  password_rotation_user_retention: 180,
};

/** Parameters whose empty value in an OperatorConfiguration stays empty, or zero. */
const CRD_KEEPS_EMPTY: ReadonlySet<string> = new Set([
  "aws_region",
  "connection_pooler_max_db_connections",
  "connection_pooler_number_of_instances",
  "etcd_host",
  "logical_backup_failed_jobs_history_limit",
  "logical_backup_successful_jobs_history_limit",
  "logical_backup_ttl_seconds_after_finished",
  "master_dns_name_format",
  "master_legacy_dns_name_format",
  "max_instances",
  "min_instances",
  "replica_dns_name_format",
  "replica_legacy_dns_name_format",
  "scalyr_cpu_limit",
  "scalyr_cpu_request",
  "scalyr_memory_limit",
  "scalyr_memory_request",
  "scalyr_server_url",
  "team_admin_role",
]);

/** Parameters whose empty value in a ConfigMap stops the reference or breaks every cluster. */
const EMPTY_IS_DEFAULT: ReadonlySet<string> = new Set([
  "connection_pooler_max_db_connections",
  "connection_pooler_number_of_instances",
  "logical_backup_failed_jobs_history_limit",
  "logical_backup_successful_jobs_history_limit",
  "logical_backup_ttl_seconds_after_finished",
  "pdb_name_format",
  "secret_name_template",
]);

/** Deprecated, without effect, and known to the ConfigMap only. */
const ENABLE_LOAD_BALANCER: Parameter = {
  key: "enable_load_balancer",
  property: "enableLoadBalancer",
  kind: "optionalBoolean",
  integerType: "int32",
  path: undefined,
  inConfigMap: true,
  enum: undefined,
  defaults: {
    configMap: undefined,
    crd: undefined,
    crdEmpty: undefined,
    configMapEmpty: undefined,
  },
};

/** All parameters, in the order of the schema. */
export const PARAMETERS: readonly Parameter[] = [
  ...CONFIG_KEYS.map(parameter),
  ENABLE_LOAD_BALANCER,
];

/** The same by key. */
export const PARAMETER_BY_KEY: ReadonlyMap<string, Parameter> = new Map(
  PARAMETERS.map((row) => [row.key, row]),
);

function parameter(schema: ConfigKey): Parameter {
  const { key } = schema;
  const kind = KINDS[key] ?? kindOfSchema(schema);
  const crd = schema.default ?? CODE_DEFAULTS[key];
  const configMap = Object.hasOwn(CONFIGMAP_DEFAULTS, key) ? CONFIGMAP_DEFAULTS[key] : crd;
  const neverEmpty = kind === "duration" || EMPTY_IS_DEFAULT.has(key);
  return {
    key,
    property: propertyName(key, kind),
    kind,
    integerType: INTEGER_TYPES[key] ?? "int32",
    path: schema.path,
    inConfigMap: kind !== "probe",
    enum: schema.enum,
    defaults: {
      configMap,
      crd,
      crdEmpty: CRD_KEEPS_EMPTY.has(key) ? undefined : CRD_EMPTY_DEFAULTS[key] ?? crd,
      configMapEmpty: neverEmpty ? configMap : undefined,
    },
  };
}

function kindOfSchema({ type }: ConfigKey): ParameterKind {
  switch (type) {
    case "array":
      return "list";
    case "object":
      return "map";
    default:
      return type;
  }
}

function propertyName(key: string, kind: ParameterKind): keyof Config {
  const camelCase = key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return (kind === "duration" ? `${camelCase}Ms` : camelCase) as keyof Config;
}
