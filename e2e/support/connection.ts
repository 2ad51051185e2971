/** Ways to an API server for tests: by a token, or by whatever a kubeconfig says. */
import type { KubeConnection } from "../../src/clients/kube/connection/connection.ts";
import { openTlsStream } from "../../src/clients/kube/connection/tls_stream.ts";

/** An API server and a token of it. */
export interface TokenAccess {
  /** Such as `https://127.0.0.1:6443`. */
  readonly url: string;
  readonly token: string;
  readonly caPem: string;
}

/** Connects with a token, without what reading a kubeconfig costs. */
export function connectByToken({ url, token, caPem }: TokenAccess): KubeConnection {
  const httpClient = Deno.createHttpClient({ caCerts: [caPem], http2: false });
  const { hostname, port } = new URL(url);
  return {
    server: url,
    baseUrl: url,
    httpClient,
    headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
    forgetToken() {},
    dial: (signal) => openTlsStream({ hostname, port: Number(port), ca: [caPem] }, signal),
    close: () => httpClient.close(),
  };
}

/** The text of a kubeconfig with one context. Without a token the server must know who asks. */
export function kubeconfigText(url: string, caPem: string, token?: string): string {
  const cluster = { server: url, "certificate-authority-data": btoa(caPem) };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster }],
    users: [{ name: "test", user: token === undefined ? {} : { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });
}
