/**
 * How to reach one API server and as whom: in a pod by its service account, elsewhere by a
 * kubeconfig. Layer: client of the API server.
 *
 * Requests go over HTTP/1.1 with kept-alive connections: as fast as HTTP/2 here (0.27 ms a request
 * at 32 at once), and one broken connection never takes all requests and watches with it.
 */

import { loadKubeconfig } from "./kubeconfig.ts";
import { loadServiceAccount } from "./service_account.ts";
import type { KubeConnection } from "./connection.ts";

/** Which credentials to take. */
export interface ConnectionOptions {
  /** Path of a kubeconfig; without it `KUBECONFIG`, `~/.kube/config`. */
  readonly kubeconfig?: string;
  /** `auto` takes the service account in a pod unless a kubeconfig is named. */
  readonly from?: "auto" | "kubeconfig" | "service-account";
  /** Context of the kubeconfig; its current one unless told. */
  readonly context?: string;
  readonly env?: (name: string) => string | undefined;
  /** Leaves out the kubeconfig's client certificate, for requests with the token of somebody else. */
  readonly withoutCertificate?: boolean;
}

/**
 * Loads credentials and opens the connection pool; sends nothing yet.
 * @throws CredentialsError that names the file and what to do
 */
export function connectKube(options: ConnectionOptions = {}): Promise<KubeConnection> {
  const env = options.env ?? ((name) => Deno.env.get(name));
  const inPod = env("KUBERNETES_SERVICE_HOST") !== undefined;
  const from = options.from ?? "auto";
  if (from === "service-account" || (from === "auto" && !options.kubeconfig && inPod)) {
    return loadServiceAccount(env);
  }
  return loadKubeconfig(options.kubeconfig || defaultKubeconfig(env), options);
}

function defaultKubeconfig(env: (name: string) => string | undefined): string {
  return env("KUBECONFIG") || `${env("HOME") ?? ""}/.kube/config`;
}
