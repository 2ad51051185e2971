/** Patroni's dynamic configuration (stub runtime; pure). */

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
      parameters: {
        archive_mode: "on",
        archive_timeout: "1800s",
        autovacuum_analyze_scale_factor: 0.02,
        autovacuum_max_workers: 5,
        autovacuum_vacuum_scale_factor: 0.05,
        checkpoint_completion_target: 0.9,
        hot_standby: "on",
        log_autovacuum_min_duration: 0,
        log_checkpoints: "on",
        log_connections: "on",
        log_disconnections: "on",
        log_line_prefix: "%t [%p]: [%l-1] %c %x %d %u %a %h ",
        log_lock_waits: "on",
        log_min_duration_statement: 500,
        log_statement: "ddl",
        log_temp_files: 0,
        max_connections: 100,
        max_replication_slots: 10,
        max_wal_senders: 10,
        tcp_keepalives_idle: 900,
        tcp_keepalives_interval: 100,
        track_functions: "all",
        wal_compression: "on",
        wal_level: "hot_standby",
        wal_log_hints: "on",
      },
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
