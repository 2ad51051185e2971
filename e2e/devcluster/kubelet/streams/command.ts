/** A command in a container and its streams, whatever carries them (dev cluster, kubelet layer). */
import type { ExecSession, RunningContainer } from "../runtime.ts";
import { isSet } from "../query.ts";

/** A command that was started, or is about to be. */
export interface RunningCommand {
  /** A `Status` as Kubernetes has it, when the command has ended or could not be started. */
  readonly status: Promise<unknown>;
  /** Standard input. What comes after its end is left out. */
  write(bytes: Uint8Array): void;
  endInput(): void;
  /** The terminal's size, as JSON. */
  resize(json: Uint8Array): void;
  /** Ends the command, since its caller has gone. */
  kill(): void;
}

export type OnOutput = (stream: "stdout" | "stderr", bytes: Uint8Array) => Promise<void>;

/** Whether a query asks for standard input: clients say `stdin`, API servers `input`. */
export function hasInput(query: URLSearchParams): boolean {
  return isSet(query.get("stdin") ?? query.get("input"));
}

/** Runs the command of a query. */
export function runCommand(
  running: RunningContainer,
  query: URLSearchParams,
  onOutput: OnOutput,
): RunningCommand {
  const input = pipe();
  const request = {
    command: query.getAll("command"),
    tty: isSet(query.get("tty")),
    ...(hasInput(query) ? { stdin: input.readable } : {}),
    onOutput,
  };
  let session: ExecSession | undefined;

  async function run(): Promise<unknown> {
    try {
      session = await running.exec(request);
      return exitStatus(await session.exitCode);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { metadata: {}, status: "Failure", reason: "InternalError", message, code: 500 };
    }
  }
  return {
    status: run(),
    write: input.write,
    endInput: input.end,
    resize(json) {
      const { Width, Height } = JSON.parse(new TextDecoder().decode(json));
      session?.resize(Width, Height);
    },
    kill() {
      input.end();
      session?.kill();
    },
  };
}

function exitStatus(exitCode: number): unknown {
  if (exitCode === 0) return { metadata: {}, status: "Success" };
  return {
    metadata: {},
    status: "Failure",
    reason: "NonZeroExitCode",
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
  };
}

/** What is written, as a stream. */
function pipe() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const readable = new ReadableStream<Uint8Array>({
    start: (it) => void (controller = it),
    cancel: () => void (controller = undefined),
  });
  return {
    readable,
    write: (bytes: Uint8Array) => controller?.enqueue(bytes),
    end: () => {
      controller?.close();
      controller = undefined;
    },
  };
}
