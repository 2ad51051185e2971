/**
 * Names of a cluster's objects. They are wire values: another operator, people's scripts and
 * Patroni find the objects by them.
 *
 * Zalando: pkg/cluster/k8sres.go, serviceName; pkg/cluster/util.go, credentialSecretNameForCluster
 */

import type { Config } from "../../config/config.ts";
import { fillTemplate } from "../../lib/template.ts";
import type { MemberRole } from "./labels.ts";

/** CronJob names are cut, because Kubernetes appends a time of 11 characters. */
const CRON_JOB_NAME_LENGTH = 52;

/** Container with Patroni and PostgreSQL. */
export const POSTGRES_CONTAINER = "postgres";
/** Volume and claim template of the data directory. */
export const DATA_VOLUME = "pgdata";
/** Finalizer that the operator puts on manifests. */
export const FINALIZER = "postgres-operator.acid.zalan.do";

/** The Service of the primary or of the replicas. */
export function serviceName(cluster: string, role: MemberRole): string {
  return role === "primary" ? cluster : `${cluster}-repl`;
}

/** Patroni's own objects: `config`, `leader`, `sync`, `failover`. */
export function patroniObjectName(cluster: string, suffix: string): string {
  return `${cluster}-${suffix}`;
}

/** Deployment and Service of a connection pooler. */
export function poolerName(cluster: string, role: MemberRole): string {
  return role === "primary" ? `${cluster}-pooler` : `${cluster}-pooler-repl`;
}

/** Secret with the user list of a connection pooler. */
export function poolerAuthSecretName(cluster: string, role: MemberRole): string {
  return `${poolerName(cluster, role)}-u`;
}

/** Secret with the credentials of one role, by `secret_name_template`. */
export function credentialSecretName(role: string, cluster: string, config: Config): string {
  return fillTemplate(config.secretNameTemplate, {
    username: role.replaceAll("_", "-"),
    cluster,
    tprkind: "postgresql",
    tprgroup: "acid.zalan.do",
  });
}

/** As Kubernetes wants the name of a Secret: a DNS subdomain. */
const SECRET_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SECRET_NAME_LENGTH = 253;

/** Why Kubernetes would refuse a Secret of this name; undefined where it would not. */
export function secretNameProblem(name: string): string | undefined {
  if (name.length > SECRET_NAME_LENGTH) {
    return `its name is longer than ${SECRET_NAME_LENGTH} characters`;
  }
  return SECRET_NAME.test(name)
    ? undefined
    : "its name may hold only a-z, 0-9, dots and dashes between letters or digits";
}

/** Matches the names that `credentialSecretName` gives to the roles of one cluster. */
export function credentialSecretPattern(cluster: string, config: Config): RegExp {
  const mark = "\u0000";
  const name = credentialSecretName(mark, cluster, config);
  const parts = name.split(mark).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[-.a-z0-9]+")}$`);
}

/** Budget that protects the primary. */
export function primaryBudgetName(cluster: string, config: Config): string {
  return fillTemplate(config.pdbNameFormat, { cluster });
}

/** Budget that protects pods in a critical operation. */
export function criticalOperationBudgetName(cluster: string): string {
  return `postgres-${cluster}-critical-op-pdb`;
}

/** CronJob of the logical backup: cut to what Kubernetes allows. */
export function logicalBackupName(cluster: string, config: Config): string {
  const name = `${config.logicalBackupJobPrefix}${cluster}`;
  return name.length <= CRON_JOB_NAME_LENGTH
    ? name
    : name.slice(0, CRON_JOB_NAME_LENGTH).replace(/-+$/, "");
}
