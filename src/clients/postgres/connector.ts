/**
 * SQL sessions on PostgreSQL, over TLS as Zalando's operator has it (encrypted, no check of the
 * certificate). What a session runs under is pinned when it starts, so that no setting of a role or
 * database and no object planted in a schema decides what the operator's statements mean.
 *
 * Zalando: pkg/cluster/database.go, pgConnectionString, initDbConnWithName
 */

import postgres from "postgres";
import type { SqlConnector, SqlSession } from "../../cluster/ports.ts";
import type { SqlTarget } from "../../cluster/requests.ts";
import { saslprep } from "../../lib/saslprep.ts";
import { sqlError } from "./errors.ts";
import { createSlots, type Release } from "./slots.ts";

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
  readonly connectTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
}

const DEFAULTS = {
  maxSessions: 32,
  connectTimeoutMs: 15_000,
  statementTimeoutMs: 60_000,
  lockTimeoutMs: 10_000,
};

/** How much longer than the server the client waits for the end of a statement. */
const PATIENCE_MS = 10_000;

type Limits = Required<ConnectorOptions>;

/** The address that the primary's Service has inside the Kubernetes cluster. */
export function serviceAddress(clusterDomain: string): (target: SqlTarget) => DatabaseAddress {
  return ({ cluster, namespace }) => ({
    host: `${cluster}.${namespace}.svc.${clusterDomain}`,
    port: 5432,
  });
}

/** Opens sessions. Each has one connection, which its `close` ends. */
export function createSqlConnector(options: ConnectorOptions): SqlConnector {
  const limits: Limits = { ...DEFAULTS, ...options };
  const slots = createSlots(limits.maxSessions);
  return {
    async open(target, signal) {
      const release = await slots.take(signal);
      try {
        return openSession(target, limits, { signal, release });
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

/** Nothing is sent before the first statement, which therefore may fail for want of a connection. */
function openSession(
  target: SqlTarget,
  limits: Limits,
  { signal, release }: { readonly signal: AbortSignal; readonly release: Release },
): SqlSession {
  const state = { connected: false, ended: false };
  // The driver would connect anew by itself, in the middle of what was meant as one transaction.
  const client = driver(target, limits, () => state.ended = true);
  const end = (): Promise<void> => {
    state.ended = true;
    return client.end({ timeout: 0 });
  };
  signal.addEventListener("abort", end, { once: true });
  const query: SqlSession["query"] = async (statement) => {
    signal.throwIfAborted();
    const what = state.connected ? statement.purpose : `connect to ${statement.purpose}`;
    if (state.ended) throw sqlError(target, what, "the session has ended");
    // The server ends a statement in time; this is for one that no longer answers.
    const timer = setTimeout(end, limits.statementTimeoutMs + PATIENCE_MS);
    try {
      const rows = await client.unsafe(statement.text);
      state.connected = true;
      return rows;
    } catch (error) {
      throw sqlError(target, what, error);
    } finally {
      clearTimeout(timer);
    }
  };
  const close = async (): Promise<void> => {
    signal.removeEventListener("abort", end);
    await end();
    release();
  };
  return { query, close };
}

/** The driver's types know no list of hosts, but its code takes other forms of an address apart. */
type Options = Omit<postgres.Options<Record<string, never>>, "host" | "port"> & {
  readonly host: readonly string[];
  readonly port: readonly number[];
};

/** The driver with one connection and nothing that it would do by itself. */
function driver(target: SqlTarget, limits: Limits, closed: () => void): postgres.Sql {
  const { host, port } = limits.addressOf(target);
  const options: Options = {
    host: [host],
    port: [port],
    database: target.database,
    user: target.user,
    password: saslprep(target.password.reveal()),
    ssl: "require",
    max: 1,
    idle_timeout: 0,
    connect_timeout: limits.connectTimeoutMs / 1000,
    prepare: false,
    fetch_types: false,
    onnotice: () => {},
    onclose: closed,
    connection: {
      application_name: "postgres-operator",
      ...startupParameters(limits),
    },
  };
  return postgres(options as unknown as postgres.Options<Record<string, never>>);
}

/** Sent when the session starts: these outrank what is set for roles and databases. */
function startupParameters(limits: Limits): Partial<postgres.ConnectionParameters> {
  return {
    client_encoding: "UTF8",
    search_path: "pg_catalog, pg_temp",
    standard_conforming_strings: "on",
    default_transaction_read_only: false,
    default_transaction_isolation: "read committed",
    // A synchronous standby that is missing must not hold up what the operator sets.
    synchronous_commit: "local",
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    idle_in_transaction_session_timeout: limits.statementTimeoutMs,
  };
}
