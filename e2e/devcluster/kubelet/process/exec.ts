/**
 * A command in a running container's namespaces, with or without a terminal (dev cluster,
 * kubelet layer).
 *
 * `nsenter` joins the namespaces of the container's process 1. A terminal is made by `script`,
 * since a pty cannot be made from Deno; the command's first act is to write down the name of its
 * terminal, which `resize` needs.
 */
import type { ExecRequest, ExecSession } from "../runtime.ts";
import { type ContainerProgram, shellWord } from "../images/program.ts";
import { becomeUser } from "./launch_script.ts";

/** Where and what to run. */
export interface ExecStart {
  /** The container's process 1, as this machine numbers it. */
  readonly pid: number;
  readonly program: ContainerProgram;
  /** A directory of this machine for the name of the terminal. */
  readonly directory: string;
  readonly request: ExecRequest;
}

let terminals = 0;

/** Starts a command; its environment is the container's. */
export function startExec(start: ExecStart): ExecSession {
  const { program, request } = start;
  const inside = [
    ...["/usr/bin/nsenter", "--target", String(start.pid)],
    ...["--mount", "--uts", "--ipc", "--pid", "--"],
    ...becomeUser(program.execUser).split(" "),
    ...["env", `--chdir=${program.workingDir}`, "--", ...request.command],
  ];
  const terminalFile = `${start.directory}/terminal-${++terminals}`;
  const withTerminal = [
    ...["/usr/bin/script", "--quiet", "--return", "--flush", "--command"],
    `tty > ${shellWord(terminalFile)}; exec ${inside.map(shellWord).join(" ")}`,
    "/dev/null",
  ];
  // A session of its own: the whole group can be ended together.
  const child = new Deno.Command("/usr/bin/setsid", {
    args: request.tty ? withTerminal : inside,
    clearEnv: true,
    env: request.tty ? { TERM: "xterm", ...program.env } : { ...program.env },
    cwd: "/",
    stdin: request.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (request.stdin !== undefined) feed(request.stdin, child.stdin);
  const output = Promise.all([
    handOver(child.stdout, (bytes) => request.onOutput("stdout", bytes)),
    handOver(child.stderr, (bytes) => request.onOutput("stderr", bytes)),
  ]);
  let over = false;
  const exitCode = output.then(async () => {
    const { code } = await child.status;
    over = true;
    if (request.tty) await Deno.remove(terminalFile).catch(() => {});
    return code;
  });
  return {
    exitCode,
    resize: (columns, rows) => resizeTerminal(terminalFile, columns, rows),
    kill() {
      if (!over) endGroup(child.pid);
    },
  };
}

async function handOver(
  stream: ReadableStream<Uint8Array>,
  take: (bytes: Uint8Array) => void | Promise<void>,
): Promise<void> {
  for await (const bytes of stream) await take(bytes);
}

/** The command may end before its input does; what is left is of no use then. */
function feed(
  input: ReadableStream<Uint8Array>,
  stdin: WritableStream<Uint8Array<ArrayBufferLike>>,
): void {
  input.pipeTo(stdin).catch(() => {});
}

async function resizeTerminal(file: string, columns: number, rows: number): Promise<void> {
  const terminal = await readWhenWritten(file);
  if (terminal === undefined) return;
  await new Deno.Command("/usr/bin/stty", {
    args: ["-F", terminal, "cols", String(columns), "rows", String(rows)],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
}

/** The first size comes with the request, before the terminal is there. */
async function readWhenWritten(file: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const name = (await Deno.readTextFile(file).catch(() => "")).trim();
    if (name.startsWith("/dev/")) return name;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}

function endGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
