/** Backups in the status: what the pods print, what is told of it, and what is kept. */

import assert from "node:assert/strict";
import type { StatefulSet } from "../../kubernetes/types.gen.ts";
import { known, unknown } from "../../ports/observation.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { planContext } from "../../testing/plan_fixture.ts";
import { archivesWal, backupsOf, type ObservedBackups } from "../observed/backups.ts";
import { readBackups } from "../observed/read_backups.ts";
import { backupCondition, backupsAfter } from "./backups.ts";

const PRINTED = `{"archived" : "2026-01-05T11:58:00+00:00", "failed" : null, "wal" : null}
[["2026-01-05T01:00:00Z", null], [null, null], ["2026-01-03T01:00:00.123Z", "2026-01-03T01:00:00Z"], ["2026-01-04T01:00:00Z", "2026-01-04T01:00:01.5Z"]]
`;
const FAILING = PRINTED.replace(
  '"failed" : null, "wal" : null',
  `"failed" : ` +
    `"2026-01-05T11:59:00+00:00", "wal" : "000000010000000000000007"`,
);

/** A cluster whose pods archive their WAL. */
function archiving(status: Record<string, unknown> = {}, observed: Record<string, unknown> = {}) {
  const cr = cluster({
    spec: { env: [{ name: "WALG_S3_PREFIX", value: "s3://bucket/a" }] },
  });
  return planContext({
    cr: { ...cr, status: { PostgresClusterStatus: "Running", ...status } },
    observed,
  });
}

