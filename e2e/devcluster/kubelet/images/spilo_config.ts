/**
 * Turns the environment of a Spilo container into Patroni's configuration (dev cluster, images
 * layer; pure).
 *
 * Zalando: spilo, postgres-appliance/scripts/configure_spilo.py. What differs here, because a
 * pod shares this machine's network and packages, is said where it is done: addresses to listen
 * on, modules and locales that Debian does not ship, and stores other than S3.
 */
import { parse } from "yaml";
import { binaryDirectory, type ImageRequest } from "./program.ts";
import {
  type Archive,
  type Archives,
  archivesOf,
  restoreCommand,
  withArchive,
} from "./spilo_archive.ts";

type Json = null | boolean | number | string | Json[] | JsonObject;
type JsonObject = { [key: string]: Json };

/** Patroni's configuration and what had to be changed for this machine. */
export interface SpiloConfiguration {
  readonly patroni: Record<string, unknown>;
  readonly notes: readonly string[];
}

/** Where the image keeps the data directory and the server's log. */
export interface SpiloPaths {
  readonly root: string;
  readonly data: string;
  readonly log: string;
  readonly certificate: string;
  readonly key: string;
}

type Env = Readonly<Record<string, string>>;

/** The directories of the database and the certificate files of a container. */
export function spiloPaths(env: Env): SpiloPaths {
  const root = env["PGROOT"] ?? "/home/postgres/pgdata/pgroot";
  return {
    root,
    data: env["PGDATA"] ?? `${root}/data`,
    log: env["PGLOG"] ?? `${root}/pg_log`,
    certificate: env["SSL_CERTIFICATE_FILE"] ?? "/run/certs/server.crt",
    key: env["SSL_PRIVATE_KEY_FILE"] ?? "/run/certs/server.key",
  };
}

/** Builds Patroni's configuration for a PostgreSQL major version that the machine has. */
export function spiloConfiguration(
  request: ImageRequest,
  major: string,
  archives: Archives = archivesOf(request.container.env, major),
): SpiloConfiguration {
  const env = request.container.env;
  const notes: string[] = [];
  const defaults: JsonObject = {
    ...kubernetesSection(env, request.podIp),
    bootstrap: bootstrapSection(env, request, archives),
    scope: env["SCOPE"] ?? "dummy",
    restapi: restApiSection(env, request.podIp),
    postgresql: postgresqlSection(env, request, archives),
  };
  const own = userConfiguration(env);
  const merged = overlay(own, defaults) as JsonObject;
  const postgresql = merged["postgresql"] as JsonObject;
  postgresql["bin_dir"] = binaryDirectory(major);
  // A pod has one address of the machine's loopback network; "*" would be every pod's.
  postgresql["listen"] = `${request.podIp}:${env["PGPORT"] ?? "5432"}`;
  keepLoadableModules(postgresql, request.machine.modules(major), notes);
  keepKnownLocales(merged["bootstrap"] as JsonObject, request.machine.locales, notes);
  return { patroni: merged, notes };
}

/**
 * The manifest's part wins over the image's, objects are merged, lists are taken whole.
 * Zalando: configure_spilo.py, deep_update.
 */
function overlay(own: Json, defaults: Json): Json {
  if (isObject(own) && isObject(defaults)) {
    const merged: JsonObject = { ...own };
    for (const [key, value] of Object.entries(defaults)) {
      const mine = merged[key];
      merged[key] = mine === undefined ? value : overlay(mine, value);
    }
    return merged;
  }
  return own === null ? defaults : own;
}

function userConfiguration(env: Env): JsonObject {
  const text = env["SPILO_CONFIGURATION"] ?? env["PATRONI_CONFIGURATION"] ?? "";
  const value = (parse(text) ?? {}) as Json;
  if (!isObject(value)) {
    throw new TypeError("cannot read SPILO_CONFIGURATION: it has to be an object");
  }
  return value;
}

