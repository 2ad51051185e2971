/** Clusters that are made from an archive, and what an archive tells of itself. */
import type { Postgresql } from "../../../src/api/types.gen.ts";
import { manifestOf, MINIMAL, minimalCluster } from "../../cases/clusters.ts";
import {
  type Archive,
  ARCHIVE_CONFIG,
  archiveWal,
  cloneTo,
  IN_FOO,
  isComplete,
  momentAfter,
  NOTES,
  uidOf,
  withArchive,
} from "../archive.ts";
import { kubectlPg } from "../kubectl_pg.ts";
import { equal, type Life, pause } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const ARCHIVE_SCENARIOS: readonly Scenario[] = [{
  name: "restore_from_archive",
  asserts: [
    "WAL and a base backup are in the folder of the cluster's uid",
    "the status tells the base backup, and that all is well",
    "metrics tell the base backup, the archive, and when the certificate ends",
    "kubectl pg restore refuses a moment before the first base backup, and one to come",
    "a clone has the rows from before its moment, and not those after",
    "a clone logs its users in, and writes",
    "a clone archives into a folder of its own",
    "the source goes on",
    "a clone of a moment after the last WAL has everything",
    "a clone of the running cluster has its rows",
    "a cluster that is made again in place has the rows of its former life up to the moment",
    "an archive that cannot be reached is told as unknown, and WAL that is not archived as a failure",
  ],
  config: ARCHIVE_CONFIG,
  run: (life) => withArchive(life, restored),
}];

async function restored(life: Life, archive: Archive): Promise<void> {
  await life.start();
  const uid = uidOf(life);
  await life.eventually(
    "WAL and a base backup are in the folder of the cluster's uid",
    () => isComplete(archive.below(MINIMAL, uid)),
  );
  await life.eventually("the status tells the base backup, and that all is well", () => {
    const { backups } = statusOf(life);
    const good = backups?.archiver === "working" && backups.lastBaseBackup !== undefined &&
      backups.oldestRecoverablePoint !== undefined;
    return good && conditionOf(life).status === "True" ||
      { found: [backups, conditionOf(life)] };
  });
  await life.eventually(
    "metrics tell the base backup, the archive, and when the certificate ends",
    async () => {
      const response = await fetch(`${life.operator.debugUrl}/metrics`);
      const text = await response.text();
      const of = `{namespace="${life.namespace}",cluster="${MINIMAL}"`;
      const wanted = [
        `pgop_archive_failing${of}} 0`,
        `pgop_backup_last_success_timestamp_seconds${of},kind="base"} `,
        `pgop_backup_oldest_recovery_timestamp_seconds${of}} `,
        `pgop_certificate_expiry_timestamp_seconds${of}} `,
      ];
      return equal(wanted.filter((line) => !text.includes(`\n${line}`)), []);
    },
  );
  const moment = await writtenAround(life);
  await bounds(life);
  await pointInTime(life, archive, moment);
  await latest(life);
  await live(life);
  await inPlace(life, archive, { uid, moment });
  await unreachable(life, archive);
}

/** Writes a row, lets time pass, and writes another; gives a moment between them. */
async function writtenAround(life: Life): Promise<string> {
  life.step("rows before and after a moment");
  await life.sql("CREATE TABLE notes (id int, text text)", IN_FOO);
  await life.sql("INSERT INTO notes VALUES (1, 'before')", IN_FOO);
  await pause(1500);
  // Targets of recovery have whole seconds.
  const [[moment]] = await life.sql(
    `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')`,
  ) as [[string]];
  await pause(1500);
  await life.sql("INSERT INTO notes VALUES (2, 'after')", IN_FOO);
  await archiveWal(life);
  return moment;
}

/** The archive cannot be restored to just any moment, and the command says so. */
async function bounds(life: Life): Promise<void> {
  const oldest = statusOf(life).backups?.oldestRecoverablePoint ?? "";
  const ask = (ms: number) =>
    kubectlPg(life, ["restore", MINIMAL, "acid-b", "--at", new Date(ms).toISOString()]);
  const before = await ask(Date.parse(oldest) - 1000);
  const after = await ask(Date.now() + 3_600_000);
  life.check(
    "kubectl pg restore refuses a moment before the first base backup, and one to come",
    before.code === 1 && after.code === 1 && /cluster was made|oldest point/.test(before.stderr) &&
        /in the future/.test(after.stderr) || { found: [before, after] },
  );
}

