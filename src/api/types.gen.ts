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
  /** Whether subPath is expanded with the environment of the container. */
  isSubPathExpr?: boolean;
  /** Directory where the volume appears in the containers. */
  mountPath: string;
  /** Name of the volume. */
  name: string;
  /** Part of the volume that is mounted instead of all of it. */
  subPath?: string;
  /** Containers that see the volume. Empty means postgres alone; a single all means every container. */
  targetContainers?: string[] | null;
  /** Any kind of volume that Kubernetes knows. */
  volumeSource: VolumeSource;
}

export interface AwsOrGcpConfiguration {
  /** Name of a Secret that is mounted into all containers of Postgres and backup pods, for instance with cloud credentials. */
  additional_secret_mount?: string;
  /** Directory where that Secret is mounted. */
  additional_secret_mount_path?: string;
  /** AWS region of the EC2 calls that grow and tune EBS volumes. */
  aws_region?: string;
  /** Path of the Google credentials file inside the pods (GOOGLE_APPLICATION_CREDENTIALS). */
  gcp_credentials?: string;
  /** AWS IAM role for the pods through the service account (EKS). It is written to the pod ServiceAccount and to the environment of clones and standby clusters. */
  irsa_role_arn?: string;
  /** AWS IAM role put on the pods as the annotation that kube2iam reads. */
  kube_iam_role?: string;
  /** S3 bucket to which pods ship their server logs every day. Empty ships none. */
  log_s3_bucket?: string;
  /** Azure storage account of the WAL archive and base backups. */
  wal_az_storage_account?: string;
  /** Google Cloud Storage bucket of the WAL archive and base backups. */
  wal_gs_bucket?: string;
  /** S3 bucket of the WAL archive and base backups. */
  wal_s3_bucket?: string;
}

export interface CloneDescription {
  /** Name of the cluster to copy. */
  cluster: string;
  /** Access key for the bucket of the WAL archive. */
  s3_access_key_id?: string;
  /** Address of the S3-compatible service that holds the WAL archive. */
  s3_endpoint?: string;
  /** Whether the bucket is part of the path and not of the host name. */
  s3_force_path_style?: boolean;
  /** Secret key for the bucket of the WAL archive. */
  s3_secret_access_key?: string;
  /** Full path of the WAL archive, when it is not where the operator's configuration says. */
  s3_wal_path?: string;
  /** Point in time to restore from the WAL archive, with a numeric time zone. Without it the running cluster is copied. */
  timestamp?: string;
  /** The uid of the copied cluster's manifest, which is part of the path of its WAL archive. */
  uid?: string;
}

export interface ConnectionPooler {
  /** Container image of the pooler. */
  dockerImage?: string;
  /** Number of connections to the database that all pooler pods of one Service may open together. */
  maxDBConnections?: number;
  /**
   * When a server connection goes back to the pool, after the session or after each transaction.
   */
  mode?: "session" | "transaction";
  /** Pooler pods for each Service. */
  numberOfInstances?: number;
  /** CPU and memory of the pooler container. */
  resources?: Resources;
  /** Schema in each database that holds the look-up function of the pooler. */
  schema?: string;
  /** Role as which the pooler asks a database for password verifiers. */
  user?: string;
}

export interface ConnectionPoolerConfiguration {
  /** CPU limit of a pooler container, unless the manifest names one. Empty means no limit. */
  connection_pooler_default_cpu_limit?: string;
  /** CPU request of a pooler container, unless the manifest names one. */
  connection_pooler_default_cpu_request?: string;
  /** Memory limit of a pooler container, unless the manifest names one. Empty means no limit. */
  connection_pooler_default_memory_limit?: string;
  /** Memory request of a pooler container, unless the manifest names one. */
  connection_pooler_default_memory_request?: string;
  /** Container image of the pooler. */
  connection_pooler_image?: string;
  /** Number of connections to the database that all pooler pods of one Service may open together. 60 when left out. */
  connection_pooler_max_db_connections?: number;
  /**
   * When a server connection goes back to the pool, after the session or after each transaction.
   */
  connection_pooler_mode?: "session" | "transaction";
  /** Pooler pods for each Service. With an OperatorConfiguration at least 2 are used. */
  connection_pooler_number_of_instances?: number;
  /** Schema in each database that holds the look-up function of the pooler. */
  connection_pooler_schema?: string;
  /** Role as which the pooler asks a database for password verifiers. It must differ from super_username. */
  connection_pooler_user?: string;
}

export interface DebugConfiguration {
  /** Whether the operator writes debug lines to its log. */
  debug_logging?: boolean;
  /** Whether the operator may connect to databases. Without it no role, database, schema, extension or publication is managed. */
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
  /** Membership to use when rolekey is not a key of the Secret. */
  defaultrolevalue?: string;
  /** User name to use when userkey is not a key of the Secret. */
  defaultuservalue?: string;
  /** More about the roles, as YAML text. */
  details?: string;
  /** Key of the Secret that holds the password. */
  passwordkey?: string;
  /** Key of the Secret that names the role of which the user is a member. */
  rolekey?: string;
  /** Name of the Secret, or namespace/name. */
  secretname?: string;
  /** Whether the keys are patterns for several users, numbered from 1. */
  template?: boolean;
  /** Key of the Secret that holds the user name. */
  userkey?: string;
}

