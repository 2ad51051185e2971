/** What metrics read of a cluster's objects, as its last pass saw them: volumes and backup jobs. */

import type { Reading, Sample } from "../metrics/metrics.ts";
import type { ClusterEntry } from "./registry.ts";
import type { BackupTimes } from "./seen.ts";

/** Makes a reading of all clusters out of that of one. */
export type Each = (
  read: (entry: ClusterEntry, of: Readonly<Record<string, string>>) => Iterable<Sample>,
) => () => Sample[];

/** Sizes of volumes, and how the jobs of backups go. */
export function objectReadings(each: Each, ofCluster: readonly string[]): Reading[] {
  const backup = (time: keyof BackupTimes) =>
    each(({ last }, of) => at(last?.seen?.backup?.[time], { ...of, kind: "logical" }));
  return [
    {
      name: "pgop_volume_bytes",
      help: "Capacity of the volume of each member, as its claim says.",
      labels: [...ofCluster, "claim"],
      read: each(({ last }, of) =>
        (last?.seen?.volumes ?? []).map(({ claim, bytes }) => ({
          labels: { ...of, claim },
          value: bytes,
        }))
      ),
    },
    {
      name: "pgop_backup_last_schedule_timestamp_seconds",
      help: "When a backup was last begun on its schedule, as the last pass saw it.",
      labels: [...ofCluster, "kind"],
      read: backup("lastScheduleTime"),
    },
    {
      name: "pgop_backup_last_success_timestamp_seconds",
      help: "When a backup last ended well, as the last pass saw it.",
      labels: [...ofCluster, "kind"],
      read: each(({ cr, last }, of) => [
        ...at(last?.seen?.backup?.lastSuccessfulTime, { ...of, kind: "logical" }),
        ...at(cr?.status?.backups?.lastBaseBackup, { ...of, kind: "base" }),
      ]),
    },
    {
      name: "pgop_backup_oldest_recovery_timestamp_seconds",
      help: "The earliest moment that the archive can be restored to, as it was last asked.",
      labels: ofCluster,
      read: each(({ cr }, of) => at(cr?.status?.backups?.oldestRecoverablePoint, of)),
    },
    {
      name: "pgop_archive_failing",
      help: "1 where WAL does not reach the archive, 0 where it does; none where that is unknown.",
      labels: ofCluster,
      read: each(({ cr }, of) => {
        const word = cr?.status?.backups?.archiver;
        const fails = word === "failing" || word === "off";
        return fails || word === "working" ? [{ labels: of, value: fails ? 1 : 0 }] : [];
      }),
    },
  ];
}

/** A sample of a time; none where there is no time. */
function at(time: string | undefined, labels: Sample["labels"]): Sample[] {
  const ms = Date.parse(time ?? "");
  return Number.isNaN(ms) ? [] : [{ labels, value: ms / 1000 }];
}
