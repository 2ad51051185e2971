/** Patroni's dynamic configuration (stub runtime; pure). */

import { CLUSTER_PARAMETERS } from "../images/spilo_config.ts";

export type Config = Record<string, unknown>;

/** What Spilo gives a new cluster. */
export function spiloDefaults(): Config {
  return {
    ttl: 30,
    loop_wait: 10,
    retry_timeout: 10,
    maximum_lag_on_failover: 33554432,
    postgresql: {
      use_pg_rewind: true,
      use_slots: true,
      parameters: { ...CLUSTER_PARAMETERS, max_connections: 100 },
    },
  };
}

/** Lays a change over a configuration; `null` removes, as in Patroni's PATCH /config. */
export function merged(config: Config, change: Config): Config {
  const result: Config = { ...config };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else if (isPlain(value)) result[key] = merged(isPlain(result[key]) ? result[key] : {}, value);
    else result[key] = value;
  }
  return result;
}

function isPlain(value: unknown): value is Config {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parameters that PostgreSQL reads at its start only. */
const AT_START = new Set([
  "archive_mode",
  "hot_standby",
  "huge_pages",
  "max_connections",
  "max_locks_per_transaction",
  "max_prepared_transactions",
  "max_replication_slots",
  "max_wal_senders",
  "max_worker_processes",
  "shared_buffers",
  "shared_preload_libraries",
  "track_commit_timestamp",
  "wal_level",
  "wal_log_hints",
]);

/** Whether members have to restart for the new configuration to hold. */
export function needsRestart(before: Config, after: Config): boolean {
  const old = parametersOf(before);
  const now = parametersOf(after);
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .some((name) => AT_START.has(name) && String(old[name]) !== String(now[name]));
}

function parametersOf(config: Config): Config {
  const { parameters } = (config.postgresql ?? {}) as { parameters?: Config };
  return parameters ?? {};
}
