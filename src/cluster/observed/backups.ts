/** What the pods of a cluster know of its archive; pure. */

import type { StatefulSet } from "../../kubernetes/types.gen.ts";
import { postgresContainerOf } from "./revisions.ts";

/** The archive as the primary sees it. */
export interface ObservedBackups {
  /** When base backups were finished, oldest first; ISO times. */
  readonly baseBackups: readonly string[];
  readonly archiver: {
    readonly failing: boolean;
    /** The WAL file that could not be archived. */
    readonly failedWal: string;
  };
}

/** Variables that tell Spilo where WAL goes. */
const ARCHIVE_VARIABLES: ReadonlySet<string> = new Set([
  "WAL_S3_BUCKET",
  "WAL_GS_BUCKET",
  "WALE_S3_PREFIX",
  "WALE_GS_PREFIX",
  "WALG_S3_PREFIX",
  "WALG_GS_PREFIX",
  "WALG_AZ_PREFIX",
  "WALG_SSH_PREFIX",
  "WALG_FILE_PREFIX",
  "AZURE_STORAGE_ACCOUNT",
]);

/** True where the pods of a StatefulSet archive their WAL, as far as its variables say. */
export function archivesWal(set: Pick<StatefulSet, "spec">): boolean {
  const { env = [] } = postgresContainerOf(set.spec?.template?.spec) ?? {};
  return env.some(({ name, value, valueFrom }) =>
    ARCHIVE_VARIABLES.has(name) && ((value ?? "") !== "" || valueFrom !== undefined)
  );
}

/**
 * Prints a line about the archiver and one with the times of base backups. Credentials are those of
 * the pod: the operator has none.
 */
export const BACKUP_SCRIPT = `set -u
psql -XAtU postgres -d postgres -c "select json_build_object('archived', last_archived_time,
  'failed', last_failed_time, 'wal', last_failed_wal) from pg_stat_archiver" || exit 1
envdir "\${WALE_ENV_DIR:-/run/etc/wal-e.d/env}" wal-g backup-list --detail --json 2>/dev/null |
  python3 -c 'import json, sys
text = sys.stdin.read().strip()
found = json.loads(text) if text else []
print(json.dumps([one.get("finish_time") or one.get("time") for one in found]))'`;

/** Reads what the script printed. @throws Error where it printed something else */
export function backupsOf(printed: string): ObservedBackups {
  const [first = "", second = ""] = printed.trim().split("\n");
  try {
    const { archived, failed, wal } = JSON.parse(first) as Record<string, string | null>;
    const times = (JSON.parse(second) as (string | null)[]).map((time) => Date.parse(time ?? ""));
    const failing = failed !== null && Date.parse(failed ?? "") > Date.parse(archived ?? "0");
    return {
      baseBackups: times.filter((ms) => !Number.isNaN(ms)).sort((a, b) => a - b).map(isoTime),
      archiver: { failing, failedWal: failing ? walName(wal ?? "") : "" },
    };
  } catch {
    // The text itself may hold anything.
    throw new Error("the primary's pod gave no readable answer about its backups");
  }
}

/** Names of WAL files are hexadecimal, some with a suffix. */
function walName(text: string): string {
  return /^[0-9A-F]{8,24}[A-Za-z0-9.]{0,30}$/.test(text) ? text : "";
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
