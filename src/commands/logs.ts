/** `kubectl pg logs`: the logs of all members as one, each line with the pod that wrote it. */

import type { Pod } from "../kubernetes/types.gen.ts";
import { readCluster, readPods } from "./read.ts";
import { CommandError, type Session } from "./session.ts";

export interface LogOptions {
  readonly follow: boolean;
  readonly tail: number;
  readonly container: string;
}

/** Prints the logs; with `follow` until it is stopped. @throws CommandError */
export async function showLogs(
  session: Session,
  name: string,
  options: LogOptions,
): Promise<number> {
  const cr = await readCluster(session, name);
  const pods = await readPods(session, cr, undefined);
  if (!pods.known) throw new CommandError(pods.reason);
  if (pods.value.length === 0) throw new CommandError(`${name} has no pods`);
  const results = await Promise.all(pods.value.map((pod) => showPod(session, pod, options)));
  return Math.max(...results);
}

async function showPod(session: Session, { metadata }: Pod, options: LogOptions): Promise<number> {
  const { namespace, name = "" } = metadata;
  const query = new URLSearchParams({
    container: options.container,
    tailLines: String(options.tail),
    ...(options.follow ? { follow: "true" } : {}),
  });
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?${query}`;
  const { kube, signal, terminal } = session;
  try {
    const body = await kube.openText(path, { signal });
    for await (const line of linesOf(body)) terminal.print(`${name}  ${line}\n`);
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    // The other members go on.
    terminal.complain(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** The lines of a stream, the last one too where it does not end. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream() as never)) {
    const lines = (rest + String(text)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
