/**
 * The Debian packages that process pods need, and how they get onto the machine (dev cluster).
 *
 * Says what it is going to install before it does. An installation starts no service and makes
 * no PostgreSQL cluster, and the two files that see to that are gone afterwards.
 */

const LIBRARY = "/usr/lib/postgresql";

/** The PostgreSQL major version that each Debian release carries. */
const MAJOR_OF_RELEASE: Readonly<Record<string, string>> = { bookworm: "15", trixie: "17" };

const DEFAULT_MAJOR = "15";

/** Patroni and its peers, and the programs that make namespaces and certificates. */
const ALWAYS = ["patroni", "pgbouncer", "util-linux", "mount", "openssl"] as const;

/** Programs that only a logical backup needs. */
export const BACKUP_PACKAGES = ["rclone", "pigz", "curl", "jq"] as const;

/** What the machine has and lacks. */
export interface PackageState {
  /** Debian package names, in the order in which they are asked for. */
  readonly missing: readonly string[];
  /** PostgreSQL major versions with a server on this machine, ascending. */
  readonly postgresMajors: readonly string[];
}

/** Packages are missing and this process cannot install them. The message says what to run. */
export class PackagesMissingError extends Error {
  override readonly name = "PackagesMissingError";
}

/** Lists the PostgreSQL major versions with a server on this machine, ascending. */
export function installedPostgresMajors(library = LIBRARY): string[] {
  try {
    return [...Deno.readDirSync(library)]
      .map((entry) => entry.name)
      .filter((name) => /^\d+$/.test(name) && exists(`${library}/${name}/bin/postgres`))
      .sort((a, b) => Number(a) - Number(b));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/**
 * Names the packages to ask for. A machine that already has some PostgreSQL server needs no
 * other one, unless `major` asks for it.
 */
export function wantedPackages(
  machine: { release: string; postgresMajors: readonly string[] },
  major?: string,
): string[] {
  const server = major ?? machine.postgresMajors.at(-1) ??
    MAJOR_OF_RELEASE[machine.release] ?? DEFAULT_MAJOR;
  const wanted: string[] = [...ALWAYS];
  if (!machine.postgresMajors.includes(server)) wanted.splice(1, 0, `postgresql-${server}`);
  return wanted;
}

/** Says which of the packages a process pod needs are missing, and which of `also`. */
export async function packageState(
  major?: string,
  also: readonly string[] = [],
): Promise<PackageState> {
  const postgresMajors = installedPostgresMajors();
  const wanted = [...wantedPackages({ release: release(), postgresMajors }, major), ...also];
  const installed = await installedOf(wanted);
  return { missing: wanted.filter((name) => !installed.has(name)), postgresMajors };
}

/** The command that a person can run to install the packages. */
export function installCommand(packages: readonly string[]): string {
  return `apt-get update && apt-get install --yes --no-install-recommends ${packages.join(" ")}`;
}

/**
 * Installs what is missing, after saying so; returns the state afterwards.
 *
 * @throws PackagesMissingError when packages are missing and cannot be installed from here.
 */
export async function ensurePackages(
  options: {
    readonly log: (line: string) => void;
    readonly major?: string;
    readonly also?: readonly string[];
  },
): Promise<PackageState> {
  const { log, major, also } = options;
  const before = await packageState(major, also);
  if (before.missing.length === 0) return before;
  refuseWhenImpossible(before.missing);
  log(`Installing Debian packages: ${before.missing.join(" ")}`);
  log("No service is started and no PostgreSQL cluster is made by this.");
  await install(before.missing, log);
  const after = await packageState(major, also);
  if (after.missing.length > 0) {
    throw new PackagesMissingError(
      `cannot use the installed packages: dpkg still lacks ${after.missing.join(", ")}`,
    );
  }
  return after;
}

function refuseWhenImpossible(missing: readonly string[]): void {
  const what = `cannot install ${missing.join(", ")}`;
  if (!exists("/usr/bin/apt-get")) {
    throw new PackagesMissingError(
      `${what}: this machine has no apt-get. The programs come from the packages of Debian 12 or 13.`,
    );
  }
  if (Deno.uid() !== 0) {
    throw new PackagesMissingError(
      `${what}: this needs root. Run as root: ${installCommand(missing)}`,
    );
  }
}

async function install(packages: readonly string[], log: (line: string) => void): Promise<void> {
  const output = await new Deno.Command("/bin/sh", {
    args: ["-c", INSTALL_SCRIPT, "install-packages", ...packages],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (output.success) return;
  const text = new TextDecoder().decode(output.stdout) + new TextDecoder().decode(output.stderr);
  for (const line of text.trimEnd().split("\n").slice(-15)) log(`  ${line}`);
  throw new PackagesMissingError(
    `cannot install ${packages.join(", ")}: apt-get ended with ${output.code} (its last lines ` +
      `are above). Run it yourself as root: ${installCommand(packages)}`,
  );
}

/**
 * One shell script, so that its traps undo everything on Ctrl-C as well. `restore` runs first,
 * too: that heals what a killed run left behind. The lock is taken on a file that is always
 * there, so no lock file stays.
 */
const INSTALL_SCRIPT = String.raw`
set -eu
policy=/usr/sbin/policy-rc.d
saved=$policy.before-devcluster
marker='Written by the dev cluster while it installs packages.'
top=/etc/postgresql-common
conf=$top/createcluster.d/90-devcluster-no-main.conf
exec 9</etc/debian_version
flock 9
restore() {
  rm -f "$conf"
  if grep -qsF "$marker" "$policy"; then rm -f "$policy"; fi
  if [ -e "$saved" ]; then mv "$saved" "$policy"; fi
}
restore
made_conf_directory=no
if [ ! -d "$top/createcluster.d" ]; then made_conf_directory=yes; fi
finish() {
  restore
  if [ $made_conf_directory = yes ]; then rmdir "$top/createcluster.d" "$top" 2>/dev/null || true; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir -p "$top/createcluster.d"
printf '# %s\ncreate_main_cluster = false\n' "$marker" > "$conf"
denied=0
if [ -x "$policy" ]; then "$policy" --quiet postgresql start || denied=$?; fi
if [ $denied -ne 101 ]; then
  if [ -e "$policy" ]; then mv "$policy" "$saved"; fi
  printf '#!/bin/sh\n# %s\nexit 101\n' "$marker" > "$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet
apt-get -o DPkg::Lock::Timeout=300 install --quiet --yes --no-install-recommends "$@"
`;

async function installedOf(names: readonly string[]): Promise<Set<string>> {
  if (!exists("/usr/bin/dpkg-query")) return new Set();
  const output = await new Deno.Command("/usr/bin/dpkg-query", {
    args: ["--show", "--showformat", "${Package} ${db:Status-Status}\\n", ...names],
    stdout: "piped",
    stderr: "null",
  }).output();
  const lines = new TextDecoder().decode(output.stdout).split("\n");
  return new Set(
    lines.filter((line) => line.endsWith(" installed")).map((line) => line.split(" ")[0] ?? ""),
  );
}

function release(): string {
  try {
    const text = Deno.readTextFileSync("/etc/os-release");
    return /^VERSION_CODENAME=(\S+)$/m.exec(text)?.[1] ?? "";
  } catch {
    return "";
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
