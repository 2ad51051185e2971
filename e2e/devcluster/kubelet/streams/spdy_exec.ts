/**
 * Commands in containers over SPDY/3.1 (dev cluster, kubelet layer): what an API server speaks to a
 * kubelet, also where its own client came by WebSocket. One stream each for errors, standard input,
 * both outputs and the terminal's size; the final status goes to the one for errors.
 */
import { isSet } from "../query.ts";
import type { RunningContainer } from "../runtime.ts";
import type { ByteChannel } from "./byte_channel.ts";
import { hasInput, runCommand, type RunningCommand } from "./command.ts";
import { createSpdySession } from "./spdy_frames.ts";

/** The subprotocol, in the header `X-Stream-Protocol-Version` of both sides. */
export const EXEC_PROTOCOL = "v4.channel.k8s.io";

/** Runs the command of the query once its streams are there, and passes them on. */
export function serveSpdyExec(
  channel: ByteChannel,
  running: RunningContainer,
  query: URLSearchParams,
): void {
  const missing = new Set(streamsOf(query));
  const ids = new Map<string, number>();
  const kinds = new Map<number, string>();
  let command: RunningCommand | undefined;
  const session = createSpdySession((bytes) => channel.send(bytes), {
    opened(id, headers) {
      const kind = headers.get("streamtype") ?? "";
      ids.set(kind, id);
      kinds.set(id, kind);
      if (missing.delete(kind) && missing.size === 0) void start();
    },
    data(id, bytes, isLast) {
      const kind = kinds.get(id);
      if (kind === "resize" && bytes.length > 0) command?.resize(bytes);
      if (kind !== "stdin") return;
      if (bytes.length > 0) command?.write(bytes);
      if (isLast) command?.endInput();
    },
    reset(id) {
      if (kinds.get(id) === "stdin") command?.endInput();
    },
    broken: () => channel.close(),
  });
  channel.onBytes((bytes) => session.receive(bytes));
  channel.onClose(() => {
    session.close();
    command?.kill();
  });

  function send(kind: string, bytes: Uint8Array, isLast = false): void {
    const id = ids.get(kind);
    if (id !== undefined) session.send(id, bytes, isLast);
  }

  async function start(): Promise<void> {
    command = runCommand(running, query, (stream, bytes) => {
      send(stream, bytes);
      return channel.drained();
    });
    const status = await command.status;
    for (const output of ["stdout", "stderr"]) send(output, new Uint8Array(), true);
    send("error", new TextEncoder().encode(JSON.stringify(status)), true);
    channel.close();
  }
}

/** The streams that a client opens for a query. */
function streamsOf(query: URLSearchParams): string[] {
  const tty = isSet(query.get("tty"));
  const asked = (...names: string[]) => names.some((name) => isSet(query.get(name)));
  return [
    "error",
    ...(hasInput(query) ? ["stdin"] : []),
    ...(asked("stdout", "output") ? ["stdout"] : []),
    ...(!tty && asked("stderr", "error") ? ["stderr"] : []),
    ...(tty ? ["resize"] : []),
  ];
}
