/**
 * The operator's configuration as every other part sees it: resolved, frozen, one flat property for
 * each parameter, named after it (`docker_image` → `dockerImage`). Two sources make it: a ConfigMap
 * (`from_configmap.ts`) or an OperatorConfiguration (`from_crd.ts`).
 *
 * Durations are milliseconds (suffix `Ms`). A string that is not set is ''. A switch or number is
 * `undefined` where the reference tells "not set" from false or zero.
 *
 * Zalando: pkg/util/config/config.go, Config
 */

import type { Container, Probe } from "../kubernetes/types.gen.ts";
import type { Sensitive } from "../lib/sensitive.ts";

/** Name of an object together with its namespace, written `namespace/name`. */
export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

/** Where one infrastructure role, or a numbered series of them, is described. */
export interface InfrastructureRoleDefinition {
  readonly secretName: NamespacedName;
  /** Key of the Secret that holds the role's name; of a template, the key without its number. */
  readonly userKey: string;
  readonly passwordKey: string;
  readonly roleKey: string;
  readonly defaultUserValue: string;
  readonly defaultRoleValue: string;
  /** Key of the Secret that holds the whole role as YAML. */
  readonly details: string;
  /** True when the keys are followed by 1, 2, 3 and so on. */
  readonly template: boolean;
}

export interface Config {
  // general
  readonly crdCategories: readonly string[];
  readonly dockerImage: string;
  readonly enableCrdRegistration: boolean | undefined;
  readonly enableLazySpiloUpgrade: boolean;
  readonly enableMaintenanceWindows: boolean | undefined;
  readonly enablePgversionEnvVar: boolean;
  readonly enableShmVolume: boolean | undefined;
  readonly enableSpiloWalPathCompat: boolean;
  readonly enableTeamIdClusternamePrefix: boolean;
  /** Patroni keeps its state in etcd at this host; '' means in Kubernetes objects. */
  readonly etcdHost: string;
  /** Annotation of a cluster that lifts `min_instances` and `max_instances`. */
  readonly ignoreInstanceLimitsAnnotationKey: string;
  /** Annotation of a cluster that lifts the bounds on resources. */
  readonly ignoreResourcesLimitsAnnotationKey: string;
  readonly kubernetesUseConfigmaps: boolean | undefined;
  /** For clusters that name no window; text form `Mon:01:00-06:00` or `01:00-06:00`. */
  readonly maintenanceWindows: readonly string[];
  /** -1 means no bound. */
  readonly maxInstances: number;
  /** -1 means no bound. */
  readonly minInstances: number;
  readonly repairPeriodMs: number;
  readonly resyncPeriodMs: number;
  readonly setMemoryRequestToLimit: boolean;
  /** Deprecated: name → image; `sidecars` replaces it. */
  readonly sidecarDockerImages: Readonly<Record<string, string>>;
  readonly sidecars: readonly Container[];
  readonly workers: number;

  // aws_or_gcp
  /** Name of a Secret mounted into every container. */
  readonly additionalSecretMount: string;
  readonly additionalSecretMountPath: string;
  readonly awsRegion: string;
  readonly gcpCredentials: string;
  readonly irsaRoleArn: string;
  readonly kubeIamRole: string;
  readonly logS3Bucket: string;
  readonly walAzStorageAccount: string;
  readonly walGsBucket: string;
  readonly walS3Bucket: string;

  // connection_pooler
  readonly connectionPoolerDefaultCpuLimit: string;
  readonly connectionPoolerDefaultCpuRequest: string;
  readonly connectionPoolerDefaultMemoryLimit: string;
  readonly connectionPoolerDefaultMemoryRequest: string;
  readonly connectionPoolerImage: string;
  /** Of all pooler instances together. */
  readonly connectionPoolerMaxDbConnections: number;
  /** 'transaction' or 'session'. */
  readonly connectionPoolerMode: string;
  readonly connectionPoolerNumberOfInstances: number;
  readonly connectionPoolerSchema: string;
  readonly connectionPoolerUser: string;

  // debug
  readonly debugLogging: boolean;
  readonly enableDatabaseAccess: boolean;