function kubernetesSection(env: Env, podIp: string): JsonObject {
  const namespace = env["NAMESPACE"] ?? env["POD_NAMESPACE"] ?? "default";
  const kubernetes: JsonObject = {
    labels: jsonOr(env["KUBERNETES_LABELS"], { application: "spilo" }),
    bootstrap_labels: jsonOr(env["KUBERNETES_BOOTSTRAP_LABELS"], {}),
    scope_label: env["KUBERNETES_SCOPE_LABEL"] ?? "version",
    role_label: env["KUBERNETES_ROLE_LABEL"] ?? "spilo-role",
    leader_label_value: env["KUBERNETES_LEADER_LABEL_VALUE"] ?? "master",
    standby_leader_label_value: env["KUBERNETES_STANDBY_LEADER_LABEL_VALUE"] ?? "master",
  };
  if (!env["KUBERNETES_USE_CONFIGMAPS"]) {
    kubernetes["use_endpoints"] = true;
    kubernetes["pod_ip"] = env["POD_IP"] ?? podIp;
    kubernetes["ports"] = [{ port: 5432, name: "postgresql" }];
  }
  if ((env["KUBERNETES_BYPASS_API_SERVICE"] ?? "true").toLowerCase() === "true") {
    kubernetes["bypass_api_service"] = true;
  }
  return namespace === "default" ? { kubernetes } : { kubernetes, namespace };
}

function bootstrapSection(
  env: Env,
  request: ImageRequest,
  { clone, standby }: Archives,
): JsonObject {
  const humans = env["HUMAN_ROLE"] ?? "zalandos";
  const timing = request.machine.patroni;
  const dcs: JsonObject = {
    ttl: timing.ttl,
    loop_wait: timing.loopWait,
    retry_timeout: timing.retryTimeout,
    maximum_lag_on_failover: 33554432,
    postgresql: {
      use_pg_rewind: true,
      use_slots: true,
      parameters: { ...CLUSTER_PARAMETERS, max_connections: maxConnections(request) },
    },
  };
  const followed = standbySection(env, standby);
  if (followed !== undefined) dcs["standby_cluster"] = followed;
  const bootstrap: JsonObject = {
    post_init: `/scripts/post_init.sh "${humans}"`,
    dcs,
    initdb: [
      { encoding: "UTF8" },
      { locale: `${env["INITDB_LOCALE"] ?? "en_US"}.UTF-8` },
      "data-checksums",
    ],
  };
  if (env["PGPASSWORD_ADMIN"] !== undefined) {
    bootstrap["users"] = {
      [env["PGUSER_ADMIN"] ?? "admin"]: {
        password: env["PGPASSWORD_ADMIN"],
        options: ["createrole", "createdb"],
      },
    };
  }
  if (clonesByBaseBackup(env)) {
    bootstrap["method"] = "clone_with_basebackup";
    bootstrap["clone_with_basebackup"] = {
      command:
        `/scripts/clone_with_basebackup.sh --pgpass=${CLONE_PGPASS} --host=${env["CLONE_HOST"]} ` +
        `--port=${env["CLONE_PORT"] ?? "5432"} --user="${env["CLONE_USER"]}"`,
    };
  }
  if (clone !== undefined) {
    bootstrap["method"] = "clone_with_wale";
    const time = env["CLONE_TARGET_TIME"] ?? "";
    const script = `/scripts/clone_with_wale.py --recovery-target-time="${time}"`;
    bootstrap["clone_with_wale"] = { command: withArchive(clone, script) };
  }
  return bootstrap;
}

/** The password file of the cluster to clone from. */
export const CLONE_PGPASS = "/home/postgres/.pgpass_clone";

/** Whether the first member starts from a base backup of another cluster. */
export function clonesByBaseBackup(env: Env): boolean {
  return env["CLONE_METHOD"] === "CLONE_WITH_BASEBACKUP" &&
    ["CLONE_SCOPE", "CLONE_HOST", "CLONE_USER", "CLONE_PASSWORD"].every((name) => env[name]);
}

function standbySection(env: Env, archive: Archive | undefined): JsonObject | undefined {
  if (!env["STANDBY_HOST"] && archive === undefined) return undefined;
  const standby: JsonObject = archive === undefined
    ? { create_replica_methods: ["basebackup_fast_xlog"] }
    : {
      create_replica_methods: ["bootstrap_standby_with_wale", "basebackup_fast_xlog"],
      restore_command: restoreCommand(archive, env),
    };
  if (env["STANDBY_HOST"]) standby["host"] = env["STANDBY_HOST"];
  if (env["STANDBY_PORT"]) standby["port"] = Number(env["STANDBY_PORT"]);
  if (env["STANDBY_PRIMARY_SLOT_NAME"]) {
    standby["primary_slot_name"] = env["STANDBY_PRIMARY_SLOT_NAME"];
  }
  return standby;
}

