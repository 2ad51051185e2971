/**
 * Resolves whether a cluster follows another one, and from where it takes WAL.
 *
 * Zalando: pkg/cluster/util.go, isStandbyCluster; pkg/cluster/k8sres.go, generateStandbyEnvironment
 */

import type { PostgresqlSpec, StandbyDescription } from "../../../api/types.gen.ts";

/** Archive that a standby reads WAL from. */
export interface StandbyArchive {
  readonly store: "s3" | "gs";
  readonly path: string;
}

export interface EffectiveStandby {
  /**
   * `manifest`: the `standby` section says so. `environment`: only a variable of `spec.env` does;
   * then Patroni's configuration is none of the operator's business.
   */
  readonly declaredBy: "manifest" | "environment";
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly primarySlotName: string | undefined;
  readonly archive: StandbyArchive | undefined;
}

const STANDBY_VARIABLE = /^STANDBY_WALE_(S3|GS|GSC|SWIFT)_PREFIX$/;

/** Resolves the standby role of a cluster; undefined for a cluster that stands for itself. */
export function resolveStandby(spec: PostgresqlSpec): EffectiveStandby | undefined {
  const standby = spec.standby;
  if (standby) {
    const host = standby.standby_host || undefined;
    return {
      declaredBy: "manifest",
      host,
      port: standby.standby_port || undefined,
      primarySlotName: standby.standby_primary_slot_name || undefined,
      archive: archiveOf(standby),
    };
  }
  const byVariable = (spec.env ?? []).some(({ name, value }) =>
    STANDBY_VARIABLE.test(name) && value !== undefined && value !== ""
  );
  if (!byVariable) return undefined;
  return {
    declaredBy: "environment",
    host: undefined,
    port: undefined,
    primarySlotName: undefined,
    archive: undefined,
  };
}

function archiveOf(standby: StandbyDescription): StandbyArchive | undefined {
  if (standby.s3_wal_path) return { store: "s3", path: standby.s3_wal_path };
  if (standby.gs_wal_path) return { store: "gs", path: standby.gs_wal_path };
  return undefined;
}
