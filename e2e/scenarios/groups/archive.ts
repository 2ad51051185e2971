/** Archives of WAL and base backups: what they tell of themselves, and clusters made from them. */
import { cloneManifest } from "../../../src/commands/restore.ts";
import type { Postgresql } from "../../../src/api/types.gen.ts";
import type { KubeObject } from "../../../src/kubernetes/types.gen.ts";
import { manifestOf, MINIMAL, minimalCluster } from "../../cases/clusters.ts";
import { upgradeTarget } from "../../devcluster/postgres_majors.ts";
import { type S3Server, startS3Server } from "../../support/s3_server.ts";
import { equal, type Finding, type Life, MAJOR, pause, secretName } from "../life.ts";
import type { Scenario } from "../scenario.ts";

const KEYS = { accessKeyId: "archive-key", secretAccessKey: "archive-secret" };
const BUCKET = "wal-archive";
const CONFIG = {
  wal_s3_bucket: BUCKET,
  pod_environment_configmap: "default/pod-environment",
  pod_environment_secret: "archive-keys",
  resync_period: "10s",
};
const IN_FOO = { database: "foo", user: "postgres" };
const NOTES = "SELECT string_agg(text, ',' ORDER BY id) FROM notes";

const FOLLOWS = [
  "the standby has the rows of its source",
  "it follows what is written later",
  "it takes no writes",
  "it leads by itself once its section is gone",
  "it writes and archives into a folder of its own",
  "the source goes on by itself",
];

export const ARCHIVE_SCENARIOS: readonly Scenario[] = [{
  name: "restore_from_archive",
  asserts: [
    "WAL and a base backup are in the folder of the cluster's uid",
    "the status tells the base backup, and that all is well",
    "metrics tell the base backup, the archive, and when the certificate ends",
    "a clone has the rows from before its moment, and not those after",
    "a clone logs its users in, and writes",
    "a clone archives into a folder of its own",
    "the source goes on",
    "a clone of a moment after the last WAL has everything",
    "a clone of the running cluster has its rows",
    "a cluster that is made again in place has the rows of its former life up to the moment",
    "an archive that cannot be reached is told as unknown, and WAL that is not archived as a failure",
  ],
  config: CONFIG,
  run: (life) => withArchive(life, restored),
}, {
  name: "standby_from_archive",
  asserts: FOLLOWS,
  config: CONFIG,
  run: (life) =>
    withArchive(life, (life, archive) =>
      followed(life, archive, (uid) => ({
        s3_wal_path: `s3://${BUCKET}/spilo/${MINIMAL}/${uid}/wal/${MAJOR}`,
      }))),
}, {
  name: "standby_from_host",
  asserts: FOLLOWS,
  config: CONFIG,
  run: (life) =>
    withArchive(life, (life, archive) =>
      followed(life, archive, () => ({
        standby_host: `${MINIMAL}.${life.namespace}`,
        standby_port: "5432",
      }))),
}, {
  name: "upgrade_with_archive",
  asserts: [
    "the old version has WAL and a base backup in its folder",
    "the new version has WAL and a base backup in a folder of its own",
    "a clone of a moment after the upgrade has the rows from before and after it",
  ],
  config: { ...CONFIG, major_version_upgrade_mode: "manual" },
  run: (life) => withArchive(life, upgraded),
}];

interface Archive {
  readonly store: S3Server;
  /** Names of objects below the folder of a cluster. */
  readonly below: (cluster: string, uid: string, major?: string) => string[];
}

/** What the operator's configuration names is there before the first cluster. */
async function withArchive(
  life: Life,
  play: (life: Life, archive: Archive) => Promise<void>,
): Promise<void> {
  const store = startS3Server(KEYS);
  try {
    await life.cluster.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "pod-environment", namespace: "default" },
      data: {
        AWS_ENDPOINT: store.endpoint,
        USE_WALG_BACKUP: "true",
        CLONE_AWS_ENDPOINT: store.endpoint,
        STANDBY_AWS_ENDPOINT: store.endpoint,
      },
    } as KubeObject);
    await life.cluster.create({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "archive-keys", namespace: life.namespace },
      stringData: Object.fromEntries(
        ["", "CLONE_", "STANDBY_"].flatMap((prefix) => [
          [`${prefix}AWS_ACCESS_KEY_ID`, KEYS.accessKeyId],
          [`${prefix}AWS_SECRET_ACCESS_KEY`, KEYS.secretAccessKey],
        ]),
      ),
    } as KubeObject);
    await life.configure();
    const below = (cluster: string, uid: string, major = MAJOR) =>
      store.names().filter((name) =>
        name.startsWith(`${BUCKET}/spilo/${cluster}/${uid}/wal/${major}/`)
      );
    await play(life, { store, below });
  } finally {
    await store.stop();
  }
}

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

