/**
 * Where a Spilo container archives WAL, and where a clone or a standby reads it: the directories of
 * variables that the image writes for WAL-G (dev cluster, images layer; pure).
 *
 * Only S3 and what speaks its protocol: the stand-in for WAL-G knows no other store.
 * Zalando: spilo, postgres-appliance/scripts/configure_spilo.py, write_wale_environment
 */
import type { ProgramFile } from "./program.ts";

type Env = Readonly<Record<string, string>>;

/** An archive and how a command is run with its variables. */
export interface Archive {
  /** Directory with a file for each variable. */
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Archives of a container; absent ones are not asked for. */
export interface Archives {
  readonly own?: Archive;
  readonly clone?: Archive;
  readonly standby?: Archive;
}

const DIRECTORY = "/run/etc/wal-e.d";

/** Variables that go along as they are. */
const PASSED = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_REGION",
  "USE_WALG_BACKUP",
  "USE_WALG_RESTORE",
  "BACKUP_NUM_TO_RETAIN",
] as const;

/** The archives that the variables of a container ask for; `major` is the version that it runs. */
export function archivesOf(env: Env, major: string): Archives {
  const clones = env["CLONE_METHOD"] === "CLONE_WITH_WALE";
  const follows = env["STANDBY_METHOD"] === "STANDBY_WITH_WALE";
  const namespace = env["POD_NAMESPACE"] ?? "default";
  const own = archive(env, {
    prefix: "",
    directory: env["WALE_ENV_DIR"] ?? `${DIRECTORY}/env`,
    // An empty prefix is none; one that is not there at all is the namespace.
    scopePrefix: namespace === "default" ? "" : `${namespace}-`,
    major,
  });
  // The source's version is not known: the script looks for it.
  const other = (prefix: "CLONE_" | "STANDBY_", name: string) =>
    archive(env, {
      prefix,
      directory: directoryOf(name, env[`${prefix}SCOPE`]),
      scopePrefix: "",
      major: "",
    });
  const clone = clones ? other("CLONE_", "clone") : undefined;
  const standby = follows ? other("STANDBY_", "standby") : undefined;
  return {
    ...(own === undefined ? {} : { own }),
    ...(clone === undefined ? {} : { clone }),
    ...(standby === undefined ? {} : { standby }),
  };
}

/** The files of archives. */
export function archiveFiles(archives: Archives): ProgramFile[] {
  return Object.values(archives as Record<string, Archive>).flatMap(({ directory, variables }) =>
    Object.entries(variables).map(([name, value]) => ({
      path: `${directory}/${name}`,
      content: value,
      mode: 0o600,
      owner: "postgres" as const,
    }))
  );
}

/** A command with the variables of an archive. */
export function withArchive({ directory }: Archive, command: string): string {
  return `envdir "${directory}" ${command}`;
}

/** The command that fetches a file of WAL. */
export function restoreCommand(archive: Archive, env: Env): string {
  const limit = env["WAL_RESTORE_TIMEOUT"] ?? "0";
  return withArchive(archive, `timeout "${limit}" /scripts/restore_command.sh "%f" "%p"`);
}

function directoryOf(what: string, scope: string | undefined): string {
  return `${DIRECTORY}/env-${what}${scope ? `-${scope}` : ""}`;
}

interface Wanted {
  /** Of the names of the variables. */
  readonly prefix: string;
  readonly directory: string;
  readonly scopePrefix: string;
  readonly major: string;
}

function archive(env: Env, wanted: Wanted): Archive | undefined {
  const value = (name: string) => env[wanted.prefix + name] ?? "";
  const place = value("WALG_S3_PREFIX") || value("WALE_S3_PREFIX") || placeOf(env, wanted);
  if (place === undefined) return undefined;
  const endpoint = value("AWS_ENDPOINT") || value("WALE_S3_ENDPOINT").replace(/\+\w+:/, ":");
  const variables: Record<string, string> = { WALG_S3_PREFIX: place, WALE_S3_PREFIX: place };
  if (endpoint !== "") variables["AWS_ENDPOINT"] = endpoint;
  for (const name of PASSED) if (value(name) !== "") variables[name] = value(name);
  return { directory: wanted.directory, variables };
}

/** The folder of a cluster: its scope, between a prefix and a suffix that tell lives of a name apart. */
function placeOf(env: Env, { prefix, scopePrefix, major }: Wanted): string | undefined {
  const value = (name: string) => env[prefix + name];
  const [bucket, scope] = [value("WAL_S3_BUCKET"), value("SCOPE")];
  if (!bucket || !scope) return undefined;
  const before = value("WAL_BUCKET_SCOPE_PREFIX") ?? scopePrefix;
  const after = value("WAL_BUCKET_SCOPE_SUFFIX") ?? "";
  return `s3://${bucket}/spilo/${before}${scope}${after}/wal/${major}`;
}
