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
    each(({ last }, of) => {
      const at = Date.parse(last?.seen?.backup?.[time] ?? "");
      return Number.isNaN(at) ? [] : [{ labels: { ...of, kind: "logical" }, value: at / 1000 }];
    });
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
      read: backup("lastSuccessfulTime"),
    },
  ];
}