export interface KubernetesConfiguration {
  /** Linux capabilities added to the Postgres container. */
  additional_pod_capabilities?: string[];
  /** DNS domain of the Kubernetes cluster, used for the addresses of databases. */
  cluster_domain?: string;
  /** Labels on all objects of all clusters. Selectors are made of them: a change affects every object. */
  cluster_labels?: {
    [key: string]: string;
  };
  /** Name of the label that carries the name of the cluster on all its objects. */
  cluster_name_label?: string;
  /** Annotations on all Postgres, pooler and backup pods. */
  custom_pod_annotations?: {
    [key: string]: string;
  };
  /** Name of an annotation that protects from deletion. A deleted manifest is acted upon only when it carries today's date (YYYY-MM-DD) there. */
  delete_annotation_date_key?: string;
  /** Name of an annotation that protects from deletion. A deleted manifest is acted upon only when it carries the name of the cluster there. */
  delete_annotation_name_key?: string;
  /** Annotations of a manifest that are copied to its StatefulSet and pooler Deployments, for instance those of kube-downscaler. Each entry is a regular expression. */
  downscaler_annotations?: string[];
  /** Whether a user written as namespace.user in a manifest gets its Secret in that namespace. */
  enable_cross_namespace_secret?: boolean;
  /** Whether manifests get a finalizer, so that a cluster is removed completely even when its manifest is deleted while the operator is down. */
  enable_finalizers?: boolean;
  /** Whether init containers of a manifest are used. */
  enable_init_containers?: boolean;
  /** Whether the objects of a cluster name its manifest as their owner, so that Kubernetes removes them with it. */
  enable_owner_references?: boolean;
  /** Whether the volume claims are deleted together with a cluster. */
  enable_persistent_volume_claim_deletion?: boolean;
  /** Whether two pods of one cluster have to run in different places, as given by pod_antiaffinity_topology_key. */
  enable_pod_antiaffinity?: boolean;
  /** Whether disruption budgets protect the pods. False leaves them in place, without effect. */
  enable_pod_disruption_budget?: boolean;
  /** Whether Postgres pods have a readiness probe that asks Patroni. */
  enable_readiness_probe?: boolean;
  /** Whether the credential Secrets are deleted together with a cluster. */
  enable_secrets_deletion?: boolean;
  /** Whether sidecars of a manifest are used. */
  enable_sidecars?: boolean;
  /** Annotations that other tools set on the objects of a cluster, and that are neither compared nor removed. */
  ignored_annotations?: string[];
  /** Secret with roles that exist in every cluster, in the older form: one Secret for all of them. A name, or namespace/name. */
  infrastructure_roles_secret_name?: string;
  /** Secrets with roles that exist in every cluster. */
  infrastructure_roles_secrets?: InfrastructureRolesSecret[];
  /** Annotations of a manifest that are copied to all objects of its cluster. */
  inherited_annotations?: string[];
  /** Labels of a manifest that are copied to all objects of its cluster. */
  inherited_labels?: string[];
  /** Liveness probe of Postgres containers whose manifest has none. */
  liveness_probe?: Probe;
  /** How long to go on trying to move a primary away from a node that is being drained. */
  master_pod_move_timeout?: string;
  /** Labels of a node that may run Postgres pods. Pods leave a node that lacks them. */
  node_readiness_label?: {
    [key: string]: string;
  };
  /**
   * How these labels join the node affinity of a manifest, as a further alternative (OR) or as a further condition of each (AND). OR when left out.
   */
  node_readiness_label_merge?: "AND" | "OR";
  /** Secret with the token for the teams API. A name, or namespace/name. */
  oauth_token_secret_name?: string;
  /** Whether the disruption budget covers the primary alone. False covers all pods of a cluster. */
  pdb_master_label_selector?: boolean;
  /** Name of the disruption budget; {cluster} stands for the cluster. */
  pdb_name_format?: string;
  /** What happens to volume claims when the StatefulSet is deleted (when_deleted) or scaled down (when_scaled). */
  persistent_volume_claim_retention_policy?: {
    [key: string]: string;
  };
  /** Whether anti-affinity is a wish. False makes it a condition, under which pods may stay Pending. */
  pod_antiaffinity_preferred_during_scheduling?: boolean;
  /** Node label whose values tell places apart for anti-affinity. */
  pod_antiaffinity_topology_key?: string;
  /** ConfigMap with further environment variables for Postgres pods. A name, or namespace/name. */
  pod_environment_configmap?: string;
  /** Secret in the namespace of the cluster with further environment variables for Postgres pods. */
  pod_environment_secret?: string;
  /**
   * Whether pods of a cluster start one after the other or all at once.
   */
  pod_management_policy?: "ordered_ready" | "parallel";
  /** Priority class of pods whose manifest names none. */
  pod_priority_class_name?: string;
  /** Name of the pod label in which Patroni keeps the role of a pod (master or replica). */
  pod_role_label?: string;
  /** JSON or YAML of the ServiceAccount for Postgres pods. Left empty, a plain one is made. */
  pod_service_account_definition?: string;
  /** Name of the ServiceAccount under which Postgres pods run. It is created where it is missing. */
  pod_service_account_name?: string;
  /** JSON or YAML of the RoleBinding for that ServiceAccount. Left empty, one is made that refers to the ClusterRole of the same name. */
  pod_service_account_role_binding_definition?: string;
  /** How long a Postgres or pooler pod has to shut down before it is killed. */
  pod_terminate_grace_period?: string;
  /** Name of a credential Secret. {username}, {cluster}, {tprkind} and {tprgroup} are filled in. */
  secret_name_template?: string;
  /** Whether sidecars can reach the database through its Unix socket, in a shared volume. */
  share_pgsocket_with_sidecars?: boolean;
  /** Whether a process in the Postgres container may gain more privileges than its parent. */
  spilo_allow_privilege_escalation?: boolean;
  /** Group that owns the volumes of Postgres pods. 103 is the group of postgres in Spilo. */
  spilo_fsgroup?: number;
  /** Whether the Postgres container is privileged. */
  spilo_privileged?: boolean;
  /** Group under which the Postgres container runs. */
  spilo_runasgroup?: number;
  /** User under which the Postgres container runs. 101 is postgres in Spilo. */
  spilo_runasuser?: number;
  /**
   * How volumes follow the manifest. pvc changes the claims; ebs calls AWS and grows the file system itself; mixed calls AWS for type, IOPS and throughput and uses claims for the size; off leaves volumes alone.
   */
  storage_resize_mode?: "ebs" | "mixed" | "pvc" | "off";
  /** Toleration of Postgres pods whose manifest has none. */
  toleration?: {
    [key: string]: string;
  };
  /** Namespace whose clusters are managed. Empty means the operator's own; * means all. */
  watched_namespace?: string;
}

