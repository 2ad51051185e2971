/**
 * Credentials of a pod: its service account's token, which the kubelet rotates, and the cluster's
 * CA. Layer: client of the API server.
 *
 * https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */

import type { KubeConnection } from "./connection.ts";
import { CredentialsError } from "./credentials_error.ts";
import { openTlsStream } from "./tls_stream.ts";

const DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";
/** A rotated token is good for a while beside the new one, so this need not be shorter. */
const TOKEN_AGE_MS = 60_000;

/** Opens the connection of a pod. `directory` is where the token is mounted. */
export async function loadServiceAccount(
  env: (name: string) => string | undefined,
  directory: string = DIRECTORY,
): Promise<KubeConnection> {
  const host = env("KUBERNETES_SERVICE_HOST");
  const port = env("KUBERNETES_SERVICE_PORT") ?? "443";
  if (!host) {
    throw new CredentialsError(
      "cannot find the API server: KUBERNETES_SERVICE_HOST is not set, so this is not a pod; " +
        "name a kubeconfig with -kubeconfig",
    );
  }
  const ca = await readMounted(directory, "ca.crt");
  const namespace = (await readMounted(directory, "namespace")).trim();
  const token = createTokenFile(() => readMounted(directory, "token"));
  await token.read();
  const httpClient = Deno.createHttpClient({ caCerts: [ca], http2: false });
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    server,
    baseUrl: server,
    httpClient,
    headers: async () => ({ authorization: `Bearer ${await token.read()}` }),
    forgetToken: token.forget,
    dial: (signal) => openTlsStream({ hostname: host, port: Number(port), ca: [ca] }, signal),
    ...(namespace === "" ? {} : { namespace }),
    close: () => httpClient.close(),
  };
}

function createTokenFile(
  readFile: () => Promise<string>,
): { read(): Promise<string>; forget(): void } {
  let token = "";
  let readAtMs = -Infinity;
  return {
    async read() {
      if (performance.now() - readAtMs < TOKEN_AGE_MS) return token;
      token = (await readFile()).trim();
      readAtMs = performance.now();
      return token;
    },
    forget: () => {
      readAtMs = -Infinity;
    },
  };
}

async function readMounted(directory: string, name: string): Promise<string> {
  try {
    return await Deno.readTextFile(`${directory}/${name}`);
  } catch (cause) {
    throw new CredentialsError(
      `cannot read ${directory}/${name}: ${cause instanceof Error ? cause.message : cause}; ` +
        "mount the service account (automountServiceAccountToken) or name a kubeconfig with -kubeconfig",
      { cause },
    );
  }
}