  // kubernetes
  readonly additionalPodCapabilities: readonly string[];
  readonly clusterDomain: string;
  readonly clusterLabels: Readonly<Record<string, string>>;
  readonly clusterNameLabel: string;
  readonly customPodAnnotations: Readonly<Record<string, string>>;
  /** A cluster may be deleted only when this annotation holds today's date; '' means always. */
  readonly deleteAnnotationDateKey: string;
  /** A cluster may be deleted only when this annotation holds its name; '' means always. */
  readonly deleteAnnotationNameKey: string;
  /** Regular expressions over annotation names. */
  readonly downscalerAnnotations: readonly string[];
  readonly enableCrossNamespaceSecret: boolean;
  readonly enableFinalizers: boolean | undefined;
  readonly enableInitContainers: boolean | undefined;
  readonly enableOrphanDeletion: boolean;
  readonly enableOwnerReferences: boolean | undefined;
  readonly enablePersistentVolumeClaimDeletion: boolean | undefined;
  readonly enablePodAntiaffinity: boolean;
  readonly enablePodDisruptionBudget: boolean | undefined;
  readonly enableReadinessProbe: boolean;
  readonly enableSecretsDeletion: boolean | undefined;
  readonly enableSidecars: boolean | undefined;
  /** Names of annotations that no comparison looks at. */
  readonly ignoredAnnotations: readonly string[];
  /** Legacy Secret with `user1`, `password1`, `inrole1` and so on. */
  readonly infrastructureRolesSecretName: NamespacedName | undefined;
  readonly infrastructureRolesSecrets: readonly InfrastructureRoleDefinition[];
  readonly inheritedAnnotations: readonly string[];
  readonly inheritedLabels: readonly string[];
  /** Only the OperatorConfiguration can set it. */
  readonly livenessProbe: Probe | undefined;
  readonly masterPodMoveTimeoutMs: number;
  readonly nodeReadinessLabel: Readonly<Record<string, string>>;
  /** 'AND', 'OR', or '' for a plain replacement. */
  readonly nodeReadinessLabelMerge: string;
  readonly oauthTokenSecretName: NamespacedName | undefined;
  readonly pdbMasterLabelSelector: boolean | undefined;
  readonly pdbNameFormat: string;
  /** Keys `when_deleted` and `when_scaled`, values `retain` and `delete`. */
  readonly persistentVolumeClaimRetentionPolicy: Readonly<Record<string, string>>;
  readonly podAntiaffinityPreferredDuringScheduling: boolean;
  readonly podAntiaffinityTopologyKey: string;
  readonly podEnvironmentConfigmap: NamespacedName | undefined;
  readonly podEnvironmentSecret: string;
  /** 'ordered_ready' or 'parallel'. */
  readonly podManagementPolicy: string;
  readonly podPriorityClassName: string;
  readonly podRoleLabel: string;
  /** JSON or YAML of a ServiceAccount; '' means a plain one. */
  readonly podServiceAccountDefinition: string;
  readonly podServiceAccountName: string;
  /** JSON or YAML of a RoleBinding; '' means a plain one. */
  readonly podServiceAccountRoleBindingDefinition: string;
  readonly podTerminateGracePeriodMs: number;
  readonly rolloutBakeTimeMs: number;
  /** Clusters of a wave; 0 for no waves. */
  readonly rolloutMaxClusters: number;
  readonly rolloutMaxDegraded: number;
  readonly secretNameTemplate: string;
  readonly sharePgsocketWithSidecars: boolean | undefined;
  readonly spiloAllowPrivilegeEscalation: boolean | undefined;
  readonly spiloFsgroup: number | undefined;
  readonly spiloPrivileged: boolean;
  readonly spiloRunasgroup: number | undefined;
  readonly spiloRunasuser: number | undefined;
  /** 'ebs', 'mixed', 'pvc' or 'off'. */
  readonly storageResizeMode: string;
  /** A single toleration as its fields. */
  readonly toleration: Readonly<Record<string, string>>;
  /** '*' means all namespaces, '' the operator's own. */
  readonly watchedNamespace: string;

  // load_balancer
  readonly customServiceAnnotations: Readonly<Record<string, string>>;
  readonly dbHostedZone: string;
  readonly enableMasterLoadBalancer: boolean;
  readonly enableMasterNodePort: boolean;
  readonly enableMasterPoolerLoadBalancer: boolean;
  readonly enableMasterPoolerNodePort: boolean;
  readonly enableReplicaLoadBalancer: boolean;
  readonly enableReplicaNodePort: boolean;
  readonly enableReplicaPoolerLoadBalancer: boolean;
  readonly enableReplicaPoolerNodePort: boolean;
  readonly externalTrafficPolicy: string;
  readonly masterDnsNameFormat: string;
  readonly masterLegacyDnsNameFormat: string;
  readonly replicaDnsNameFormat: string;
  readonly replicaLegacyDnsNameFormat: string;

