/**
 * Runs a command in a pod with the user's terminal: what is typed goes in, what comes is shown, and
 * the command hears how large the window is. Layer: client of the API server.
 */

import type { KubeConnection } from "../connection/connection.ts";
import { execTarget, exitCodeOf } from "./exec.ts";
import { openWebSocket, type WebSocketStream } from "./websocket.ts";

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, resize: 4 } as const;
const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

export interface AttachedCommand {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

/** Gives the exit code of the command. @throws KubeError where it cannot be run */
export async function attachTerminal(
  connection: KubeConnection,
  { namespace, pod, container, command }: AttachedCommand,
  signal: AbortSignal,
): Promise<number> {
  const attempt = `cannot run a command in container ${container} of Pod ${namespace}/${pod}`;
  const request = { pod: { namespace, name: pod, ip: "" }, container, command };
  const target = `${execTarget(request)}&stdin=true&tty=true`.replace("&stderr=true", "");
  const socket = await openWebSocket({ connection, target, protocols: PROTOCOLS, attempt }, signal);
  const tellSize = () => void sendSize(socket);
  Deno.addSignalListener("SIGWINCH", tellSize);
  Deno.stdin.setRaw(true);
  try {
    tellSize();
    void sendKeys(socket);
    return exitCodeOf(await showOutput(socket), attempt);
  } finally {
    Deno.stdin.setRaw(false);
    Deno.removeSignalListener("SIGWINCH", tellSize);
    socket.close();
  }
}

/** Shows what the command prints; gives how it ended. */
async function showOutput(socket: WebSocketStream): Promise<string> {
  let status = "";
  for await (const message of socket.messages) {
    const text = message.subarray(1);
    if (message[0] === CHANNEL.status) status += new TextDecoder().decode(text);
    if (message[0] === CHANNEL.stdout || message[0] === CHANNEL.stderr) {
      for (let at = 0; at < text.length;) at += Deno.stdout.writeSync(text.subarray(at));
    }
  }
  return status;
}

/** A key that is typed after the end is for nobody. */
async function sendKeys(socket: WebSocketStream): Promise<void> {
  const keys = new Uint8Array(1024);
  try {
    for (
      let read = await Deno.stdin.read(keys);
      read !== null;
      read = await Deno.stdin.read(keys)
    ) {
      await socket.send(new Uint8Array([CHANNEL.stdin, ...keys.subarray(0, read)]));
    }
  } catch {
    // A broken connection shows where the output is read.
  }
}

async function sendSize(socket: WebSocketStream): Promise<void> {
  const { columns, rows } = Deno.consoleSize();
  const size = new TextEncoder().encode(JSON.stringify({ Width: columns, Height: rows }));
  await socket.send(new Uint8Array([CHANNEL.resize, ...size])).catch(() => {});
}
