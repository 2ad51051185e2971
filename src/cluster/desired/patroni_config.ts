/**
 * Patroni's configuration: the text that pods start with, and the keys of the dynamic configuration
 * that are kept as the manifest says.
 *
 * The text is compared byte by byte, hence Go's order and escapes.
 *
 * Zalando: pkg/cluster/k8sres.go, generateSpiloJSONConfiguration; pkg/cluster/sync.go,
 * checkAndSetGlobalPostgreSQLConfiguration and syncStandbyClusterConfiguration
 */

import type { Config } from "../../config/config.ts";
import { float32, type GoJson, goJson, goMap } from "../../lib/go_json.ts";
import type { EffectivePatroni } from "../effective/patroni.ts";
import type { EffectiveSpec } from "../effective/spec.ts";
import type { DesiredPatroni } from "./cluster.ts";

const STANDBY_RESTORE_COMMAND =
  'envdir "/run/etc/wal-e.d/env-standby" /scripts/restore_command.sh "%f" "%p"';

/** The value of SPILO_CONFIGURATION. */
export function patroniConfiguration(spec: EffectiveSpec, config: Config): string {
  const { patroni } = spec;
  const local = new Map<string, GoJson>();
  // Spilo finds the binaries by PGVERSION where it is set, otherwise by this path.
  if (!config.enablePgversionEnvVar) {
    local.set("bin_dir", `/usr/lib/postgresql/${spec.version.manifest}/bin`);
  }
  if (Object.keys(patroni.localParameters).length > 0) {
    local.set("parameters", goMap(patroni.localParameters));
  }
  if (patroni.hba.length > 0) local.set("pg_hba", patroni.hba);
  return goJson({
    postgresql: local,
    bootstrap: {
      initdb: patroni.initdb.map((option) =>
        typeof option === "string" ? option : { [option.name]: option.value }
      ),
      dcs: dynamicConfiguration(patroni),
    },
  });
}

/** What a new cluster's dynamic configuration starts with; fields in the order of the text. */
function dynamicConfiguration(patroni: EffectivePatroni): GoJson {
  const { settings, dynamicParameters, slots } = patroni;
  const lag = settings.maximum_lag_on_failover;
  return {
    ttl: settings.ttl,
    loop_wait: settings.loop_wait,
    retry_timeout: settings.retry_timeout,
    // A 32-bit float in the text that running pods have: 2^30 reads 1073741800.
    maximum_lag_on_failover: lag === undefined ? undefined : float32(lag),
    synchronous_mode: settings.synchronous_mode,
    synchronous_mode_strict: settings.synchronous_mode_strict,
    synchronous_node_count: settings.synchronous_node_count,
    postgresql: Object.keys(dynamicParameters).length === 0
      ? undefined
      : { parameters: goMap(dynamicParameters) },
    slots: Object.keys(slots).length === 0
      ? undefined
      : new Map(Object.entries(slots).map(([name, slot]) => [name, goMap(slot)])),
    failsafe_mode: settings.failsafe_mode,
  };
}

/** The keys of the dynamic configuration that the manifest decides about. */
export function desiredPatroni(spec: EffectiveSpec): DesiredPatroni {
  const { settings, slots, dynamicParameters } = spec.patroni;
  return {
    config: {
      // Synchronous replication is switched off again when the manifest no longer asks for it.
      synchronous_mode: false,
      synchronous_mode_strict: false,
      synchronous_node_count: 0,
      ...settings,
    },
    slots: { ...slots, ...spec.streams.slots },
    // Streams read decoded WAL.
    parameters: spec.streams.applications.length > 0
      ? { ...dynamicParameters, wal_level: "logical" }
      : dynamicParameters,
    hba: spec.patroni.hba,
    standby: standbySection(spec),
  };
}

function standbySection(spec: EffectiveSpec): DesiredPatroni["standby"] {
  const { standby } = spec;
  if (!standby) return null;
  if (standby.declaredBy === "environment") return undefined;
  return {
    create_replica_methods: ["bootstrap_standby_with_wale", "basebackup_fast_xlog"],
    restore_command: STANDBY_RESTORE_COMMAND,
    host: standby.host ?? null,
    port: standby.port ?? null,
    primary_slot_name: standby.primarySlotName ?? null,
  };
}
