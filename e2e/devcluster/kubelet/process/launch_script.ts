/**
 * The bash script that makes a container's namespaces into its own small machine (dev cluster,
 * kubelet layer; pure).
 *
 * It runs as process 1 of fresh mount, pid, uts and ipc namespaces and ends by becoming the
 * program. The root file system is an overlay: this machine's files below, a tmpfs on top, so a
 * container may write everywhere and changes nothing here. Its last line on standard output
 * before the program is its process id as this machine sees it.
 */
import type { Mount } from "../runtime.ts";
import { type Account, shellWord } from "../images/program.ts";

/** A directory or file of this machine, and where the container sees it. */
type Shown = Pick<Mount, "hostPath" | "path" | "readOnly">;

/** What the script needs to know; every path is one of this machine unless said otherwise. */
export interface LaunchPlan {
  /** The runtime's own directory of this container. */
  readonly directory: string;
  readonly hostname: string;
  /** The file to show as /etc/hosts. */
  readonly hostsFile: string;
  readonly mounts: readonly Shown[];
  /** Files in `directory` and where the container sees them. */
  readonly files: readonly { source: string; path: string; mode: number; owner: Account }[];
  readonly setUp: readonly string[];
  readonly notes: readonly string[];
  /** Inside the container. */
  readonly workingDir: string;
  readonly user: Account;
  readonly argv: readonly string[];
}

/** Where the script finds the environment: `NAME=value`, each ended by a zero byte. */
export const ENVIRONMENT_FILE = "environment";

/** Writes the script. */
export function launchScript(plan: LaunchPlan): string {
  const directory = shellWord(plan.directory);
  return [
    "set -eu",
    // /proc is still this machine's here, so this is the id that a signal can be sent to.
    "read -r pid _ < /proc/self/stat",
    `directory=${directory}`,
    `echo ${shellWord(plan.hostname)} > /proc/sys/kernel/hostname`,
    ROOT_FILE_SYSTEM,
    `show "$outside"${shellWord(plan.hostsFile)} /etc/hosts ro`,
    ...byDepth(plan.mounts).map((mount) =>
      `show "$outside"${shellWord(mount.hostPath)} ${shellWord(mount.path)} ` +
      (mount.readOnly ? "ro" : "rw")
    ),
    ...plan.files.map((file) =>
      `install -D -o ${file.owner} -g ${file.owner} -m ${file.mode.toString(8)} ` +
      `"$outside"${shellWord(file.source)} ${shellWord(file.path)}`
    ),
    ...plan.setUp,
    `mapfile -d '' -t environment < "$outside$directory/${ENVIRONMENT_FILE}"`,
    "umount --lazy $outside",
    "rmdir $outside",
    `mkdir -p ${shellWord(plan.workingDir)}`,
    `cd ${shellWord(plan.workingDir)}`,
    'echo "$pid"',
    ...plan.notes.map((note) => `echo ${shellWord(note)}`),
    // A background job of a shell starts with these two ignored.
    `exec env --default-signal=INT,QUIT --ignore-environment "\${environment[@]}" ${
      becomeUser(plan.user)
    } ` +
    plan.argv.map(shellWord).join(" "),
    "",
  ].join("\n");
}

/**
 * The words that run the rest of a command line as an account. A change of user clears the
 * signal that a process gets when its parent dies, so it is asked for again.
 */
export function becomeUser(user: Account): string {
  const identity = user === "root" ? "" : ` --reuid=${user} --regid=${user} --init-groups`;
  return `setpriv${identity} --pdeathsig KILL`;
}

/** A mount inside another one has to come after it. */
function byDepth(mounts: readonly Shown[]): Shown[] {
  const depth = (mount: Shown) => mount.path.split("/").filter((part) => part !== "").length;
  return [...mounts].sort((a, b) => depth(a) - depth(b));
}

const ROOT_FILE_SYSTEM = String.raw`
outside=/.outside
layer=$directory/layer
mkdir -p "$layer"
mount -t tmpfs -o mode=755 tmpfs "$layer"
mkdir -m 755 "$layer/upper" "$layer/work" "$layer/root"
mount -t overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" overlay "$layer/root"
cd "$layer/root"
mkdir .$outside
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
for empty in run home root tmp var/tmp var/lib/postgresql dev/shm; do
  mkdir -p $empty
  mount -t tmpfs tmpfs $empty
done
chmod 755 run home var/lib/postgresql
chmod 700 root
mkdir -m 1777 run/lock
mkdir -p home/postgres
pivot_root . .$outside
cd /
show() {
  if [ -d "$1" ]; then mkdir -p "$2"; else mkdir -p "$(dirname "$2")"; [ -e "$2" ] || : > "$2"; fi
  mount --bind "$1" "$2"
  if [ "$3" = ro ]; then mount -o remount,bind,ro "$2"; fi
}
`.trim();
