/**
 * Resolves the variables that come from outside: the manifest, the configured Secret and ConfigMap,
 * and the archive of the configuration. The builder appends them in this order, first one wins.
 *
 * Zalando: pkg/cluster/k8sres.go, generateSpiloPodEnvVars
 */

import type { Postgresql } from "../../../api/types.gen.ts";
import type { EnvFromSource, EnvVar } from "../../../kubernetes/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { compareUtf8 } from "../../../lib/go_json.ts";
import type { Observation } from "../../../ports/observation.ts";
import { type Findings, type Unknown, warn } from "../findings.ts";
import type { Inputs } from "../inputs.ts";
import { type EffectivePatroni, patroniStore } from "../patroni.ts";
import { ownValue } from "../../../lib/own_value.ts";

export interface EffectiveEnvironment {
  /** `spec.env` without names that the operator sets itself. */
  readonly manifest: readonly EnvVar[];
  readonly manifestSources: readonly EnvFromSource[];
  /** Keys of `pod_environment_secret`. */
  readonly secret: readonly EnvVar[];
  /** Values of `pod_environment_configmap`. */
  readonly configMap: readonly EnvVar[];
  /** Buckets for WAL and logs. */
  readonly archive: readonly EnvVar[];
}

/** Resolves the variables from outside; unread sources hold the StatefulSet. */
export function resolveEnvironment(
  cr: Postgresql,
  config: Config,
  inputs: Inputs,
  findings: Findings,
): EffectiveEnvironment {
  const secretName = config.podEnvironmentSecret;
  const keys = required(inputs.podEnvironmentSecretKeys, "pod_environment_secret", findings);
  const values = required(inputs.podEnvironment, "pod_environment_configmap", findings);
  return {
    manifest: manifestVariables(cr, config, findings),
    manifestSources: cr.spec.envFrom ?? [],
    secret: [...keys ?? []].sort(compareUtf8).map((key) => secretVariable(key, secretName, key)),
    configMap: Object.keys(values ?? {}).sort(compareUtf8)
      .map((name) => variable(name, ownValue(values, name) ?? "")),
    archive: archiveVariables(cr.metadata.uid ?? "", config),
  };
}

/** Names that only the operator sets in the PostgreSQL container; `spec.env` cannot change them. */
export function operatorVariables(config: Config, store: EffectivePatroni["store"]): string[] {
  return [
    "SCOPE",
    "PGROOT",
    "POD_IP",
    "POD_NAMESPACE",
    "PGUSER_SUPERUSER",
    "KUBERNETES_SCOPE_LABEL",
    "KUBERNETES_ROLE_LABEL",
    "PGPASSWORD_SUPERUSER",
    "PGUSER_STANDBY",
    "PGPASSWORD_STANDBY",
    "PAM_OAUTH2",
    "HUMAN_ROLE",
    ...(config.enableSpiloWalPathCompat ? ["ENABLE_WAL_PATH_COMPAT"] : []),
    ...(config.enablePgversionEnvVar ? ["PGVERSION"] : []),
    "KUBERNETES_LABELS",
    "SPILO_CONFIGURATION",
    ...(store === "etcd" ? ["ETCD_HOST"] : ["DCS_ENABLE_KUBERNETES_API"]),
    ...(store !== "etcd" && config.enablePodDisruptionBudget === true
      ? ["KUBERNETES_BOOTSTRAP_LABELS"]
      : []),
    ...(store === "configmaps" ? ["KUBERNETES_USE_CONFIGMAPS"] : []),
  ];
}

/** A variable with a text; the API server stores no empty value. */
export function variable(name: string, value: string): EnvVar {
  return value === "" ? { name } : { name, value };
}

/** A variable as it is, but for an empty value. */
export function storedVariable(given: EnvVar): EnvVar {
  if (given.value !== "") return given;
  const { value: _, ...rest } = given;
  return rest;
}

/** A variable whose value is a key of a Secret. */
export function secretVariable(name: string, secret: string, key: string): EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

/** `/<uid>`: parts the archives of clusters that bear one name after another. */
export function archiveScopeSuffix(uid: string): string {
  return uid === "" ? "" : `/${uid}`;
}

function required<T>(
  observation: Observation<T | undefined>,
  parameter: string,
  findings: Findings,
): T | undefined {
  if (observation.known) return observation.value;
  const unknown: Unknown = {
    subject: "statefulset",
    reason: `${parameter}: ${observation.reason}`,
  };
  findings.unknowns.push(unknown);
  return undefined;
}

function manifestVariables(cr: Postgresql, config: Config, findings: Findings): EnvVar[] {
  const store = patroniStore(config);
  const reserved = new Set(operatorVariables(config, store).map((name) => name.toLowerCase()));
  const kept: EnvVar[] = [];
  for (const [index, given] of (cr.spec.env ?? []).entries()) {
    if (reserved.has(given.name.toLowerCase())) {
      warn(findings, `spec.env[${index}] is ignored: the operator sets ${given.name}`);
    } else kept.push(storedVariable(given));
  }
  return kept;
}

function archiveVariables(uid: string, config: Config): EnvVar[] {
  const suffix = archiveScopeSuffix(uid);
  const walScope = [
    variable("WAL_BUCKET_SCOPE_SUFFIX", suffix),
    variable("WAL_BUCKET_SCOPE_PREFIX", ""),
  ];
  const { walS3Bucket, walGsBucket, walAzStorageAccount, gcpCredentials, logS3Bucket } = config;
  return [
    ...(walS3Bucket === "" ? [] : [variable("WAL_S3_BUCKET", walS3Bucket), ...walScope]),
    ...(walGsBucket === "" ? [] : [variable("WAL_GS_BUCKET", walGsBucket), ...walScope]),
    ...(walAzStorageAccount === ""
      ? []
      : [variable("AZURE_STORAGE_ACCOUNT", walAzStorageAccount), ...walScope]),
    ...(gcpCredentials === "" ? [] : [variable("GOOGLE_APPLICATION_CREDENTIALS", gcpCredentials)]),
    ...(logS3Bucket === "" ? [] : [
      variable("LOG_S3_BUCKET", logS3Bucket),
      variable("LOG_BUCKET_SCOPE_SUFFIX", suffix),
      variable("LOG_BUCKET_SCOPE_PREFIX", ""),
    ]),
  ];
}
