/**
 * Commands in containers over a WebSocket (dev cluster, kubelet layer). A frame begins with its
 * channel: 0 stdin, 1 stdout, 2 stderr, 3 the final status, 4 the terminal's size and, from v5
 * on, 255 the end of a channel.
 */
import type { RunningContainer } from "../runtime.ts";
import { runCommand, type RunningCommand } from "./command.ts";
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
  socket.onopen = async () => {
    const command = runCommand(running, query, (stream, bytes) => {
      sendFrame(socket, stream === "stdout" ? STDOUT : STDERR, bytes);
      return drained(socket);
    });
    socket.onmessage = ({ data }) => take(command, new Uint8Array(data as ArrayBuffer));
    socket.onclose = () => command.kill();
    const status = await command.status;
    sendFrame(socket, STATUS, new TextEncoder().encode(JSON.stringify(status)));
    socket.close();
  };
  return response;
}

function take(command: RunningCommand, frame: Uint8Array): void {
  const [channel, closed] = frame;
  if (channel === STDIN) command.write(frame.slice(1));
  else if (channel === CLOSE && closed === STDIN) command.endInput();
  else if (channel === RESIZE) command.resize(frame.subarray(1));
}
