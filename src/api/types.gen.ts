// Generated from crds/ by `deno task codegen`. Do not edit.

import type {
  Condition,
  Container,
  ContainerPort,
  EnvFromSource,
  EnvVar,
  LabelSelector,
  NodeAffinity,
  ObjectMeta,
  Probe,
  Toleration,
  TopologySpreadConstraint,
  VolumeSource,
} from "../clients/kube/types.gen.ts";

export interface AdditionalVolume {
  isSubPathExpr?: boolean;
  mountPath: string;
  name: string;
  subPath?: string;
  targetContainers?: string[] | null;
  volumeSource: VolumeSource;
}

export interface AwsOrGcpConfiguration {
  additional_secret_mount?: string;
  additional_secret_mount_path?: string;
  aws_region?: string;
  gcp_credentials?: string;
  irsa_role_arn?: string;
  kube_iam_role?: string;
  log_s3_bucket?: string;
  wal_az_storage_account?: string;
  wal_gs_bucket?: string;
  wal_s3_bucket?: string;
}

export interface CloneDescription {
  cluster: string;
  s3_access_key_id?: string;
  s3_endpoint?: string;
  s3_force_path_style?: boolean;
  s3_secret_access_key?: string;
  s3_wal_path?: string;
  timestamp?: string;
  uid?: string;
}

export interface ConnectionPooler {
  dockerImage?: string;
  maxDBConnections?: number;
  mode?: "session" | "transaction";
  numberOfInstances?: number;
  resources?: Resources;
  schema?: string;
  user?: string;
}

export interface ConnectionPoolerConfiguration {
  connection_pooler_default_cpu_limit?: string;
  connection_pooler_default_cpu_request?: string;
  connection_pooler_default_memory_limit?: string;
  connection_pooler_default_memory_request?: string;
  connection_pooler_image?: string;
  connection_pooler_max_db_connections?: number;
  connection_pooler_mode?: "session" | "transaction";
  connection_pooler_number_of_instances?: number;
  connection_pooler_schema?: string;
  connection_pooler_user?: string;
}

export interface DebugConfiguration {
  debug_logging?: boolean;
  enable_database_access?: boolean;
}

export interface EventStream {
  /** How a row becomes an event. */
  flow: EventStreamFlow;
  /** What happens to an event that cannot be delivered. */
  recovery: EventStreamRecovery;
  /** Where events go. */
  sink: EventStreamSink;
  /** The table that is read, and how to reach its database. */
  source: EventStreamSource;
}

export interface EventStreamAuthentication {
  type: string;
  name?: string;
  userKey?: string;
  passwordKey?: string;
}

export interface EventStreamConnection {
  jdbcUrl: string;
  slotName: string;
  pluginType?: string;
  publicationName?: string;
  /** Secret with user name and password. */
  databaseAuthentication: EventStreamAuthentication;
}

export interface EventStreamFlow {
  type: string;
  /** Column that holds the payload of the event. */
  payloadColumn?: string;
}

export interface EventStreamRecovery {
  type: string;
  /** Where undeliverable events go. Absent or null when recovery has no target. */
  sink?: EventStreamSink | null;
}

export interface EventStreamSink {
  type: string;
  eventType?: string;
  maxBatchSize?: number;
}

export interface EventStreamSource {
  type: string;
  schema?: string;
  /** Expression on the payload; only matching rows become events. */
  filter?: string;
  table: EventStreamTable;
  jdbcConnection: EventStreamConnection;
}

export interface EventStreamTable {
  name: string;
  /** Column that identifies an event; events with equal values keep their order. */
  idColumn?: string;
}

export type FabricEventStream = {
  apiVersion: "zalando.org/v1";
  kind: "FabricEventStream";
  metadata: ObjectMeta;
  /** What to stream, and where to. */
  spec: FabricEventStreamSpec;
};

export interface FabricEventStreamSpec {
  /** The application that owns the event types. */
  applicationId: string;
  /** One entry for every table. */
  eventStreams: EventStream[];
}