export interface LoadBalancerConfiguration {
  /** Annotations on all Services of clusters. */
  custom_service_annotations?: {
    [key: string]: string;
  };
  /** DNS zone for the names of load balancers. db.example.com when left out. */
  db_hosted_zone?: string;
  /** Whether the primary Service is a load balancer, unless the manifest says otherwise. */
  enable_master_load_balancer?: boolean;
  /** Whether the primary Service has a node port, unless the manifest says otherwise. It outranks a load balancer. */
  enable_master_node_port?: boolean;
  /** Whether the Service of the primary's pooler is a load balancer, unless the manifest says otherwise. */
  enable_master_pooler_load_balancer?: boolean;
  /** Whether the Service of the primary's pooler has a node port, unless the manifest says otherwise. */
  enable_master_pooler_node_port?: boolean;
  /** Whether the replica Service is a load balancer, unless the manifest says otherwise. */
  enable_replica_load_balancer?: boolean;
  /** Whether the replica Service has a node port, unless the manifest says otherwise. It outranks a load balancer. */
  enable_replica_node_port?: boolean;
  /** Whether the Service of the replicas' pooler is a load balancer, unless the manifest says otherwise. */
  enable_replica_pooler_load_balancer?: boolean;
  /** Whether the Service of the replicas' pooler has a node port, unless the manifest says otherwise. */
  enable_replica_pooler_node_port?: boolean;
  /**
   * Whether load balancers and node ports send traffic to any node (Cluster) or only to nodes with a pod (Local).
   */
  external_traffic_policy?: "Cluster" | "Local";
  /** DNS name of a primary's load balancer. {cluster}, {namespace}, {team} and {hostedzone} are filled in. */
  master_dns_name_format?: string;
  /** Second DNS name of a primary's load balancer, for clusters whose name starts with the team. {cluster}, {team} and {hostedzone} are filled in. */
  master_legacy_dns_name_format?: string;
  /** DNS name of the replicas' load balancer. {cluster}, {namespace}, {team} and {hostedzone} are filled in. */
  replica_dns_name_format?: string;
  /** Second DNS name of the replicas' load balancer, for clusters whose name starts with the team. {cluster}, {team} and {hostedzone} are filled in. */
  replica_legacy_dns_name_format?: string;
}

export interface LoggingRestApiConfiguration {
  /** Port of the HTTP interface. */
  api_port?: number;
  /** Number of changes remembered for each cluster. */
  cluster_history_entries?: number;
  /** Number of log lines remembered for each cluster and each worker. */
  ring_log_lines?: number;
}

