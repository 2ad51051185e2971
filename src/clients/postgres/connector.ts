/**
 * SQL sessions on PostgreSQL, over TLS as Zalando's operator has it (encrypted, no check of the
 * certificate). What a session runs under is pinned when it starts, so that no setting of a role or
 * database and no object planted in a schema decides what the operator's statements mean.
 *
 * Zalando: pkg/cluster/database.go, pgConnectionString, initDbConnWithName
 */

import type postgres from "postgres";
import type { SqlConnector, SqlSession } from "../../ports/ports.ts";
import type { SqlTarget } from "../../ports/requests.ts";
import { saslprep } from "../../lib/saslprep.ts";
import { sqlError } from "./errors.ts";
import { createSilences, type Silences } from "./silence.ts";
import { createSlots } from "./slots.ts";
import { openSocket } from "./socket.ts";

/** Where a server listens. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
}

export interface ConnectorOptions {
  /** Where the primary of a cluster listens. */
  readonly addressOf: (target: SqlTarget) => DatabaseAddress;
  /** Sessions at the same time, over all clusters. */
  readonly maxSessions?: number;
  /** Of those, how many clusters of one namespace may have. */
  readonly maxSessionsOfNamespace?: number;
  readonly connectTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
  /** Bytes that one connection takes from a server. */
  readonly maxBytes?: number;
  /** How long a connection waits for the next session; 0 for not at all. */
  readonly idleMs?: number;
  /** Told when the certificate of a cluster's server ends, whenever it has shown it. */
  readonly certificateSeen?: (target: SqlTarget, until: Date) => void;
}

const DEFAULTS = {
  maxSessions: 64,
  maxSessionsOfNamespace: 16,
  connectTimeoutMs: 5_000,
  statementTimeoutMs: 60_000,
  lockTimeoutMs: 10_000,
  maxBytes: 16 * 1024 * 1024,
  idleMs: 1_000,
  certificateSeen: () => {},
};

/** How much longer than the server the client waits for the end of a statement. */
const PATIENCE_MS = 10_000;

type Limits = Required<ConnectorOptions>;

/** Something with connections of its own. */
export interface Endable {
  /** Ends the connections that nobody uses. */
  end(): void;
}

/** The address that the primary's Service has inside the Kubernetes cluster. */
export function serviceAddress(clusterDomain: string): (target: SqlTarget) => DatabaseAddress {
  return ({ cluster, namespace }) => ({
    host: `${cluster}.${namespace}.svc.${clusterDomain}`,
    port: 5432,
  });
}

/**
 * Opens sessions of one connection each. A connection on which nothing went wrong waits for a moment
 * after its session was closed: the steps of a plan come one after the other, and to log in costs
 * more than most of them.
 */
