/**
 * The proxy between an operator and its API server at which the operator is killed: it shows every
 * write to a gate, before it is passed on and again when the answer is there.
 */
import type { KubeConnection } from "../../src/clients/kube/connection/connection.ts";
import { makeServerCertificate, type ServerCertificate } from "../devcluster/pki.ts";
import { type ApiProxy, type ProxiedRequest, type ProxyHooks, startApiProxy } from "./api_proxy.ts";
import { kubeconfigText } from "./connection.ts";
import type { SeenWrite, WriteGate } from "./write_gate.ts";

/** What one operator connects to; the next one gets another. */
export interface CrashProxy extends ApiProxy {
  /** Leads through the proxy. */
  readonly kubeconfig: string;
}

export interface CrashProxyOptions {
  readonly upstream: KubeConnection;
  /** Of the operator. */
  readonly token: string;
  readonly certificate: ServerCertificate;
  /** For the kubeconfig. */
  readonly directory: string;
  /** The gate that is asked now, and whether it is asked about a write. */
  readonly gate: () => WriteGate | undefined;
  readonly counts: (request: ProxiedRequest) => boolean;
}

/** A certificate for proxies of one test. */
export function proxyCertificate(): Promise<ServerCertificate> {
  return makeServerCertificate(["127.0.0.1"], ["localhost"]);
}

/** Starts a proxy and writes a kubeconfig for it. */
export async function startCrashProxy(options: CrashProxyOptions): Promise<CrashProxy> {
  const { upstream, token, certificate, directory } = options;
  const proxy = startApiProxy({ upstream, certificate, hooks: gateHooks(options) });
  const kubeconfig = `${directory}/proxy-${new URL(proxy.url).port}.kubeconfig`;
  await Deno.writeTextFile(kubeconfig, kubeconfigText(proxy.url, certificate.caPem, token));
  return { ...proxy, kubeconfig };
}

const WRITING = ["POST", "PUT", "PATCH", "DELETE"];
/** What is news or a question, not state. */
const NOT_STATE = /\/(events|leases|(self)?subject\w*reviews|tokenreviews)(\/|$)/;

/** Whether a request changes state that somebody relies on. */
export function isWrite({ method, path }: ProxiedRequest): boolean {
  return WRITING.includes(method) && !NOT_STATE.test(path);
}

function gateHooks({ gate, counts }: CrashProxyOptions): ProxyHooks {
  const seen = new WeakMap<ProxiedRequest, { gate: WriteGate; seen: SeenWrite }>();
  return {
    arrived(request) {
      const current = gate();
      if (current?.closed()) return "drop";
      if (current === undefined || !isWrite(request) || !counts(request)) return "pass";
      const { method: verb, path: target, body } = request;
      const arrival = current.arrived({ channel: "api", verb, target, body });
      seen.set(request, { gate: current, seen: arrival.seen });
      return arrival.passage;
    },
    answered(request, status) {
      const known = seen.get(request);
      if (known === undefined) return gate()?.closed() ? "drop" : "pass";
      const done = status >= 200 && status < 300;
      return known.gate.answered(known.seen, { done, result: String(status) });
    },
  };
}
