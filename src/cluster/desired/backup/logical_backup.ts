/**
 * CronJob of the logical backup: a pod that dumps all databases to an object store.
 *
 * Zalando: pkg/cluster/k8sres.go, generateLogicalBackupJob, generateLogicalBackupPodEnvVars
 */

import type {
  Affinity,
  Container,
  CronJob,
  EnvVar,
  PodSecurityContext,
  PodTemplateSpec,
} from "../../../kubernetes/types.gen.ts";
import { dnsLabel } from "../../../lib/dns_label.ts";
import { secretMountVolume } from "../pod/volumes.ts";
import type { Config } from "../../../config/config.ts";
import { BACKUP_CONTAINER, type EffectiveBackup } from "../../effective/backup.ts";
import type { ClusterIdentity, StringMap } from "../../effective/identity.ts";
import type { EffectiveSecurity } from "../../effective/pod/security.ts";
import { annotationFields, inheritedOver } from "../annotations.ts";
import { logicalBackupEnvironment } from "./environment.ts";
import { logicalBackupName } from "../names.ts";
import { ownerFields } from "../owner.ts";

/** The part of an effective spec that the backup is made of. */
export interface LogicalBackupSource {
  readonly identity: ClusterIdentity;
  readonly backup: EffectiveBackup | undefined;
  readonly security: EffectiveSecurity;
  /** Configured and manifest annotations of pods. */
  readonly podAnnotations: StringMap;
}

/** Read by kube2iam and kiam: the role that the pod gets. */
const IAM_ROLE_ANNOTATION = "iam.amazonaws.com/role";

// The container opens none of them; they are part of what the reference compares.
const PORTS = [8008, 5432, 8080];

/** The backup's CronJob; undefined where no backup is wanted. */
export function logicalBackup(source: LogicalBackupSource, config: Config): CronJob | undefined {
  const { identity, backup } = source;
  if (backup === undefined) return undefined;
  const labels = { ...identity.labels.full, application: "spilo-logical-backup" };
  const annotations = inheritedOver(identity, source.podAnnotations);
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: {
      name: logicalBackupName(identity.name, config),
      namespace: identity.namespace,
      labels,
      ...annotations,
      ...ownerFields(identity),
    },
    spec: {
      schedule: backup.schedule,
      concurrencyPolicy: "Forbid",
      successfulJobsHistoryLimit: config.logicalBackupSuccessfulJobsHistoryLimit,
      failedJobsHistoryLimit: config.logicalBackupFailedJobsHistoryLimit,
      jobTemplate: {
        metadata: { labels, ...annotations },
        spec: {
          ttlSecondsAfterFinished: config.logicalBackupTtlSecondsAfterFinished,
          template: podTemplate({ ...source, backup }, labels, config),
        },
      },
    },
  };
}

type Source = LogicalBackupSource & { readonly backup: EffectiveBackup };

function podTemplate(
  source: Source,
  labels: Record<string, string>,
  config: Config,
): PodTemplateSpec {
  const { identity, backup } = source;
  const { tolerations, topologySpreadConstraints } = backup.scheduling;
  const role = config.kubeIamRole === "" ? {} : { [IAM_ROLE_ANNOTATION]: config.kubeIamRole };
  const annotations = inheritedOver(identity, source.podAnnotations).annotations;
  const secret = config.additionalSecretMount;
  return {
    metadata: {
      namespace: identity.namespace,
      labels,
      ...annotationFields({ ...annotations, ...role }),
    },
    spec: {
      serviceAccountName: config.podServiceAccountName,
      terminationGracePeriodSeconds: Math.trunc(config.podTerminateGracePeriodMs / 1000),
      restartPolicy: "Never",
      containers: [container(source, config)],
      securityContext: podSecurityContext(source.security),
      affinity: affinity(source, labels),
      ...(tolerations.length === 0 ? {} : { tolerations: [...tolerations] }),
      ...(topologySpreadConstraints.length === 0
        ? {}
        : { topologySpreadConstraints: [...topologySpreadConstraints] }),
      ...(secret === "" ? {} : { volumes: [secretMountVolume(secret)] }),
    },
  };
}

function container(source: Source, config: Config): Container {
  const { backup, security } = source;
  const { allowPrivilegeEscalation, privileged } = security;
  return {
    name: BACKUP_CONTAINER,
    image: backup.image,
    imagePullPolicy: "IfNotPresent",
    resources: backup.resources,
    ports: PORTS.map((containerPort) => ({ containerPort, protocol: "TCP" })),
    env: [
      ...logicalBackupEnvironment(source.identity, backup, config),
      ...fromSecret(backup, config),
    ],
    securityContext: {
      ...(allowPrivilegeEscalation === undefined ? {} : { allowPrivilegeEscalation }),
      privileged,
      readOnlyRootFilesystem: false,
    },
    ...(config.additionalSecretMount === "" ? {} : {
      volumeMounts: [{
        name: dnsLabel(config.additionalSecretMount),
        mountPath: config.additionalSecretMountPath,
      }],
    }),
  };
}

function fromSecret(backup: EffectiveBackup, config: Config): EnvVar[] {
  const name = config.logicalBackupCronjobEnvironmentSecret;
  return backup.secretKeys.map((key) => ({
    name: key,
    valueFrom: { secretKeyRef: { name, key } },
  }));
}

function podSecurityContext(security: EffectiveSecurity): PodSecurityContext {
  const { runAsUser, runAsGroup, fsGroup } = security;
  return {
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...(fsGroup === undefined ? {} : { fsGroup }),
  };
}

function affinity({ backup }: Source, labels: Record<string, string>): Affinity {
  const { nodeAffinity } = backup.scheduling;
  return {
    podAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{
        weight: 1,
        podAffinityTerm: {
          labelSelector: { matchLabels: labels },
          topologyKey: "kubernetes.io/hostname",
        },
      }],
    },
    ...(nodeAffinity === undefined ? {} : { nodeAffinity }),
  };
}