export interface InfrastructureRolesSecret {
  defaultrolevalue?: string;
  defaultuservalue?: string;
  details?: string;
  passwordkey?: string;
  rolekey?: string;
  secretname?: string;
  template?: boolean;
  userkey?: string;
}

export interface KubernetesConfiguration {
  additional_pod_capabilities?: string[];
  cluster_domain?: string;
  cluster_labels?: {
    [key: string]: string;
  };
  cluster_name_label?: string;
  custom_pod_annotations?: {
    [key: string]: string;
  };
  delete_annotation_date_key?: string;
  delete_annotation_name_key?: string;
  downscaler_annotations?: string[];
  enable_cross_namespace_secret?: boolean;
  enable_finalizers?: boolean;
  enable_init_containers?: boolean;
  enable_owner_references?: boolean;
  enable_persistent_volume_claim_deletion?: boolean;
  enable_pod_antiaffinity?: boolean;
  enable_pod_disruption_budget?: boolean;
  enable_readiness_probe?: boolean;
  enable_secrets_deletion?: boolean;
  enable_sidecars?: boolean;
  ignored_annotations?: string[];
  infrastructure_roles_secret_name?: string;
  infrastructure_roles_secrets?: InfrastructureRolesSecret[];
  inherited_annotations?: string[];
  inherited_labels?: string[];
  liveness_probe?: Probe;
  master_pod_move_timeout?: string;
  node_readiness_label?: {
    [key: string]: string;
  };
  node_readiness_label_merge?: "AND" | "OR";
  oauth_token_secret_name?: string;
  pdb_master_label_selector?: boolean;
  pdb_name_format?: string;
  persistent_volume_claim_retention_policy?: {
    [key: string]: string;
  };
  pod_antiaffinity_preferred_during_scheduling?: boolean;
  pod_antiaffinity_topology_key?: string;
  pod_environment_configmap?: string;
  pod_environment_secret?: string;
  pod_management_policy?: "ordered_ready" | "parallel";
  pod_priority_class_name?: string;
  pod_role_label?: string;
  pod_service_account_definition?: string;
  pod_service_account_name?: string;
  pod_service_account_role_binding_definition?: string;
  pod_terminate_grace_period?: string;
  secret_name_template?: string;
  share_pgsocket_with_sidecars?: boolean;
  spilo_allow_privilege_escalation?: boolean;
  spilo_fsgroup?: number;
  spilo_privileged?: boolean;
  spilo_runasgroup?: number;
  spilo_runasuser?: number;
  storage_resize_mode?: "ebs" | "mixed" | "pvc" | "off";
  toleration?: {
    [key: string]: string;
  };
  watched_namespace?: string;
}

export interface LoadBalancerConfiguration {
  custom_service_annotations?: {
    [key: string]: string;
  };
  db_hosted_zone?: string;
  enable_master_load_balancer?: boolean;
  enable_master_node_port?: boolean;
  enable_master_pooler_load_balancer?: boolean;
  enable_master_pooler_node_port?: boolean;
  enable_replica_load_balancer?: boolean;
  enable_replica_node_port?: boolean;
  enable_replica_pooler_load_balancer?: boolean;
  enable_replica_pooler_node_port?: boolean;
  external_traffic_policy?: "Cluster" | "Local";
  master_dns_name_format?: string;
  master_legacy_dns_name_format?: string;
  replica_dns_name_format?: string;
  replica_legacy_dns_name_format?: string;
}

export interface LoggingRestApiConfiguration {
  api_port?: number;
  cluster_history_entries?: number;
  ring_log_lines?: number;
}

