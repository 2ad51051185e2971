/** The major version is raised, by the image's script and the real pg_upgrade. */
import { manifestOf, MINIMAL, minimalCluster } from "../../cases/clusters.ts";
import { equal, type Life } from "../life.ts";
import type { Scenario } from "../scenario.ts";

/**
 * What Debian 12 has, and what is unpacked from Debian 13. PostgreSQL 18 of Debian's testing cannot
 * take over tables of their last minor versions: it does not know an option of columns (pg_attver).
 */
const [FROM, TO] = ["15", "17"];
const SUCCESS = "last-major-upgrade-success";
const FAILURE = "last-major-upgrade-failure";
const LONG_AGO = "2026-01-01T00:00:00Z";
const IN_FOO = { database: "foo" };

export const UPGRADE_SCENARIOS: readonly Scenario[] = [{
  name: "test_major_version_upgrade",
  asserts: [
    "with a failure annotation set the version stays",
    "the failure annotation goes when the version matches again",
    "outside its window the version stays",
    "waiting for a window sets no failure annotation and replaces no pod",
    "inside its window the version is raised",
    "the success annotation is newer",
    "rows and roles are there after the upgrade",
    "the replica follows with the new version",
  ],
  config: { major_version_upgrade_mode: "full", minimal_major_version: "14" },
  async run(life) {
    await life.start({ postgresql: { version: FROM } });
    await life.sql("CREATE TABLE cargo AS SELECT generate_series(1, 1000) AS id", IN_FOO);
    await failureHoldsBack(life);
    await windowHoldsBack(life);
    await windowOpens(life);
  },
}];

async function failureHoldsBack(life: Life): Promise<void> {
  // In one write: with the version that is there, a failure would be taken away at once.
  await life.cluster.patch(minimalCluster(life.namespace), {
    metadata: { annotations: { [FAILURE]: LONG_AGO, [SUCCESS]: LONG_AGO } },
    spec: { postgresql: { version: TO } },
  });
  await life.settled();
  await life.always(
    "with a failure annotation set the version stays",
    async () => equal([await version(life), FAILURE in annotations(life)], [FROM, true]),
    5000,
  );
  await life.change({ postgresql: { version: FROM } });
  await life.eventually(
    "the failure annotation goes when the version matches again",
    () => !(FAILURE in annotations(life)),
  );
  await life.settled();
}

async function windowHoldsBack(life: Life): Promise<void> {
  const uids = life.uids();
  await life.change({ maintenanceWindows: [closedWindow()], postgresql: { version: TO } });
  await life.always(
    "outside its window the version stays",
    async () => equal(await version(life), FROM),
    8000,
  );
  life.check(
    "waiting for a window sets no failure annotation and replaces no pod",
    equal([FAILURE in annotations(life), life.uids()], [false, uids]),
  );
}

async function windowOpens(life: Life): Promise<void> {
  await life.change({ maintenanceWindows: ["00:00-23:59"] });
  await life.eventually(
    "inside its window the version is raised",
    async () => equal(await version(life), TO),
  );
  await life.eventually(
    "the success annotation is newer",
    () => (annotations(life)[SUCCESS] ?? "") > LONG_AGO || { found: annotations(life) },
  );
  await life.settled();
  const rows = await life.sql("SELECT count(*)::int FROM cargo", IN_FOO);
  life.check(
    "rows and roles are there after the upgrade",
    equal([rows, await life.logsIn({ user: "foo_user", ...IN_FOO })], [[[1000]], true]),
  );
  await life.eventually("the replica follows with the new version", async () => {
    const own = await Promise.all(life.replicas().map((pod) => life.patroni(pod, "patroni")));
    const streams = await life.sql("SELECT state FROM pg_stat_replication");
    return equal([own.map(majorOf), streams], [[TO], [["streaming"]]]);
  });
}

/** Ten minutes that begin in twelve hours. */
function closedWindow(): string {
  const hour = String((new Date().getUTCHours() + 12) % 24).padStart(2, "0");
  return `${hour}:00-${hour}:10`;
}

function annotations(life: Life): Readonly<Record<string, string>> {
  return manifestOf(life, MINIMAL)?.metadata.annotations ?? {};
}

async function version(life: Life): Promise<string> {
  return majorOf(await life.patroni(life.primary(), "patroni"));
}

function majorOf({ server_version }: { server_version: number }): string {
  return String(Math.floor(server_version / 10_000));
}