export interface LogicalBackupConfiguration {
  /** Key of the Azure storage account. A Secret named by logical_backup_cronjob_environment_secret is the better place. */
  logical_backup_azure_storage_account_key?: string;
  /** Azure storage account that receives dumps. */
  logical_backup_azure_storage_account_name?: string;
  /** Azure storage container that receives dumps. */
  logical_backup_azure_storage_container?: string;
  /** CPU limit of a backup job. Empty means that of Postgres containers. */
  logical_backup_cpu_limit?: string;
  /** CPU request of a backup job. Empty means that of Postgres containers. */
  logical_backup_cpu_request?: string;
  /** Secret whose keys become environment variables of backup jobs. */
  logical_backup_cronjob_environment_secret?: string;
  /** Container image of backup jobs. */
  logical_backup_docker_image?: string;
  /** Number of failed jobs that are kept. */
  logical_backup_failed_jobs_history_limit?: number;
  /** Path of the Google credentials file inside backup jobs. */
  logical_backup_google_application_credentials?: string;
  /** Start of the CronJob's name; the name of the cluster follows. */
  logical_backup_job_prefix?: string;
  /** Memory limit of a backup job. Empty means that of Postgres containers. */
  logical_backup_memory_limit?: string;
  /** Memory request of a backup job. Empty means that of Postgres containers. */
  logical_backup_memory_request?: string;
  /**
   * Where dumps go, to S3, Google Cloud Storage or Azure.
   */
  logical_backup_provider?: "az" | "gcs" | "s3";
  /** Access key for S3. Empty relies on the IAM role. */
  logical_backup_s3_access_key_id?: string;
  /** Bucket that receives dumps, for S3 and Google Cloud Storage. */
  logical_backup_s3_bucket?: string;
  /** Path in the bucket. spilo when left out. */
  logical_backup_s3_bucket_prefix?: string;
  /** Address of an S3-compatible service. Empty means AWS. */
  logical_backup_s3_endpoint?: string;
  /** Region of the bucket. */
  logical_backup_s3_region?: string;
  /** Age at which dumps in S3 are deleted, in words of GNU date such as 3 week. The newest dump always stays. Empty keeps all. */
  logical_backup_s3_retention_time?: string;
  /** Secret key for S3. A Secret named by logical_backup_cronjob_environment_secret is the better place. */
  logical_backup_s3_secret_access_key?: string;
  /** Server-side encryption of dumps in S3, for instance AES256. */
  logical_backup_s3_sse?: string;
  /** When dumps are made, as five cron fields of numbers, * and steps. */
  logical_backup_schedule?: string;
  /** Number of successful jobs that are kept. */
  logical_backup_successful_jobs_history_limit?: number;
  /** Seconds after which a finished job is removed. */
  logical_backup_ttl_seconds_after_finished?: number;
}

export interface MajorVersionUpgradeConfiguration {
  /**
   * Which clusters are upgraded in place. off means those of allowed teams only, manual those whose manifest asks for a newer version, full also those below minimal_major_version.
   */
  major_version_upgrade_mode?: "off" | "manual" | "full";
  /** Teams whose clusters may be upgraded while the mode is off. */
  major_version_upgrade_team_allow_list?: string[];
  /** Oldest major version that mode full tolerates. */
  minimal_major_version?: string;
  /** Major version to which mode full upgrades. */
  target_major_version?: string;
}

export type OperatorConfiguration = {
  apiVersion: "acid.zalan.do/v1";
  /** The parameters. A parameter that is left out has the default named in its description. */
  configuration: OperatorConfigurationData;
  kind: "OperatorConfiguration";
  /** Standard object metadata. The operator looks for the object by name in its own namespace. */
  metadata: ObjectMeta;
};

export interface OperatorConfigurationData {
  /** Settings for clusters in a public cloud. */
  aws_or_gcp?: AwsOrGcpConfiguration;
  /** Defaults for connection poolers (PgBouncer). */
  connection_pooler?: ConnectionPoolerConfiguration;
  /** Resource categories written to the CRDs that the operator registers, for instance to list clusters with kubectl get all. Empty means the category all. */
  crd_categories?: string[];
  /** Switches that help to find problems. */
  debug?: DebugConfiguration;
  /** Container image of the Postgres pods (Spilo) for clusters that name none in their manifest. */
  docker_image?: string;
  /** Whether the operator creates and updates the CRD of postgresql at start. Switch it off where CRDs are installed by other means. */
  enable_crd_registration?: boolean;
  /** Whether a changed image is written to the StatefulSet only. Running pods keep the old image until they are restarted for another reason. */
  enable_lazy_spilo_upgrade?: boolean;
  /** Whether maintenance windows hold back major version upgrades and the moves of a primary. False ignores all windows. */
  enable_maintenance_windows?: boolean;
  /** Whether pods learn the PostgreSQL version from the variable PGVERSION. False writes the path of the binaries into the Patroni configuration, as very old images need it. */
  enable_pgversion_env_var?: boolean;
  /** Whether pods get a memory-backed volume on /dev/shm, so that parallel queries are not limited to the 64 MB that container runtimes give. */
  enable_shm_volume?: boolean;
  /** Whether pods look for WAL archives under the path of old Spilo images too (ENABLE_WAL_PATH_COMPAT). */
  enable_spilo_wal_path_compat?: boolean;
  /** Whether the name of a cluster has to start with its team and a dash. A cluster that breaks the rule is Invalid and left alone. */
  enable_team_id_clustername_prefix?: boolean;
  /** Address of an etcd cluster in which Patroni keeps its state instead of Kubernetes objects. Empty means Kubernetes. */
  etcd_host?: string;
  /** Name of an annotation on a manifest. Where it has the value true, min_instances and max_instances do not apply to that cluster. */
  ignore_instance_limits_annotation_key?: string;
  /** Name of an annotation on a manifest. Where it has the value true, the minimum limits and maximum requests do not apply to that cluster. */
  ignore_resources_limits_annotation_key?: string;
  /** How clusters look as Kubernetes objects. */
  kubernetes?: KubernetesConfiguration;
  /** Whether Patroni keeps its state in ConfigMaps. False keeps it in Endpoints. */
  kubernetes_use_configmaps?: boolean;
  /** How clusters can be reached from outside. */
  load_balancer?: LoadBalancerConfiguration;
  /** The operator's own HTTP interface and what it remembers. */
  logging_rest_api?: LoggingRestApiConfiguration;
  /** Scheduled dumps of whole clusters with pg_dumpall. */
  logical_backup?: LogicalBackupConfiguration;
  /** Maintenance windows of clusters that have none in their manifest. Without any window, work that needs one may start at any time. */
  maintenance_windows?: string[];
  /** Upgrades in place to another major version of PostgreSQL. */
  major_version_upgrade?: MajorVersionUpgradeConfiguration;
  /** Upper bound for the number of pods of a cluster. -1 means none. */
  max_instances?: number;
  /** Lower bound for the number of pods of a cluster. -1 means none. */
  min_instances?: number;
  /** Defaults for Patroni. */
  patroni?: PatroniConfiguration;
  /** CPU and memory of Postgres containers. */
  postgres_pod_resources?: PostgresPodResourcesConfiguration;
  /** Time between two looks at clusters whose last pass failed, as a duration such as 5m. */
  repair_period?: string;
  /** Time between two full checks of every cluster, as a duration such as 30m. */
  resync_period?: string;
  /** Log shipping to Scalyr by a sidecar. It is added when both image and API key are set. */
  scalyr?: ScalyrConfiguration;
  /** Whether a memory request below its limit is raised to the limit, for Postgres containers and sidecars, so that pods are not evicted for using what they may use. */
  set_memory_request_to_limit?: boolean;
  /** Deprecated, use sidecars. Sidecar containers for every Postgres pod, as a map of container name to image. */
  sidecar_docker_images?: {
    [key: string]: string;
  };
  /** Sidecar containers for every Postgres pod. A sidecar of the same name in a manifest takes precedence. */
  sidecars?: Record<string, unknown>;
  /** Roles for people, from a teams service and from PostgresTeam objects. */
  teams_api?: TeamsApiConfiguration;
  /** How long the operator waits, and how often it asks. All values are durations such as 10m or 5s. */
  timeouts?: TimeoutsConfiguration;
  /** System roles and password rotation. */
  users?: UsersConfiguration;
  /** Number of clusters that are worked on at the same time. */
  workers?: number;
}