export interface LogicalBackupConfiguration {
  logical_backup_azure_storage_account_key?: string;
  logical_backup_azure_storage_account_name?: string;
  logical_backup_azure_storage_container?: string;
  logical_backup_cpu_limit?: string;
  logical_backup_cpu_request?: string;
  logical_backup_cronjob_environment_secret?: string;
  logical_backup_docker_image?: string;
  logical_backup_failed_jobs_history_limit?: number;
  logical_backup_google_application_credentials?: string;
  logical_backup_job_prefix?: string;
  logical_backup_memory_limit?: string;
  logical_backup_memory_request?: string;
  logical_backup_provider?: "az" | "gcs" | "s3";
  logical_backup_s3_access_key_id?: string;
  logical_backup_s3_bucket?: string;
  logical_backup_s3_bucket_prefix?: string;
  logical_backup_s3_endpoint?: string;
  logical_backup_s3_region?: string;
  logical_backup_s3_retention_time?: string;
  logical_backup_s3_secret_access_key?: string;
  logical_backup_s3_sse?: string;
  logical_backup_schedule?: string;
  logical_backup_successful_jobs_history_limit?: number;
  logical_backup_ttl_seconds_after_finished?: number;
}

export interface MajorVersionUpgradeConfiguration {
  major_version_upgrade_mode?: "off" | "manual" | "full";
  major_version_upgrade_team_allow_list?: string[];
  minimal_major_version?: string;
  target_major_version?: string;
}

export type OperatorConfiguration = {
  apiVersion: "acid.zalan.do/v1";
  configuration: OperatorConfigurationData;
  kind: "OperatorConfiguration";
  metadata: ObjectMeta;
};

export interface OperatorConfigurationData {
  aws_or_gcp?: AwsOrGcpConfiguration;
  connection_pooler?: ConnectionPoolerConfiguration;
  crd_categories?: string[];
  debug?: DebugConfiguration;
  docker_image?: string;
  enable_crd_registration?: boolean;
  enable_lazy_spilo_upgrade?: boolean;
  enable_maintenance_windows?: boolean;
  enable_pgversion_env_var?: boolean;
  enable_shm_volume?: boolean;
  enable_spilo_wal_path_compat?: boolean;
  enable_team_id_clustername_prefix?: boolean;
  etcd_host?: string;
  ignore_instance_limits_annotation_key?: string;
  ignore_resources_limits_annotation_key?: string;
  kubernetes?: KubernetesConfiguration;
  kubernetes_use_configmaps?: boolean;
  load_balancer?: LoadBalancerConfiguration;
  logging_rest_api?: LoggingRestApiConfiguration;
  logical_backup?: LogicalBackupConfiguration;
  maintenance_windows?: string[];
  major_version_upgrade?: MajorVersionUpgradeConfiguration;
  max_instances?: number;
  min_instances?: number;
  patroni?: PatroniConfiguration;
  postgres_pod_resources?: PostgresPodResourcesConfiguration;
  repair_period?: string;
  resync_period?: string;
  scalyr?: ScalyrConfiguration;
  set_memory_request_to_limit?: boolean;
  sidecar_docker_images?: {
    [key: string]: string;
  };
  sidecars?: Record<string, unknown>;
  teams_api?: TeamsApiConfiguration;
  timeouts?: TimeoutsConfiguration;
  users?: UsersConfiguration;
  workers?: number;
}

export interface Patroni {
  failsafe_mode?: boolean;
  initdb?: {
    [key: string]: string;
  };
  loop_wait?: number;
  maximum_lag_on_failover?: number;
  pg_hba?: string[];
  retry_timeout?: number;
  slots?: {
    [key: string]: {
      [key: string]: string;
    };
  };
  synchronous_mode?: boolean;
  synchronous_mode_strict?: boolean;
  synchronous_node_count?: number;
  ttl?: number;
}

export interface PatroniConfiguration {
  enable_patroni_failsafe_mode?: boolean;
}

export interface PostgresPodResourcesConfiguration {
  default_cpu_limit?: string;
  default_cpu_request?: string;
  default_memory_limit?: string;
  default_memory_request?: string;
  max_cpu_request?: string;
  max_memory_request?: string;
  min_cpu_limit?: string;
  min_memory_limit?: string;
}

