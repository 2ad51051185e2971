/** A client with the rights of somebody else, over a connection of ours. */

import { createKubeClient, type KubeClient, type KubeClientOptions } from "./client.ts";
import type { KubeConnection } from "./connection/connection.ts";

/** Whose rights count: those of a token, of somebody whom we may impersonate, or our own. */
export type Rights =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "impersonated"; readonly user: string; readonly groups: readonly string[] }
  | { readonly kind: "own" };

/** Longest time for one request. */
const TIMEOUT_MS = 15_000;

/** Who is told of requests. */
export type UserClientTools = Pick<KubeClientOptions, "logger" | "onRequest">;

/** Makes the client. A token needs a connection without a client certificate. */
export function createUserClient(
  connection: KubeConnection,
  rights: Rights,
  tools: UserClientTools,
): KubeClient {
  return createKubeClient({
    connection: withRights(connection, rights),
    ...tools,
    timeoutMs: TIMEOUT_MS,
    userAgent: "postgres-operator-ui",
    fetch: (url, init) => fetch(url, withGroups(init, rights)),
  });
}

function withRights(connection: KubeConnection, rights: Rights): KubeConnection {
  return {
    server: connection.server,
    baseUrl: connection.baseUrl,
    get httpClient() {
      return connection.httpClient;
    },
    headers: (signal) => headersOf(connection, rights, signal),
    // A token of somebody else cannot be read again; ours can.
    forgetToken: () => rights.kind === "token" || connection.forgetToken(),
    dial: connection.dial,
    close: () => {},
  };
}

async function headersOf(
  connection: KubeConnection,
  rights: Rights,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  if (rights.kind === "token") return { authorization: `Bearer ${rights.token}` };
  const own = await connection.headers(signal);
  return rights.kind === "own" ? own : { ...own, "impersonate-user": rights.user };
}

/** Kubernetes takes one header a group: names with commas between them would be one group. */
function withGroups(init: RequestInit, rights: Rights): RequestInit {
  if (rights.kind !== "impersonated") return init;
  const groups = rights.groups.map((group): [string, string] => ["impersonate-group", group]);
  return { ...init, headers: [...new Headers(init.headers), ...groups] };
}
