/**
 * What of a manifest or an object may be shown to everybody: plans, logs, Events and the debug API
 * show a value only where its field, or its form, is on one of these lists. What is not known to be
 * harmless is hidden, so a new field is hidden until somebody puts it here.
 */

/** Words in the name of a variable or field that tell of a secret behind it. */
const SECRET_NAME =
  /pass(word|wd|phrase)?|pw$|secret|token|credential|(access|account|api|private)_?key/i;

/** Names that match by a word but hold no secret. */
const HARMLESS_NAME =
  /(secret_?name|secretRotation|secret_?namespace|secretKeyRef|secretRef|_path|_file|_user|version|type|encryption)$/i;

/** True when a value of this name must not be shown, whatever its form is. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !HARMLESS_NAME.test(name);
}

/** Fields of objects and manifests that hold names, kinds and addresses, and no text of anybody's own. */
export const HARMLESS_FIELDS: ReadonlySet<string> = new Set([
  ...["apiVersion", "kind", "name", "namespace", "uid", "resourceVersion", "creationTimestamp"],
  ...["generation", "deletionTimestamp", "ownerReferences", "finalizers"],
  ...["image", "dockerImage", "imagePullPolicy", "restartPolicy", "containerName"],
  ...["type", "protocol", "appProtocol", "port", "targetPort", "key", "fieldPath", "resource"],
  ...["mountPath", "mountPropagation", "claimName", "secretName", "volumeMode", "volumeName"],
  ...["serviceAccountName", "serviceAccount", "serviceName", "schedulerName", "priorityClassName"],
  ...["podPriorityClassName", "storageClassName", "storageClass", "accessModes", "topologyKey"],
  ...[
    "whenDeleted",
    "whenScaled",
    "whenUnsatisfiable",
    "podManagementPolicy",
    "operator",
    "effect",
  ],
  ...["terminationMessagePath", "terminationMessagePolicy", "schedule", "timeZone", "medium"],
  ...["concurrencyPolicy", "clusterIP", "clusterIPs", "ip", "ipFamilies", "ipFamilyPolicy"],
  ...["externalTrafficPolicy", "internalTrafficPolicy", "sessionAffinity", "loadBalancerClass"],
  ...["loadBalancerSourceRanges", "allowedSourceRanges", "minAvailable", "maxUnavailable"],
  ...["phase", "currentRevision", "updateRevision", "scheme", "size", "version", "dnsPolicy"],
  ...["teamId", "cluster", "timestamp", "maintenanceWindows", "mode", "PostgresClusterStatus"],
  ...["logicalBackupSchedule", "logicalBackupRetention", "plugin", "users"],
]);

/** Maps whose values are names: labels select objects, databases name their owners. */
export const HARMLESS_MAPS: ReadonlySet<string> = new Set([
  ...["labels", "matchLabels", "selector", "databases", "schemas", "extensions"],
]);

/** Maps and lists of people's own texts: only the form of a value can make it harmless there. */
export const OWN_TEXTS: ReadonlySet<string> = new Set([
  ...["parameters", "env", "data", "stringData", "command", "args", "pg_hba", "pg_ident"],
  ...["initdb", "postgresql.conf", "managedFields"],
]);

/** True for a map or list of people's own texts. */
export function holdsOwnTexts(field: string): boolean {
  return OWN_TEXTS.has(field) || /annotations$/i.test(field);
}

/** Variables that the operator sets itself, to names, versions and switches. */
export const HARMLESS_VARIABLES: ReadonlySet<string> = new Set([
  ...["SCOPE", "PGROOT", "PGVERSION", "PGUSER_SUPERUSER", "PGUSER_STANDBY", "HUMAN_ROLE"],
  ...["KUBERNETES_SCOPE_LABEL", "KUBERNETES_ROLE_LABEL", "KUBERNETES_LABELS", "PGUSER", "PGPORT"],
  ...["ENABLE_WAL_PATH_COMPAT", "DCS_ENABLE_KUBERNETES_API", "KUBERNETES_USE_CONFIGMAPS"],
  ...["KUBERNETES_BOOTSTRAP_LABELS", "POD_IP", "POD_NAMESPACE", "POD_NAME", "CLUSTER_NAME_LABEL"],
  ...["PGHOST", "PGSCHEMA", "PGDATABASE", "PGSSLMODE", "CONNECTION_POOLER_MODE"],
  ...["CONNECTION_POOLER_DEFAULT_SIZE", "CONNECTION_POOLER_MIN_SIZE", "CONNECTION_POOLER_PORT"],
  ...["CONNECTION_POOLER_RESERVE_SIZE", "CONNECTION_POOLER_MAX_CLIENT_CONN", "PG_VERSION"],
  ...["CONNECTION_POOLER_MAX_DB_CONN", "WAL_BUCKET_SCOPE_SUFFIX", "CLONE_METHOD", "CLONE_SCOPE"],
  ...["CLONE_PORT", "CLONE_TARGET_TIME", "STANDBY_PORT", "LOGICAL_BACKUP_PROVIDER"],
]);

/** Numbers with their units, switches, points in time. */
const FORM =
  /^(-?\d{1,9}(\.\d{1,6})?\s?(B|kB|MB|GB|TB|us|ms|s|min|h|d|m|[kKMGTPE]i?|%)?|true|false|on|off|yes|no|\d{4}-\d\d-\d\dT[\d:.]{5,15}(Z|[+-]\d\d:?\d\d))$/;

/** Settings of PostgreSQL, flags of roles and choices of Kubernetes that are words. */
const WORDS: ReadonlySet<string> = new Set([
  ...["replica", "logical", "minimal", "local", "remote_write", "remote_apply", "none", "all"],
  ...["ddl", "mod", "md5", "scram-sha-256", "default", "pause", "promote", "shutdown"],
  ...["session", "transaction", "statement", "origin", "always", "partition", "plain", "extended"],
  ...["superuser", "createdb", "createrole", "login", "inherit", "replication", "bypassrls"],
  ...["nosuperuser", "nocreatedb", "nocreaterole", "nologin", "noinherit", "noreplication"],
  ...["nobypassrls", "physical", "primary", "master", "wal2json", "pgoutput", "stderr", "csvlog"],
]);

/** True for a text that can hold no secret because of what it looks like. */
export function hasHarmlessForm(value: string): boolean {
  return FORM.test(value) || WORDS.has(value.toLowerCase());
}

const HBA_WORDS: ReadonlySet<string> = new Set([
  ...["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc", "all", "sameuser"],
  ...["samerole", "replication", "samehost", "samenet", "trust", "reject", "scram-sha-256", "md5"],
  ...["password", "gss", "sspi", "ident", "peer", "ldap", "radius", "cert", "pam", "bsd"],
  ...["clientcert=verify-full", "clientcert=verify-ca", "+zalandos", "postgres", "standby"],
]);
const ADDRESS = /^[0-9a-fA-F.:]{3,39}(\/\d{1,3})?$/;

/** A rule of `pg_hba` in which addresses and keywords are left, and everything else is not. */
export function harmlessRule(rule: string): string {
  return rule.trim().split(/\s+/)
    .map((word) => HBA_WORDS.has(word) || ADDRESS.test(word) ? word : "…")
    .join(" ");
}
