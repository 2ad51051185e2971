/**
 * How to reach one API server and as whom: in a pod by its service account, elsewhere by a
 * kubeconfig. Layer: client of the API server.
 *
 * Requests go over HTTP/1.1 with kept-alive connections: as fast as HTTP/2 here (0.27 ms a request
 * at 32 at once), and one broken connection never takes all requests and watches with it.
 */

import { loadKubeconfig } from "./kubeconfig.ts";
import { loadServiceAccount } from "./service_account.ts";
import type { ByteStream } from "./tls_stream.ts";

/** One API server with credentials. */
export interface KubeConnection {
  /** As the user wrote it, for messages. */
  readonly server: string;
  /** What goes before the path in a URL for `httpClient`. */
  readonly baseUrl: string;
  readonly httpClient: Deno.HttpClient;
  /** Credentials of the next request; rotated tokens are picked up here. */
  headers(signal: AbortSignal): Promise<Record<string, string>>;
  /** The server did not accept the token: read or fetch it anew. */
  forgetToken(): void;
  /** Opens a raw connection to the server, for protocols other than plain HTTP. */
  dial(signal: AbortSignal): Promise<ByteStream>;
  /** Why the last `dial` behind `httpClient` failed, where fetch cannot know. */
  dialFailure?(): unknown;
  /** Namespace of the service account or of the current context. */
  readonly namespace?: string;
  close(): void;
}

/** Which credentials to take. */
export interface ConnectionOptions {
  /** Path of a kubeconfig; without it `KUBECONFIG`, `~/.kube/config`. */
  readonly kubeconfig?: string;
  /** `auto` takes the service account in a pod unless a kubeconfig is named. */
  readonly from?: "auto" | "kubeconfig" | "service-account";
  readonly env?: (name: string) => string | undefined;
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
  return loadKubeconfig(options.kubeconfig || defaultKubeconfig(env));
}

function defaultKubeconfig(env: (name: string) => string | undefined): string {
  return env("KUBECONFIG") || `${env("HOME") ?? ""}/.kube/config`;
}
