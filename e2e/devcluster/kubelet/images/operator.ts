/**
 * The operator's image: the compiled binary of this tree where there is one, else its bundle with the
 * permissions that the binary is compiled with (dev cluster, images layer). Both are made before, by
 * `deno task compile` or `deno task bundle`.
 */
import { ImageUnavailableError } from "../runtime.ts";
import {
  type ContainerProgram,
  type ImageRequest,
  localhostForCurl,
  type ProgramMount,
  programPath,
} from "./program.ts";

const ROOT = new URL("../../../../", import.meta.url).pathname;
/** Where builds are. */
const BUILDS = `${ROOT}dist`;
/** What `deno task bundle` makes there. */
export const BUNDLE = "program/main.js";
const HOME = "/tmp";
/** Where the container sees them. */
const DIRECTORY = "/operator";
const MAIN = `${DIRECTORY}/src/main.ts`;

/**
 * The program of an operator's container.
 *
 * @throws ImageUnavailableError when nothing was built.
 */
export function operatorProgram(request: ImageRequest, builds = BUILDS): ContainerProgram {
  const { container, podIp } = request;
  const { start, mounts } = container.image.endsWith("-debug")
    ? fromSource(podIp)
    : built(container.image, builds);
  return {
    argv: [...start, ...onItsAddress(container.args ?? [], podIp)],
    user: "postgres",
    execUser: "postgres",
    workingDir: "/",
    env: { HOME, DENO_DIR: "/tmp/deno", ...container.env, PATH: programPath() },
    files: localhostForCurl(podIp, { [HOME]: "postgres" }),
    mounts,
    setUp: [],
    notes: [],
  };
}

/** Commands that listen, and the flag that names the address of each. */
const LISTENERS: Readonly<Record<string, string>> = { run: "bind-address", ui: "address" };

/**
 * Containers share the machine's network, so each listens on its pod's address alone. A command comes
 * before its flags; without one it is the operator that runs.
 */
function onItsAddress(args: readonly string[], podIp: string): string[] {
  const [first = "run", ...rest] = args;
  const named = !first.startsWith("-");
  const flag = LISTENERS[named ? first : "run"];
  if (flag === undefined) return [...args];
  const address = `--${flag}=${podIp}`;
  return named && args.length > 0 ? [first, address, ...rest] : [address, ...args];
}

/** As the target `debug` of the Dockerfile: the sources with an inspector, nothing downloaded. */
function fromSource(podIp: string): Built {
  const deno = { hostPath: Deno.execPath(), path: `${DIRECTORY}/deno` };
  const names = ["deno.json", "deno.lock", ".ci", "src"];
  const sources = names.map((name) => ({ hostPath: ROOT + name, path: `${DIRECTORY}/${name}` }));
  const cache = { hostPath: denoDirectory(), path: `${DIRECTORY}/.deno` };
  const flags = ["--cached-only", `--inspect=${podIp}:9229`, "-A"];
  return {
    start: ["/usr/bin/env", `DENO_DIR=${cache.path}`, deno.path, "run", ...flags, MAIN],
    mounts: [deno, cache, ...sources],
  };
}

/** Where this Deno keeps what it has downloaded. */
function denoDirectory(): string {
  const home = Deno.env.get("HOME") ?? "/root";
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${home}/.cache`;
  return Deno.env.get("DENO_DIR") ?? `${cache}/deno`;
}

interface Built {
  readonly start: readonly string[];
  readonly mounts: readonly ProgramMount[];
}

function built(image: string, builds: string): Built {
  const binary = "postgres-operator";
  const binaryAt = writtenAt(`${builds}/${binary}`);
  const bundleAt = writtenAt(`${builds}/${BUNDLE}`);
  if (binaryAt === undefined && bundleAt === undefined) {
    throw new ImageUnavailableError(
      `cannot run ${image}: there is neither ${binary} nor ${BUNDLE} in ${builds}: ` +
        "run deno task bundle",
    );
  }
  const shown = (name: string): ProgramMount => ({
    hostPath: `${builds}/${name}`,
    path: `${DIRECTORY}/${name}`,
  });
  // What was built last counts: a binary is made of a bundle.
  if ((binaryAt ?? 0) >= (bundleAt ?? 0)) {
    return { start: [`${DIRECTORY}/${binary}`], mounts: [shown(binary)] };
  }
  const deno = { hostPath: Deno.execPath(), path: `${DIRECTORY}/deno` };
  const main = `${DIRECTORY}/${BUNDLE}`;
  const start = [deno.path, "run", "--no-prompt", ...permissions(), main];
  // It loads further files of its folder when it needs them.
  return { start, mounts: [deno, shown(BUNDLE.replace(/\/.*/, ""))] };
}

/** Milliseconds since 1970; undefined for a file that is not there. */
function writtenAt(path: string): number | undefined {
  try {
    return Deno.statSync(path).mtime?.getTime();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** What the binary is compiled with. */
function permissions(): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`)) as {
    tasks: Record<string, string>;
  };
  return (tasks["compile"] ?? "").match(/--allow-[a-z]+/g) ?? [];
}