async function archiveWal(life: Life, name: string = MINIMAL): Promise<void> {
  const current = "SELECT pg_walfile_name(pg_current_wal_lsn())";
  const [[file]] = await life.sql(current, IN_FOO, name) as [[string]];
  await life.sql("SELECT pg_switch_wal()", IN_FOO, name);
  await life.until(`${file} is archived`, async () => {
    const [[last]] = await life.sql("SELECT last_archived_wal FROM pg_stat_archiver", {}, name) as [
      [string | null],
    ];
    return (last ?? "") >= file || { found: last };
  });
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
  await cloneTo(life, name, inSeconds(0));
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

/** Makes the manifest that `kubectl pg restore` prints, with one member. */
async function cloneTo(life: Life, name: string, moment: string): Promise<void> {
  life.step(`${name} as of ${moment}`);
  const source = manifestOf(life, MINIMAL) as Postgresql;
  const manifest = cloneManifest(source, name, moment);
  const spec = { ...manifest.spec, numberOfInstances: 1 };
  await life.cluster.create({ ...manifest, spec } as unknown as KubeObject);
  await life.settled(name);
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

/** A cluster follows another one by a section of its manifest, and stands for itself without it. */
async function followed(
  life: Life,
  archive: Archive,
  standby: (uid: string) => Readonly<Record<string, string>>,
): Promise<void> {
  const name = "acid-standby";
  await life.start({ numberOfInstances: 1 });
  const uid = uidOf(life);
  await life.sql("CREATE TABLE notes (id int, text text)", IN_FOO);
  await life.sql("INSERT INTO notes VALUES (1, 'backup')", IN_FOO);
  await archiveWal(life);
  await life.until(
    "there is a base backup",
    () => archive.below(MINIMAL, uid).some((one) => one.endsWith("_backup_stop_sentinel.json")),
  );
  for (const role of ["postgres", "standby"]) await copySecret(life, role, name);
  await life.start({ numberOfInstances: 1, standby: standby(uid) }, name);
  const rows = async (): Promise<unknown[][]> => await life.sql(NOTES, IN_FOO, name);
  await life.eventually(
    "the standby has the rows of its source",
    async () => equal(await rows(), [["backup"]]),
  );
  await life.sql("INSERT INTO notes VALUES (2, 'later')", IN_FOO);
  await archiveWal(life);
  await life.eventually(
    "it follows what is written later",
    async () => equal(await rows(), [["backup,later"]]),
  );
  const refused = await life.sql("CREATE TABLE own ()", IN_FOO, name)
    .then(() => "written", (error) => (error as { code?: string }).code);
  life.check("it takes no writes", equal(refused, "25006"));
  await life.change({ standby: null }, name);
  await life.eventually(
    "it leads by itself once its section is gone",
    async () => equal(await life.sql("SELECT pg_is_in_recovery()", IN_FOO, name), [[false]]),
  );
  await life.sql("INSERT INTO notes VALUES (3, 'own')", IN_FOO, name);
  await archiveWal(life, name);
  const own = archive.below(name, uidOf(life, name));
  life.check(
    "it writes and archives into a folder of its own",
    equal(await rows(), [["backup,later,own"]]) === true && own.length > 0 || { found: own },
  );
  life.check(
    "the source goes on by itself",
    equal(await life.sql(NOTES, IN_FOO), [["backup,later"]]),
  );
}

async function upgraded(life: Life, archive: Archive): Promise<void> {
  const [from, to] = ["15", upgradeTarget("15") ?? ""];
  await life.start({ numberOfInstances: 1, postgresql: { version: from } });
  const uid = uidOf(life);
  await life.sql("CREATE TABLE notes (id int, text text)", IN_FOO);
  await life.sql("INSERT INTO notes VALUES (1, 'old')", IN_FOO);
  await life.eventually(
    "the old version has WAL and a base backup in its folder",
    () => isComplete(archive.below(MINIMAL, uid, from)),
  );
  await life.change({ postgresql: { version: to } });
  await life.eventually(
    "the new version has WAL and a base backup in a folder of its own",
    () => isComplete(archive.below(MINIMAL, uid, to)),
  );
  await life.settled();
  await life.sql("INSERT INTO notes VALUES (2, 'new')", IN_FOO);
  await archiveWal(life);
  await cloneTo(life, "acid-latest", inSeconds(0));
  life.check(
    "a clone of a moment after the upgrade has the rows from before and after it",
    equal(await life.sql(NOTES, IN_FOO, "acid-latest"), [["old,new"]]),
  );
}

/** Whether a folder of an archive has WAL and a base backup that is finished. */
function isComplete(names: readonly string[]): Finding {
  return names.some((name) => name.includes("/wal_005/")) &&
      names.some((name) => name.endsWith("_backup_stop_sentinel.json")) || { found: names };
}

async function copySecret(life: Life, role: string, name: string): Promise<void> {
  const { data } = life.secret(role);
  await life.cluster.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: secretName(role, name), namespace: life.namespace },
    data,
  } as KubeObject);
}

function uidOf(life: Life, name: string = MINIMAL): string {
  return manifestOf(life, name)?.metadata.uid ?? "";
}

function statusOf(life: Life): NonNullable<Postgresql["status"]> {
  return manifestOf(life, MINIMAL)?.status ?? { PostgresClusterStatus: "" };
}

function conditionOf(life: Life): { status?: string; reason?: string; message?: string } {
  return statusOf(life).conditions?.find(({ type }) => type === "BackupOK") ?? {};
}

/** A moment as manifests have it. */
function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, "+00:00");
}
