/**
 * What this machine offers to process pods, and whether it can run them at all (dev cluster,
 * kubelet layer).
 */
import { modulesDirectory, runnableMajors } from "../../postgres_majors.ts";
import type { Machine } from "../images/program.ts";

/** Patroni takes no shorter ttl; a failover is over in half a minute. */
export const PATRONI_TIMING: Machine["patroni"] = { ttl: 20, loopWait: 2, retryTimeout: 5 };

/** The programs that make a container; all are in packages that Debian calls essential. */
const PROGRAMS = ["setsid", "setpriv", "unshare", "nsenter", "script", "stty", "bash"] as const;

/**
 * Checks that processes can be run in namespaces.
 *
 * @throws Error naming everything that is missing.
 */
export function requireProcessSupport(): void {
  const lacks: string[] = [];
  if (Deno.build.os !== "linux") lacks.push("Linux");
  else if (Deno.uid() !== 0) lacks.push("root (for mount, pid, uts and ipc namespaces)");
  const absent = PROGRAMS.filter((name) => !isFile(`/usr/bin/${name}`));
  if (Deno.build.os === "linux" && absent.length > 0) {
    lacks.push(`${absent.join(", ")} in /usr/bin (Debian: apt-get install util-linux coreutils)`);
  }
  if (lacks.length === 0) return;
  throw new Error(`cannot run process pods: they need ${lacks.join("; ")}`);
}

/** Looks at this machine's PostgreSQL packages and locales. */
export function processMachine(): Pick<Machine, "postgresMajors" | "modules" | "locales"> {
  return {
    postgresMajors: runnableMajors(),
    modules: loadableModules,
    locales: locales(),
  };
}

function loadableModules(major: string): ReadonlySet<string> {
  const names = [...Deno.readDirSync(modulesDirectory(major))].map((entry) => entry.name);
  return new Set(names.filter((name) => name.endsWith(".so")).map((name) => name.slice(0, -3)));
}

function locales(): ReadonlySet<string> {
  const output = new Deno.Command("/usr/bin/locale", { args: ["-a"], stderr: "null" }).outputSync();
  return new Set(new TextDecoder().decode(output.stdout).split("\n").filter((name) => name !== ""));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