export type PostgresTeam = {
  apiVersion: "acid.zalan.do/v1";
  kind: "PostgresTeam";
  metadata: ObjectMeta;
  spec: PostgresTeamSpec;
};

export interface PostgresTeamSpec {
  additionalMembers?: {
    [key: string]: string[];
  };
  additionalSuperuserTeams?: {
    [key: string]: string[];
  };
  additionalTeams?: {
    [key: string]: string[];
  };
}

export type Postgresql = {
  apiVersion: "acid.zalan.do/v1";
  kind: "postgresql";
  metadata: ObjectMeta;
  spec: PostgresqlSpec;
  status?: PostgresqlStatus;
};

export interface PostgresqlMember {
  name: string;
  ready?: boolean;
  role?: string;
}

export interface PostgresqlParam {
  parameters?: {
    [key: string]: string;
  };
  version: "14" | "15" | "16" | "17" | "18";
}

export interface PostgresqlSpec {
  additionalVolumes?: AdditionalVolume[];
  allowedSourceRanges?: string[] | null;
  clone?: CloneDescription;
  connectionPooler?: ConnectionPooler;
  databases?: {
    [key: string]: string;
  };
  dockerImage?: string;
  enableConnectionPooler?: boolean;
  enableLogicalBackup?: boolean;
  enableMasterLoadBalancer?: boolean;
  enableMasterNodePort?: boolean;
  enableMasterPoolerLoadBalancer?: boolean;
  enableMasterPoolerNodePort?: boolean;
  enableReplicaConnectionPooler?: boolean;
  enableReplicaLoadBalancer?: boolean;
  enableReplicaNodePort?: boolean;
  enableReplicaPoolerLoadBalancer?: boolean;
  enableReplicaPoolerNodePort?: boolean;
  enableShmVolume?: boolean;
  env?: EnvVar[];
  envFrom?: EnvFromSource[];
  initContainers?: Container[];
  livenessProbe?: Probe;
  logicalBackupRetention?: string;
  logicalBackupSchedule?: string;
  maintenanceWindows?: string[];
  masterNodePort?: number;
  masterPoolerNodePort?: number;
  masterServiceAnnotations?: {
    [key: string]: string;
  };
  nodeAffinity?: NodeAffinity;
  numberOfInstances: number;
  patroni?: Patroni;
  podAnnotations?: {
    [key: string]: string;
  };
  podPriorityClassName?: string;
  postgresql: PostgresqlParam;
  preparedDatabases?: {
    [key: string]: PreparedDatabase;
  };
  replicaNodePort?: number;
  replicaPoolerNodePort?: number;
  replicaServiceAnnotations?: {
    [key: string]: string;
  };
  resources?: Resources;
  schedulerName?: string;
  serviceAnnotations?: {
    [key: string]: string;
  };
  sidecars?: Sidecar[];
  spiloFSGroup?: number;
  spiloRunAsGroup?: number;
  spiloRunAsUser?: number;
  standby?: StandbyDescription;
  streams?: Stream[];
  teamId: string;
  tls?: TlsDescription;
  tolerations?: Toleration[];
  topologySpreadConstraints?: TopologySpreadConstraint[];
  users?: {
    [key: string]: UserFlags;
  };
  usersIgnoringSecretRotation?: string[] | null;
  usersWithInPlaceSecretRotation?: string[] | null;
  usersWithSecretRotation?: string[] | null;
  volume: PostgresqlVolume;
}

export interface PostgresqlStatus {
  PostgresClusterStatus: string;
  conditions?: Condition[];
  labelSelector?: string;
  members?: PostgresqlMember[];
  numberOfInstances?: number;
  observedGeneration?: number;
  primary?: string;
  readyInstances?: number;
}

export interface PostgresqlVolume {
  iops?: number;
  isSubPathExpr?: boolean;
  selector?: LabelSelector;
  size: string;
  storageClass?: string;
  subPath?: string;
  throughput?: number;
  type?: string;
}

