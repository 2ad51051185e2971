/**
 * Stands in for mutating admission: a proxy between an operator and its API server that changes the
 * objects of a cluster as that cluster's policy says, in every write.
 */
import type { KubeConnection } from "../../src/clients/kube/connection/connection.ts";
import { applyMergePatch } from "../../src/dry_run/simulated/merge.ts";
import type { KubeObject } from "../../src/kubernetes/types.gen.ts";
import { type ApiProxy, type ProxiedRequest, type Rewritten, startApiProxy } from "./api_proxy.ts";
import { kubeconfigText } from "./connection.ts";
import { proxyCertificate } from "./crash_proxy.ts";

/** Changes an object; gives the same where the policy does not concern it. */
export type Policy = (object: KubeObject) => KubeObject;

/** A running proxy and the way through it. */
export interface PolicyProxy extends ApiProxy {
  readonly kubeconfig: string;
}

/** Starts a proxy; its kubeconfig is written to `directory`. */
export async function startPolicyProxy(
  upstream: KubeConnection,
  directory: string,
  policy: Policy,
): Promise<PolicyProxy> {
  const certificate = await proxyCertificate();
  const hooks = { rewritten: (request: ProxiedRequest) => rewrite(upstream, request, policy) };
  const proxy = startApiProxy({ upstream, certificate, hooks });
  const kubeconfig = `${directory}/policy-${new URL(proxy.url).port}.kubeconfig`;
  await Deno.writeTextFile(kubeconfig, kubeconfigText(proxy.url, certificate.caPem));
  return { ...proxy, kubeconfig };
}

const SUBRESOURCES = /\/(status|scale|exec|token|eviction)$/;

async function rewrite(
  upstream: KubeConnection,
  { method, path, body }: ProxiedRequest,
  policy: Policy,
): Promise<Rewritten | undefined> {
  if (!["POST", "PUT", "PATCH"].includes(method) || SUBRESOURCES.test(path)) return undefined;
  const sent = JSON.parse(body) as KubeObject;
  if (method !== "PATCH") {
    const changed = policy(sent);
    return changed === sent ? undefined : { method, body: JSON.stringify(changed) };
  }
  const answer = await fetch(upstream.baseUrl + path, {
    client: upstream.httpClient,
    headers: await upstream.headers(new AbortController().signal),
  });
  if (!answer.ok) {
    await answer.body?.cancel();
    return undefined;
  }
  const merged = applyMergePatch(await answer.json(), sent) as KubeObject;
  const changed = policy(merged);
  return changed === merged ? undefined : { method: "PUT", body: JSON.stringify(changed) };
}
