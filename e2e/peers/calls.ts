/** One call of each client to a peer that misbehaves, with limits that a test can wait for. */

import { createKubeClient } from "../../src/clients/kube/client.ts";
import type { KubeConnection } from "../../src/clients/kube/connection/connection.ts";
import { createPodExec } from "../../src/clients/kube/streams/exec.ts";
import { createPatroniApi } from "../../src/clients/patroni/client.ts";
import { createSqlConnector } from "../../src/clients/postgres/connector.ts";
import { createTeamsApi } from "../../src/clients/teams/client.ts";
import { Sensitive } from "../../src/lib/sensitive.ts";
import { silentLogger } from "../../src/testing/silent_logger.ts";
import { hostileHttp, hostilePostgres, type HostileServer, type Mode } from "./servers.ts";

/** How long every peer has in these trials. */
export const LIMIT_MS = 500;

export interface Peer {
  readonly name: string;
  readonly serve: (mode: Mode) => HostileServer | Promise<HostileServer>;
  /** Fails, sooner or later. */
  readonly call: (port: number, signal: AbortSignal) => Promise<unknown>;
}

const POD = { namespace: "bad", name: "acid-bad-0", ip: "127.0.0.1" };

export const PEERS: readonly Peer[] = [
  { name: "API server", serve: hostileHttp, call: getSecret },
  { name: "exec", serve: hostileHttp, call: execute },
  {
    name: "Patroni",
    serve: hostileHttp,
    call: (port, signal) => createPatroniApi({ port, timeoutMs: LIMIT_MS }).getConfig(POD, signal),
  },
  { name: "Teams API", serve: hostileHttp, call: members },
  { name: "PostgreSQL", serve: hostilePostgres, call: query },
];

function connectionTo(port: number): KubeConnection {
  const server = `http://127.0.0.1:${port}`;
  return {
    server,
    baseUrl: server,
    headers: () => Promise.resolve({}),
    forgetToken: () => {},
    async dial() {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      const writer = connection.writable.getWriter();
      return {
        readable: connection.readable,
        write: (bytes: Uint8Array<ArrayBuffer>) => writer.write(bytes),
        close: () => {
          try {
            connection.close();
          } catch {
            // The other side was faster.
          }
        },
      };
    },
  } as unknown as KubeConnection;
}

function getSecret(port: number, signal: AbortSignal): Promise<unknown> {
  const client = createKubeClient({
    connection: connectionTo(port),
    logger: silentLogger(),
    timeoutMs: LIMIT_MS,
    random: () => 0,
    fetch: (url, { client: _, ...init }: RequestInit & { client?: unknown }) => fetch(url, init),
  });
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { namespace: "bad", name: "a" } };
  return client.create(secret, { signal });
}

function execute(port: number, signal: AbortSignal): Promise<unknown> {
  const exec = createPodExec(connectionTo(port), { timeoutMs: LIMIT_MS });
  return exec.exec({ pod: POD, container: "postgres", command: ["true"] }, signal);
}

function members(port: number, signal: AbortSignal): Promise<unknown> {
  const url = `http://127.0.0.1:${port}`;
  const token = () => Promise.resolve(new Sensitive("token"));
  return createTeamsApi({ url, token, timeoutMs: LIMIT_MS }).members("bad", signal).then(
    (found) => {
      throw new Error(`the API named ${found.length} members`);
    },
  );
}

async function query(port: number, signal: AbortSignal): Promise<unknown> {
  const connector = createSqlConnector({
    addressOf: () => ({ host: "127.0.0.1", port }),
    connectTimeoutMs: LIMIT_MS,
    statementTimeoutMs: LIMIT_MS,
    idleMs: 0,
  });
  const target = {
    namespace: "bad",
    cluster: "acid-bad",
    database: "postgres",
    user: "postgres",
    password: new Sensitive("password"),
  };
  const session = await connector.open(target, signal);
  try {
    return await session.query({ text: "SELECT 1", purpose: "look" });
  } finally {
    await session.close();
    connector.end();
  }
}
