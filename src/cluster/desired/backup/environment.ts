/**
 * Variables of the backup's container: whom to dump, and where to put it.
 *
 * Zalando: pkg/cluster/k8sres.go, generateLogicalBackupPodEnvVars
 */

import type { EnvVar } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { Sensitive } from "../../../lib/sensitive.ts";
import type { EffectiveBackup } from "../../effective/backup.ts";
import type { ClusterIdentity } from "../../effective/identity.ts";
import { credentialSecretName } from "../names.ts";
import { POSTGRES_PORT } from "../services/services.ts";

/** The operator's own variables, in the order of the reference. */
export function logicalBackupEnvironment(
  identity: ClusterIdentity,
  backup: EffectiveBackup,
  config: Config,
): EnvVar[] {
  const superuser = config.superUsername;
  return [
    { name: "SCOPE", value: identity.name },
    { name: "CLUSTER_NAME_LABEL", value: config.clusterNameLabel },
    {
      name: "POD_NAMESPACE",
      valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } },
    },
    { name: "PG_VERSION", value: backup.version },
    { name: "PGPORT", value: String(POSTGRES_PORT) },
    { name: "PGUSER", value: superuser },
    { name: "PGDATABASE", value: superuser },
    { name: "PGSSLMODE", value: "require" },
    {
      name: "PGPASSWORD",
      valueFrom: {
        secretKeyRef: {
          name: credentialSecretName(superuser, identity.name, config),
          key: "password",
        },
      },
    },
    { name: "LOGICAL_BACKUP_PROVIDER", value: config.logicalBackupProvider },
    { name: "LOGICAL_BACKUP_S3_BUCKET", value: config.logicalBackupS3Bucket },
    { name: "LOGICAL_BACKUP_S3_BUCKET_PREFIX", value: config.logicalBackupS3BucketPrefix },
    {
      name: "LOGICAL_BACKUP_S3_BUCKET_SCOPE_SUFFIX",
      value: identity.uid === "" ? "" : `/${identity.uid}`,
    },
    ...storeVariables(backup, config),
  ];
}

function storeVariables(backup: EffectiveBackup, config: Config): EnvVar[] {
  switch (config.logicalBackupProvider) {
    case "s3":
      return [
        { name: "LOGICAL_BACKUP_S3_REGION", value: config.logicalBackupS3Region },
        { name: "LOGICAL_BACKUP_S3_ENDPOINT", value: config.logicalBackupS3Endpoint },
        { name: "LOGICAL_BACKUP_S3_SSE", value: config.logicalBackupS3Sse },
        { name: "LOGICAL_BACKUP_S3_RETENTION_TIME", value: backup.retention },
        ...secretVariable("AWS_ACCESS_KEY_ID", config.logicalBackupS3AccessKeyId),
        ...secretVariable("AWS_SECRET_ACCESS_KEY", config.logicalBackupS3SecretAccessKey),
      ];
    case "gcs": {
      const name = "LOGICAL_BACKUP_GOOGLE_APPLICATION_CREDENTIALS";
      const value = config.logicalBackupGoogleApplicationCredentials;
      return value === "" ? [] : [{ name, value }];
    }
    case "az":
      return [
        {
          name: "LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_NAME",
          value: config.logicalBackupAzureStorageAccountName,
        },
        {
          name: "LOGICAL_BACKUP_AZURE_STORAGE_CONTAINER",
          value: config.logicalBackupAzureStorageContainer,
        },
        ...secretVariable(
          "LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_KEY",
          config.logicalBackupAzureStorageAccountKey,
        ),
      ];
    default:
      return [];
  }
}

/** Keys stand as plain text in the job, as in the reference: other variables would differ. */
function secretVariable(name: string, value: Sensitive): EnvVar[] {
  const text = value.reveal();
  return text === "" ? [] : [{ name, value: text }];
}
