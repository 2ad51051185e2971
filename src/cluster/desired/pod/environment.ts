/**
 * Variables of the PostgreSQL container: first what the operator needs, then what others may set.
 * The comparison goes by name, people read the order.
 *
 * Zalando: pkg/cluster/k8sres.go, generateSpiloPodEnvVars
 */

import type { EnvVar } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { goJson, goMap } from "../../../lib/go_json.ts";
import { archiveScopeSuffix, secretVariable, variable } from "../../effective/pod/environment.ts";
import type { EffectiveClone } from "../../effective/source/clone.ts";
import type { EffectiveSpec } from "../../effective/spec.ts";
import type { EffectiveStandby } from "../../effective/source/standby.ts";
import type { EffectiveTls } from "../../effective/pod/tls.ts";
import { DATA_MOUNT_PATH } from "../../effective/pod/volumes.ts";
import { CRITICAL_OPERATION_LABEL } from "../labels.ts";
import { credentialSecretName } from "../names.ts";
import { patroniConfiguration } from "../patroni_config.ts";

const WEB_IDENTITY_TOKEN = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

/** All variables of the PostgreSQL container. */
export function postgresEnvironment(spec: EffectiveSpec, config: Config): EnvVar[] {
  const { environment } = spec;
  // Clone and standby are appended as they are: `spec.env` may leave a second entry of a name, and
  // running pods have both.
  const cluster = [
    ...appendMissing(operatorEnvironment(spec, config), environment.manifest),
    ...cloneEnvironment(spec.clone, config),
    ...standbyEnvironment(spec.standby, config),
  ];
  return appendMissing(cluster, [
    ...environment.secret,
    ...environment.configMap,
    ...environment.archive,
    ...tlsEnvironment(spec.tls),
  ]);
}

/** Appends variables whose names, in any case, are not there yet. */
export function appendMissing(present: readonly EnvVar[], added: readonly EnvVar[]): EnvVar[] {
  const names = new Set(present.map(({ name }) => name.toLowerCase()));
  const result = [...present];
  for (const candidate of added) {
    const name = candidate.name.toLowerCase();
    if (names.has(name)) continue;
    names.add(name);
    result.push(candidate);
  }
  return result;
}

/** A variable with a field of the pod. The API version is named as the API server would. */
export function fieldVariable(name: string, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } } };
}

/** The variables that only the operator sets: `operatorVariables` lists their names. */
export function operatorEnvironment(spec: EffectiveSpec, config: Config): EnvVar[] {
  const { identity, patroni } = spec;
  const password = (name: string, role: string) =>
    secretVariable(name, credentialSecretName(role, identity.name, config), "password");
  return [
    variable("SCOPE", identity.name),
    variable("PGROOT", `${DATA_MOUNT_PATH}/pgroot`),
    fieldVariable("POD_IP", "status.podIP"),
    fieldVariable("POD_NAMESPACE", "metadata.namespace"),
    variable("PGUSER_SUPERUSER", config.superUsername),
    variable("KUBERNETES_SCOPE_LABEL", config.clusterNameLabel),
    variable("KUBERNETES_ROLE_LABEL", config.podRoleLabel),
    password("PGPASSWORD_SUPERUSER", config.superUsername),
    variable("PGUSER_STANDBY", config.replicationUsername),
    password("PGPASSWORD_STANDBY", config.replicationUsername),
    variable("PAM_OAUTH2", config.pamConfiguration),
    variable("HUMAN_ROLE", config.pamRoleName),
    ...(config.enableSpiloWalPathCompat ? [variable("ENABLE_WAL_PATH_COMPAT", "true")] : []),
    ...(config.enablePgversionEnvVar ? [variable("PGVERSION", spec.version.desired)] : []),
    variable("KUBERNETES_LABELS", goJson(goMap(config.clusterLabels))),
    variable("SPILO_CONFIGURATION", patroniConfiguration(spec, config)),
    ...storeEnvironment(patroni.store, config),
  ];
}

/** Where Patroni keeps its state, and which labels a pod bears while it bootstraps. */
function storeEnvironment(store: EffectiveSpec["patroni"]["store"], config: Config): EnvVar[] {
  if (store === "etcd") return [variable("ETCD_HOST", config.etcdHost)];
  const bootstrapLabels = goJson({ [CRITICAL_OPERATION_LABEL]: "true" });
  return [
    variable("DCS_ENABLE_KUBERNETES_API", "true"),
    ...(config.enablePodDisruptionBudget === true
      ? [variable("KUBERNETES_BOOTSTRAP_LABELS", bootstrapLabels)]
      : []),
    ...(store === "configmaps" ? [variable("KUBERNETES_USE_CONFIGMAPS", "true")] : []),
  ];
}

