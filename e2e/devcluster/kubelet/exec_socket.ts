/**
 * Commands in containers over a WebSocket (dev cluster, kubelet layer). A frame begins with its
 * channel: 0 stdin, 1 stdout, 2 stderr, 3 the final status, 4 the terminal's size and, from v5
 * on, 255 the end of a channel.
 */
import type { ExecSession, RunningContainer } from "./runtime.ts";
import { isSet } from "./query.ts";
import { drained, sendFrame, upgrade } from "./upgrade.ts";

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const RESIZE = 4;
const CLOSE = 255;

/** Runs the command of the query and passes its streams on. */
export function serveExec(
  request: Request,
  running: RunningContainer,
  query: URLSearchParams,
): Response {
  const upgraded = upgrade(request, ["v5.channel.k8s.io", "v4.channel.k8s.io"]);
  if (upgraded instanceof Response) return upgraded;
  const { socket, response } = upgraded;
  const input = stdinPipe(socket);
  let session: ExecSession | undefined;
  socket.onmessage = ({ data }) => {
    const frame = new Uint8Array(data as ArrayBuffer);
    if (frame[0] === STDIN) input.write(frame.slice(1));
    else if (frame[0] === CLOSE && frame[1] === STDIN) input.end();
    else if (frame[0] === RESIZE) {
      const { Width, Height } = JSON.parse(new TextDecoder().decode(frame.subarray(1)));
      session?.resize(Width, Height);
    }
  };
  socket.onclose = () => {
    input.end();
    session?.kill();
  };
  socket.onopen = async () => {
    const status = await run();
    sendFrame(socket, STATUS, new TextEncoder().encode(JSON.stringify(status)));
    socket.close();
  };

  async function run(): Promise<unknown> {
    try {
      session = await running.exec({
        command: query.getAll("command"),
        tty: isSet(query.get("tty")),
        ...(isSet(query.get("stdin") ?? query.get("input")) ? { stdin: input.readable } : {}),
        onOutput: (stream, bytes) => {
          sendFrame(socket, stream === "stdout" ? STDOUT : STDERR, bytes);
          return drained(socket);
        },
      });
      return exitStatus(await session.exitCode);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { metadata: {}, status: "Failure", reason: "InternalError", message, code: 500 };
    }
  }
  return response;
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

/** What the client sends as standard input, as a stream. */
function stdinPipe(socket: WebSocket) {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const readable = new ReadableStream<Uint8Array>({
    start: (it) => void (controller = it),
    cancel: () => void (controller = undefined),
  });
  return {
    readable,
    write: (bytes: Uint8Array) => {
      if (socket.readyState === WebSocket.OPEN) controller?.enqueue(bytes);
    },
    end: () => {
      controller?.close();
      controller = undefined;
    },
  };
}
