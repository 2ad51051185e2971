/** Runs a block of commands in a session of its own, and ends whatever it started. */
import { delay } from "./time.ts";

/** What a block runs in. */
export interface Surroundings {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A program says that it is up. */
const UP = /looking after \d+ clusters|Ctrl-C|node \S+ is ready|Forwarding from|web UI at/;
/** A program that a debugger can attach to, so one does. */
const INSPECTED = /Debugger listening|Forwarding from 127\.0\.0\.1:9229/;
const UP_LIMIT_MS = 90_000;
const LIMIT_MS = 600_000;
const INSPECTOR = "127.0.0.1:9229";

/** A shell under way. */
interface Shell {
  readonly output: () => string;
  readonly ended: Promise<number>;
  /** Ends it with everything that it started, also in the background. */
  end(): Promise<void>;
}

/** Runs commands to their end. @throws Error with what they wrote when they fail */
export async function runToEnd(text: string, around: Surroundings): Promise<void> {
  const shell = startShell(text, around);
  try {
    const code = await Promise.race([shell.ended, delay(LIMIT_MS).then(() => -1)]);
    if (code === 0) return;
    const what = code < 0 ? `did not end within ${LIMIT_MS / 1000} s` : `ended with ${code}`;
    throw new Error(`${what}:\n${lastWords(shell.output())}`);
  } finally {
    await shell.end();
  }
}

/** Starts a command and ends it once it says that it is up. @throws Error when it never does */
export async function runUntilUp(text: string, around: Surroundings): Promise<void> {
  const shell = startShell(text, around);
  try {
    let over = false;
    shell.ended.then(() => over = true);
    const endMs = Date.now() + UP_LIMIT_MS;
    while (!UP.test(shell.output())) {
      if (over || Date.now() > endMs) {
        throw new Error(`did not come up:\n${lastWords(shell.output())}`);
      }
      await delay(200);
    }
    if (INSPECTED.test(shell.output())) await attach(UP_LIMIT_MS);
  } finally {
    await shell.end();
  }
}

/** Attaches to a program that waits for a debugger and lets it go on; it then has to end well. */
export async function runUnderDebugger(text: string, around: Surroundings): Promise<void> {
  const shell = startShell(text, around);
  try {
    await attach(UP_LIMIT_MS);
    const code = await Promise.race([shell.ended, delay(UP_LIMIT_MS).then(() => -1)]);
    if (code !== 0) throw new Error(`ended with ${code}:\n${lastWords(shell.output())}`);
  } finally {
    await shell.end();
  }
}

/** Connects as an editor does, and resumes; resolves with the version of the program's V8. */
export async function attach(limitMs: number): Promise<void> {
  const endMs = Date.now() + limitMs;
  let url: string | undefined;
  while (url === undefined) {
    if (Date.now() > endMs) throw new Error(`no debugger can attach at ${INSPECTOR}`);
    await delay(200);
    const response = await fetch(`http://${INSPECTOR}/json/list`).catch(() => undefined);
    const targets = await response?.json() as { webSocketDebuggerUrl: string }[] | undefined;
    url = targets?.[0]?.webSocketDebuggerUrl;
  }
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`cannot attach to ${url}`));
  });
  await ask(socket, "Debugger.enable");
  await ask(socket, "Runtime.runIfWaitingForDebugger");
  // It stands at its first statement.
  await ask(socket, "Debugger.resume").catch(() => {});
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
}

let asked = 0;

function ask(socket: WebSocket, method: string): Promise<unknown> {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    socket.addEventListener("message", function heard({ data }) {
      const answer = JSON.parse(String(data)) as { id?: number; error?: { message: string } };
      if (answer.id !== id) return;
      socket.removeEventListener("message", heard);
      if (answer.error) reject(new Error(`${method}: ${answer.error.message}`));
      else resolve(answer);
    });
    socket.send(JSON.stringify({ id, method }));
  });
}

function startShell(text: string, { directory, env }: Surroundings): Shell {
  const child = new Deno.Command("/usr/bin/setsid", {
    args: ["/bin/bash", "--noprofile", "--norc", "-euo", "pipefail", "-c", `${text}\n`],
    cwd: directory,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const hear = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) output += part;
  };
  const heard = Promise.all([hear(child.stdout), hear(child.stderr)]);
  const ended = child.status.then(({ code }) => code);
  const signal = (name: string) =>
    new Deno.Command("/bin/kill", { args: [`-${name}`, "--", `-${child.pid}`], stderr: "null" })
      .output();
  return {
    output: () => output,
    ended,
    async end() {
      // What runs in the background outlives its shell.
      await signal("INT");
      await signal("TERM");
      await Promise.race([heard, delay(15_000)]);
      await signal("KILL");
      await heard;
    },
  };
}

function lastWords(output: string): string {
  return output.trimEnd().split("\n").slice(-25).join("\n");
}