export interface Patroni {
  /** Whether the primary stays up while Patroni cannot reach its state, as long as all members can be reached. Left out, the operator's configuration decides. */
  failsafe_mode?: boolean;
  /** Options of initdb when the cluster is made, such as encoding or locale. */
  initdb?: {
    [key: string]: string;
  };
  /** Seconds between two rounds of Patroni. */
  loop_wait?: number;
  /** Bytes by which a replica may lag and still be promoted. */
  maximum_lag_on_failover?: number;
  /** Lines of pg_hba.conf. They replace the ones that Spilo brings. */
  pg_hba?: string[];
  /** Seconds for which Patroni retries failed operations. */
  retry_timeout?: number;
  /** Permanent replication slots by name. */
  slots?: {
    [key: string]: {
      [key: string]: string;
    };
  };
  /** Whether a commit waits for a synchronous replica, as far as there is one. */
  synchronous_mode?: boolean;
  /** Whether the primary accepts no write while there is no synchronous replica. */
  synchronous_mode_strict?: boolean;
  /** Number of synchronous replicas. */
  synchronous_node_count?: number;
  /** Seconds after which a primary that does not renew its lock is replaced. */
  ttl?: number;
}

export interface PatroniConfiguration {
  /** Whether a primary stays up while Patroni cannot reach its state, as long as all members can be reached. */
  enable_patroni_failsafe_mode?: boolean;
}

export interface PostgresPodResourcesConfiguration {
  /** CPU limit of a Postgres container whose manifest names none. Empty means no limit. */
  default_cpu_limit?: string;
  /** CPU request of a Postgres container whose manifest names none. */
  default_cpu_request?: string;
  /** Memory limit of a Postgres container whose manifest names none. Empty means no limit. */
  default_memory_limit?: string;
  /** Memory request of a Postgres container whose manifest names none. */
  default_memory_request?: string;
  /** Upper bound of CPU requests. Empty means none. */
  max_cpu_request?: string;
  /** Upper bound of memory requests. Empty means none. */
  max_memory_request?: string;
  /** Lower bound of CPU limits. Lower ones are raised to it. Empty means none. */
  min_cpu_limit?: string;
  /** Lower bound of memory limits. Lower ones are raised to it. Empty means none. */
  min_memory_limit?: string;
}

export type PostgresTeam = {
  apiVersion: "acid.zalan.do/v1";
  kind: "PostgresTeam";
  /** Standard object metadata. */
  metadata: ObjectMeta;
  /** The memberships. All objects in the watched namespaces count together. */
  spec: PostgresTeamSpec;
};

export interface PostgresTeamSpec {
  /** Further members by team. */
  additionalMembers?: {
    [key: string]: string[];
  };
  /** Teams whose members are superusers, by the team that owns the cluster. */
  additionalSuperuserTeams?: {
    [key: string]: string[];
  };
  /** Teams whose members get roles too, by the team that owns the cluster. */
  additionalTeams?: {
    [key: string]: string[];
  };
}

export type Postgresql = {
  apiVersion: "acid.zalan.do/v1";
  kind: "postgresql";
  /** Standard object metadata. The name becomes the name of the cluster and of its primary Service. */
  metadata: ObjectMeta;
  /** What the cluster should be. */
  spec: PostgresqlSpec;
  /** What the operator found and did. */
  status?: PostgresqlStatus;
};

