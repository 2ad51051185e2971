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
    ? archiveFields(backups.value)
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

function archiveFields({ baseBackups, archiver }: ObservedBackups): PostgresqlBackups {
  const [oldest, newest] = [baseBackups[0], baseBackups.at(-1)];
  return {
    archiver: archiver.failing ? "failing" : "working",
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

/** A merge patch keeps what it does not name: fields that are gone are named. */
export function backupsPatch(
  before: PostgresqlBackups | undefined,
  after: PostgresqlBackups,
): Record<string, string | null> {
  const gone = Object.keys(before ?? {}).map((key) => [key, null] as const);
  return { ...Object.fromEntries(gone), ...after };
}

/** The condition `BackupOK`; the one before where nobody was asked in this pass. */
export function backupCondition(
  { status }: Postgresql,
  { desired, observed: { backups }, now }: Pick<PlanContext, "desired" | "observed" | "now">,
): Record<string, ConditionText> {
  if (!archivesWal(desired.statefulSet)) return {};
  const before = status?.conditions?.find(({ type }) => type === "BackupOK");
  if (backups !== undefined) return { BackupOK: judged(backups, now) };
  if (before === undefined) return {};
  const { reason, message } = before;
  return { BackupOK: { status: before.status, reason, message } };
}

function judged(
  backups: NonNullable<ObservedCluster["backups"]>,
  now: Date,
): ConditionText {
  if (!backups.known) {
    return { status: "Unknown", reason: "Unreadable", message: backups.reason };
  }
  const { archiver, baseBackups } = backups.value;
  const newest = baseBackups.at(-1);
  if (archiver.failing) {
    const message = `WAL is not archived: ${archiver.failedWal || "the last file failed"}`;
    return { status: "False", reason: "ArchiverFails", message };
  }
  if (newest === undefined) {
    return { status: "False", reason: "NoBaseBackup", message: "there is no base backup yet" };
  }
  if (now.getTime() - Date.parse(newest) > STALE_MS) {
    return { status: "False", reason: "Stale", message: `the last base backup is of ${newest}` };
  }
  const message = `WAL is archived, the last base backup is of ${newest}`;
  return { status: "True", reason: "Recent", message };
}
