/** Clusters that follow another one, and one that takes its archive to a new major version. */
import type { KubeObject } from "../../../src/kubernetes/types.gen.ts";
import { MINIMAL } from "../../cases/clusters.ts";
import { upgradeTarget } from "../../devcluster/postgres_majors.ts";
import {
  type Archive,
  ARCHIVE_CONFIG,
  archiveWal,
  BUCKET,
  cloneTo,
  IN_FOO,
  isComplete,
  momentAfter,
  NOTES,
  uidOf,
  withArchive,
} from "../archive.ts";
import { equal, type Life, MAJOR, secretName } from "../life.ts";
import type { Scenario } from "../scenario.ts";

const FOLLOWS = [
  "the standby has the rows of its source",
  "it follows what is written later",
  "it takes no writes",
  "it leads by itself once its section is gone",
  "it writes and archives into a folder of its own",
  "the source goes on by itself",
];

export const FOLLOWER_SCENARIOS: readonly Scenario[] = [{
  name: "standby_from_archive",
  asserts: FOLLOWS,
  config: ARCHIVE_CONFIG,
  run: (life) =>
    withArchive(life, (life, archive) =>
      followed(life, archive, (uid) => ({
        s3_wal_path: `s3://${BUCKET}/spilo/${MINIMAL}/${uid}/wal/${MAJOR}`,
      }))),
}, {
  name: "standby_from_host",
  asserts: FOLLOWS,
  config: ARCHIVE_CONFIG,
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
  config: { ...ARCHIVE_CONFIG, major_version_upgrade_mode: "manual" },
  run: (life) => withArchive(life, upgraded),
}];

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
  // Its pod is made again without the variables of a standby.
  await life.settled(name);
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
  await cloneTo(life, "acid-latest", await momentAfter());
  life.check(
    "a clone of a moment after the upgrade has the rows from before and after it",
    equal(await life.sql(NOTES, IN_FOO, "acid-latest"), [["old,new"]]),
  );
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
