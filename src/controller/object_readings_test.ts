/** Volumes and backup jobs as a scrape shows them. */

import assert from "node:assert/strict";
import type { CronJob, PersistentVolumeClaim } from "../kubernetes/types.gen.ts";
import type { PostgresqlBackups } from "../api/types.gen.ts";
import { cluster } from "../testing/cluster_fixture.ts";
import { known, unknown } from "../ports/observation.ts";
import { describeRef, refOf } from "../ports/requests.ts";
import { objectReadings } from "./object_readings.ts";
import { type ClusterEntry, type LastPass, Registry } from "./registry.ts";
import { backupTimes, volumeSizes } from "./seen.ts";

const JOB: CronJob = {
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: { namespace: "shop", name: "logical-backup-acid-a" },
  spec: { schedule: "30 0 * * *", jobTemplate: {} },
};

function claim(name: string, storage?: string): PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { namespace: "shop", name },
    ...(storage === undefined ? {} : { status: { capacity: { storage } } }),
  } as PersistentVolumeClaim;
}

/** Name of a metric → its samples, without the labels of the cluster. */
function read(
  last: unknown,
  backups?: PostgresqlBackups,
): Record<string, [Record<string, string>, number][]> {
  const entry: ClusterEntry = new Registry().entry("shop/acid-a");
  entry.last = last as LastPass;
  if (backups !== undefined) {
    entry.cr = { ...cluster(), status: { PostgresClusterStatus: "Running", backups } };
  }
  const readings = objectReadings((one) => () => [...one(entry, {})], []);
  return Object.fromEntries(
    readings.map(({ name, read }) => [
      name.replace(/^pgop_/, ""),
      [...read()].map(({ labels, value }) => [{ ...labels }, value]),
    ]),
  );
}

function observed(job: CronJob | undefined, claims: readonly PersistentVolumeClaim[]) {
  const objects = new Map([[describeRef(refOf(JOB)), known(job)]]);
  return { seen: { volumes: volumeSizes(known(claims)), backup: backupTimes(JOB, objects) } };
}

Deno.test("each claim with a capacity shows its bytes, in every way of writing it", () => {
  const claims = [claim("pgdata-a-0", "1Gi"), claim("pgdata-a-1", "500M"), claim("pgdata-a-2")];
  assert.deepEqual(read(observed(undefined, claims))["volume_bytes"], [
    [{ claim: "pgdata-a-0" }, 2 ** 30],
    [{ claim: "pgdata-a-1" }, 5e8],
  ]);
});

Deno.test("a backup job shows when it was begun and when it ended well", () => {
  const status = {
    lastScheduleTime: "2026-05-04T00:30:00Z",
    lastSuccessfulTime: "2026-05-03T00:31:00Z",
  };
  const found = read(observed({ ...JOB, status }, []));
  const kind = { kind: "logical" };
  assert.deepEqual(found["backup_last_schedule_timestamp_seconds"], [
    [kind, Date.parse(status.lastScheduleTime) / 1000],
  ]);
  assert.deepEqual(found["backup_last_success_timestamp_seconds"], [
    [kind, Date.parse(status.lastSuccessfulTime) / 1000],
  ]);
});

Deno.test("an archive shows its last base backup, how far it reaches back, and whether it fails", () => {
  const found = read(undefined, {
    archiver: "failing",
    lastBaseBackup: "2026-05-04T01:00:00Z",
    oldestRecoverablePoint: "2026-05-01T01:00:00Z",
  });
  assert.deepEqual(found["backup_last_success_timestamp_seconds"], [
    [{ kind: "base" }, Date.parse("2026-05-04T01:00:00Z") / 1000],
  ]);
  assert.deepEqual(found["backup_oldest_recovery_timestamp_seconds"], [
    [{}, Date.parse("2026-05-01T01:00:00Z") / 1000],
  ]);
  assert.deepEqual(found["archive_failing"], [[{}, 1]]);
  assert.deepEqual(read(undefined, { archiver: "off" })["archive_failing"], [[{}, 1]]);
  assert.deepEqual(read(undefined, { archiver: "working" })["archive_failing"], [[{}, 0]]);
});

Deno.test("an archiver that is not known to work shows nothing", () => {
  for (const backups of [{}, { archiver: "idle" }]) {
    assert.deepEqual(read(undefined, backups)["archive_failing"], []);
  }
});

const NOTHING: readonly [string, unknown][] = [
  ["no pass yet", undefined],
  ["a job that never ran", observed(JOB, [])],
  ["a job that is missing", observed(undefined, [])],
  ["no job wanted", { seen: { volumes: [], backup: backupTimes(undefined, new Map()) } }],
  ["claims that could not be read", { seen: { volumes: volumeSizes(unknown("forbidden")) } }],
];

for (const [given, last] of NOTHING) {
  Deno.test(`with ${given} nothing is shown`, () => {
    assert.deepEqual(Object.values(read(last)).flat(), []);
  });
}
