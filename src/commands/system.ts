/** The terminal, the files and the kubeconfig of whoever calls `kubectl pg`. Names the clients. */

import { createKubeClient, type KubeClient } from "../clients/kube/client.ts";
import { connectKube } from "../clients/kube/connection/credentials.ts";
import { createDirectReader } from "../clients/kube/direct.ts";
import { createPodExec } from "../clients/kube/streams/exec.ts";
import { attachTerminal } from "../clients/kube/streams/terminal.ts";
import { createOperatorClient } from "../clients/operator/client.ts";
import { createLogger } from "../log/logger.ts";
import type { System } from "./program.ts";
import { CommandError, type Session, type Terminal } from "./session.ts";

/** The streams and clusters of this machine. */
export function userSystem(): System {
  const print = writerTo(Deno.stdout);
  const complain = writerTo(Deno.stderr);
  return {
    print,
    complain,
    readFile: (file) =>
      file === "-" ? new Response(Deno.stdin.readable).text() : Deno.readTextFile(file),
    async open({ namespace, context, kubeconfig }) {
      const connection = await connectKube({
        from: "kubeconfig",
        ...(kubeconfig === undefined ? {} : { kubeconfig }),
        ...(context === undefined ? {} : { context }),
      });
      const logger = createLogger({
        format: "text",
        verbosity: 0,
        now: () => new Date(),
        write: () => {},
      });
      const client = createKubeClient({ connection, logger, userAgent: "kubectl-pg" });
      const terminal: Terminal = {
        print,
        complain,
        interactive: Deno.stdin.isTerminal() && Deno.stdout.isTerminal(),
        readInput: () => new Response(Deno.stdin.readable).text(),
      };
      const session: Session = {
        kube: client,
        reader: (label) => createDirectReader(client, label),
        exec: createPodExec(connection),
        askOperator: (address, path) => askOperator(client, address, path),
        attach: (target, signal) => attachTerminal(connection, target, signal),
        namespace: namespace ?? connection.namespace ?? "default",
        terminal,
        now: () => new Date(),
        wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        signal: new AbortController().signal,
      };
      return { session, close: () => connection.close() };
    },
  };
}

const DEBUG_PORT = 8080;

/** Straight at its address, or through the API server with the rights of whoever calls. */
async function askOperator(client: KubeClient, address: string, path: string): Promise<unknown> {
  if (/^https?:/.test(address)) return await createOperatorClient(address).get(path);
  const [, namespace, service, port] = /^([^/:]+)\/([^/:]+)(?::(\d+))?$/.exec(address) ?? [];
  if (namespace === undefined) {
    throw new CommandError(`--operator ${address} is neither a URL nor NAMESPACE/SERVICE[:PORT]`);
  }
  const proxy = `/api/v1/namespaces/${namespace}/services/${service}:${port ?? DEBUG_PORT}/proxy`;
  const { signal } = new AbortController();
  return JSON.parse(await client.getText(proxy + path, { signal }));
}

function writerTo(stream: { writeSync(bytes: Uint8Array): number }): (text: string) => void {
  return (text) => {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  };
}