Deno.test("what the pod prints is read, in whatever order it comes", () => {
  assert.deepEqual(backupsOf(PRINTED), {
    baseBackups: known(["2026-01-03T01:00:01Z", "2026-01-04T01:00:02Z", "2026-01-05T01:00:00Z"]),
    archiver: { state: "working", failedWal: "" },
    isStandby: false,
  });
  assert.throws(() => backupsOf("key=s3cr3t"), /^Error: the primary's pod gave no readable answer/);
});

/** What the server says of its archiver, and what it comes to. */
const ARCHIVERS: readonly [string, Record<string, unknown>, string, string][] = [
  ["archived last", { archived: "2026-01-05T12:00:00Z" }, "working", ""],
  [
    "failed since",
    {
      archived: "2026-01-05T11:00:00Z",
      failed: "2026-01-05T11:59:00Z",
      wal: "000000010000000000000007",
    },
    "failing",
    "000000010000000000000007",
  ],
  [
    "failed before",
    {
      archived: "2026-01-05T12:00:00Z",
      failed: "2026-01-05T11:59:00Z",
      wal: "000000010000000000000007",
    },
    "working",
    "",
  ],
  ["never did anything else", { failed: "2026-01-05T11:59:00Z", wal: "p4ss" }, "failing", ""],
  [
    "hangs at a file",
    { archived: "2026-01-05T11:00:00Z", stuck: "00000002.history.ready" },
    "failing",
    "00000002.history",
  ],
  ["has had nothing to do", {}, "idle", ""],
  ["throws WAL away", { archived: "2026-01-05T11:00:00Z", off: true }, "off", ""],
];

for (const [name, said, state, failedWal] of ARCHIVERS) {
  Deno.test(`an archiver that ${name} is ${state}`, () => {
    const line = JSON.stringify({ archived: null, failed: null, wal: null, ...said });
    assert.deepEqual(backupsOf(`${line}\n[]\n`).archiver, { state, failedWal });
  });
}

Deno.test("backups that could not be listed are unknown, and none only where the list is empty", () => {
  const [line = ""] = PRINTED.split("\n");
  assert.deepEqual(
    backupsOf(`${line}\nnull\n`).baseBackups,
    unknown("the primary's pod cannot list its base backups"),
  );
  assert.deepEqual(backupsOf(`${line}\n[]\n`).baseBackups, known([]));
});

const ENVIRONMENTS: readonly [Record<string, unknown>, boolean][] = [
  [{ name: "WAL_S3_BUCKET", value: "b" }, true],
  [{ name: "WALG_AZ_PREFIX", value: "azure://x" }, true],
  [{ name: "WALG_S3_PREFIX", valueFrom: { secretKeyRef: { name: "a", key: "b" } } }, true],
  [{ name: "WAL_S3_BUCKET", value: "" }, false],
  [{ name: "CLONE_WAL_S3_BUCKET", value: "b" }, false],
];

for (const [variable, want] of ENVIRONMENTS) {
  Deno.test(`${JSON.stringify(variable)} ${want ? "archives" : "archives nothing"}`, () => {
    const set = {
      spec: { template: { spec: { containers: [{ name: "postgres", env: [variable] }] } } },
    } as unknown as StatefulSet;
    assert.equal(archivesWal(set), want);
  });
}

const GOOD = backupsOf(PRINTED);
const JUDGED: readonly [string, ObservedBackups | undefined, string, string][] = [
  ["good ones", backupsOf(PRINTED), "True", "Recent"],
  ["an archiver that fails", backupsOf(FAILING), "False", "ArchiverFails"],
  ["none yet", { ...backupsOf(PRINTED), baseBackups: known([]) }, "False", "NoBaseBackup"],
  ["a list that cannot be read", { ...GOOD, baseBackups: unknown("why") }, "Unknown", "Unreadable"],
  [
    "an archiver that fails and a list that cannot be read",
    { ...backupsOf(FAILING), baseBackups: unknown("why") },
    "False",
    "ArchiverFails",
  ],
  ["an old one", { ...GOOD, baseBackups: known(["2026-01-01T00:00:00Z"]) }, "False", "Stale"],
  [
    "a server that archives nothing",
    { ...GOOD, archiver: { state: "off", failedWal: "" }, baseBackups: unknown("why") },
    "False",
    "ArchiveOff",
  ],
  [
    "a new primary",
    { ...GOOD, archiver: { state: "idle", failedWal: "" } },
    "Unknown",
    "ArchiverIdle",
  ],
  ["no answer", undefined, "Unknown", "Unreadable"],
];

for (const [name, value, status, reason] of JUDGED) {
  Deno.test(`BackupOK of ${name} is ${status}`, () => {
    const backups = value === undefined ? unknown("no answer") : known(value);
    const { BackupOK } = backupCondition(cluster(), archiving({}, { backups }));
    assert.deepEqual([BackupOK?.status, BackupOK?.reason], [status, reason]);
  });
}

Deno.test("a pass that did not ask keeps what is known; one that was not answered too", () => {
  const told = { archiver: "working", lastBaseBackup: "2026-01-05T01:00:00Z" };
  const condition = { type: "BackupOK", status: "True", reason: "Recent", message: "so" };
  const status = { backups: told, conditions: [{ ...condition, lastTransitionTime: "" }] };
  const silent = archiving(status);
  assert.deepEqual(backupsAfter(silent.cr, silent.desired, silent.observed), told);
  assert.equal(backupCondition(silent.cr, silent)["BackupOK"]?.message, "so");
  const deaf = archiving(status, { backups: unknown("no") });
  assert.deepEqual(backupsAfter(deaf.cr, deaf.desired, deaf.observed), told);
});

Deno.test("a cluster that follows another one has no condition: backups are made there", () => {
  const follows = known({ ...GOOD, baseBackups: known([]), isStandby: true });
  const pass = archiving({ backups: { archiver: "working" } }, { backups: follows });
  assert.deepEqual(backupCondition(pass.cr, pass), {});
  assert.deepEqual(backupsAfter(pass.cr, pass.desired, pass.observed), {});
});

Deno.test("a list that cannot be read leaves the times that were told before", () => {
  const told = { archiver: "working", lastBaseBackup: "2026-01-05T01:00:00Z" };
  const seen = { ...backupsOf(FAILING), baseBackups: unknown("why") };
  const pass = archiving({ backups: told }, { backups: known(seen) });
  assert.deepEqual(backupsAfter(pass.cr, pass.desired, pass.observed), {
    ...told,
    archiver: "failing",
    lastFailedWal: "000000010000000000000007",
  });
});

/** Runs of the job of logical backups at noon of 5 January, and what the condition comes to. */
const DUMPS: readonly [string, Record<string, string>, string, string][] = [
  [
    "ended well",
    { lastScheduleTime: "05T00:30", lastSuccessfulTime: "05T00:40" },
    "True",
    "Recent",
  ],
  [
    "did not end well",
    { lastScheduleTime: "05T00:30", lastSuccessfulTime: "04T00:40" },
    "False",
    "LogicalBackupFails",
  ],
  ["never ended well", { lastScheduleTime: "05T00:30" }, "False", "LogicalBackupFails"],
  [
    "is under way",
    { lastScheduleTime: "05T11:30", lastSuccessfulTime: "04T00:40" },
    "True",
    "Recent",
  ],
  ["is the first and under way", { lastScheduleTime: "05T11:30" }, "Unknown", "NoLogicalBackup"],
  ["has not begun", {}, "Unknown", "NoLogicalBackup"],
];

function dumping(times: Record<string, string>) {
  const status = Object.fromEntries(
    Object.entries(times).map(([name, time]) => [name, `2026-01-${time}:00Z`]),
  );
  const cr = cluster({ spec: { enableLogicalBackup: true } });
  const { logicalBackup } = planContext({ cr }).desired;
  assert.ok(logicalBackup);
  const job = { ...logicalBackup, status };
  return planContext({ cr, objects: [job] });
}

for (const [name, times, status, reason] of DUMPS) {
  Deno.test(`BackupOK is ${status} where the last logical backup ${name}`, () => {
    const { BackupOK } = backupCondition(cluster(), dumping(times));
    assert.deepEqual([BackupOK?.status, BackupOK?.reason], [status, reason]);
  });
}

Deno.test("a cluster without an archive has neither condition nor field, also afterwards", () => {
  const plain = planContext();
  assert.equal(backupsAfter(plain.cr, plain.desired, plain.observed), undefined);
  assert.deepEqual(backupCondition(plain.cr, plain), {});
  const status = { PostgresClusterStatus: "Running", backups: { archiver: "working" } };
  const former = planContext({ cr: { ...cluster(), status } });
  assert.deepEqual(backupsAfter(former.cr, former.desired, former.observed), {});
});

Deno.test("a command that fails or cannot run is an unknown, in words of ours", async () => {
  const pod = { namespace: "n", name: "a-0", ip: "10.0.0.1" };
  const { signal } = new AbortController();
  const failed = { exec: () => Promise.resolve({ exitCode: 1, stdout: "s3cr3t", stderr: "key" }) };
  assert.deepEqual(
    await readBackups(failed, pod, signal),
    unknown("the list of base backups could not be read: exit code 1"),
  );
  const good = { exec: () => Promise.resolve({ exitCode: 0, stdout: PRINTED, stderr: "" }) };
  assert.deepEqual(await readBackups(good, pod, signal), known(backupsOf(PRINTED)));
});
