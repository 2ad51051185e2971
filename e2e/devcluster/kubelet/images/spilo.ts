/**
 * The Spilo image: Patroni with PostgreSQL from this machine's packages (dev cluster, images
 * layer).
 *
 * It runs the major version of the data directory, else the one that PGVERSION asks for, and
 * never another one. Zalando: spilo, postgres-appliance/{launch.sh,scripts/configure_spilo.py}.
 */
import { ImageUnavailableError } from "../runtime.ts";
import {
  type ContainerProgram,
  type ImageRequest,
  localhostForCurl,
  type ProgramFile,
  programPath,
  shellWord,
} from "./program.ts";
import { archiveFiles, type Archives, archivesOf } from "./spilo_archive.ts";
import {
  CLONE_PGPASS,
  clonesByBaseBackup,
  spiloConfiguration,
  spiloPaths,
} from "./spilo_config.ts";
import { spiloScripts } from "./spilo_scripts.ts";

const HOME = "/home/postgres";
const CONFIGURATION = "/run/postgres.yml";

/**
 * The program of a Spilo container.
 *
 * @throws ImageUnavailableError when the machine lacks the PostgreSQL version, or data have to come
 *   from a store other than S3.
 */
export function spiloProgram(request: ImageRequest): ContainerProgram {
  const { env } = request.container;
  const { major, note } = majorVersion(request);
  const archives = archivesOf(env, major);
  refuseOtherStores(request, archives);
  const { patroni, notes } = spiloConfiguration(request, major, archives);
  const paths = spiloPaths(env);
  return {
    argv: ["/scripts/supervise.sh", CONFIGURATION],
    user: "postgres",
    execUser: "root",
    workingDir: HOME,
    env: {
      HOME,
      PGHOME: HOME,
      RW_DIR: "/run",
      LC_ALL: "C.UTF-8",
      PGROOT: paths.root,
      PGDATA: paths.data,
      PGLOG: paths.log,
      WALE_ENV_DIR: "/run/etc/wal-e.d/env",
      ...env,
      ...(archives.own === undefined ? {} : { FIRST_BACKUP: "yes" }),
      PATH: programPath(major),
    },
    files: [
      ...spiloScripts(),
      { path: CONFIGURATION, content: yaml(patroni), mode: 0o600, owner: "postgres" },
      ...localhostForCurl(request.podIp, { "/root": "root", [HOME]: "postgres" }),
      ...givenCertificates(env, paths),
      ...clonePassword(env),
      ...archiveFiles(archives),
    ],
    setUp: setUpLines(env, paths),
    notes: [...note, ...notes],
  };
}

/** The data directory's version wins, as in the image: an upgrade is a step of its own. */
function majorVersion(request: ImageRequest): { major: string; note: string[] } {
  const { machine, container } = request;
  const asked = container.env["PGVERSION"]?.trim();
  const data = machine.readMounted(`${spiloPaths(container.env).data}/PG_VERSION`)?.trim();
  const major = data || asked || machine.postgresMajors.at(-1);
  const has = machine.postgresMajors;
  if (major === undefined || !has.includes(major)) {
    const why = data ? `the data directory is of PostgreSQL ${data}` : `PGVERSION is ${asked}`;
    throw new ImageUnavailableError(
      `cannot run ${container.image}: ${why}, and this machine has ` +
        (has.length === 0 ? "no PostgreSQL server" : `only PostgreSQL ${has.join(", ")}`) +
        `. Install the Debian package postgresql-${major ?? "15"}`,
    );
  }
  const differs = data && asked && data !== asked;
  return {
    major,
    note: differs ? [`the data directory is of PostgreSQL ${data}, PGVERSION is ${asked}`] : [],
  };
}

/** Without the archive that it asks for a member would begin as an empty database. */
function refuseOtherStores({ container: { env, image } }: ImageRequest, archives: Archives): void {
  const methods = { CLONE_METHOD: archives.clone, STANDBY_METHOD: archives.standby };
  for (const [name, archive] of Object.entries(methods)) {
    if (!env[name]?.endsWith("WALE") || archive !== undefined) continue;
    const asked = `${name}=${env[name]}`;
    throw new ImageUnavailableError(
      `cannot run ${image}: ${asked} without a place in S3, and the stand-in for WAL-G knows no ` +
        "other store",
    );
  }
}

/** A certificate given as a value instead of a file is written where a file would be. */
function givenCertificates(
  env: Readonly<Record<string, string>>,
  paths: { certificate: string; key: string },
): ProgramFile[] {
  const given: [string | undefined, string | undefined, number][] = [
    [env["SSL_CERTIFICATE"], paths.certificate, 0o644],
    [env["SSL_PRIVATE_KEY"], paths.key, 0o600],
    [env["SSL_CA"], env["SSL_CA_FILE"], 0o644],
  ];
  return given.flatMap(([content, path, mode]) =>
    content && path ? [{ path, content, mode, owner: "postgres" as const }] : []
  );
}

function clonePassword(env: Readonly<Record<string, string>>): ProgramFile[] {
  if (!clonesByBaseBackup(env)) return [];
  const fields = [env["CLONE_HOST"], env["CLONE_PORT"] ?? "5432", "*", env["CLONE_USER"]];
  const content = [...fields, env["CLONE_PASSWORD"]]
    .map((field) => String(field).replace(/[\\:]/g, "\\$&")).join(":");
  return [{ path: CLONE_PGPASS, content: `${content}\n`, mode: 0o600, owner: "postgres" }];
}

function setUpLines(
  env: Readonly<Record<string, string>>,
  paths: { root: string; data: string; log: string; certificate: string; key: string },
): string[] {
  const [root, data, log] = [paths.root, paths.data, paths.log].map(shellWord);
  const lines = [
    `mkdir -p ${root} ${data} ${log} /run/postgresql /run/certs /run/etc/wal-e.d/env`,
    `for day in 0 1 2 3 4 5 6 7; do touch ${log}/postgresql-$day.csv; done`,
    `chown -R postgres:postgres ${root} /run/postgresql /run/certs`,
    `chmod 700 ${data}`,
    // psql's Debian wrapper would look at the clusters of this machine.
    "rm -rf /etc/postgresql",
    `for home in /root ${HOME}; do mkdir -p $home/.config/patroni; ` +
    `ln -sf ${CONFIGURATION} $home/.config/patroni/patronictl.yaml; done`,
    `chown postgres:postgres ${HOME}`,
  ];
  const selfMade = env["SSL_CERTIFICATE_FILE"] === undefined && !env["SSL_CERTIFICATE"];
  if (selfMade) {
    lines.push(
      "openssl req -new -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 3650 " +
        `-subj /CN=spilo.example.org -keyout ${shellWord(paths.key)} ` +
        `-out ${shellWord(paths.certificate)} 2>/dev/null`,
      `chown postgres:postgres ${shellWord(paths.key)} ${shellWord(paths.certificate)}`,
      `chmod 600 ${shellWord(paths.key)}`,
    );
  }
  return lines;
}

/** JSON is YAML; nothing has to be quoted by other rules. */
function yaml(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