  // logging_rest_api
  readonly apiPort: number;
  readonly clusterHistoryEntries: number;
  readonly ringLogLines: number;

  // logical_backup
  readonly logicalBackupAzureStorageAccountKey: Sensitive;
  readonly logicalBackupAzureStorageAccountName: string;
  readonly logicalBackupAzureStorageContainer: string;
  readonly logicalBackupCpuLimit: string;
  readonly logicalBackupCpuRequest: string;
  readonly logicalBackupCronjobEnvironmentSecret: string;
  readonly logicalBackupDockerImage: string;
  readonly logicalBackupFailedJobsHistoryLimit: number;
  readonly logicalBackupGoogleApplicationCredentials: string;
  readonly logicalBackupJobPrefix: string;
  readonly logicalBackupMemoryLimit: string;
  readonly logicalBackupMemoryRequest: string;
  /** 's3', 'gcs' or 'az'. */
  readonly logicalBackupProvider: string;
  readonly logicalBackupS3AccessKeyId: Sensitive;
  readonly logicalBackupS3Bucket: string;
  readonly logicalBackupS3BucketPrefix: string;
  readonly logicalBackupS3Endpoint: string;
  readonly logicalBackupS3Region: string;
  readonly logicalBackupS3RetentionTime: string;
  readonly logicalBackupS3SecretAccessKey: Sensitive;
  readonly logicalBackupS3Sse: string;
  readonly logicalBackupSchedule: string;
  readonly logicalBackupSuccessfulJobsHistoryLimit: number;
  /** Seconds. */
  readonly logicalBackupTtlSecondsAfterFinished: number;

  // major_version_upgrade
  /** 'off', 'manual' or 'full'. */
  readonly majorVersionUpgradeMode: string;
  readonly majorVersionUpgradeTeamAllowList: readonly string[];
  readonly minimalMajorVersion: string;
  readonly targetMajorVersion: string;

  // patroni
  readonly enablePatroniFailsafeMode: boolean | undefined;

  // postgres_pod_resources
  readonly defaultCpuLimit: string;
  readonly defaultCpuRequest: string;
  readonly defaultMemoryLimit: string;
  readonly defaultMemoryRequest: string;
  readonly maxCpuRequest: string;
  readonly maxMemoryRequest: string;
  readonly minCpuLimit: string;
  readonly minMemoryLimit: string;

  // scalyr
  readonly scalyrApiKey: Sensitive;
  readonly scalyrCpuLimit: string;
  readonly scalyrCpuRequest: string;
  readonly scalyrImage: string;
  readonly scalyrMemoryLimit: string;
  readonly scalyrMemoryRequest: string;
  readonly scalyrServerUrl: string;

  // teams_api
  readonly enableAdminRoleForUsers: boolean;
  readonly enablePostgresTeamCrd: boolean;
  readonly enablePostgresTeamCrdSuperusers: boolean;
  readonly enableTeamMemberDeprecation: boolean;
  readonly enableTeamSuperuser: boolean;
  readonly enableTeamsApi: boolean;
  readonly pamConfiguration: string;
  readonly pamRoleName: string;
  readonly postgresSuperuserTeams: readonly string[];
  readonly protectedRoleNames: readonly string[];
  readonly roleDeletionSuffix: string;
  readonly teamAdminRole: string;
  readonly teamApiRoleConfiguration: Readonly<Record<string, string>>;
  readonly teamsApiUrl: string;

  // timeouts
  readonly patroniApiCheckIntervalMs: number;
  readonly patroniApiCheckTimeoutMs: number;
  readonly podDeletionWaitTimeoutMs: number;
  readonly podLabelWaitTimeoutMs: number;
  /** Between two looks whether a CRD is there; CRD_READY_WAIT_INTERVAL wins. */
  readonly readyWaitIntervalMs: number;
  /** Until a CRD has to be there; CRD_READY_WAIT_TIMEOUT wins. */
  readonly readyWaitTimeoutMs: number;
  readonly resourceCheckIntervalMs: number;
  readonly resourceCheckTimeoutMs: number;

  // users
  readonly additionalOwnerRoles: readonly string[];
  readonly enablePasswordRotation: boolean;
  /** Days. */
  readonly passwordRotationInterval: number;
  /** Days. */
  readonly passwordRotationUserRetention: number;
  readonly replicationUsername: string;
  readonly superUsername: string;

  // ConfigMap only
  /** Deprecated and without effect; only a ConfigMap can set it. */
  readonly enableLoadBalancer: boolean | undefined;
}
