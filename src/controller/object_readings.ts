/** What metrics read of a cluster's objects, as its last pass saw them: volumes and backup jobs. */

import { observedObject } from "../cluster/observed/cluster.ts";
import type { CronJob } from "../kubernetes/types.gen.ts";
import { parseQuantity } from "../lib/quantity.ts";
import type { Reading, Sample } from "../metrics/metrics.ts";
import { refOf } from "../ports/requests.ts";
import type { ClusterEntry } from "./registry.ts";

/** Makes a reading of all clusters out of that of one. */
export type Each = (
  read: (entry: ClusterEntry, of: Readonly<Record<string, string>>) => Iterable<Sample>,
) => () => Sample[];

const BILLION = 1e9;

/** Sizes of volumes, and how the jobs of backups go. */
export function objectReadings(each: Each, ofCluster: readonly string[]): Reading[] {
  const backup = (time: (job: CronJob) => string | undefined) =>
    each((entry, of) => {
      const at = Date.parse(backupJobOf(entry).flatMap((job) => time(job) ?? [])[0] ?? "");
      return Number.isNaN(at) ? [] : [{ labels: { ...of, kind: "logical" }, value: at / 1000 }];
    });
  return [
    {
      name: "pgop_volume_bytes",
      help: "Capacity of the volume of each member, as its claim says.",
      labels: [...ofCluster, "claim"],
      read: each((entry, of) => volumes(entry, of)),
    },
    {
      name: "pgop_backup_last_schedule_timestamp_seconds",
      help: "When a backup was last begun on its schedule, as the last pass saw it.",
      labels: [...ofCluster, "kind"],
      read: backup(({ status }) => status?.lastScheduleTime),
    },
    {
      name: "pgop_backup_last_success_timestamp_seconds",
      help: "When a backup last ended well, as the last pass saw it.",
      labels: [...ofCluster, "kind"],
      read: backup(({ status }) => status?.lastSuccessfulTime),
    },
  ];
}

/** The job that is there; none where there is to be none. */
function backupJobOf({ last }: ClusterEntry): readonly CronJob[] {
  const wanted = last?.desired?.logicalBackup;
  if (wanted === undefined || last?.observed === undefined) return [];
  const found = observedObject<CronJob>(last.observed.objects, refOf(wanted));
  return found.known && found.value !== undefined ? [found.value] : [];
}

function volumes({ last }: ClusterEntry, of: Readonly<Record<string, string>>): Sample[] {
  const claims = last?.observed?.claims;
  if (!claims?.known) return [];
  return claims.value.flatMap(({ metadata, status }) => {
    const size = parseQuantity(String(status?.capacity?.["storage"] ?? ""));
    if (size === undefined) return [];
    return [{ labels: { ...of, claim: metadata.name ?? "" }, value: Number(size.nanos) / BILLION }];
  });
}
