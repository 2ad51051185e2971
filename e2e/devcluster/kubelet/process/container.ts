/**
 * One started container: the process tree in its namespaces, its output, its end (dev cluster,
 * kubelet layer).
 *
 * The chain is `setsid setpriv unshare bash bash`: a session of its own, so that Ctrl-C in a terminal
 * does not reach it, and KILL for everything when this process dies in whatever way.
 */
import type {
  ContainerExit,
  ContainerRequest,
  ExecRequest,
  ExecSession,
  RunningContainer,
} from "../runtime.ts";
import type { ContainerProgram } from "../images/program.ts";
import { startExec } from "./exec.ts";
import { untilHeard } from "./signals.ts";
import { ENVIRONMENT_FILE, launchScript } from "./launch_script.ts";

const BASH = ["/bin/bash", "--noprofile", "--norc"] as const;

/**
 * Starts process 1 of the new namespaces, waits for it and ends with its code. `unshare --fork`
 * would do the same, but for a process 1 that was killed.
 */
const KEEPER = `setpriv --pdeathsig KILL ${BASH.join(" ")} "$0" & exec 2> /dev/null; wait $!`;

/** What a container is started from. */
export interface ContainerStart {
  readonly id: string;
  readonly request: ContainerRequest;
  readonly program: ContainerProgram;
  readonly hostname: string;
  readonly hostsFile: string;
  /** A directory of this machine that is this container's alone. */
  readonly directory: string;
}

/**
 * Starts a container; resolves when its program has been started.
 *
 * @throws Error with what the set-up said when it failed.
 */
export async function startContainer(start: ContainerStart): Promise<RunningContainer> {
  const { directory, program, request } = start;
  await writeLaunchFiles(start);
  const child = new Deno.Command("/usr/bin/setsid", {
    args: [
      ...["/usr/bin/setpriv", "--pdeathsig", "KILL"],
      ...["/usr/bin/unshare", "--mount", "--propagation", "private", "--uts", "--ipc", "--pid"],
      ...[...BASH, "-c", KEEPER, `${directory}/launch.sh`],
    ],
    clearEnv: true,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8" },
    cwd: "/",
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const complaints: Uint8Array[] = [];
  const process = Promise.withResolvers<number | undefined>();
  const output = Promise.all([
    readOutput(child.stdout, process.resolve, (bytes) => request.onOutput("stdout", bytes)),
    forEachChunk(child.stderr, (bytes) => {
      if (complaints.length < 20) complaints.push(bytes);
      request.onOutput("stderr", bytes);
    }),
  ]);
  const exited = output.then(() => child.status).then(describeExit);
  const pid = await process.promise;
  if (pid === undefined) {
    const exit = await exited;
    throw new Error(
      `cannot start container ${request.name}: its set-up ended with ${exit.exitCode}: ` +
        await new Response(new Blob(complaints as Uint8Array<ArrayBuffer>[])).text(),
    );
  }
  return runningContainer({ id: start.id, pid, exited, directory, program, request });
}

interface Started {
  readonly id: string;
  readonly pid: number;
  readonly exited: Promise<ContainerExit>;
  readonly directory: string;
  readonly program: ContainerProgram;
  readonly request: ContainerRequest;
}

function runningContainer(started: Started): RunningContainer {
  const { id, pid, exited, program, request, directory } = started;
  let over = false;
  exited.then(() => over = true);
  // After the end the number may belong to another process.
  const signal = (name: Deno.Signal) => {
    if (over) return;
    try {
      Deno.kill(pid, name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  return {
    id,
    exited,
    exec(exec: ExecRequest): Promise<ExecSession> {
      if (over) throw new Error(`cannot run a command in container ${request.name}: it has ended`);
      return Promise.resolve(startExec({ pid, program, directory, request: exec }));
    },
    async stop(graceMs: number): Promise<void> {
      if (graceMs > 0) {
        const timer = setTimeout(() => signal("SIGKILL"), graceMs);
        await untilHeard(pid, "SIGTERM", () => over);
        signal("SIGTERM");
        await exited;
        clearTimeout(timer);
      }
      signal("SIGKILL");
      await exited;
    },
  };
}

async function writeLaunchFiles(start: ContainerStart): Promise<void> {
  const { directory, program, request } = start;
  await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
  const privately = { mode: 0o600 };
  const files = program.files.map((file, index) => ({
    ...file,
    source: `${directory}/file-${index}`,
  }));
  for (const file of files) await Deno.writeTextFile(file.source, file.content, privately);
  const environment = Object.entries(program.env).map(([name, value]) => `${name}=${value}\0`);
  await Deno.writeTextFile(`${directory}/${ENVIRONMENT_FILE}`, environment.join(""), privately);
  const brought = (program.mounts ?? []).map((mount) => ({ ...mount, readOnly: true }));
  const mounts = [...request.mounts, ...brought];
  const script = launchScript({ ...program, ...start, files, mounts });
  await Deno.writeTextFile(`${directory}/launch.sh`, script, privately);
}

/** The first line is the process id; the rest is the program's own output. */
async function readOutput(
  stream: ReadableStream<Uint8Array>,
  onProcess: (pid: number | undefined) => void,
  onBytes: (bytes: Uint8Array) => void,
): Promise<void> {
  let head: string | undefined = "";
  await forEachChunk(stream, (bytes) => {
    if (head === undefined) return onBytes(bytes);
    const end = bytes.indexOf(10);
    head += new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
    if (end < 0) return;
    onProcess(/^\d+$/.test(head) ? Number(head) : undefined);
    head = undefined;
    if (end + 1 < bytes.length) onBytes(bytes.subarray(end + 1));
  });
  onProcess(undefined);
}

async function forEachChunk(
  stream: ReadableStream<Uint8Array>,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  for await (const bytes of stream) take(bytes);
}

/** A shell tells of a signal by the code, which is what a container runtime reports as well. */
function describeExit({ code }: Deno.CommandStatus): ContainerExit {
  const signal = code - 128;
  return signal > 0 && signal < 32 ? { exitCode: code, signal } : { exitCode: code };
}