export interface PostgresqlMember {
  /** Name of the pod. */
  name: string;
  /** Whether it runs and accepts connections. */
  ready?: boolean;
  /** Its role in the cluster. */
  role?: string;
}

export interface PostgresqlParam {
  /** Server settings by name, as text. */
  parameters?: {
    [key: string]: string;
  };
  /**
   * Major version. A higher one upgrades the cluster in place, where the operator's configuration allows it; a lower one is ignored.
   */
  version: "14" | "15" | "16" | "17" | "18";
}

export interface PostgresqlSpec {
  /** Further volumes for the pods. */
  additionalVolumes?: AdditionalVolume[];
  /** Networks that may reach the load balancers of this cluster. Empty means none but 127.0.0.1. */
  allowedSourceRanges?: string[] | null;
  /** Makes the new cluster a copy of another one. */
  clone?: CloneDescription;
  /** Settings of the connection pooler. Each one has its default in the operator's configuration. */
  connectionPooler?: ConnectionPooler;
  /** Databases to create, with the role that owns each. They are never dropped. */
  databases?: {
    [key: string]: string;
  };
  /** Container image of the Postgres pods. */
  dockerImage?: string;
  /** Whether there is a pooler in front of the primary. Left out, a connectionPooler section turns it on. */
  enableConnectionPooler?: boolean;
  /** Whether a CronJob dumps the cluster regularly. */
  enableLogicalBackup?: boolean;
  /** Whether the primary Service is a load balancer. Left out, the operator's configuration decides. */
  enableMasterLoadBalancer?: boolean;
  /** Whether the primary Service has a node port. It outranks a load balancer. Left out, the operator's configuration decides. */
  enableMasterNodePort?: boolean;
  /** Whether the Service of the primary's pooler is a load balancer. Left out, the operator's configuration decides. */
  enableMasterPoolerLoadBalancer?: boolean;
  /** Whether the Service of the primary's pooler has a node port. Left out, the operator's configuration decides. */
  enableMasterPoolerNodePort?: boolean;
  /** Whether there is a pooler in front of the replicas. */
  enableReplicaConnectionPooler?: boolean;
  /** Whether the replica Service is a load balancer. Left out, the operator's configuration decides. */
  enableReplicaLoadBalancer?: boolean;
  /** Whether the replica Service has a node port. It outranks a load balancer. Left out, the operator's configuration decides. */
  enableReplicaNodePort?: boolean;
  /** Whether the Service of the replicas' pooler is a load balancer. Left out, the operator's configuration decides. */
  enableReplicaPoolerLoadBalancer?: boolean;
  /** Whether the Service of the replicas' pooler has a node port. Left out, the operator's configuration decides. */
  enableReplicaPoolerNodePort?: boolean;
  /** Whether pods get a memory-backed volume on /dev/shm. The operator's configuration can turn it on for all clusters. */
  enableShmVolume?: boolean;
  /** Environment variables for the postgres container. Variables that the operator sets itself cannot be replaced. */
  env?: EnvVar[];
  /** Secrets and ConfigMaps whose keys become environment variables of the postgres container. */
  envFrom?: EnvFromSource[];
  /** Containers that run before Postgres starts, as Kubernetes defines them. */
  initContainers?: Container[];
  /** Liveness probe of the postgres container. Left out, that of the operator's configuration is used. */
  livenessProbe?: Probe;
  /** Age at which dumps are deleted, in words of GNU date such as 3 week. */
  logicalBackupRetention?: string;
  /** When dumps are made, as five cron fields of numbers, * and steps. */
  logicalBackupSchedule?: string;
  /** When major version upgrades may start and a primary may be moved. They replace the windows of the operator's configuration. */
  maintenanceWindows?: string[];
  /** Node port of the primary Service. Left out or 0, Kubernetes chooses. */
  masterNodePort?: number;
  /** Node port of the Service of the primary's pooler. Left out or 0, Kubernetes chooses. */
  masterPoolerNodePort?: number;
  /** Annotations on the primary Service and on that of its pooler. */
  masterServiceAnnotations?: {
    [key: string]: string;
  };
  /** Nodes on which the pods may or should run. */
  nodeAffinity?: NodeAffinity;
  /** Number of Postgres pods, the primary included. 0 stops the cluster and keeps its volumes. */
  numberOfInstances: number;
  /** Settings of Patroni, which keeps the members of the cluster in order. */
  patroni?: Patroni;
  /** Annotations on the Postgres pods. */
  podAnnotations?: {
    [key: string]: string;
  };
  /** Priority class of the Postgres pods. */
  podPriorityClassName?: string;
  /** PostgreSQL itself. */
  postgresql: PostgresqlParam;
  /** Databases with schemas, extensions and a set of owner, reader and writer roles. An empty map makes one that is named after the cluster. */
  preparedDatabases?: {
    [key: string]: PreparedDatabase;
  };
  /** Node port of the replica Service. Left out or 0, Kubernetes chooses. */
  replicaNodePort?: number;
  /** Node port of the Service of the replicas' pooler. Left out or 0, Kubernetes chooses. */
  replicaPoolerNodePort?: number;
  /** Annotations on the replica Service and on that of its pooler. */
  replicaServiceAnnotations?: {
    [key: string]: string;
  };
  /** CPU and memory of the postgres container. */
  resources?: Resources;
  /** Scheduler that places the pods. */
  schedulerName?: string;
  /** Annotations on all Services of the cluster. */
  serviceAnnotations?: {
    [key: string]: string;
  };
  /** Further containers in the Postgres pods. They get the data volume and the credentials of the superuser. */
  sidecars?: Sidecar[];
  /** Group that owns the volumes. 103 is the group of postgres in Spilo. */
  spiloFSGroup?: number;
  /** Group under which the postgres container runs. */
  spiloRunAsGroup?: number;
  /** User under which the postgres container runs. 101 is postgres in Spilo. */
  spiloRunAsUser?: number;
  /** Makes the cluster follow another one that is managed elsewhere. Removing the section promotes it. */
  standby?: StandbyDescription;
  /** Tables whose changes are published as events, through FabricEventStream objects. */
  streams?: Stream[];
  /** Team that owns the cluster. Its members get roles, where the operator's configuration says so. */
  teamId: string;
  /** Own certificates for the database and its poolers. */
  tls?: TlsDescription;
  /** Node taints that the pods tolerate. Left out, those of the operator's configuration. */
  tolerations?: Toleration[];
  /** How the pods spread over zones or nodes. The operator fills in the labels of the cluster. */
  topologySpreadConstraints?: TopologySpreadConstraint[];
  /** Roles to create, with their attributes. A name written as namespace.user has its Secret in that namespace, where the operator's configuration allows it. */
  users?: {
    [key: string]: UserFlags;
  };
  /** Roles whose passwords are never rotated. */
  usersIgnoringSecretRotation?: string[] | null;
  /** Roles whose passwords are rotated without a new user name. */
  usersWithInPlaceSecretRotation?: string[] | null;
  /** Roles whose passwords are rotated, whatever the operator's configuration says. */
  usersWithSecretRotation?: string[] | null;
  /** The data volume of each pod. */
  volume: PostgresqlVolume;
}

