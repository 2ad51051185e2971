/** Backups in the status: what the pods print, what is told of it, and what is kept. */

import assert from "node:assert/strict";
import type { StatefulSet } from "../../kubernetes/types.gen.ts";
import { known, unknown } from "../../ports/observation.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { planContext } from "../../testing/plan_fixture.ts";
import { archivesWal, backupsOf } from "../observed/backups.ts";
import { readBackups } from "../observed/read_backups.ts";
import { backupCondition, backupsAfter, backupsPatch } from "./backups.ts";

const PRINTED = `{"archived" : "2026-01-05T11:58:00+00:00", "failed" : null, "wal" : null}
["2026-01-05T01:00:00Z", null, "2026-01-03T01:00:00.123Z", "2026-01-04T01:00:00Z"]
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
    baseBackups: ["2026-01-03T01:00:00Z", "2026-01-04T01:00:00Z", "2026-01-05T01:00:00Z"],
    archiver: { failing: false, failedWal: "" },
  });
  assert.deepEqual(backupsOf(FAILING).archiver, {
    failing: true,
    failedWal: "000000010000000000000007",
  });
  assert.deepEqual(backupsOf(FAILING.replace("000000010000000000000007", "p4ss")).archiver, {
    failing: true,
    failedWal: "",
  });
  assert.throws(() => backupsOf("key=s3cr3t"), /^Error: the primary's pod gave no readable answer/);
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

const JUDGED: readonly [string, Parameters<typeof known>[0] | undefined, string, string][] = [
  ["good ones", backupsOf(PRINTED), "True", "Recent"],
  ["an archiver that fails", backupsOf(FAILING), "False", "ArchiverFails"],
  ["none yet", { ...backupsOf(PRINTED), baseBackups: [] }, "False", "NoBaseBackup"],
  [
    "an old one",
    {
      ...backupsOf(PRINTED),
      baseBackups: ["2026-01-01T00:00:00Z"],
    },
    "False",
    "Stale",
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

Deno.test("a cluster without an archive has neither condition nor field, also afterwards", () => {
  const plain = planContext();
  assert.equal(backupsAfter(plain.cr, plain.desired, plain.observed), undefined);
  assert.deepEqual(backupCondition(plain.cr, plain), {});
  const status = { PostgresClusterStatus: "Running", backups: { archiver: "working" } };
  const former = planContext({ cr: { ...cluster(), status } });
  const after = backupsAfter(former.cr, former.desired, former.observed) ?? {};
  assert.deepEqual(backupsPatch(status.backups, after), { archiver: null });
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
