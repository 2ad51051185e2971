/**
 * Resolves Patroni's part of the manifest: where it keeps its state, what goes into the local and
 * what into the dynamic configuration.
 *
 * Zalando: pkg/cluster/k8sres.go, generateSpiloJSONConfiguration and isBootstrapOnlyParameter
 */

import type { PostgresqlSpec } from "../../api/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { compareUtf8 } from "../../lib/go_json.ts";
import type { StringMap } from "./identity.ts";

/** One option of initdb: a bare word, or a name with a value. */
export type InitdbOption = string | { readonly name: string; readonly value: string };

/** Keys of Patroni's dynamic configuration under their own names; absent where nothing is asked. */
export interface PatroniSettings {
  readonly ttl?: number;
  readonly loop_wait?: number;
  readonly retry_timeout?: number;
  readonly maximum_lag_on_failover?: number;
  readonly synchronous_mode?: boolean;
  readonly synchronous_mode_strict?: boolean;
  readonly synchronous_node_count?: number;
  readonly failsafe_mode?: boolean;
}

export interface EffectivePatroni {
  /** What Patroni keeps leader lock and configuration in. */
  readonly store: "configmaps" | "endpoints" | "etcd";
  readonly initdb: readonly InitdbOption[];
  readonly settings: PatroniSettings;
  readonly slots: Readonly<Record<string, StringMap>>;
  readonly hba: readonly string[];
  /** Parameters of patroni.yml on each pod: a change restarts the pods. */
  readonly localParameters: StringMap;
  /** Parameters of the dynamic configuration: a change goes through Patroni's API. */
  readonly dynamicParameters: StringMap;
}

const LOCAL_PARAMETERS: ReadonlySet<string> = new Set([
  "archive_command",
  "shared_buffers",
  "logging_collector",
  "log_destination",
  "log_directory",
  "log_filename",
  "log_file_mode",
  "log_rotation_age",
  "log_truncate_on_rotation",
  "ssl",
  "ssl_ca_file",
  "ssl_crl_file",
  "ssl_cert_file",
  "ssl_key_file",
  "shared_preload_libraries",
  "bg_mon.listen_address",
  "bg_mon.history_buckets",
  "pg_stat_statements.track_utility",
  "extwlist.extensions",
  "extwlist.custom_path",
]);

/** Options of initdb that take no value. */
const BARE_INITDB_OPTIONS: ReadonlySet<string> = new Set([
  "data-checksums",
  "debug",
  "no-locale",
  "noclean",
  "nosync",
  "sync-only",
]);

/** Resolves Patroni's settings of a cluster. */
export function resolvePatroni(spec: PostgresqlSpec, config: Config): EffectivePatroni {
  const parameters = Object.entries(spec.postgresql.parameters ?? {});
  const isLocal = ([name]: [string, string]) => LOCAL_PARAMETERS.has(name);
  return {
    store: patroniStore(config),
    initdb: initdbOptions(spec.patroni?.initdb ?? {}),
    settings: settings(spec, config),
    slots: spec.patroni?.slots ?? {},
    hba: spec.patroni?.pg_hba ?? [],
    localParameters: Object.fromEntries(parameters.filter(isLocal)),
    dynamicParameters: Object.fromEntries(parameters.filter((entry) => !isLocal(entry))),
  };
}

/** What Patroni keeps its state in: etcd where a host is configured, else Kubernetes objects. */
export function patroniStore(config: Config): EffectivePatroni["store"] {
  if (config.etcdHost !== "") return "etcd";
  return config.kubernetesUseConfigmaps === false ? "endpoints" : "configmaps";
}

function settings(spec: PostgresqlSpec, config: Config): PatroniSettings {
  const given = spec.patroni ?? {};
  const lag = given.maximum_lag_on_failover ?? 0;
  const failsafe = given.failsafe_mode ?? config.enablePatroniFailsafeMode;
  return {
    ...(given.ttl ? { ttl: given.ttl } : {}),
    ...(given.loop_wait ? { loop_wait: given.loop_wait } : {}),
    ...(given.retry_timeout ? { retry_timeout: given.retry_timeout } : {}),
    ...(lag > 0 ? { maximum_lag_on_failover: lag } : {}),
    ...(given.synchronous_mode ? { synchronous_mode: true } : {}),
    ...(given.synchronous_mode_strict ? { synchronous_mode_strict: true } : {}),
    ...(given.synchronous_node_count
      ? { synchronous_node_count: given.synchronous_node_count }
      : {}),
    ...(failsafe === undefined ? {} : { failsafe_mode: failsafe }),
  };
}

/** The two default options, overridden in place, then the manifest's other options by name. */
function initdbOptions(given: StringMap): InitdbOption[] {
  const options: InitdbOption[] = [
    { name: "auth-host", value: "scram-sha-256" },
    { name: "auth-local", value: "trust" },
  ];
  for (const name of Object.keys(given).sort(compareUtf8)) {
    const value = given[name] ?? "";
    const known = options.findIndex((option) =>
      typeof option === "string" ? option === value : option.name === name
    );
    if (known >= 0) {
      if (typeof options[known] !== "string") options[known] = { name, value };
    } else if (value === "true" && BARE_INITDB_OPTIONS.has(name)) options.push(name);
    else options.push({ name, value });
  }
  return options;
}