export interface PostgresqlStatus {
  /** The state in one word, one of Creating, Updating, Running, CreateFailed, UpdateFailed, SyncFailed and Invalid. Empty when the operator has not seen the cluster yet. */
  PostgresClusterStatus: string;
  /** The state in detail, for tools such as kubectl wait. */
  conditions?: Condition[];
  /** Label selector of the Postgres pods. */
  labelSelector?: string;
  /** The Postgres pods as Patroni sees them. */
  members?: PostgresqlMember[];
  /** Number of Postgres pods that exist. */
  numberOfInstances?: number;
  /** Generation of the manifest that the operator has worked on. */
  observedGeneration?: number;
  /** Name of the pod that is the primary. */
  primary?: string;
  /** Number of Postgres pods that are ready. */
  readyInstances?: number;
}

export interface PostgresqlVolume {
  /** Operations a second of the volume, where the operator manages EBS volumes. */
  iops?: number;
  /** Whether subPath is expanded with the environment of the container. */
  isSubPathExpr?: boolean;
  /** Labels of the persistent volumes that may be bound. */
  selector?: LabelSelector;
  /** Size of the volume. It can grow later, and never shrinks. */
  size: string;
  /** Storage class. Left out, the default one of the Kubernetes cluster. */
  storageClass?: string;
  /** Part of the volume that holds the data. */
  subPath?: string;
  /** Throughput of the volume in MiB a second, where the operator manages EBS volumes. */
  throughput?: number;
  /** Type of the volume, for instance gp3, where the operator manages EBS volumes. */
  type?: string;
}

export interface PreparedDatabase {
  /** Whether each of the roles gets a user that can log in. */
  defaultUsers?: boolean;
  /** Extensions to create, with the schema of each. */
  extensions?: {
    [key: string]: string;
  };
  /** Schemas to create. Left out, there is one that is called data. */
  schemas?: {
    [key: string]: PreparedSchema;
  };
  /** Namespace for the Secrets of the users, where the operator's configuration allows another one. */
  secretNamespace?: string;
}

export interface PreparedSchema {
  /** Whether the schema has owner, reader and writer roles of its own. True when left out. */
  defaultRoles?: boolean;
  /** Whether each of those roles gets a user that can log in. */
  defaultUsers?: boolean;
}

export interface ResourceDescription {
  /** CPU cores, or thousandths of a core with m behind the number. */
  cpu?: string;
  /** Memory in huge pages of 1 GiB. */
  "hugepages-1Gi"?: string;
  /** Memory in huge pages of 2 MiB. */
  "hugepages-2Mi"?: string;
  /** Memory in bytes, with a unit such as Mi or Gi. */
  memory?: string;
}

export interface Resources {
  /** What the container may use at most. */
  limits?: ResourceDescription;
  /** What is reserved for the container. */
  requests?: ResourceDescription;
}

export interface ScalyrConfiguration {
  /** API key of Scalyr. */
  scalyr_api_key?: string;
  /** CPU limit of the sidecar. */
  scalyr_cpu_limit?: string;
  /** CPU request of the sidecar. */
  scalyr_cpu_request?: string;
  /** Container image of the sidecar. */
  scalyr_image?: string;
  /** Memory limit of the sidecar. */
  scalyr_memory_limit?: string;
  /** Memory request of the sidecar. */
  scalyr_memory_request?: string;
  /** Address to which logs are sent. */
  scalyr_server_url?: string;
}