function cloneEnvironment(clone: EffectiveClone | undefined, config: Config): EnvVar[] {
  if (!clone) return [];
  return [
    variable("CLONE_SCOPE", clone.source),
    ...(clone.method === "basebackup"
      ? baseBackupEnvironment(clone.source, config)
      : cloneArchiveEnvironment(clone, config)),
    ...(webIdentity("CLONE", config)),
  ];
}

function baseBackupEnvironment(source: string, config: Config): EnvVar[] {
  const user = config.replicationUsername;
  return [
    variable("CLONE_METHOD", "CLONE_WITH_BASEBACKUP"),
    variable("CLONE_HOST", source),
    variable("CLONE_PORT", "5432"),
    variable("CLONE_USER", user),
    secretVariable("CLONE_PASSWORD", credentialSecretName(user, source, config), "password"),
  ];
}

function cloneArchiveEnvironment(
  clone: Extract<EffectiveClone, { method: "archive" }>,
  config: Config,
): EnvVar[] {
  const { endpoint, accessKeyId, secretAccessKey, forcePathStyle } = clone.s3;
  const given = (name: string, value: string) => value === "" ? [] : [variable(name, value)];
  return [
    ...archiveLocation(clone.archive, config),
    variable("CLONE_METHOD", "CLONE_WITH_WALE"),
    variable("CLONE_TARGET_TIME", clone.timestamp),
    variable("CLONE_WAL_BUCKET_SCOPE_PREFIX", ""),
    ...given("CLONE_AWS_ENDPOINT", endpoint),
    ...given("CLONE_WALE_S3_ENDPOINT", endpoint),
    ...given("CLONE_AWS_ACCESS_KEY_ID", accessKeyId),
    ...given("CLONE_AWS_SECRET_ACCESS_KEY", secretAccessKey),
    ...(forcePathStyle === undefined
      ? []
      : [variable("CLONE_AWS_S3_FORCE_PATH_STYLE", forcePathStyle ? "1" : "0")]),
  ];
}

const BUCKET_VARIABLES = {
  s3: "CLONE_WAL_S3_BUCKET",
  gs: "CLONE_WAL_GS_BUCKET",
  azure: "CLONE_AZURE_STORAGE_ACCOUNT",
} as const;

function archiveLocation(
  archive: Extract<EffectiveClone, { method: "archive" }>["archive"],
  config: Config,
): EnvVar[] {
  if (archive.kind === "path") return [variable("CLONE_WALE_S3_PREFIX", archive.path)];
  const { store, name } = archive;
  return [
    ...(store === undefined ? [] : [variable(BUCKET_VARIABLES[store], name)]),
    ...(store === "gs" && config.gcpCredentials !== ""
      ? [variable("CLONE_GOOGLE_APPLICATION_CREDENTIALS", config.gcpCredentials)]
      : []),
    variable("CLONE_WAL_BUCKET_SCOPE_SUFFIX", archiveScopeSuffix(archive.uid)),
  ];
}

function standbyEnvironment(standby: EffectiveStandby | undefined, config: Config): EnvVar[] {
  if (standby?.declaredBy !== "manifest") return [];
  const { host, port, primarySlotName, archive } = standby;
  const withHost = (name: string, value: string | undefined) =>
    host === undefined || value === undefined ? [] : [variable(name, value)];
  return [
    ...withHost("STANDBY_HOST", host),
    ...withHost("STANDBY_PORT", port),
    ...withHost("STANDBY_PRIMARY_SLOT_NAME", primarySlotName),
    ...(archive
      ? [
        variable(
          archive.store === "s3" ? "STANDBY_WALE_S3_PREFIX" : "STANDBY_WALE_GS_PREFIX",
          archive.path,
        ),
        variable("STANDBY_METHOD", "STANDBY_WITH_WALE"),
        variable("STANDBY_WAL_BUCKET_SCOPE_PREFIX", ""),
      ]
      : []),
    ...webIdentity("STANDBY", config),
  ];
}

/** How pods prove to AWS who they are, where a role is bound to their ServiceAccount. */
function webIdentity(prefix: "CLONE" | "STANDBY", config: Config): EnvVar[] {
  if (config.irsaRoleArn === "") return [];
  return [
    variable(`${prefix}_AWS_ROLE_ARN`, config.irsaRoleArn),
    variable(`${prefix}_AWS_WEB_IDENTITY_TOKEN_FILE`, WEB_IDENTITY_TOKEN),
  ];
}

function tlsEnvironment(tls: EffectiveTls | undefined): EnvVar[] {
  if (!tls) return [];
  return [
    variable("SSL_CERTIFICATE_FILE", tls.certificateFile),
    variable("SSL_PRIVATE_KEY_FILE", tls.privateKeyFile),
    ...(tls.caFile === undefined ? [] : [variable("SSL_CA_FILE", tls.caFile)]),
  ];
}
