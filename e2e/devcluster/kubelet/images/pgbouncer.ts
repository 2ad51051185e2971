/**
 * The connection pooler image: PgBouncer configured from its environment (dev cluster, images
 * layer).
 *
 * Zalando: pooler image, pgbouncer.ini.tmpl and entrypoint.sh. `stats_users_prefix` is a patch of
 * that image and left out; the address to listen on is the pod's own.
 */
import { type ContainerProgram, type ImageRequest, programPath, shellWord } from "./program.ts";

type Env = Readonly<Record<string, string>>;

const DIRECTORY = "/run/pgbouncer";
const MOUNTED_USERS = "/etc/pgbouncer/userlist.txt";
const OWN_USER = `${DIRECTORY}/own_user.txt`;

/** The program of a pooler container. */
export function pgbouncerProgram(request: ImageRequest): ContainerProgram {
  const { env } = request.container;
  const own = userLine(env["PGUSER"] ?? "pooler", env["PGPASSWORD"] ?? "");
  // Debian's package brings a file at that path, too: only a mount counts.
  const mounted = request.container.mounts.some((mount) => mount.path === MOUNTED_USERS);
  return {
    argv: ["/usr/sbin/pgbouncer", `${DIRECTORY}/pgbouncer.ini`],
    user: "postgres",
    execUser: "postgres",
    workingDir: "/",
    env: { HOME: "/tmp", ...env, PATH: programPath() },
    files: [
      {
        path: `${DIRECTORY}/pgbouncer.ini`,
        content: pgbouncerIni(env, request.podIp),
        mode: 0o600,
        owner: "postgres",
      },
      { path: OWN_USER, content: own, mode: 0o600, owner: "postgres" },
    ],
    setUp: setUpLines(env, mounted ? MOUNTED_USERS : OWN_USER),
    notes: [],
  };
}

/** PgBouncer's configuration file. */
export function pgbouncerIni(env: Env, podIp: string): string {
  const tls = tlsFiles(env);
  const value = (name: string, fallback: string) => env[name] || fallback;
  const settings: [string, string][] = [
    ["listen_addr", podIp],
    ["listen_port", value("CONNECTION_POOLER_PORT", "5432")],
    ["unix_socket_dir", DIRECTORY],
    ["pool_mode", value("CONNECTION_POOLER_MODE", "transaction")],
    ["admin_users", value("PGUSER", "pooler")],
    ["auth_type", "md5"],
    ["auth_file", `${DIRECTORY}/userlist.txt`],
    ["auth_query", `SELECT * FROM ${value("PGSCHEMA", "pooler")}.user_lookup($1)`],
    ["server_tls_sslmode", "require"],
    ["client_tls_sslmode", "require"],
    ["client_tls_cert_file", tls.certificate],
    ["client_tls_key_file", tls.key],
    ["log_connections", "0"],
    ["log_disconnections", "0"],
    ["default_pool_size", value("CONNECTION_POOLER_DEFAULT_SIZE", "15")],
    ["min_pool_size", value("CONNECTION_POOLER_MIN_SIZE", "7")],
    ["reserve_pool_size", value("CONNECTION_POOLER_RESERVE_SIZE", "7")],
    ["max_client_conn", value("CONNECTION_POOLER_MAX_CLIENT_CONN", "10000")],
    ["max_db_connections", value("CONNECTION_POOLER_MAX_DB_CONN", "30")],
    ["idle_transaction_timeout", "600"],
    ["server_login_retry", "5"],
    ["ignore_startup_parameters", "extra_float_digits,options"],
  ];
  if (env["CONNECTION_POOLER_CLIENT_CA_FILE"]) {
    settings.push(["client_tls_ca_file", env["CONNECTION_POOLER_CLIENT_CA_FILE"]]);
  }
  const target = `host=${value("PGHOST", "localhost")} port=${value("PGPORT", "5432")}`;
  return [
    "[databases]",
    `* = ${target} auth_user=${value("PGUSER", "pooler")}`,
    `postgres = ${target} auth_user=${value("PGUSER", "pooler")}`,
    "",
    "[pgbouncer]",
    ...settings.map(([name, text]) => `${name} = ${text}`),
    "",
  ].join("\n");
}

function tlsFiles(env: Env): { certificate: string; key: string; given: boolean } {
  const certificate = env["CONNECTION_POOLER_CLIENT_TLS_CRT"];
  const key = env["CONNECTION_POOLER_CLIENT_TLS_KEY"];
  if (certificate && key) return { certificate, key, given: true };
  return { certificate: `${DIRECTORY}/tls.crt`, key: `${DIRECTORY}/tls.key`, given: false };
}

function setUpLines(env: Env, users: string): string[] {
  const tls = tlsFiles(env);
  const lines = [
    `install -o postgres -g postgres -m 600 ${users} ${DIRECTORY}/userlist.txt`,
  ];
  if (!tls.given) {
    lines.push(
      "openssl req -new -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 3650 " +
        `-subj /CN=pgbouncer -keyout ${shellWord(tls.key)} -out ${shellWord(tls.certificate)} ` +
        "2>/dev/null",
    );
  }
  return [...lines, `chown -R postgres:postgres ${DIRECTORY}`];
}

function userLine(name: string, password: string): string {
  const quoted = [name, password].map((text) => `"${text.replaceAll('"', '""')}"`);
  return `${quoted.join(" ")}\n`;
}
