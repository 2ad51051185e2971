/**
 * The kubelet's own endpoint, which the API server passes exec, logs and port-forward on to
 * (dev cluster, kubelet layer). Paths as in a real kubelet: `/containerLogs`, `/exec`,
 * `/portForward`.
 *
 * It listens on loopback only, and every path begins with a secret that only readers of the
 * Node object learn: other users of the machine cannot run commands in pods.
 */
import { type KubeletContext, podDirectory } from "./context.ts";
import { serveExec } from "./streams/exec_socket.ts";
import type { PodWorker } from "./pod_worker.ts";
import type { RunningContainer } from "./runtime.ts";
import { servePortForward } from "./streams/port_forward_socket.ts";
import { isSet } from "./query.ts";

export interface KubeletServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The pod of a name, if it is on this node. */
export type FindPod = (namespace: string, name: string) => PodWorker | undefined;

/** Starts the endpoint on a free port. */
export function startKubeletServer(context: KubeletContext, find: FindPod): KubeletServer {
  const secret = crypto.randomUUID();
  const abort = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: abort.signal, onListen: () => {} },
    async (request) => {
      const url = new URL(request.url);
      const [, given, ...path] = url.pathname.split("/").map(decodeURIComponent);
      if (given !== secret) return new Response("not found\n", { status: 404 });
      try {
        return await answer(context, find, { request, path, query: url.searchParams });
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        return new Response(`${text}\n`, { status: 500 });
      }
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/${secret}`,
    async stop() {
      abort.abort();
      await server.finished;
    },
  };
}

interface KubeletRequest {
  readonly request: Request;
  /** After the secret: verb, namespace, pod, container. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

async function answer(
  context: KubeletContext,
  find: FindPod,
  { request, path, query }: KubeletRequest,
): Promise<Response> {
  const target = targetOf(find, path);
  if ("status" in target) return refused(target);
  if (target.verb === "containerLogs") return serveLogs(context, target, query);
  if (target.verb === "portForward") return servePortForward(request, target.worker, query);
  return await serveExec(request, target.running, query);
}

/** What a path asks for. */
export type Target =
  | { readonly verb: "containerLogs"; readonly worker: PodWorker; readonly container: string }
  | { readonly verb: "portForward"; readonly worker: PodWorker }
  | { readonly verb: "exec"; readonly running: RunningContainer };

/** Why a path leads nowhere. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
}

/** Finds what a path means: verb, namespace, pod, container. */
export function targetOf(find: FindPod, path: readonly string[]): Target | Refusal {
  const [verb, namespace = "", name = "", container = ""] = path;
  const worker = find(namespace, name);
  if (!worker) return { status: 404, text: `pod "${name}" is not on this node` };
  if (verb === "containerLogs") return { verb, worker, container };
  if (verb === "portForward") return { verb, worker };
  if (verb !== "exec") return { status: 404, text: "not found" };
  const running = worker.container(container)?.running;
  if (running) return { verb, running };
  return { status: 500, text: `container not found ("${container}")` };
}

function refused({ status, text }: Refusal): Response {
  return new Response(`${text}\n`, { status });
}

/** Answers with the log of a container, as the query asks for it. */
export function serveLogs(
  context: KubeletContext,
  { worker: { pod }, container }: Extract<Target, { verb: "containerLogs" }>,
  query: URLSearchParams,
): Response {
  const podUid = pod.metadata.uid!;
  const key = { podUid, container, directory: `${podDirectory(context, podUid)}/logs` };
  const previous = isSet(query.get("previous"));
  const log = context.logs.find(key, previous ? "previous" : "current");
  if (!log) {
    const which = previous ? "previous terminated container" : "container";
    const text = `${which} "${container}" in pod "${pod.metadata.name}" not found\n`;
    return new Response(text, { status: 400 });
  }
  const number = (name: string) => query.has(name) ? Number(query.get(name)) : undefined;
  const sinceSeconds = number("sinceSeconds");
  const since = query.get("sinceTime");
  const sinceMs = since ? Date.parse(since) : Date.now() - sinceSeconds! * 1000;
  const body = log.read({
    follow: isSet(query.get("follow")),
    timestamps: isSet(query.get("timestamps")),
    tailLines: number("tailLines"),
    limitBytes: number("limitBytes"),
    ...(since || sinceSeconds !== undefined ? { sinceMs } : {}),
  });
  return new Response(body, { headers: { "content-type": "text/plain" } });
}