async function pointInTime(life: Life, archive: Archive, moment: string): Promise<void> {
  const name = "acid-moment";
  await cloneTo(life, name, moment);
  life.check(
    "a clone has the rows from before its moment, and not those after",
    equal(await life.sql(NOTES, IN_FOO, name), [["before"]]),
  );
  await life.eventually("a clone logs its users in, and writes", async () => {
    await life.sql("CREATE TABLE IF NOT EXISTS own ()", { database: "foo", user: "foo_user" }, name)
      .catch(() => undefined);
    const user = await life.logsIn({ database: "foo", user: "zalando" }, name);
    const rows = await life.sql("SELECT pg_is_in_recovery()", IN_FOO, name);
    return equal([user, rows], [true, [[false]]]);
  });
  await life.eventually(
    "a clone archives into a folder of its own",
    () => isComplete(archive.below(name, uidOf(life, name))),
  );
  life.check(
    "the source goes on",
    equal(await life.sql(NOTES, IN_FOO), [["before,after"]]),
  );
  await life.cluster.delete(minimalCluster(life.namespace, {}, name));
}

async function latest(life: Life): Promise<void> {
  const name = "acid-latest";
  await cloneTo(life, name, await momentAfter());
  life.check(
    "a clone of a moment after the last WAL has everything",
    equal(await life.sql(NOTES, IN_FOO, name), [["before,after"]]),
  );
  await life.cluster.delete(minimalCluster(life.namespace, {}, name));
}

async function live(life: Life): Promise<void> {
  const name = "acid-live";
  await life.start({ numberOfInstances: 1, clone: { cluster: MINIMAL } }, name);
  life.check(
    "a clone of the running cluster has its rows",
    equal(await life.sql(NOTES, IN_FOO, name), [["before,after"]]),
  );
  await life.cluster.delete(minimalCluster(life.namespace, {}, name));
}

async function inPlace(
  life: Life,
  archive: Archive,
  { uid, moment }: { uid: string; moment: string },
): Promise<void> {
  await life.cluster.delete(minimalCluster(life.namespace));
  await life.until("the former life is gone", () => {
    const pods = life.pods().length;
    const claims = life.labelled("PersistentVolumeClaim", { "cluster-name": MINIMAL }).length;
    const manifest = life.object("Postgresql", MINIMAL);
    const set = life.object("StatefulSet", MINIMAL);
    return pods + claims === 0 && manifest === undefined && set === undefined ||
      { found: [pods, claims] };
  });
  await life.start({
    numberOfInstances: 1,
    clone: { cluster: MINIMAL, uid, timestamp: moment },
  });
  const rows = await life.sql(NOTES, IN_FOO);
  await life.eventually(
    "a cluster that is made again in place has the rows of its former life up to the moment",
    () => {
      const own = archive.below(MINIMAL, uidOf(life)).length;
      return uidOf(life) !== uid && own > 0 ? equal(rows, [["before"]]) : { found: own };
    },
  );
}

async function unreachable(life: Life, { store }: Archive): Promise<void> {
  const asserted =
    "an archive that cannot be reached is told as unknown, and WAL that is not archived as a failure";
  await life.until("the condition is good", () => conditionOf(life).status === "True");
  store.down = true;
  await life.eventually(asserted, () => {
    const { status, reason } = conditionOf(life);
    return equal([status, reason], ["Unknown", "Unreadable"]);
  });
  await life.sql("SELECT pg_switch_wal()", IN_FOO);
  await life.eventually(asserted, () => {
    const { status, reason } = conditionOf(life);
    return equal([status, reason], ["False", "ArchiverFails"]);
  });
  store.down = false;
}

function statusOf(life: Life): NonNullable<Postgresql["status"]> {
  return manifestOf(life, MINIMAL)?.status ?? { PostgresClusterStatus: "" };
}

function conditionOf(life: Life): { status?: string; reason?: string; message?: string } {
  return statusOf(life).conditions?.find(({ type }) => type === "BackupOK") ?? {};
}