export function createSqlConnector(options: ConnectorOptions): SqlConnector & Endable {
  const limits: Limits = { ...DEFAULTS, ...options };
  const slots = createSlots(limits.maxSessions, limits.maxSessionsOfNamespace);
  const silences = createSilences(() => performance.now());
  const idle = new Map<string, Connection>();
  const give = (key: string, connection: Connection): void => {
    const other = idle.get(key);
    const usable = !connection.ended() && !connection.inTransaction;
    if (!usable || other !== undefined || limits.idleMs === 0) {
      connection.end();
      return;
    }
    idle.set(key, connection);
    const timer = setTimeout(() => {
      if (idle.get(key) === connection) idle.delete(key);
      connection.end();
    }, limits.idleMs);
    connection.unpark = () => clearTimeout(timer);
  };
  const take = (key: string): Connection | undefined => {
    const connection = idle.get(key);
    idle.delete(key);
    connection?.unpark();
    return connection?.ended() ? undefined : connection;
  };
  return {
    end() {
      for (const connection of idle.values()) {
        connection.unpark();
        connection.end();
      }
      idle.clear();
    },
    async open(target, signal) {
      const address = limits.addressOf(target);
      const server = JSON.stringify([target.namespace, target.cluster, address.host, address.port]);
      refuseSilent(target, silences.leftMs(server));
      const release = await slots.take(target.namespace, signal);
      try {
        const key = keyOf(target, address);
        const connection = take(key) ?? await connect(target, limits);
        const heard = hearing(silences, server);
        return sessionOn(connection, target, { limits, signal, heard }, () => {
          give(key, connection);
          release();
        });
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

/** @throws SqlError while a server is left alone */
function refuseSilent(target: SqlTarget, leftMs: number): void {
  if (leftMs === 0) return;
  const why = `the server did not answer before; it is asked again in ${
    Math.ceil(leftMs / 1000)
  } s`;
  throw sqlError(target, { what: "connect" }, why);
}

/** What a session says about its server. */
interface Hearing {
  answered(): void;
  silent(): void;
}

function hearing(silences: Silences, server: string): Hearing {
  return { answered: () => silences.answered(server), silent: () => silences.silent(server) };
}

/** The driver's and the system's words for a server that says nothing. */
const SILENCE = /TIMEOUT|ETIMEDOUT|no connection within/;

function isSilence(error: unknown): boolean {
  const { code, message } = Object(error) as {
    readonly code?: unknown;
    readonly message?: unknown;
  };
  return SILENCE.test(`${code} ${message}`);
}

/** What a connection was made for. Stays inside: it holds the password. */
function keyOf(target: SqlTarget, { host, port }: DatabaseAddress): string {
  const { namespace, cluster, database, user, password } = target;
  return JSON.stringify([host, port, namespace, cluster, database, user, password.reveal()]);
}

interface Connection {
  readonly client: postgres.Sql;
  /** True once a statement has come through. */
  used: boolean;
  /** A transaction was begun and not ended. */
  inTransaction: boolean;
  ended(): boolean;
  end(): void;
  /** Takes it out of those that wait. */
  unpark: () => void;
}

/** Nothing is sent before the first statement. */
async function connect(target: SqlTarget, limits: Limits): Promise<Connection> {
  let ended = false;
  // The driver would connect again by itself, in the middle of what was meant as one transaction.
  const client = await driver(target, limits, () => ended = true);
  return {
    client,
    used: false,
    inTransaction: false,
    ended: () => ended,
    end: () => {
      ended = true;
      client.end({ timeout: 0 }).catch(() => {});
    },
    unpark: () => {},
  };
}

function sessionOn(
  connection: Connection,
  target: SqlTarget,
  { limits, signal, heard }: {
    readonly limits: Limits;
    readonly signal: AbortSignal;
    readonly heard: Hearing;
  },
  closed: () => void,
): SqlSession {
  const { end } = connection;
  signal.addEventListener("abort", end, { once: true });
  return {
    async query(statement) {
      signal.throwIfAborted();
      const what = connection.used ? statement.purpose : `connect to ${statement.purpose}`;
      if (connection.ended()) throw sqlError(target, { what }, "the session has ended");
      // The server ends a statement in time; this is for one that no longer answers.
      const timer = setTimeout(() => {
        heard.silent();
        end();
      }, limits.statementTimeoutMs + PATIENCE_MS);
      try {
        const rows = await connection.client.unsafe(statement.text);
        connection.used = true;
        heard.answered();
        if (/^(BEGIN|COMMIT)$/.test(statement.text)) {
          connection.inTransaction = statement.text === "BEGIN";
        }
        return rows;
      } catch (error) {
        if (isSilence(error)) heard.silent();
        // What is left of a transaction goes with its connection.
        end();
        throw sqlError(target, { what, statement: statement.text }, error);
      } finally {
        clearTimeout(timer);
      }
    },
    close() {
      signal.removeEventListener("abort", end);
      closed();
      return Promise.resolve();
    },
  };
}

/** The driver's types know no list of hosts, but its code takes other forms of an address apart. */
type Options = Omit<postgres.Options<Record<string, never>>, "host" | "port" | "socket"> & {
  readonly socket: () => Promise<unknown>;
  readonly host: readonly string[];
  readonly port: readonly number[];
};

/** The driver with one connection and nothing that it would do by itself. */
async function driver(
  target: SqlTarget,
  limits: Limits,
  closed: () => void,
): Promise<postgres.Sql> {
  // An operator without databases does not load it.
  const { default: postgres } = await import("postgres");
  const { host, port } = limits.addressOf(target);
  const options: Options = {
    host: [host],
    port: [port],
    database: target.database,
    user: target.user,
    password: saslprep(target.password.reveal()),
    // TLS is begun under the driver, where what comes can be looked at.
    socket: () =>
      openSocket({ host, port }, limits, (until) => limits.certificateSeen(target, until)),
    max: 1,
    idle_timeout: 0,
    connect_timeout: limits.connectTimeoutMs / 1000,
    prepare: false,
    fetch_types: false,
    onnotice: () => {},
    onclose: closed,
    connection: startupParameters(limits) as Partial<postgres.ConnectionParameters>,
  };
  return postgres(options as unknown as postgres.Options<Record<string, never>>);
}

/** Sent when the session starts: these outrank what is set for roles and databases. */
function startupParameters(limits: Limits): Record<string, string | number> {
  return {
    application_name: "postgres-operator",
    client_encoding: "UTF8",
    // As text: the driver leaves out what is false.
    default_transaction_read_only: "off",
    search_path: "pg_catalog, pg_temp",
    standard_conforming_strings: "on",
    default_transaction_isolation: "read committed",
    // A synchronous standby that is missing must not hold up what the operator sets.
    synchronous_commit: "local",
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    idle_in_transaction_session_timeout: limits.statementTimeoutMs,
  };
}
