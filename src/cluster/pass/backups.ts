/**
 * Backups in the status: looked up at periodic looks, where a cluster makes any. What is not asked
 * in a pass stays as it was told. Pure.
 */

import type { Postgresql, PostgresqlBackups } from "../../api/types.gen.ts";
import type { CronJob } from "../../kubernetes/types.gen.ts";
import { refOf } from "../../ports/requests.ts";
import type { DesiredCluster } from "../desired/cluster.ts";
import { type ObservedCluster, observedObject } from "../observed/cluster.ts";
import { archivesWal, type ObservedBackups } from "../observed/backups.ts";
import type { PlanContext } from "../plan/steps/context.ts";

/** Spilo makes one each night: two that are missing are one too many. */
const STALE_MS = 2 * 24 * 60 * 60_000;

/** A dump that takes longer counts as one that failed; its alert waits as long. */
const LONGEST_DUMP_MS = 6 * 60 * 60_000;

/** `status.backups` after a pass; undefined where nothing is known of any. */
export function backupsAfter(
  { status }: Postgresql,
  desired: DesiredCluster,
  { backups, objects }: ObservedCluster,
): PostgresqlBackups | undefined {
  const before = status?.backups ?? {};
  const archive = !archivesWal(desired.statefulSet)
    ? {}
    : backups?.known
    ? archiveFields(backups.value, before)
    : archiveOf(before);
  const { logicalBackup } = desired;
  const found = logicalBackup === undefined
    ? undefined
    : observedObject<CronJob>(objects, refOf(logicalBackup));
  const last = found?.known ? found.value?.status?.lastSuccessfulTime : before.lastLogicalBackup;
  const logical = last === undefined || logicalBackup === undefined
    ? {}
    : { lastLogicalBackup: last };
  const all = { ...archive, ...logical };
  return Object.keys(all).length === 0 && status?.backups === undefined ? undefined : all;
}

function archiveOf(before: PostgresqlBackups): PostgresqlBackups {
  const { lastLogicalBackup: _logical, ...archive } = before;
  return archive;
}

function archiveFields(
  { baseBackups, archiver, isStandby }: ObservedBackups,
  before: PostgresqlBackups,
): PostgresqlBackups {
  if (isStandby) return {};
  const { lastBaseBackup, oldestRecoverablePoint } = before;
  const [oldest, newest] = baseBackups.known
    ? [baseBackups.value[0], baseBackups.value.at(-1)]
    : [oldestRecoverablePoint, lastBaseBackup];
  return {
    archiver: archiver.state,
    ...(archiver.failedWal === "" ? {} : { lastFailedWal: archiver.failedWal }),
    ...(newest === undefined ? {} : { lastBaseBackup: newest }),
    ...(oldest === undefined ? {} : { oldestRecoverablePoint: oldest }),
  };
}

interface ConditionText {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * The condition `BackupOK`. Where WAL is archived it is as the last look at the archive found it;
 * else it tells of the job of logical backups.
 */
export function backupCondition(
  { status }: Postgresql,
  { desired, observed, now }: Pick<PlanContext, "desired" | "observed" | "now">,
): Record<string, ConditionText> {
  const logical = logicalBackup(desired, observed, now);
  if (!archivesWal(desired.statefulSet)) return logical === undefined ? {} : { BackupOK: logical };
  const { backups } = observed;
  // Backups are made by the cluster that it follows.
  if (backups?.known && backups.value.isStandby) return {};
  if (backups !== undefined) return { BackupOK: worst(judged(backups, now), logical) };
  const before = status?.conditions?.find(({ type }) => type === "BackupOK");
  if (before === undefined) return {};
  const { reason, message } = before;
  return { BackupOK: { status: before.status, reason, message } };
}

const ORDER = ["False", "Unknown", "True"];

function worst(archive: ConditionText, logical: ConditionText | undefined): ConditionText {
  if (logical === undefined || ORDER.indexOf(archive.status) <= ORDER.indexOf(logical.status)) {
    return archive;
  }
  return logical;
}

/** What the job's last runs say; undefined where none is wanted. */
function logicalBackup(
  { logicalBackup: wanted }: Pick<DesiredCluster, "logicalBackup">,
  { objects }: Pick<ObservedCluster, "objects">,
  now: Date,
): ConditionText | undefined {
  if (wanted === undefined) return undefined;
  const found = observedObject<CronJob>(objects, refOf(wanted));
  if (!found.known) return { status: "Unknown", reason: "Unreadable", message: found.reason };
  const { lastScheduleTime: begun, lastSuccessfulTime: good } = found.value?.status ?? {};
  if (begun === undefined && good === undefined) {
    const message = "no logical backup has been made yet";
    return { status: "Unknown", reason: "NoLogicalBackup", message };
  }
  const unfinished = begun !== undefined &&
    (good === undefined || Date.parse(begun) > Date.parse(good));
  if (unfinished && now.getTime() - Date.parse(begun) > LONGEST_DUMP_MS) {
    const last = good === undefined ? "none ever did" : `the last good one is of ${good}`;
    const message = `the logical backup of ${begun} has not ended well; ${last}`;
    return { status: "False", reason: "LogicalBackupFails", message };
  }
  return good === undefined
    ? {
      status: "Unknown",
      reason: "NoLogicalBackup",
      message: "the first logical backup is under way",
    }
    : { status: "True", reason: "Recent", message: `the last logical backup is of ${good}` };
}

function judged(
  backups: NonNullable<ObservedCluster["backups"]>,
  now: Date,
): ConditionText {
  const unknown = (reason: string, message: string) => ({ status: "Unknown", reason, message });
  if (!backups.known) return unknown("Unreadable", backups.reason);
  const { archiver, baseBackups } = backups.value;
  if (archiver.state === "failing") {
    const message = `WAL is not archived: ${archiver.failedWal || "the last file failed"}`;
    return { status: "False", reason: "ArchiverFails", message };
  }
  if (archiver.state === "off") {
    const message = "the server throws its WAL away: see archive_mode and archive_command";
    return { status: "False", reason: "ArchiveOff", message };
  }
  if (!baseBackups.known) return unknown("Unreadable", baseBackups.reason);
  const newest = baseBackups.value.at(-1);
  if (newest === undefined) {
    return { status: "False", reason: "NoBaseBackup", message: "there is no base backup yet" };
  }
  if (now.getTime() - Date.parse(newest) > STALE_MS) {
    return { status: "False", reason: "Stale", message: `the last base backup is of ${newest}` };
  }
  if (archiver.state === "idle") {
    // After a switchover, for instance: what the new primary writes may be archived or not.
    return unknown(
      "ArchiverIdle",
      `the primary has not archived WAL yet; last base backup ${newest}`,
    );
  }
  const message = `WAL is archived, the last base backup is of ${newest}`;
  return { status: "True", reason: "Recent", message };
}
