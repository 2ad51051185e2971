/**
 * Runs commands in pods. Layer: client of the API server, implements the pass's port.
 *
 * Each message's first byte is its channel: 0 stdin, 1 stdout, 2 stderr, 3 a `Status` when the command
 * has ended, and from v5 on 255 the end of a channel. https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets
 */

import { RESOURCES } from "../../../ports/resources.gen.ts";
import type { PodExec } from "../../../ports/ports.ts";
import type { ExecRequest, ExecResult } from "../../../ports/requests.ts";
import { plainText } from "../../../lib/plain_text.ts";
import type { Sensitive } from "../../../lib/sensitive.ts";
import type { KubeConnection } from "../connection/connection.ts";
import { KubeError, type StatusBody } from "../errors.ts";
import { pathOf, requireResource } from "../request.ts";
import { openWebSocket, type WebSocketStream } from "./websocket.ts";

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;
const WITH_CLOSE = "v5.channel.k8s.io";
const PROTOCOLS = [WITH_CLOSE, "v4.channel.k8s.io"];
/** Bytes of a channel that are kept; a command that prints more goes on all the same. */
const KEPT_BYTES = 64 * 1024;
const TIMEOUT_MS = 60_000;

export interface PodExecOptions {
  /** How long a command may take that says nothing else. */
  readonly timeoutMs?: number;
}

/** Makes the port over one connection. */
export function createPodExec(
  connection: KubeConnection,
  { timeoutMs = TIMEOUT_MS }: PodExecOptions = {},
): PodExec {
  return {
    exec: (request, signal) =>
      withDeadline(
        { ms: request.timeoutMs ?? timeoutMs, signal, attempt: attemptTextOf(request) },
        (signal) => execInPod(connection, request, signal),
      ),
  };
}

interface Deadline {
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly attempt: string;
}

/** Does not rely on the work to notice: a handshake waits at places that know no signal. */
async function withDeadline<T>(
  { ms, signal, attempt }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
  const timer = setTimeout(() => {
    const message = `${attempt}: it did not end within ${ms / 1000} s`;
    controller.abort(new KubeError(message, { status: 0, reason: "Timeout" }));
  }, ms);
  try {
    return await Promise.race([work(controller.signal), promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function attemptTextOf({ container, pod }: ExecRequest): string {
  return `cannot run a command in container ${container} of Pod ${pod.namespace}/${pod.name}`;
}

async function execInPod(
  connection: KubeConnection,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecResult> {
  const attempt = attemptTextOf(request);
  const socket = await openWebSocket({
    connection,
    target: execTarget(request),
    protocols: PROTOCOLS,
    attempt,
  }, signal);
  if (request.stdin !== undefined) await sendInput(socket, request.stdin);
  const output: Record<number, string> = {};
  const decoders: Record<number, TextDecoder> = {};
  const bytes: Record<number, number> = {};
  for await (const message of socket.messages) {
    const channel = message[0] ?? 0;
    if (channel < CHANNEL.stdout || channel > CHANNEL.status) continue;
    const room = KEPT_BYTES - (bytes[channel] ?? 0);
    if (room <= 0) continue;
    const text = message.subarray(1, 1 + room);
    bytes[channel] = (bytes[channel] ?? 0) + text.length;
    // A character may be cut in two by the messages.
    const decoder = decoders[channel] ??= new TextDecoder();
    output[channel] = (output[channel] ?? "") +
      decoder.decode(text, { stream: true });
  }
  return {
    exitCode: exitCodeOf(output[CHANNEL.status] ?? "", attempt),
    stdout: output[CHANNEL.stdout] ?? "",
    stderr: output[CHANNEL.stderr] ?? "",
  };
}

/** A command that is over takes nothing more; how it ended says the answer. */
async function sendInput(socket: WebSocketStream, input: Sensitive): Promise<void> {
  const bytes = new TextEncoder().encode(input.reveal());
  try {
    await socket.send(new Uint8Array([CHANNEL.stdin, ...bytes]));
    if (socket.protocol !== WITH_CLOSE) return;
    await socket.send(new Uint8Array([CHANNEL.close, CHANNEL.stdin]));
  } catch {
    // A broken connection shows when the answer is read.
  }
}

/** Path and query of an exec request. */
export function execTarget({ pod, container, command, stdin }: ExecRequest): string {
  const path = pathOf(requireResource(RESOURCES.Pod), {
    namespace: pod.namespace,
    name: pod.name,
    subresource: "exec",
  });
  const query = new URLSearchParams({ container, stdout: "true", stderr: "true" });
  if (stdin !== undefined) query.set("stdin", "true");
  for (const word of command) query.append("command", word);
  return `${path}?${query}`;
}

/** Reads the last message. @throws KubeError when the command could not run or its end is unknown */
export function exitCodeOf(text: string, attempt: string): number {
  const status = parseEnd(text);
  if (status === undefined) {
    throw new KubeError(`${attempt}: the connection ended before the command's exit status came`, {
      status: 0,
      reason: "Disconnected",
    });
  }
  if (status.status === "Success") return 0;
  const code = status.details?.causes?.find((cause) => cause.reason === "ExitCode")?.message;
  if (status.reason === "NonZeroExitCode" && code !== undefined) return Number(code);
  const said = plainText(status.message ?? status.reason ?? "", { known: [attempt] }) ||
    "it failed";
  throw new KubeError(`${attempt}: ${said}`, {
    status: status.code ?? 500,
    reason: status.reason ?? "InternalError",
  });
}

/** A `Status` that, unlike those of answers, does not say its kind. */
function parseEnd(text: string): StatusBody & { status?: string } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