function restApiSection(env: Env, podIp: string): JsonObject {
  const address = `${podIp}:${env["APIPORT"] ?? "8008"}`;
  const section: JsonObject = { listen: address, connect_address: address };
  const files = {
    cafile: env["SSL_RESTAPI_CA_FILE"],
    certfile: env["SSL_RESTAPI_CERTIFICATE_FILE"],
    keyfile: env["SSL_RESTAPI_PRIVATE_KEY_FILE"],
  };
  for (const [key, file] of Object.entries(files)) if (file) section[key] = file;
  return section;
}

function postgresqlSection(
  env: Env,
  request: ImageRequest,
  { own, standby: followed }: Archives,
): JsonObject {
  const paths = spiloPaths(env);
  const standby = env["PGUSER_STANDBY"] ?? "standby";
  return {
    pgpass: "/run/postgresql/pgpass",
    use_unix_socket: true,
    use_unix_socket_repl: true,
    name: request.hostname,
    connect_address: `${request.podIp}:${env["PGPORT"] ?? "5432"}`,
    data_dir: paths.data,
    parameters: memberParameters(env, request, { paths, own }),
    ...(own === undefined ? {} : { recovery_conf: { restore_command: restoreCommand(own, env) } }),
    pg_hba: accessRules(env, standby),
    authentication: {
      superuser: {
        username: env["PGUSER_SUPERUSER"] ?? "postgres",
        password: env["PGPASSWORD_SUPERUSER"] ?? "zalando",
      },
      replication: { username: standby, password: env["PGPASSWORD_STANDBY"] ?? "standby" },
    },
    callbacks: { on_role_change: `/scripts/on_role_change.sh ${env["HUMAN_ROLE"] ?? "zalandos"}` },
    create_replica_method: [...(own === undefined ? [] : ["wal_e"]), "basebackup_fast_xlog"],
    ...(own === undefined ? {} : { wal_e: restoredBy(own) }),
    ...(followed === undefined ? {} : { bootstrap_standby_with_wale: restoredBy(followed) }),
    basebackup_fast_xlog: { command: "/scripts/basebackup.sh", retries: 2 },
  };
}

/** How Patroni makes a standby from an archive, also where nobody leads. */
function restoredBy(archive: Archive): JsonObject {
  return {
    command: withArchive(archive, "bash /scripts/wale_restore.sh"),
    threshold_megabytes: 102_400,
    threshold_backup_size_percentage: 30,
    retries: 2,
    no_leader: 1,
  };
}

/**
 * The image has rules for 127.0.0.1, its own pod. Here every client comes from 127.0.0.1, so
 * those rules would let everybody in without TLS; they are left out.
 */
function accessRules(env: Env, standby: string): string[] {
  const people = env["PAM_OAUTH2"]
    ? [`hostssl all +${env["HUMAN_ROLE"] ?? "zalandos"} all pam`]
    : [];
  return [
    "local all all trust",
    `local replication ${standby} trust`,
    `hostssl replication ${standby} all md5`,
    ...(env["ALLOW_NOSSL"] ? [] : ["hostnossl all all all reject"]),
    ...people,
    env["ALLOW_NOSSL"] ? "host all all all md5" : "hostssl all all all md5",
  ];
}

