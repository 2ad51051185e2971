// Generated from crds/operatorconfiguration.yaml by `deno task codegen`. Do not edit.

/** How the text of a parameter is read. `objects` is a list of objects. */
export type ConfigKeyType =
  | "bool"
  | "int"
  | "string"
  | "duration"
  | "list"
  | "map"
  | "object"
  | "objects";

/** One parameter of the operator. */
export interface ConfigKey {
  /** Key in the ConfigMap and name in OperatorConfiguration. */
  readonly name: ConfigKeyName;
  /** Group in OperatorConfiguration; empty for the top level. */
  readonly group: string;
  /** Place in an OperatorConfiguration object; empty for a parameter that only a ConfigMap has. */
  readonly path: readonly string[];
  readonly type: ConfigKeyType;
  /** Where the parameter can be set. */
  readonly source: "both" | "configmap" | "crd";
  /** Whether the value must never be shown. */
  readonly sensitive: boolean;
  /** Default that the API server fills in where the group exists. */
  readonly default?:
    | boolean
    | number
    | string
    | readonly string[]
    | Readonly<Record<string, string>>;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description: string;
}

/** All parameters, by group and name. */
export const CONFIG_KEYS: readonly ConfigKey[] = [
  {
    "name": "crd_categories",
    "group": "",
    "path": ["configuration", "crd_categories"],
    "type": "list",
    "source": "both",
    "sensitive": false,
    "description":
      "Resource categories written to the CRDs that the operator registers, for instance to list clusters with kubectl get all. Empty means the category all.",
  },
  {
    "name": "docker_image",
    "group": "",
    "path": ["configuration", "docker_image"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "ghcr.io/zalando/spilo-18:4.1-p2",
    "description":
      "Container image of the Postgres pods (Spilo) for clusters that name none in their manifest.",
  },
  {
    "name": "enable_crd_registration",
    "group": "",
    "path": ["configuration", "enable_crd_registration"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description":
      "Whether the operator creates and updates the CRD of postgresql at start. Switch it off where CRDs are installed by other means.",
  },
  {
    "name": "enable_lazy_spilo_upgrade",
    "group": "",
    "path": ["configuration", "enable_lazy_spilo_upgrade"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether a changed image is written to the StatefulSet only. Running pods keep the old image until they are restarted for another reason.",
  },
  {
    "name": "enable_load_balancer",
    "group": "",
    "path": [],
    "type": "bool",
    "source": "configmap",
    "sensitive": false,
    "description":
      "Deprecated and without effect; its presence is logged. Use enable_master_load_balancer and enable_replica_load_balancer.",
  },
  {
    "name": "enable_maintenance_windows",
    "group": "",
    "path": ["configuration", "enable_maintenance_windows"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description":
      "Whether maintenance windows hold back major version upgrades and the moves of a primary. False ignores all windows.",
  },
  {
    "name": "enable_pgversion_env_var",
    "group": "",
    "path": ["configuration", "enable_pgversion_env_var"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description":
      "Whether pods learn the PostgreSQL version from the variable PGVERSION. False writes the path of the binaries into the Patroni configuration, as very old images need it.",
  },
  {
    "name": "enable_shm_volume",
    "group": "",
    "path": ["configuration", "enable_shm_volume"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description":
      "Whether pods get a memory-backed volume on /dev/shm, so that parallel queries are not limited to the 64 MB that container runtimes give.",
  },
  {
    "name": "enable_spilo_wal_path_compat",
    "group": "",
    "path": ["configuration", "enable_spilo_wal_path_compat"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether pods look for WAL archives under the path of old Spilo images too (ENABLE_WAL_PATH_COMPAT).",
  },
  {
    "name": "enable_team_id_clustername_prefix",
    "group": "",
    "path": ["configuration", "enable_team_id_clustername_prefix"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether the name of a cluster has to start with its team and a dash. A cluster that breaks the rule is Invalid and left alone.",
  },
  {
    "name": "etcd_host",
    "group": "",
    "path": ["configuration", "etcd_host"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "",
    "description":
      "Address of an etcd cluster in which Patroni keeps its state instead of Kubernetes objects. Empty means Kubernetes.",
  },
  {
    "name": "ignore_instance_limits_annotation_key",
    "group": "",
    "path": ["configuration", "ignore_instance_limits_annotation_key"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "Name of an annotation on a manifest. Where it has the value true, min_instances and max_instances do not apply to that cluster.",
  },
  {
    "name": "ignore_resources_limits_annotation_key",
    "group": "",
    "path": ["configuration", "ignore_resources_limits_annotation_key"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "Name of an annotation on a manifest. Where it has the value true, the minimum limits and maximum requests do not apply to that cluster.",
  },
  {
    "name": "kubernetes_use_configmaps",
    "group": "",
    "path": ["configuration", "kubernetes_use_configmaps"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description": "Whether Patroni keeps its state in ConfigMaps. False keeps it in Endpoints.",
  },
  {
    "name": "maintenance_windows",
    "group": "",
    "path": ["configuration", "maintenance_windows"],
    "type": "list",
    "source": "both",
    "sensitive": false,
    "description":
      "Maintenance windows of clusters that have none in their manifest. Without any window, work that needs one may start at any time.",
  },
  {
    "name": "max_instances",
    "group": "",
    "path": ["configuration", "max_instances"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": -1,
    "minimum": -1,
    "description": "Upper bound for the number of pods of a cluster. -1 means none.",
  },
  {
    "name": "min_instances",
    "group": "",
    "path": ["configuration", "min_instances"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": -1,
    "minimum": -1,
    "description": "Lower bound for the number of pods of a cluster. -1 means none.",
  },
  {
    "name": "repair_period",
    "group": "",
    "path": ["configuration", "repair_period"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "5m",
    "description":
      "Time between two looks at clusters whose last pass failed, as a duration such as 5m.",
  },
  {
    "name": "resync_period",
    "group": "",
    "path": ["configuration", "resync_period"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "30m",
    "description": "Time between two full checks of every cluster, as a duration such as 30m.",
  },
  {
    "name": "set_memory_request_to_limit",
    "group": "",
    "path": ["configuration", "set_memory_request_to_limit"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether a memory request below its limit is raised to the limit, for Postgres containers and sidecars, so that pods are not evicted for using what they may use.",
  },
  {
    "name": "sidecar_docker_images",
    "group": "",
    "path": ["configuration", "sidecar_docker_images"],
    "type": "map",
    "source": "both",
    "sensitive": false,
    "description":
      "Deprecated, use sidecars. Sidecar containers for every Postgres pod, as a map of container name to image.",
  },
  {
    "name": "sidecars",
    "group": "",
    "path": ["configuration", "sidecars"],
    "type": "object",
    "source": "both",
    "sensitive": false,
    "description":
      "Sidecar containers for every Postgres pod. A sidecar of the same name in a manifest takes precedence.",
  },
  {
    "name": "workers",
    "group": "",
    "path": ["configuration", "workers"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": 8,
    "minimum": 1,
    "description": "Number of clusters that are worked on at the same time.",
  },
  {
    "name": "additional_secret_mount",
    "group": "aws_or_gcp",
    "path": ["configuration", "aws_or_gcp", "additional_secret_mount"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "Name of a Secret that is mounted into all containers of Postgres and backup pods, for instance with cloud credentials.",
  },
  {
    "name": "additional_secret_mount_path",
    "group": "aws_or_gcp",
    "path": ["configuration", "aws_or_gcp", "additional_secret_mount_path"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Directory where that Secret is mounted.",
  },
  {
    "name": "aws_region",
    "group": "aws_or_gcp",
    "path": ["configuration", "aws_or_gcp", "aws_region"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "eu-central-1",
    "description": "AWS region of the EC2 calls that grow and tune EBS volumes.",
  },
  {
    "name": "gcp_credentials",
    "group": "aws_or_gcp",
    "path": ["configuration", "aws_or_gcp", "gcp_credentials"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "Path of the Google credentials file inside the pods (GOOGLE_APPLICATION_CREDENTIALS).",
  },
  {
    "name": "irsa_role_arn",
    "group": "aws_or_gcp",
    "path": ["configuration", "aws_or_gcp", "irsa_role_arn"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "AWS IAM role for the pods through the service account (EKS). It is written to the pod ServiceAccount and to the environment of clones and standby clusters.",
  },
  {
    "name": "kube_iam_role",
    "group": "aws_or_gcp",
    "path": ["configuration", "aws_or_gcp", "kube_iam_role"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "AWS IAM role put on the pods as the annotation that kube2iam reads.",
  },
  {
    "name": "log_s3_bucket",
    "group": "aws_or_gcp",
    "path": ["configuration", "aws_or_gcp", "log_s3_bucket"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "S3 bucket to which pods ship their server logs every day. Empty ships none.",
  },
  {
    "name": "wal_az_storage_account",
    "group": "aws_or_gcp",
    "path": ["configuration", "aws_or_gcp", "wal_az_storage_account"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Azure storage account of the WAL archive and base backups.",
  },
  {
    "name": "wal_gs_bucket",
    "group": "aws_or_gcp",
    "path": ["configuration", "aws_or_gcp", "wal_gs_bucket"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Google Cloud Storage bucket of the WAL archive and base backups.",
  },
  {
    "name": "wal_s3_bucket",
    "group": "aws_or_gcp",
    "path": ["configuration", "aws_or_gcp", "wal_s3_bucket"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "S3 bucket of the WAL archive and base backups.",
  },
  {
    "name": "connection_pooler_default_cpu_limit",
    "group": "connection_pooler",
    "path": ["configuration", "connection_pooler", "connection_pooler_default_cpu_limit"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+m|\\d+(\\.\\d{1,3})?)$",
    "description":
      "CPU limit of a pooler container, unless the manifest names one. Empty means no limit.",
  },
  {
    "name": "connection_pooler_default_cpu_request",
    "group": "connection_pooler",
    "path": ["configuration", "connection_pooler", "connection_pooler_default_cpu_request"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+m|\\d+(\\.\\d{1,3})?)$",
    "description": "CPU request of a pooler container, unless the manifest names one.",
  },
  {
    "name": "connection_pooler_default_memory_limit",
    "group": "connection_pooler",
    "path": ["configuration", "connection_pooler", "connection_pooler_default_memory_limit"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+(e\\d+)?|\\d+(\\.\\d+)?(e\\d+)?[EPTGMK]i?)$",
    "description":
      "Memory limit of a pooler container, unless the manifest names one. Empty means no limit.",
  },
  {
    "name": "connection_pooler_default_memory_request",
    "group": "connection_pooler",
    "path": ["configuration", "connection_pooler", "connection_pooler_default_memory_request"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+(e\\d+)?|\\d+(\\.\\d+)?(e\\d+)?[EPTGMK]i?)$",
    "description": "Memory request of a pooler container, unless the manifest names one.",
  },
  {
    "name": "connection_pooler_image",
    "group": "connection_pooler",
    "path": ["configuration", "connection_pooler", "connection_pooler_image"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "ghcr.io/zalando/postgres-operator/pgbouncer:v2.0.1",
    "description": "Container image of the pooler.",
  },
  {
    "name": "connection_pooler_max_db_connections",
    "group": "connection_pooler",
    "path": ["configuration", "connection_pooler", "connection_pooler_max_db_connections"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "description":
      "Number of connections to the database that all pooler pods of one Service may open together. 60 when left out.",
  },
  {
    "name": "connection_pooler_mode",
    "group": "connection_pooler",
    "path": ["configuration", "connection_pooler", "connection_pooler_mode"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "transaction",
    "enum": ["session", "transaction"],
    "description":
      "When a server connection goes back to the pool, after the session or after each transaction.",
  },
  {
    "name": "connection_pooler_number_of_instances",
    "group": "connection_pooler",
    "path": ["configuration", "connection_pooler", "connection_pooler_number_of_instances"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": 2,
    "minimum": 1,
    "description":
      "Pooler pods for each Service. With an OperatorConfiguration at least 2 are used.",
  },
  {
    "name": "connection_pooler_schema",
    "group": "connection_pooler",
    "path": ["configuration", "connection_pooler", "connection_pooler_schema"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "pooler",
    "description": "Schema in each database that holds the look-up function of the pooler.",
  },
  {
    "name": "connection_pooler_user",
    "group": "connection_pooler",
    "path": ["configuration", "connection_pooler", "connection_pooler_user"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "pooler",
    "description":
      "Role as which the pooler asks a database for password verifiers. It must differ from super_username.",
  },
  {
    "name": "debug_logging",
    "group": "debug",
    "path": ["configuration", "debug", "debug_logging"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description": "Whether the operator writes debug lines to its log.",
  },
  {
    "name": "enable_database_access",
    "group": "debug",
    "path": ["configuration", "debug", "enable_database_access"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description":
      "Whether the operator may connect to databases. Without it no role, database, schema, extension or publication is managed.",
  },
  {
    "name": "additional_pod_capabilities",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "additional_pod_capabilities"],
    "type": "list",
    "source": "both",
    "sensitive": false,
    "description": "Linux capabilities added to the Postgres container.",
  },
  {
    "name": "cluster_domain",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "cluster_domain"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "cluster.local",
    "description": "DNS domain of the Kubernetes cluster, used for the addresses of databases.",
  },
  {
    "name": "cluster_labels",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "cluster_labels"],
    "type": "map",
    "source": "both",
    "sensitive": false,
    "default": { "application": "spilo" },
    "description":
      "Labels on all objects of all clusters. Selectors are made of them: a change affects every object.",
  },
  {
    "name": "cluster_name_label",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "cluster_name_label"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "cluster-name",
    "description": "Name of the label that carries the name of the cluster on all its objects.",
  },
  {
    "name": "custom_pod_annotations",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "custom_pod_annotations"],
    "type": "map",
    "source": "both",
    "sensitive": false,
    "description": "Annotations on all Postgres, pooler and backup pods.",
  },
  {
    "name": "delete_annotation_date_key",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "delete_annotation_date_key"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "Name of an annotation that protects from deletion. A deleted manifest is acted upon only when it carries today's date (YYYY-MM-DD) there.",
  },
  {
    "name": "delete_annotation_name_key",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "delete_annotation_name_key"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "Name of an annotation that protects from deletion. A deleted manifest is acted upon only when it carries the name of the cluster there.",
  },
  {
    "name": "downscaler_annotations",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "downscaler_annotations"],
    "type": "list",
    "source": "both",
    "sensitive": false,
    "description":
      "Annotations of a manifest that are copied to its StatefulSet and pooler Deployments, for instance those of kube-downscaler. Each entry is a regular expression.",
  },
  {
    "name": "enable_cross_namespace_secret",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "enable_cross_namespace_secret"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether a user written as namespace.user in a manifest gets its Secret in that namespace.",
  },
  {
    "name": "enable_finalizers",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "enable_finalizers"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether manifests get a finalizer, so that a cluster is removed completely even when its manifest is deleted while the operator is down.",
  },
  {
    "name": "enable_init_containers",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "enable_init_containers"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description": "Whether init containers of a manifest are used.",
  },
  {
    "name": "enable_owner_references",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "enable_owner_references"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether the objects of a cluster name its manifest as their owner, so that Kubernetes removes them with it.",
  },
  {
    "name": "enable_persistent_volume_claim_deletion",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "enable_persistent_volume_claim_deletion"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description": "Whether the volume claims are deleted together with a cluster.",
  },
  {
    "name": "enable_pod_antiaffinity",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "enable_pod_antiaffinity"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether two pods of one cluster have to run in different places, as given by pod_antiaffinity_topology_key.",
  },
  {
    "name": "enable_pod_disruption_budget",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "enable_pod_disruption_budget"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description":
      "Whether disruption budgets protect the pods. False leaves them in place, without effect.",
  },
  {
    "name": "enable_readiness_probe",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "enable_readiness_probe"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description": "Whether Postgres pods have a readiness probe that asks Patroni.",
  },
  {
    "name": "enable_secrets_deletion",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "enable_secrets_deletion"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description": "Whether the credential Secrets are deleted together with a cluster.",
  },
  {
    "name": "enable_sidecars",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "enable_sidecars"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description": "Whether sidecars of a manifest are used.",
  },
  {
    "name": "ignored_annotations",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "ignored_annotations"],
    "type": "list",
    "source": "both",
    "sensitive": false,
    "description":
      "Annotations that other tools set on the objects of a cluster, and that are neither compared nor removed.",
  },
  {
    "name": "infrastructure_roles_secret_name",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "infrastructure_roles_secret_name"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "Secret with roles that exist in every cluster, in the older form: one Secret for all of them. A name, or namespace/name.",
  },
  {
    "name": "infrastructure_roles_secrets",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "infrastructure_roles_secrets"],
    "type": "objects",
    "source": "both",
    "sensitive": false,
    "description": "Secrets with roles that exist in every cluster.",
  },
  {
    "name": "inherited_annotations",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "inherited_annotations"],
    "type": "list",
    "source": "both",
    "sensitive": false,
    "description": "Annotations of a manifest that are copied to all objects of its cluster.",
  },
  {
    "name": "inherited_labels",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "inherited_labels"],
    "type": "list",
    "source": "both",
    "sensitive": false,
    "description": "Labels of a manifest that are copied to all objects of its cluster.",
  },
  {
    "name": "liveness_probe",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "liveness_probe"],
    "type": "object",
    "source": "crd",
    "sensitive": false,
    "description": "Liveness probe of Postgres containers whose manifest has none.",
  },
  {
    "name": "master_pod_move_timeout",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "master_pod_move_timeout"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "20m",
    "description":
      "How long to go on trying to move a primary away from a node that is being drained.",
  },
  {
    "name": "node_readiness_label",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "node_readiness_label"],
    "type": "map",
    "source": "both",
    "sensitive": false,
    "description":
      "Labels of a node that may run Postgres pods. Pods leave a node that lacks them.",
  },
  {
    "name": "node_readiness_label_merge",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "node_readiness_label_merge"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "enum": ["AND", "OR"],
    "description":
      "How these labels join the node affinity of a manifest, as a further alternative (OR) or as a further condition of each (AND). OR when left out.",
  },
  {
    "name": "oauth_token_secret_name",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "oauth_token_secret_name"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "postgres-operator",
    "description": "Secret with the token for the teams API. A name, or namespace/name.",
  },
  {
    "name": "pdb_master_label_selector",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pdb_master_label_selector"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description":
      "Whether the disruption budget covers the primary alone. False covers all pods of a cluster.",
  },
  {
    "name": "pdb_name_format",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pdb_name_format"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "postgres-{cluster}-pdb",
    "description": "Name of the disruption budget; {cluster} stands for the cluster.",
  },
  {
    "name": "persistent_volume_claim_retention_policy",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "persistent_volume_claim_retention_policy"],
    "type": "map",
    "source": "both",
    "sensitive": false,
    "description":
      "What happens to volume claims when the StatefulSet is deleted (when_deleted) or scaled down (when_scaled).",
  },
  {
    "name": "pod_antiaffinity_preferred_during_scheduling",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pod_antiaffinity_preferred_during_scheduling"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether anti-affinity is a wish. False makes it a condition, under which pods may stay Pending.",
  },
  {
    "name": "pod_antiaffinity_topology_key",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pod_antiaffinity_topology_key"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "kubernetes.io/hostname",
    "description": "Node label whose values tell places apart for anti-affinity.",
  },
  {
    "name": "pod_environment_configmap",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pod_environment_configmap"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "ConfigMap with further environment variables for Postgres pods. A name, or namespace/name.",
  },
  {
    "name": "pod_environment_secret",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pod_environment_secret"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "Secret in the namespace of the cluster with further environment variables for Postgres pods.",
  },
  {
    "name": "pod_management_policy",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pod_management_policy"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "ordered_ready",
    "enum": ["ordered_ready", "parallel"],
    "description": "Whether pods of a cluster start one after the other or all at once.",
  },
  {
    "name": "pod_priority_class_name",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pod_priority_class_name"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Priority class of pods whose manifest names none.",
  },
  {
    "name": "pod_role_label",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pod_role_label"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "spilo-role",
    "description":
      "Name of the pod label in which Patroni keeps the role of a pod (master or replica).",
  },
  {
    "name": "pod_service_account_definition",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pod_service_account_definition"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "JSON or YAML of the ServiceAccount for Postgres pods. Left empty, a plain one is made.",
  },
  {
    "name": "pod_service_account_name",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pod_service_account_name"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "postgres-pod",
    "description":
      "Name of the ServiceAccount under which Postgres pods run. It is created where it is missing.",
  },
  {
    "name": "pod_service_account_role_binding_definition",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pod_service_account_role_binding_definition"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "JSON or YAML of the RoleBinding for that ServiceAccount. Left empty, one is made that refers to the ClusterRole of the same name.",
  },
  {
    "name": "pod_terminate_grace_period",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "pod_terminate_grace_period"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "5m",
    "description": "How long a Postgres or pooler pod has to shut down before it is killed.",
  },
  {
    "name": "secret_name_template",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "secret_name_template"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "{username}.{cluster}.credentials.{tprkind}.{tprgroup}",
    "description":
      "Name of a credential Secret. {username}, {cluster}, {tprkind} and {tprgroup} are filled in.",
  },
  {
    "name": "share_pgsocket_with_sidecars",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "share_pgsocket_with_sidecars"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether sidecars can reach the database through its Unix socket, in a shared volume.",
  },
  {
    "name": "spilo_allow_privilege_escalation",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "spilo_allow_privilege_escalation"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description":
      "Whether a process in the Postgres container may gain more privileges than its parent.",
  },
  {
    "name": "spilo_fsgroup",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "spilo_fsgroup"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "description":
      "Group that owns the volumes of Postgres pods. 103 is the group of postgres in Spilo.",
  },
  {
    "name": "spilo_privileged",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "spilo_privileged"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description": "Whether the Postgres container is privileged.",
  },
  {
    "name": "spilo_runasgroup",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "spilo_runasgroup"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "description": "Group under which the Postgres container runs.",
  },
  {
    "name": "spilo_runasuser",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "spilo_runasuser"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "description": "User under which the Postgres container runs. 101 is postgres in Spilo.",
  },
  {
    "name": "storage_resize_mode",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "storage_resize_mode"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "pvc",
    "enum": ["ebs", "mixed", "pvc", "off"],
    "description":
      "How volumes follow the manifest. pvc changes the claims; ebs calls AWS and grows the file system itself; mixed calls AWS for type, IOPS and throughput and uses claims for the size; off leaves volumes alone.",
  },
  {
    "name": "toleration",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "toleration"],
    "type": "map",
    "source": "both",
    "sensitive": false,
    "description": "Toleration of Postgres pods whose manifest has none.",
  },
  {
    "name": "watched_namespace",
    "group": "kubernetes",
    "path": ["configuration", "kubernetes", "watched_namespace"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "Namespace whose clusters are managed. Empty means the operator's own; * means all.",
  },
  {
    "name": "custom_service_annotations",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "custom_service_annotations"],
    "type": "map",
    "source": "both",
    "sensitive": false,
    "description": "Annotations on all Services of clusters.",
  },
  {
    "name": "db_hosted_zone",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "db_hosted_zone"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "DNS zone for the names of load balancers. db.example.com when left out.",
  },
  {
    "name": "enable_master_load_balancer",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "enable_master_load_balancer"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether the primary Service is a load balancer, unless the manifest says otherwise.",
  },
  {
    "name": "enable_master_node_port",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "enable_master_node_port"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether the primary Service has a node port, unless the manifest says otherwise. It outranks a load balancer.",
  },
  {
    "name": "enable_master_pooler_load_balancer",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "enable_master_pooler_load_balancer"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether the Service of the primary's pooler is a load balancer, unless the manifest says otherwise.",
  },
  {
    "name": "enable_master_pooler_node_port",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "enable_master_pooler_node_port"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether the Service of the primary's pooler has a node port, unless the manifest says otherwise.",
  },
  {
    "name": "enable_replica_load_balancer",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "enable_replica_load_balancer"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether the replica Service is a load balancer, unless the manifest says otherwise.",
  },
  {
    "name": "enable_replica_node_port",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "enable_replica_node_port"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether the replica Service has a node port, unless the manifest says otherwise. It outranks a load balancer.",
  },
  {
    "name": "enable_replica_pooler_load_balancer",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "enable_replica_pooler_load_balancer"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether the Service of the replicas' pooler is a load balancer, unless the manifest says otherwise.",
  },
  {
    "name": "enable_replica_pooler_node_port",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "enable_replica_pooler_node_port"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether the Service of the replicas' pooler has a node port, unless the manifest says otherwise.",
  },
  {
    "name": "external_traffic_policy",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "external_traffic_policy"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "Cluster",
    "enum": ["Cluster", "Local"],
    "description":
      "Whether load balancers and node ports send traffic to any node (Cluster) or only to nodes with a pod (Local).",
  },
  {
    "name": "master_dns_name_format",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "master_dns_name_format"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "{cluster}.{namespace}.{hostedzone}",
    "description":
      "DNS name of a primary's load balancer. {cluster}, {namespace}, {team} and {hostedzone} are filled in.",
  },
  {
    "name": "master_legacy_dns_name_format",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "master_legacy_dns_name_format"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "{cluster}.{team}.{hostedzone}",
    "description":
      "Second DNS name of a primary's load balancer, for clusters whose name starts with the team. {cluster}, {team} and {hostedzone} are filled in.",
  },
  {
    "name": "replica_dns_name_format",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "replica_dns_name_format"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "{cluster}-repl.{namespace}.{hostedzone}",
    "description":
      "DNS name of the replicas' load balancer. {cluster}, {namespace}, {team} and {hostedzone} are filled in.",
  },
  {
    "name": "replica_legacy_dns_name_format",
    "group": "load_balancer",
    "path": ["configuration", "load_balancer", "replica_legacy_dns_name_format"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "{cluster}-repl.{team}.{hostedzone}",
    "description":
      "Second DNS name of the replicas' load balancer, for clusters whose name starts with the team. {cluster}, {team} and {hostedzone} are filled in.",
  },
  {
    "name": "api_port",
    "group": "logging_rest_api",
    "path": ["configuration", "logging_rest_api", "api_port"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": 8080,
    "description": "Port of the HTTP interface.",
  },
  {
    "name": "cluster_history_entries",
    "group": "logging_rest_api",
    "path": ["configuration", "logging_rest_api", "cluster_history_entries"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": 1000,
    "description": "Number of changes remembered for each cluster.",
  },
  {
    "name": "ring_log_lines",
    "group": "logging_rest_api",
    "path": ["configuration", "logging_rest_api", "ring_log_lines"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": 100,
    "description": "Number of log lines remembered for each cluster and each worker.",
  },
  {
    "name": "logical_backup_azure_storage_account_key",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_azure_storage_account_key"],
    "type": "string",
    "source": "both",
    "sensitive": true,
    "description":
      "Key of the Azure storage account. A Secret named by logical_backup_cronjob_environment_secret is the better place.",
  },
  {
    "name": "logical_backup_azure_storage_account_name",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_azure_storage_account_name"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Azure storage account that receives dumps.",
  },
  {
    "name": "logical_backup_azure_storage_container",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_azure_storage_container"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Azure storage container that receives dumps.",
  },
  {
    "name": "logical_backup_cpu_limit",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_cpu_limit"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+m|\\d+(\\.\\d{1,3})?)$",
    "description": "CPU limit of a backup job. Empty means that of Postgres containers.",
  },
  {
    "name": "logical_backup_cpu_request",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_cpu_request"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+m|\\d+(\\.\\d{1,3})?)$",
    "description": "CPU request of a backup job. Empty means that of Postgres containers.",
  },
  {
    "name": "logical_backup_cronjob_environment_secret",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_cronjob_environment_secret"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Secret whose keys become environment variables of backup jobs.",
  },
  {
    "name": "logical_backup_docker_image",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_docker_image"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "ghcr.io/zalando/postgres-operator/logical-backup:v2.0.1",
    "description": "Container image of backup jobs.",
  },
  {
    "name": "logical_backup_failed_jobs_history_limit",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_failed_jobs_history_limit"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": 3,
    "minimum": 0,
    "description": "Number of failed jobs that are kept.",
  },
  {
    "name": "logical_backup_google_application_credentials",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_google_application_credentials"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Path of the Google credentials file inside backup jobs.",
  },
  {
    "name": "logical_backup_job_prefix",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_job_prefix"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "logical-backup-",
    "description": "Start of the CronJob's name; the name of the cluster follows.",
  },
  {
    "name": "logical_backup_memory_limit",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_memory_limit"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+(e\\d+)?|\\d+(\\.\\d+)?(e\\d+)?[EPTGMK]i?)$",
    "description": "Memory limit of a backup job. Empty means that of Postgres containers.",
  },
  {
    "name": "logical_backup_memory_request",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_memory_request"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+(e\\d+)?|\\d+(\\.\\d+)?(e\\d+)?[EPTGMK]i?)$",
    "description": "Memory request of a backup job. Empty means that of Postgres containers.",
  },
  {
    "name": "logical_backup_provider",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_provider"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "s3",
    "enum": ["az", "gcs", "s3"],
    "description": "Where dumps go, to S3, Google Cloud Storage or Azure.",
  },
  {
    "name": "logical_backup_s3_access_key_id",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_s3_access_key_id"],
    "type": "string",
    "source": "both",
    "sensitive": true,
    "description": "Access key for S3. Empty relies on the IAM role.",
  },
  {
    "name": "logical_backup_s3_bucket",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_s3_bucket"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Bucket that receives dumps, for S3 and Google Cloud Storage.",
  },
  {
    "name": "logical_backup_s3_bucket_prefix",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_s3_bucket_prefix"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Path in the bucket. spilo when left out.",
  },
  {
    "name": "logical_backup_s3_endpoint",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_s3_endpoint"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Address of an S3-compatible service. Empty means AWS.",
  },
  {
    "name": "logical_backup_s3_region",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_s3_region"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Region of the bucket.",
  },
  {
    "name": "logical_backup_s3_retention_time",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_s3_retention_time"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description":
      "Age at which dumps in S3 are deleted, in words of GNU date such as 3 week. The newest dump always stays. Empty keeps all.",
  },
  {
    "name": "logical_backup_s3_secret_access_key",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_s3_secret_access_key"],
    "type": "string",
    "source": "both",
    "sensitive": true,
    "description":
      "Secret key for S3. A Secret named by logical_backup_cronjob_environment_secret is the better place.",
  },
  {
    "name": "logical_backup_s3_sse",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_s3_sse"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Server-side encryption of dumps in S3, for instance AES256.",
  },
  {
    "name": "logical_backup_schedule",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_schedule"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "30 00 * * *",
    "pattern": "^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$",
    "description": "When dumps are made, as five cron fields of numbers, * and steps.",
  },
  {
    "name": "logical_backup_successful_jobs_history_limit",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_successful_jobs_history_limit"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": 3,
    "minimum": 0,
    "description": "Number of successful jobs that are kept.",
  },
  {
    "name": "logical_backup_ttl_seconds_after_finished",
    "group": "logical_backup",
    "path": ["configuration", "logical_backup", "logical_backup_ttl_seconds_after_finished"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": 86400,
    "minimum": 0,
    "description": "Seconds after which a finished job is removed.",
  },
  {
    "name": "major_version_upgrade_mode",
    "group": "major_version_upgrade",
    "path": ["configuration", "major_version_upgrade", "major_version_upgrade_mode"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "manual",
    "enum": ["off", "manual", "full"],
    "description":
      "Which clusters are upgraded in place. off means those of allowed teams only, manual those whose manifest asks for a newer version, full also those below minimal_major_version.",
  },
  {
    "name": "major_version_upgrade_team_allow_list",
    "group": "major_version_upgrade",
    "path": ["configuration", "major_version_upgrade", "major_version_upgrade_team_allow_list"],
    "type": "list",
    "source": "both",
    "sensitive": false,
    "description": "Teams whose clusters may be upgraded while the mode is off.",
  },
  {
    "name": "minimal_major_version",
    "group": "major_version_upgrade",
    "path": ["configuration", "major_version_upgrade", "minimal_major_version"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "14",
    "description": "Oldest major version that mode full tolerates.",
  },
  {
    "name": "target_major_version",
    "group": "major_version_upgrade",
    "path": ["configuration", "major_version_upgrade", "target_major_version"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "18",
    "description": "Major version to which mode full upgrades.",
  },
  {
    "name": "enable_patroni_failsafe_mode",
    "group": "patroni",
    "path": ["configuration", "patroni", "enable_patroni_failsafe_mode"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description":
      "Whether a primary stays up while Patroni cannot reach its state, as long as all members can be reached.",
  },
  {
    "name": "default_cpu_limit",
    "group": "postgres_pod_resources",
    "path": ["configuration", "postgres_pod_resources", "default_cpu_limit"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+m|\\d+(\\.\\d{1,3})?)$",
    "description":
      "CPU limit of a Postgres container whose manifest names none. Empty means no limit.",
  },
  {
    "name": "default_cpu_request",
    "group": "postgres_pod_resources",
    "path": ["configuration", "postgres_pod_resources", "default_cpu_request"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+m|\\d+(\\.\\d{1,3})?)$",
    "description": "CPU request of a Postgres container whose manifest names none.",
  },
  {
    "name": "default_memory_limit",
    "group": "postgres_pod_resources",
    "path": ["configuration", "postgres_pod_resources", "default_memory_limit"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+(e\\d+)?|\\d+(\\.\\d+)?(e\\d+)?[EPTGMK]i?)$",
    "description":
      "Memory limit of a Postgres container whose manifest names none. Empty means no limit.",
  },
  {
    "name": "default_memory_request",
    "group": "postgres_pod_resources",
    "path": ["configuration", "postgres_pod_resources", "default_memory_request"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+(e\\d+)?|\\d+(\\.\\d+)?(e\\d+)?[EPTGMK]i?)$",
    "description": "Memory request of a Postgres container whose manifest names none.",
  },
  {
    "name": "max_cpu_request",
    "group": "postgres_pod_resources",
    "path": ["configuration", "postgres_pod_resources", "max_cpu_request"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+m|\\d+(\\.\\d{1,3})?)$",
    "description": "Upper bound of CPU requests. Empty means none.",
  },
  {
    "name": "max_memory_request",
    "group": "postgres_pod_resources",
    "path": ["configuration", "postgres_pod_resources", "max_memory_request"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+(e\\d+)?|\\d+(\\.\\d+)?(e\\d+)?[EPTGMK]i?)$",
    "description": "Upper bound of memory requests. Empty means none.",
  },
  {
    "name": "min_cpu_limit",
    "group": "postgres_pod_resources",
    "path": ["configuration", "postgres_pod_resources", "min_cpu_limit"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+m|\\d+(\\.\\d{1,3})?)$",
    "description": "Lower bound of CPU limits. Lower ones are raised to it. Empty means none.",
  },
  {
    "name": "min_memory_limit",
    "group": "postgres_pod_resources",
    "path": ["configuration", "postgres_pod_resources", "min_memory_limit"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "pattern": "^(\\d+(e\\d+)?|\\d+(\\.\\d+)?(e\\d+)?[EPTGMK]i?)$",
    "description": "Lower bound of memory limits. Lower ones are raised to it. Empty means none.",
  },
  {
    "name": "scalyr_api_key",
    "group": "scalyr",
    "path": ["configuration", "scalyr", "scalyr_api_key"],
    "type": "string",
    "source": "both",
    "sensitive": true,
    "description": "API key of Scalyr.",
  },
  {
    "name": "scalyr_cpu_limit",
    "group": "scalyr",
    "path": ["configuration", "scalyr", "scalyr_cpu_limit"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "1",
    "pattern": "^(\\d+m|\\d+(\\.\\d{1,3})?)$",
    "description": "CPU limit of the sidecar.",
  },
  {
    "name": "scalyr_cpu_request",
    "group": "scalyr",
    "path": ["configuration", "scalyr", "scalyr_cpu_request"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "100m",
    "pattern": "^(\\d+m|\\d+(\\.\\d{1,3})?)$",
    "description": "CPU request of the sidecar.",
  },
  {
    "name": "scalyr_image",
    "group": "scalyr",
    "path": ["configuration", "scalyr", "scalyr_image"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "description": "Container image of the sidecar.",
  },
  {
    "name": "scalyr_memory_limit",
    "group": "scalyr",
    "path": ["configuration", "scalyr", "scalyr_memory_limit"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "500Mi",
    "pattern": "^(\\d+(e\\d+)?|\\d+(\\.\\d+)?(e\\d+)?[EPTGMK]i?)$",
    "description": "Memory limit of the sidecar.",
  },
  {
    "name": "scalyr_memory_request",
    "group": "scalyr",
    "path": ["configuration", "scalyr", "scalyr_memory_request"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "50Mi",
    "pattern": "^(\\d+(e\\d+)?|\\d+(\\.\\d+)?(e\\d+)?[EPTGMK]i?)$",
    "description": "Memory request of the sidecar.",
  },
  {
    "name": "scalyr_server_url",
    "group": "scalyr",
    "path": ["configuration", "scalyr", "scalyr_server_url"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "https://upload.eu.scalyr.com",
    "description": "Address to which logs are sent.",
  },
  {
    "name": "enable_admin_role_for_users",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "enable_admin_role_for_users"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description": "Whether roles of manifests may be granted by members of team_admin_role.",
  },
  {
    "name": "enable_postgres_team_crd",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "enable_postgres_team_crd"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "default": true,
    "description": "Whether PostgresTeam objects are read for further members and teams.",
  },
  {
    "name": "enable_postgres_team_crd_superusers",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "enable_postgres_team_crd_superusers"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description": "Whether PostgresTeam objects may name superuser teams.",
  },
  {
    "name": "enable_team_member_deprecation",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "enable_team_member_deprecation"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description": "Whether the role of someone who left a team is renamed and loses its login.",
  },
  {
    "name": "enable_team_superuser",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "enable_team_superuser"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description": "Whether team members are superusers in clusters of their team.",
  },
  {
    "name": "enable_teams_api",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "enable_teams_api"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description": "Whether the teams service is asked for the members of teams.",
  },
  {
    "name": "pam_configuration",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "pam_configuration"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "https://info.example.com/oauth2/tokeninfo?access_token= uid realm=/employees",
    "description": "Settings of PAM authentication for people's roles.",
  },
  {
    "name": "pam_role_name",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "pam_role_name"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "zalandos",
    "description":
      "Role of which all people's roles are members. pg_hba rules for PAM refer to it.",
  },
  {
    "name": "postgres_superuser_teams",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "postgres_superuser_teams"],
    "type": "list",
    "source": "both",
    "sensitive": false,
    "description": "Teams whose members are superusers in all clusters.",
  },
  {
    "name": "protected_role_names",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "protected_role_names"],
    "type": "list",
    "source": "both",
    "sensitive": false,
    "default": ["admin", "cron_admin"],
    "description": "Names that manifests and teams cannot use.",
  },
  {
    "name": "role_deletion_suffix",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "role_deletion_suffix"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "_deleted",
    "description": "Suffix of the roles of people who left a team.",
  },
  {
    "name": "team_admin_role",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "team_admin_role"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "admin",
    "description": "Role that team members get instead of superuser rights.",
  },
  {
    "name": "team_api_role_configuration",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "team_api_role_configuration"],
    "type": "map",
    "source": "both",
    "sensitive": false,
    "default": { "log_statement": "all" },
    "description": "PostgreSQL settings for people's roles.",
  },
  {
    "name": "teams_api_url",
    "group": "teams_api",
    "path": ["configuration", "teams_api", "teams_api_url"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "https://teams.example.com/api/",
    "description": "Address of the teams service.",
  },
  {
    "name": "patroni_api_check_interval",
    "group": "timeouts",
    "path": ["configuration", "timeouts", "patroni_api_check_interval"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "1s",
    "description": "Time between two calls of the Patroni API while waiting for it.",
  },
  {
    "name": "patroni_api_check_timeout",
    "group": "timeouts",
    "path": ["configuration", "timeouts", "patroni_api_check_timeout"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "5s",
    "description": "How long to wait for the Patroni API.",
  },
  {
    "name": "pod_deletion_wait_timeout",
    "group": "timeouts",
    "path": ["configuration", "timeouts", "pod_deletion_wait_timeout"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "10m",
    "description": "How long a deleted pod may take to be gone.",
  },
  {
    "name": "pod_label_wait_timeout",
    "group": "timeouts",
    "path": ["configuration", "timeouts", "pod_label_wait_timeout"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "10m",
    "description": "How long a new pod may take to get its role label.",
  },
  {
    "name": "ready_wait_interval",
    "group": "timeouts",
    "path": ["configuration", "timeouts", "ready_wait_interval"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "4s",
    "description":
      "Accepted and not used. CRD_READY_WAIT_INTERVAL in the environment of the operator counts.",
  },
  {
    "name": "ready_wait_timeout",
    "group": "timeouts",
    "path": ["configuration", "timeouts", "ready_wait_timeout"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "30s",
    "description":
      "Accepted and not used. CRD_READY_WAIT_TIMEOUT in the environment of the operator counts.",
  },
  {
    "name": "resource_check_interval",
    "group": "timeouts",
    "path": ["configuration", "timeouts", "resource_check_interval"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "3s",
    "description": "Time between two looks at an object while waiting for it.",
  },
  {
    "name": "resource_check_timeout",
    "group": "timeouts",
    "path": ["configuration", "timeouts", "resource_check_timeout"],
    "type": "duration",
    "source": "both",
    "sensitive": false,
    "default": "10m",
    "description": "How long an object may take to become as wanted.",
  },
  {
    "name": "additional_owner_roles",
    "group": "users",
    "path": ["configuration", "users", "additional_owner_roles"],
    "type": "list",
    "source": "both",
    "sensitive": false,
    "description": "Roles that become members of all database owners.",
  },
  {
    "name": "enable_password_rotation",
    "group": "users",
    "path": ["configuration", "users", "enable_password_rotation"],
    "type": "bool",
    "source": "both",
    "sensitive": false,
    "description": "Whether passwords of the roles of manifests are rotated in all clusters.",
  },
  {
    "name": "password_rotation_interval",
    "group": "users",
    "path": ["configuration", "users", "password_rotation_interval"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": 90,
    "description": "Days between two rotations of a password.",
  },
  {
    "name": "password_rotation_user_retention",
    "group": "users",
    "path": ["configuration", "users", "password_rotation_user_retention"],
    "type": "int",
    "source": "both",
    "sensitive": false,
    "default": 120,
    "description": "Days for which users of earlier rotations are kept, at least two intervals.",
  },
  {
    "name": "replication_username",
    "group": "users",
    "path": ["configuration", "users", "replication_username"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "standby",
    "description": "Role that replicas use to connect to the primary.",
  },
  {
    "name": "super_username",
    "group": "users",
    "path": ["configuration", "users", "super_username"],
    "type": "string",
    "source": "both",
    "sensitive": false,
    "default": "postgres",
    "description": "The superuser as which the operator connects.",
  },
];

/** The names of all parameters. */
export type ConfigKeyName =
  | "additional_owner_roles"
  | "additional_pod_capabilities"
  | "additional_secret_mount"
  | "additional_secret_mount_path"
  | "api_port"
  | "aws_region"
  | "cluster_domain"
  | "cluster_history_entries"
  | "cluster_labels"
  | "cluster_name_label"
  | "connection_pooler_default_cpu_limit"
  | "connection_pooler_default_cpu_request"
  | "connection_pooler_default_memory_limit"
  | "connection_pooler_default_memory_request"
  | "connection_pooler_image"
  | "connection_pooler_max_db_connections"
  | "connection_pooler_mode"
  | "connection_pooler_number_of_instances"
  | "connection_pooler_schema"
  | "connection_pooler_user"
  | "crd_categories"
  | "custom_pod_annotations"
  | "custom_service_annotations"
  | "db_hosted_zone"
  | "debug_logging"
  | "default_cpu_limit"
  | "default_cpu_request"
  | "default_memory_limit"
  | "default_memory_request"
  | "delete_annotation_date_key"
  | "delete_annotation_name_key"
  | "docker_image"
  | "downscaler_annotations"
  | "enable_admin_role_for_users"
  | "enable_crd_registration"
  | "enable_cross_namespace_secret"
  | "enable_database_access"
  | "enable_finalizers"
  | "enable_init_containers"
  | "enable_lazy_spilo_upgrade"
  | "enable_load_balancer"
  | "enable_maintenance_windows"
  | "enable_master_load_balancer"
  | "enable_master_node_port"
  | "enable_master_pooler_load_balancer"
  | "enable_master_pooler_node_port"
  | "enable_owner_references"
  | "enable_password_rotation"
  | "enable_patroni_failsafe_mode"
  | "enable_persistent_volume_claim_deletion"
  | "enable_pgversion_env_var"
  | "enable_pod_antiaffinity"
  | "enable_pod_disruption_budget"
  | "enable_postgres_team_crd"
  | "enable_postgres_team_crd_superusers"
  | "enable_readiness_probe"
  | "enable_replica_load_balancer"
  | "enable_replica_node_port"
  | "enable_replica_pooler_load_balancer"
  | "enable_replica_pooler_node_port"
  | "enable_secrets_deletion"
  | "enable_shm_volume"
  | "enable_sidecars"
  | "enable_spilo_wal_path_compat"
  | "enable_team_id_clustername_prefix"
  | "enable_team_member_deprecation"
  | "enable_team_superuser"
  | "enable_teams_api"
  | "etcd_host"
  | "external_traffic_policy"
  | "gcp_credentials"
  | "ignore_instance_limits_annotation_key"
  | "ignore_resources_limits_annotation_key"
  | "ignored_annotations"
  | "infrastructure_roles_secret_name"
  | "infrastructure_roles_secrets"
  | "inherited_annotations"
  | "inherited_labels"
  | "irsa_role_arn"
  | "kube_iam_role"
  | "kubernetes_use_configmaps"
  | "liveness_probe"
  | "log_s3_bucket"
  | "logical_backup_azure_storage_account_key"
  | "logical_backup_azure_storage_account_name"
  | "logical_backup_azure_storage_container"
  | "logical_backup_cpu_limit"
  | "logical_backup_cpu_request"
  | "logical_backup_cronjob_environment_secret"
  | "logical_backup_docker_image"
  | "logical_backup_failed_jobs_history_limit"
  | "logical_backup_google_application_credentials"
  | "logical_backup_job_prefix"
  | "logical_backup_memory_limit"
  | "logical_backup_memory_request"
  | "logical_backup_provider"
  | "logical_backup_s3_access_key_id"
  | "logical_backup_s3_bucket"
  | "logical_backup_s3_bucket_prefix"
  | "logical_backup_s3_endpoint"
  | "logical_backup_s3_region"
  | "logical_backup_s3_retention_time"
  | "logical_backup_s3_secret_access_key"
  | "logical_backup_s3_sse"
  | "logical_backup_schedule"
  | "logical_backup_successful_jobs_history_limit"
  | "logical_backup_ttl_seconds_after_finished"
  | "maintenance_windows"
  | "major_version_upgrade_mode"
  | "major_version_upgrade_team_allow_list"
  | "master_dns_name_format"
  | "master_legacy_dns_name_format"
  | "master_pod_move_timeout"
  | "max_cpu_request"
  | "max_instances"
  | "max_memory_request"
  | "min_cpu_limit"
  | "min_instances"
  | "min_memory_limit"
  | "minimal_major_version"
  | "node_readiness_label"
  | "node_readiness_label_merge"
  | "oauth_token_secret_name"
  | "pam_configuration"
  | "pam_role_name"
  | "password_rotation_interval"
  | "password_rotation_user_retention"
  | "patroni_api_check_interval"
  | "patroni_api_check_timeout"
  | "pdb_master_label_selector"
  | "pdb_name_format"
  | "persistent_volume_claim_retention_policy"
  | "pod_antiaffinity_preferred_during_scheduling"
  | "pod_antiaffinity_topology_key"
  | "pod_deletion_wait_timeout"
  | "pod_environment_configmap"
  | "pod_environment_secret"
  | "pod_label_wait_timeout"
  | "pod_management_policy"
  | "pod_priority_class_name"
  | "pod_role_label"
  | "pod_service_account_definition"
  | "pod_service_account_name"
  | "pod_service_account_role_binding_definition"
  | "pod_terminate_grace_period"
  | "postgres_superuser_teams"
  | "protected_role_names"
  | "ready_wait_interval"
  | "ready_wait_timeout"
  | "repair_period"
  | "replica_dns_name_format"
  | "replica_legacy_dns_name_format"
  | "replication_username"
  | "resource_check_interval"
  | "resource_check_timeout"
  | "resync_period"
  | "ring_log_lines"
  | "role_deletion_suffix"
  | "scalyr_api_key"
  | "scalyr_cpu_limit"
  | "scalyr_cpu_request"
  | "scalyr_image"
  | "scalyr_memory_limit"
  | "scalyr_memory_request"
  | "scalyr_server_url"
  | "secret_name_template"
  | "set_memory_request_to_limit"
  | "share_pgsocket_with_sidecars"
  | "sidecar_docker_images"
  | "sidecars"
  | "spilo_allow_privilege_escalation"
  | "spilo_fsgroup"
  | "spilo_privileged"
  | "spilo_runasgroup"
  | "spilo_runasuser"
  | "storage_resize_mode"
  | "super_username"
  | "target_major_version"
  | "team_admin_role"
  | "team_api_role_configuration"
  | "teams_api_url"
  | "toleration"
  | "wal_az_storage_account"
  | "wal_gs_bucket"
  | "wal_s3_bucket"
  | "watched_namespace"
  | "workers";
