/** Commands in containers that run nothing: answers looked up, a few small programs imitated. */
import type { ExecRequest, ExecSession } from "../runtime.ts";

/** What a command answers. */
export interface StubAnswer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** Answers a command, or leaves it to the next one that may. */
export type StubExec = (
  call: {
    readonly namespace: string;
    readonly pod: string;
    readonly container: string;
    readonly command: readonly string[];
  },
) => StubAnswer | undefined;

const NOT_FOUND = 127;

/** Answers a command by the first of the answers that knows it. */
export function answerExec(
  request: ExecRequest,
  call: Parameters<StubExec>[0],
  answers: readonly (StubExec | undefined)[],
): ExecSession {
  // One after the other: an answer may have an effect.
  let known: StubAnswer | undefined;
  for (const answer of answers) known ??= answer?.(call);
  const exitCode = known ? print(request, known) : imitate(request);
  exitCode.catch(() => {});
  return { exitCode, resize: () => {}, kill: () => {} };
}

async function print(request: ExecRequest, answer: StubAnswer): Promise<number> {
  const encoder = new TextEncoder();
  if (answer.stdout) await request.onOutput("stdout", encoder.encode(answer.stdout));
  if (answer.stderr) await request.onOutput("stderr", encoder.encode(answer.stderr));
  return answer.exitCode ?? 0;
}

/** Enough of a shell for tests of exec itself: echo, cat, true, false, exit, output to stderr. */
async function imitate(request: ExecRequest): Promise<number> {
  const [program = "", ...args] = request.command;
  const name = program.split("/").at(-1)!;
  if (/^(ba|da)?sh$/.test(name) && args[0]?.endsWith("c")) {
    const words = args[1]!.split(/\s+/).map((it) => it.replaceAll(/["']/g, ""));
    return await imitate({ ...request, command: words });
  }
  if (name === "true" || name === "false") return name === "true" ? 0 : 1;
  if (name === "exit") return Number(args[0] ?? 0);
  if (name === "echo") {
    const toError = args.includes(">&2") || args.includes("1>&2");
    const text = `${args.filter((it) => !it.endsWith(">&2")).join(" ")}\n`;
    return await print(request, toError ? { stderr: text } : { stdout: text });
  }
  if (name === "cat" && args.length === 0) {
    for await (const bytes of request.stdin ?? []) await request.onOutput("stdout", bytes);
    return 0;
  }
  const stderr = `${program}: nothing is executed here\n`;
  return await print(request, { stderr, exitCode: NOT_FOUND });
}