export interface PreparedDatabase {
  defaultUsers?: boolean;
  extensions?: {
    [key: string]: string;
  };
  schemas?: {
    [key: string]: PreparedSchema;
  };
  secretNamespace?: string;
}

export interface PreparedSchema {
  defaultRoles?: boolean;
  defaultUsers?: boolean;
}

export interface ResourceDescription {
  cpu?: string;
  "hugepages-1Gi"?: string;
  "hugepages-2Mi"?: string;
  memory?: string;
}

export interface Resources {
  limits?: ResourceDescription;
  requests?: ResourceDescription;
}

export interface ScalyrConfiguration {
  scalyr_api_key?: string;
  scalyr_cpu_limit?: string;
  scalyr_cpu_request?: string;
  scalyr_image?: string;
  scalyr_memory_limit?: string;
  scalyr_memory_request?: string;
  scalyr_server_url?: string;
}

export interface Sidecar {
  command?: string[];
  env?: EnvVar[];
  image?: string;
  name?: string;
  ports?: ContainerPort[];
  resources?: Resources;
}

export interface StandbyDescription {
  gs_wal_path?: string;
  s3_wal_path?: string;
  standby_host?: string;
  standby_port?: string;
  standby_primary_slot_name?: string;
}

export interface Stream {
  applicationId: string;
  batchSize?: number;
  cpu?: string;
  database: string;
  enableRecovery?: boolean;
  filter?: {
    [key: string]: string;
  };
  memory?: string;
  tables: {
    [key: string]: StreamTable;
  };
}

export interface StreamTable {
  eventType: string;
  idColumn?: string;
  ignoreRecovery?: boolean;
  payloadColumn?: string;
  recoveryEventType?: string;
}

export interface TeamsApiConfiguration {
  enable_admin_role_for_users?: boolean;
  enable_postgres_team_crd?: boolean;
  enable_postgres_team_crd_superusers?: boolean;
  enable_team_member_deprecation?: boolean;
  enable_team_superuser?: boolean;
  enable_teams_api?: boolean;
  pam_configuration?: string;
  pam_role_name?: string;
  postgres_superuser_teams?: string[];
  protected_role_names?: string[];
  role_deletion_suffix?: string;
  team_admin_role?: string;
  team_api_role_configuration?: {
    [key: string]: string;
  };
  teams_api_url?: string;
}

export interface TimeoutsConfiguration {
  patroni_api_check_interval?: string;
  patroni_api_check_timeout?: string;
  pod_deletion_wait_timeout?: string;
  pod_label_wait_timeout?: string;
  ready_wait_interval?: string;
  ready_wait_timeout?: string;
  resource_check_interval?: string;
  resource_check_timeout?: string;
}

export interface TlsDescription {
  caFile?: string;
  caSecretName?: string;
  certificateFile?: string;
  privateKeyFile?: string;
  secretName: string;
}

export type UserFlags = (
  | "bypassrls"
  | "BYPASSRLS"
  | "nobypassrls"
  | "NOBYPASSRLS"
  | "createdb"
  | "CREATEDB"
  | "nocreatedb"
  | "NOCREATEDB"
  | "createrole"
  | "CREATEROLE"
  | "nocreaterole"
  | "NOCREATEROLE"
  | "inherit"
  | "INHERIT"
  | "noinherit"
  | "NOINHERIT"
  | "login"
  | "LOGIN"
  | "nologin"
  | "NOLOGIN"
  | "replication"
  | "REPLICATION"
  | "noreplication"
  | "NOREPLICATION"
  | "superuser"
  | "SUPERUSER"
  | "nosuperuser"
  | "NOSUPERUSER"
)[];

export interface UsersConfiguration {
  additional_owner_roles?: string[];
  enable_password_rotation?: boolean;
  password_rotation_interval?: number;
  password_rotation_user_retention?: number;
  replication_username?: string;
  super_username?: string;
}
