/**
 * What an image stands for when it runs as processes of this machine (dev cluster, images layer).
 *
 * An image's function turns a container request into a `ContainerProgram`; the process runtime
 * carries it out and knows nothing of Patroni or PgBouncer.
 */
import type { ContainerRequest } from "../runtime.ts";

/** The program of a container and what has to be there before it starts. */
export interface ContainerProgram {
  readonly argv: readonly string[];
  /** The account of this machine that the program runs as. */
  readonly user: Account;
  /** The account of a command that is run beside the program. */
  readonly execUser: Account;
  /** The whole environment: what the image sets, with the container's own on top. */
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly files: readonly ProgramFile[];
  /** Files of this machine that the image brings along, too large to copy. */
  readonly mounts?: readonly ProgramMount[];
  /** Lines of bash, run as root inside the container's file system before the program. */
  readonly setUp: readonly string[];
  /** Said in the container's log before the program starts. */
  readonly notes: readonly string[];
}

/** Containers know no other accounts of this machine. */
export type Account = "root" | "postgres";

/** A file that the image brings along. */
export interface ProgramFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
  readonly owner: Account;
}

/** A file of this machine that a container sees, and cannot write. */
export interface ProgramMount {
  readonly hostPath: string;
  readonly path: string;
}

/** A container to run, as an image's function sees it. */
export interface ImageRequest {
  readonly container: ContainerRequest;
  readonly podIp: string;
  readonly hostname: string;
  /** `resources.limits.memory` in MiB, when there is one. */
  readonly memoryLimitMb?: number;
  readonly machine: Machine;
}

/** What of this machine decides about a program. */
export interface Machine {
  /** PostgreSQL major versions with a server, ascending. */
  readonly postgresMajors: readonly string[];
  /** Names of the loadable modules of a major version, without `.so`. */
  readonly modules: (major: string) => ReadonlySet<string>;
  /** Locale names as `locale -a` prints them. */
  readonly locales: ReadonlySet<string>;
  /** Reads a file at a container path, following the container's mounts. */
  readonly readMounted: (path: string) => string | undefined;
  /** Patroni's timing on a laptop: shorter than in production so that a failover is soon over. */
  readonly patroni: {
    readonly ttl: number;
    readonly loopWait: number;
    readonly retryTimeout: number;
  };
}

/** Where Debian keeps the programs of a major version. */
export function binaryDirectory(major: string): string {
  return `/usr/lib/postgresql/${major}/bin`;
}

/** The search path of a container that uses a major version's programs. */
export function programPath(major?: string): string {
  const system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  return major === undefined ? system : `${binaryDirectory(major)}:${system}`;
}

/** Quotes a word for bash. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Files that let curl reach the pod itself under localhost, one for each home: a folder → its owner.
 * Pods share the machine's network, so a pod's own address stands for localhost in /etc/hosts. curl
 * does not look there for that name; it reads these.
 */
export function localhostForCurl(
  podIp: string,
  homes: Readonly<Record<string, Account>>,
): ProgramFile[] {
  const content = ["localhost", "127.0.0.1"].map((name) => `connect-to = "${name}::${podIp}:"\n`);
  return Object.entries(homes).map(([home, owner]) => ({
    path: `${home}/.curlrc`,
    content: content.join(""),
    mode: 0o644,
    owner,
  }));
}
