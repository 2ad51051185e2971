/**
 * PostgreSQL major versions beside the one that this machine's Debian has (dev cluster).
 *
 * Later Debian releases carry them. Their packages are not installed: they are unpacked into a
 * directory of their own together with the libraries and the loader that they were linked against,
 * and their programs are told to use those. So one machine runs several majors, with contrib and
 * pg_upgrade, whatever its own C library is. Nothing outside the directory changes.
 */
import { installedPostgresMajors } from "./packages.ts";

/** The Debian release that carries a major version, and whether it has a security archive. */
const RELEASES: Readonly<Record<string, { suite: string; security: boolean }>> = {
  "17": { suite: "trixie", security: true },
  "18": { suite: "forky", security: false },
};

/** Where the directories are; root alone writes there. */
const CACHE = "/var/cache/postgres-operator-devcluster";

/** The directory of an unpacked major version. */
export function unpackedMajor(major: string): string {
  return `${CACHE}/postgresql-${major}`;
}

/** Major versions that process pods can run, ascending: installed ones and unpacked ones. */
export function runnableMajors(): string[] {
  const unpacked = Object.keys(RELEASES).filter((major) => exists(serverOf(major)));
  return [...new Set([...installedPostgresMajors(), ...unpacked])]
    .sort((a, b) => Number(a) - Number(b));
}

/**
 * The newest major version that can take over the data of another one; undefined where there is none.
 *
 * Minor versions of one day belong together: since those of November 2026 tables keep an option of
 * columns (`pg_attver`) which a server of an earlier minor version refuses to restore, whatever its
 * major version is.
 */
export function upgradeTarget(from: string): string | undefined {
  const keeps = (major: string) => mentions(programOf(major), COLUMN_OPTION);
  const kept = keeps(from);
  return runnableMajors().filter((major) => Number(major) > Number(from))
    .findLast((major) => !kept || keeps(major));
}

const COLUMN_OPTION = "pg_attver";

/** Whether a file has a text in it. */
function mentions(path: string, text: string): boolean {
  const bytes = Deno.readFileSync(path);
  return new TextDecoder("latin1").decode(bytes).includes(text);
}

function programOf(major: string): string {
  const installed = `/usr/lib/postgresql/${major}/bin/postgres`;
  return exists(installed) ? installed : serverOf(major);
}

/** Where the loadable modules of a major version are on this machine. */
export function modulesDirectory(major: string): string {
  const own = `/usr/lib/postgresql/${major}`;
  return exists(`${own}/bin/postgres`) ? `${own}/lib` : `${unpackedMajor(major)}${own}/lib`;
}

/** Lines of bash that show the unpacked versions where Debian would have them. */
export function linkUnpackedMajors(): string[] {
  return Object.keys(RELEASES).filter((major) => exists(serverOf(major))).map((major) => {
    const place = `/usr/lib/postgresql/${major}`;
    return `[ -e ${place} ] || { mkdir -p /usr/lib/postgresql; ` +
      `ln -s ${unpackedMajor(major)}${place} ${place}; }`;
  });
}

/**
 * Unpacks a major version unless it can be run already.
 *
 * @returns whether it can be run now; what went wrong goes to `log`
 */
export async function ensureMajor(
  major: string,
  log: (line: string) => void,
): Promise<boolean> {
  if (runnableMajors().includes(major)) return true;
  const release = RELEASES[major];
  if (release === undefined || Deno.uid() !== 0 || !exists("/usr/bin/apt-get")) return false;
  log(`Fetching PostgreSQL ${major} from Debian ${release.suite}, into ${unpackedMajor(major)}`);
  const output = await new Deno.Command("/bin/bash", {
    args: ["-c", UNPACK, "unpack-postgresql", major, release.suite, unpackedMajor(major)],
    env: { SECURITY: release.security ? "yes" : "no", LC_ALL: "C.UTF-8" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (output.success && exists(serverOf(major))) return true;
  const text = new TextDecoder().decode(output.stderr).trimEnd().split("\n").slice(-5);
  log(`PostgreSQL ${major} could not be fetched:`);
  for (const line of text) log(`  ${line}`);
  return false;
}

/**
 * Makes the newest major version there is runnable.
 *
 * @returns all that can be run then, ascending
 */
export async function ensureNewestMajor(log: (line: string) => void): Promise<string[]> {
  const newestFirst = Object.keys(RELEASES).sort((a, b) => Number(b) - Number(a));
  for (const major of newestFirst) {
    if (await ensureMajor(major, log)) break;
  }
  return runnableMajors();
}

function serverOf(major: string): string {
  return `${unpackedMajor(major)}/usr/lib/postgresql/${major}/bin/postgres`;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * apt works with lists and a status of its own, so it neither sees nor changes what is installed, and
 * checks signatures as always. Left out: the compiler for JIT (LLVM), and what only set-up scripts
 * of packages need. A lock keeps two runs apart.
 */
const UNPACK = String.raw`
set -euo pipefail
major=$1 suite=$2 final=$3
mkdir -p "$(dirname "$final")"
exec 9> "$final.lock"
flock 9
[ ! -e "$final" ] || exit 0
work=$(mktemp -d "$final.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work"/debs "$work"/out
apt() {
  apt-get --quiet --quiet -o Dir::Etc::sourcelist="$work/apt/sources.list" \
    -o Dir::Etc::sourceparts=- -o Dir::State="$work/apt" -o Dir::State::lists="$work/apt/lists" \
    -o Dir::State::status="$work/apt/status" -o Dir::Cache="$work/apt/cache" \
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false \
    -o Acquire::http::Timeout=15 -o Acquire::Retries=1 -o APT::Sandbox::User=root "$@"
}
: > "$work/apt/status"
archive() { echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $1 $2 main"; }
{
  archive http://deb.debian.org/debian "$suite"
  [ "$SECURITY" = no ] || archive http://deb.debian.org/debian-security "$suite-security"
} > "$work/apt/sources.list"
apt update
names=$(apt --no-install-recommends --simulate install "postgresql-$major" patchelf |
  sed -n 's/^Inst \([^ ]*\) .*/\1/p' |
  grep -E "^(lib.*|postgresql-(client-)?$major|patchelf)$" |
  grep -vE '^lib(llvm|z3-|perl|proc2|semanage|sepol|debconf|c-bin|c-l10n|gdbm|ncurses|db5)|-perl$')
cd "$work/debs"
apt download $names
for package in *.deb; do dpkg --extract "$package" "$work/tree"; done
cd "$work/tree"
loader=$(find . -name 'ld-linux*.so*' -type f -printf '%P\n' | head -n 1)
libraries=$(dirname "$(find . -name libc.so.6 -printf '%P\n' | head -n 1)")
home=usr/lib/postgresql/$major
rm -rf "$home"/lib/llvmjit* "$home"/lib/bitcode
for program in "$home"/bin/*; do
  "./$loader" --library-path "$work/tree/$libraries" usr/bin/patchelf \
    --set-interpreter "$final/$loader" --force-rpath --set-rpath "$final/$libraries" "$program"
done
for kept in "$home" "usr/share/postgresql/$major" "$libraries" "$loader"; do
  [ -e "$work/out/$kept" ] && continue
  mkdir -p "$work/out/$(dirname "$kept")"
  mv "$kept" "$work/out/$kept"
done
chmod 755 "$work/out"
mv "$work/out" "$final"
`;
