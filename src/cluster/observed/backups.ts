/** What the pods of a cluster know of its archive; pure. */

import type { StatefulSet } from "../../kubernetes/types.gen.ts";
import { known, type Observation, unknown } from "../../ports/observation.ts";
import { postgresContainerOf } from "./revisions.ts";

/** The archive as the primary sees it. */
export interface ObservedBackups {
  /** When base backups were finished, oldest first; ISO times. */
  readonly baseBackups: Observation<readonly string[]>;
  readonly archiver: ObservedArchiver;
  /** It follows another cluster: backups are made there. */
  readonly isStandby: boolean;
}

/** What the server's own statistics say of its archiver. */
export interface ObservedArchiver {
  /**
   * `idle`: nothing was to be archived since the server started to count. `off`: WAL is thrown away,
   * whatever the variables of the pod say.
   */
  readonly state: "working" | "failing" | "idle" | "off";
  /** The WAL file that could not be archived. */
  readonly failedWal: string;
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
 * What the server says of its archiver, as one JSON object. A file that waits for a quarter of an
 * hour is one that the archiver hangs at. Stands between double quotes of a shell.
 */
export const ARCHIVER_QUERY = `select json_build_object(
  'archived', last_archived_time, 'failed', last_failed_time, 'wal', last_failed_wal,
  'standby', pg_is_in_recovery(),
  'off', current_setting('archive_mode') = 'off' or
    coalesce(current_setting('archive_library', true), '') = '' and
    current_setting('archive_command') ~ '^[[:space:]]*((/usr)?/bin/true|true|:)?[[:space:]]*$',
  'stuck', (select min(name) from pg_ls_archive_statusdir()
    where name like '%.ready' and modification < now() - interval '15 minutes')
  ) from pg_stat_archiver`;

/**
 * Prints a line about the archiver and one with the times of base backups, `null` where the archive
 * could not be asked. Credentials are those of the pod: the operator has none.
 */
export const BACKUP_SCRIPT = `set -u
psql -XAtU "\${PGUSER_SUPERUSER:-postgres}" -d postgres -c "${ARCHIVER_QUERY}" || exit 1
list=$(envdir "\${WALE_ENV_DIR:-/run/etc/wal-e.d/env}" wal-g backup-list --detail --json 2>/dev/null) ||
  { echo null; exit 0; }
printf %s "$list" | python3 -c 'import json, sys
text = sys.stdin.read().strip()
found = json.loads(text) if text else []
print(json.dumps([[one.get("finish_time"), one.get("time")] for one in found or []]))' || echo null`;

/** Reads what the script printed. @throws Error where it printed something else */
export function backupsOf(printed: string): ObservedBackups {
  const [first = "", second = ""] = printed.trim().split("\n");
  try {
    const server = JSON.parse(first) as ArchiverLine;
    const times = JSON.parse(second) as (string | null)[][] | null;
    return {
      baseBackups: times === null
        ? unknown("the primary's pod cannot list its base backups")
        : known(usableSince(times)),
      archiver: archiverOf(server),
      isStandby: server.standby === true,
    };
  } catch {
    // The text itself may hold anything.
    throw new Error("the primary's pod gave no readable answer about its backups");
  }
}

interface ArchiverLine {
  readonly archived: string | null;
  readonly failed: string | null;
  readonly wal: string | null;
  readonly standby?: boolean;
  readonly off?: boolean;
  /** Name of the status file of a WAL file. */
  readonly stuck?: string | null;
}

function archiverOf({ archived, failed, wal, off, stuck = null }: ArchiverLine): ObservedArchiver {
  if (off === true) return { state: "off", failedWal: "" };
  if (failed !== null && Date.parse(failed) > Date.parse(archived ?? "0")) {
    return { state: "failing", failedWal: walName(wal ?? "") };
  }
  if (stuck !== null) {
    return { state: "failing", failedWal: walName(stuck.replace(/\.ready$/, "")) };
  }
  return { state: archived === null ? "idle" : "working", failedWal: "" };
}

/**
 * When each backup was finished and stored. A restore takes one that was stored before its moment,
 * and status has whole seconds: they are rounded up.
 */
function usableSince(backups: readonly (readonly (string | null)[])[]): string[] {
  const latest = (times: readonly (string | null)[]) =>
    Math.max(...times.map((time) => Date.parse(time ?? "")).filter((ms) => !Number.isNaN(ms)));
  return backups.map(latest).filter(Number.isFinite).sort((a, b) => a - b)
    .map((ms) => isoTime(Math.ceil(ms / 1000) * 1000));
}

/** Names of WAL files are hexadecimal, some with a suffix. */
function walName(text: string): string {
  return /^[0-9A-F]{8,24}[A-Za-z0-9.]{0,30}$/.test(text) ? text : "";
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