export interface Sidecar {
  /** Command to run instead of that of the image. */
  command?: string[];
  /** Environment variables. */
  env?: EnvVar[];
  /** Container image. */
  image?: string;
  /** Name of the container. */
  name?: string;
  /** Ports that the container listens on. */
  ports?: ContainerPort[];
  /** CPU and memory of the sidecar. */
  resources?: Resources;
}

export interface StandbyDescription {
  /** Path of the followed cluster's WAL archive in Google Cloud Storage. */
  gs_wal_path?: string;
  /** Path of the followed cluster's WAL archive in S3. */
  s3_wal_path?: string;
  /** Host of the primary to follow. */
  standby_host?: string;
  /** Port of the primary to follow. */
  standby_port?: string;
  /** Replication slot on the primary to follow. */
  standby_primary_slot_name?: string;
}

export interface Stream {
  /** Application that owns the event types. Entries with the same one share an object. */
  applicationId: string;
  /** Largest number of events sent together. */
  batchSize?: number;
  /** CPU for the application that streams. */
  cpu?: string;
  /** Database that is read. */
  database: string;
  /** Whether events that cannot be delivered go to a dead letter queue. */
  enableRecovery?: boolean;
  /** Expressions that choose rows, by table. */
  filter?: {
    [key: string]: string;
  };
  /** Memory for the application that streams. */
  memory?: string;
  /** Tables to read, as schema.table; public when there is no schema. */
  tables: {
    [key: string]: StreamTable;
  };
}

export interface StreamTable {
  /** Type of the events. */
  eventType: string;
  /** Column that identifies an event. Events with equal values keep their order. */
  idColumn?: string;
  /** Whether events that cannot be delivered are left out. */
  ignoreRecovery?: boolean;
  /** Column that holds the payload. */
  payloadColumn?: string;
  /** Event type of the dead letter queue. Left out, the type with -dead-letter-queue behind it. */
  recoveryEventType?: string;
}

export interface TeamsApiConfiguration {
  /** Whether roles of manifests may be granted by members of team_admin_role. */
  enable_admin_role_for_users?: boolean;
  /** Whether PostgresTeam objects are read for further members and teams. */
  enable_postgres_team_crd?: boolean;
  /** Whether PostgresTeam objects may name superuser teams. */
  enable_postgres_team_crd_superusers?: boolean;
  /** Whether the role of someone who left a team is renamed and loses its login. */
  enable_team_member_deprecation?: boolean;
  /** Whether team members are superusers in clusters of their team. */
  enable_team_superuser?: boolean;
  /** Whether the teams service is asked for the members of teams. */
  enable_teams_api?: boolean;
  /** Settings of PAM authentication for people's roles. */
  pam_configuration?: string;
  /** Role of which all people's roles are members. pg_hba rules for PAM refer to it. */
  pam_role_name?: string;
  /** Teams whose members are superusers in all clusters. */
  postgres_superuser_teams?: string[];
  /** Names that manifests and teams cannot use. */
  protected_role_names?: string[];
  /** Suffix of the roles of people who left a team. */
  role_deletion_suffix?: string;
  /** Role that team members get instead of superuser rights. */
  team_admin_role?: string;
  /** PostgreSQL settings for people's roles. */
  team_api_role_configuration?: {
    [key: string]: string;
  };
  /** Address of the teams service. */
  teams_api_url?: string;
}

export interface TimeoutsConfiguration {
  /** Time between two calls of the Patroni API while waiting for it. */
  patroni_api_check_interval?: string;
  /** How long to wait for the Patroni API. */
  patroni_api_check_timeout?: string;
  /** How long a deleted pod may take to be gone. */
  pod_deletion_wait_timeout?: string;
  /** How long a new pod may take to get its role label. */
  pod_label_wait_timeout?: string;
  /** Accepted and not used. CRD_READY_WAIT_INTERVAL in the environment of the operator counts. */
  ready_wait_interval?: string;
  /** Accepted and not used. CRD_READY_WAIT_TIMEOUT in the environment of the operator counts. */
  ready_wait_timeout?: string;
  /** Time between two looks at an object while waiting for it. */
  resource_check_interval?: string;
  /** How long an object may take to become as wanted. */
  resource_check_timeout?: string;
}

export interface TlsDescription {
  /** Name of the file with the certificate authority. */
  caFile?: string;
  /** Secret that holds caFile, when it is not in secretName. */
  caSecretName?: string;
  /** Name of the certificate file. tls.crt when left out. */
  certificateFile?: string;
  /** Name of the key file. tls.key when left out. */
  privateKeyFile?: string;
  /** Secret with certificate and key. */
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
  /** Roles that become members of all database owners. */
  additional_owner_roles?: string[];
  /** Whether passwords of the roles of manifests are rotated in all clusters. */
  enable_password_rotation?: boolean;
  /** Days between two rotations of a password. */
  password_rotation_interval?: number;
  /** Days for which users of earlier rotations are kept, at least two intervals. */
  password_rotation_user_retention?: number;
  /** Role that replicas use to connect to the primary. */
  replication_username?: string;
  /** The superuser as which the operator connects. */
  super_username?: string;
}