function memberParameters(
  env: Env,
  request: ImageRequest,
  { paths, own }: { paths: SpiloPaths; own: Archive | undefined },
): JsonObject {
  const tool = env["USE_WALG_BACKUP"] === "true" ? "wal-g" : "wal-e";
  const parameters: JsonObject = {
    archive_command: own === undefined ? "/bin/true" : withArchive(own, `${tool} wal-push "%p"`),
    shared_buffers: `${Math.floor(memoryMb(request) / 5)}MB`,
    logging_collector: "on",
    log_destination: "csvlog",
    log_directory: "../pg_log",
    log_filename: "postgresql-%u.log",
    log_file_mode: "0644",
    log_rotation_age: "1d",
    log_truncate_on_rotation: "on",
    ssl: "on",
    ssl_cert_file: paths.certificate,
    ssl_key_file: paths.key,
    shared_preload_libraries:
      "bg_mon,pg_stat_statements,pgextwlist,pg_auth_mon,set_user,timescaledb,pg_cron,pg_stat_kcache",
    "bg_mon.listen_address": request.podIp,
    "bg_mon.history_buckets": 120,
    "pg_stat_statements.track_utility": "off",
    "extwlist.extensions":
      "btree_gin,btree_gist,citext,extra_window_functions,first_last_agg,hll,hstore,hypopg," +
      "intarray,ltree,pgcrypto,pgq,pgq_node,pg_trgm,postgres_fdw,roaringbitmap,tablefunc," +
      "uuid-ossp,vector,timescaledb,pg_partman",
    "extwlist.custom_path": "/scripts",
  };
  if (env["SSL_CA_FILE"]) parameters["ssl_ca_file"] = env["SSL_CA_FILE"];
  if (env["SSL_CRL_FILE"]) parameters["ssl_crl_file"] = env["SSL_CRL_FILE"];
  return parameters;
}

/** Zalando: configure_spilo.py, TEMPLATE, bootstrap.dcs.postgresql.parameters. */
export const CLUSTER_PARAMETERS: JsonObject = {
  archive_mode: "on",
  archive_timeout: "1800s",
  wal_level: "hot_standby",
  wal_log_hints: "on",
  wal_compression: "on",
  max_wal_senders: 10,
  max_replication_slots: 10,
  hot_standby: "on",
  tcp_keepalives_idle: 900,
  tcp_keepalives_interval: 100,
  log_line_prefix: "%t [%p]: [%l-1] %c %x %d %u %a %h ",
  log_checkpoints: "on",
  log_lock_waits: "on",
  log_min_duration_statement: 500,
  log_autovacuum_min_duration: 0,
  log_connections: "on",
  log_disconnections: "on",
  log_statement: "ddl",
  log_temp_files: 0,
  track_functions: "all",
  checkpoint_completion_target: 0.9,
  autovacuum_max_workers: 5,
  autovacuum_vacuum_scale_factor: 0.05,
  autovacuum_analyze_scale_factor: 0.02,
};

/** Without a limit the image takes the whole node's memory; several members share this one. */
const ASSUMED_MEMORY_MB = 500;

function memoryMb(request: ImageRequest): number {
  return request.memoryLimitMb ?? ASSUMED_MEMORY_MB;
}

function maxConnections(request: ImageRequest): number {
  return Math.min(Math.max(100, Math.floor(memoryMb(request) / 30)), 1000);
}

function keepLoadableModules(
  postgresql: JsonObject,
  modules: ReadonlySet<string>,
  notes: string[],
): void {
  const parameters = postgresql["parameters"] as JsonObject;
  const wanted = String(parameters["shared_preload_libraries"] ?? "")
    .split(",").map((name) => name.trim()).filter((name) => name !== "");
  const missing = wanted.filter((name) => !modules.has(name));
  if (missing.length === 0) return;
  parameters["shared_preload_libraries"] = wanted.filter((name) => modules.has(name)).join(",");
  notes.push(`not preloaded, because this machine does not have them: ${missing.join(", ")}`);
}

/** `initdb` refuses a locale that is not generated; Debian always has C.UTF-8. */
function keepKnownLocales(
  bootstrap: JsonObject,
  locales: ReadonlySet<string>,
  notes: string[],
): void {
  const items = bootstrap["initdb"];
  if (!Array.isArray(items)) return;
  const known = new Set([...locales].map(normalLocale));
  bootstrap["initdb"] = items.map((item) => {
    if (!isObject(item)) return item;
    return Object.fromEntries(
      Object.entries(item).map(([key, value]) => {
        const isLocale = key === "locale" || key.startsWith("lc-");
        if (!isLocale || known.has(normalLocale(String(value)))) return [key, value];
        notes.push(`initdb ${key} C.UTF-8 instead of ${value}, which this machine does not have`);
        return [key, "C.UTF-8"];
      }),
    );
  });
}

function normalLocale(name: string): string {
  return name.toLowerCase().replaceAll("-", "");
}

function jsonOr(text: string | undefined, fallback: JsonObject): Json {
  try {
    return JSON.parse(text ?? "") as Json;
  } catch {
    return fallback;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
