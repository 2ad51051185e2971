/**
 * The operator as tests run it: a child process, from source or as a compiled binary, that ends
 * with the test whatever happens to the test.
 */

import { permissionsOf } from "./permissions.ts";

/** How the operator is started. */
export interface OperatorLaunch {
  readonly kubeconfig: string;
  readonly env: Readonly<Record<string, string>>;
  /** More flags than `--outofcluster --kubeconfig`. */
  readonly flags?: readonly string[];
  /** What starts it, such as a compiled operator; the sources when absent. */
  readonly program?: readonly string[];
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number;
  readonly signal: Deno.Signal | null;
}

/** A running operator. */
export interface OperatorProcess {
  readonly pid: number;
  /** Settles when it has ended, for whatever reason. */
  readonly ended: Promise<ProcessEnd>;
  /** SIGKILL, as a node that is switched off. */
  kill(): void;
  /** SIGTERM, and SIGKILL where that does not help. Resolves when it has ended. */
  stop(): Promise<ProcessEnd>;
  /** What it has logged so far, the last lines only. */
  log(): readonly string[];
  /** Resolves when a line of its log matches; rejects when it ends or takes too long. */
  untilLogged(pattern: RegExp, limitMs?: number): Promise<string>;
}

const STOP_MS = 15_000;
const KEPT_LINES = 4_000;
const SOURCE = new URL("../../src/main.ts", import.meta.url).pathname;
const SETPRIV = "/usr/bin/setpriv";

/** Starts the operator; it may still be starting when this returns. */
export function startOperatorProcess(launch: OperatorLaunch): OperatorProcess {
  const program = launch.program ?? fromSource();
  const flags = ["--outofcluster", `--kubeconfig=${launch.kubeconfig}`, ...launch.flags ?? []];
  const [command = "", ...args] = [...diesWithParent(), ...program, ...flags];
  const child = new Deno.Command(command, {
    args,
    env: { ...launch.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const hear = (line: string) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.splice(0, KEPT_LINES / 4);
    for (const listener of listeners) listener();
  };
  const heard = Promise.all([collect(child.stdout, hear), collect(child.stderr, hear)]);
  let over = false;
  const ended = heard.then(() => child.status).then(({ code, signal }) => {
    over = true;
    for (const listener of listeners) listener();
    return { code, signal };
  });
  return {
    pid: child.pid,
    ended,
    kill() {
      if (!over) signalChild(child, "SIGKILL");
    },
    async stop() {
      if (!over) signalChild(child, "SIGTERM");
      const timer = setTimeout(() => signalChild(child, "SIGKILL"), STOP_MS);
      const end = await ended;
      clearTimeout(timer);
      return end;
    },
    log: () => lines,
    untilLogged: (pattern, limitMs = 20_000) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          clearTimeout(timer);
          listeners.delete(look);
          act();
        };
        const failed = (what: string) =>
          settle(() => reject(new Error(`${what} without ${pattern} in its log:\n${tail(lines)}`)));
        const timer = setTimeout(() => failed(`the operator went on for ${limitMs} ms`), limitMs);
        const look = () => {
          const line = lines.find((it) => pattern.test(it));
          if (line !== undefined) settle(() => resolve(line));
          else if (over) failed("the operator ended");
        };
        listeners.add(look);
        look();
      }),
  };
}

/** With the permissions of the binary, so that what it may not do fails here too. */
function fromSource(): string[] {
  const permissions = permissionsOf("compile");
  return [Deno.execPath(), "run", "--no-prompt", "--no-lock", ...permissions, SOURCE];
}

/** The last lines of a log, for the message of a failed test. */
export function tail(lines: readonly string[], count = 25): string {
  return lines.slice(-count).join("\n");
}

/** A port of the loopback interface that nobody listens on. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** A test that is killed takes its operator with it; the pid stays that of the operator. */
function diesWithParent(): string[] {
  try {
    Deno.statSync(SETPRIV);
    return [SETPRIV, "--pdeathsig", "KILL"];
  } catch {
    return [];
  }
}

function signalChild(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended meanwhile
  }
}

async function collect(
  from: ReadableStream<Uint8Array<ArrayBuffer>>,
  hear: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of from.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(hear);
  }
  if (rest !== "") hear(rest);
}
