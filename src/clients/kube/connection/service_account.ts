/**
 * Credentials of a pod: its service account's token and the cluster's CA, both of which may be
 * exchanged while it runs. Layer: client of the API server.
 *
 * https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */

import type { KubeConnection } from "./connection.ts";
import { CredentialsError } from "./credentials_error.ts";
import { createRenewedClient } from "./renewed_client.ts";
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
  const pool = createRenewedClient(
    { ca: [ca] },
    ({ ca = [] }) => Deno.createHttpClient({ caCerts: [...ca], http2: false }),
  );
  let trusted = ca;
  const token = createTokenFile(async () => {
    const text = await readMounted(directory, "token");
    trusted = await readMounted(directory, "ca.crt");
    pool.renew({ ca: [trusted] });
    return text;
  });
  await token.read();
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    server,
    baseUrl: server,
    get httpClient() {
      return pool.current;
    },
    headers: async () => ({ authorization: `Bearer ${await token.read()}` }),
    forgetToken: token.forget,
    dial: (signal) => openTlsStream({ hostname: host, port: Number(port), ca: [trusted] }, signal),
    ...(namespace === "" ? {} : { namespace }),
    close: pool.close,
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
