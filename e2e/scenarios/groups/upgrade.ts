/** The major version is raised, by the image's script and the real pg_upgrade. */
import { manifestOf, MINIMAL, minimalCluster } from "../../cases/clusters.ts";
import { equal, type Life } from "../life.ts";
import { upgradeTarget } from "../../devcluster/postgres_majors.ts";
import type { Scenario } from "../scenario.ts";

/** What Debian 12 has, and the newest that can take over its data. */
const FROM = "15";
const TO = upgradeTarget(FROM) ?? "17";
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
}, {
  name: "upgrade_modes",
  asserts: [
    "with mode off a raised version changes nothing in the data",
    "with mode manual a version below the minimum stays, since nobody raised it",
    "with mode full and a team that is not allowed the data stay",
    "with mode full a version below the minimum is raised to the target",
    "the manifest keeps its version",
  ],
  config: { major_version_upgrade_mode: "off" },
  run: modes,
}, {
  name: "upgrade_with_operator_killed",
  asserts: [
    "the script goes on and is not begun again",
    "the next operator tells the success",
    "the pods are free again",
  ],
  config: { major_version_upgrade_mode: "full" },
  run: operatorKilled,
}, {
  name: "upgrade_that_the_data_forbid",
  asserts: [
    "a check on request says what stands against the upgrade, and stops nothing",
    "an upgrade that pg_upgrade objects to is told as a failure, and the server goes on as it was",
    "it is begun once, and not again by the next operator",
    "a check on request finds nothing once the data are mended",
    "once the failure is taken away the data are upgraded",
  ],
  config: { major_version_upgrade_mode: "manual" },
  run: forbidden,
}];

/** A column with an identifier of a function: pg_upgrade cannot carry these over. */
async function forbidden(life: Life): Promise<void> {
  await life.start({ numberOfInstances: 1, postgresql: { version: FROM } });
  await life.sql("CREATE TABLE stubborn AS SELECT 'now()'::regprocedure AS f", IN_FOO);
  const begun = await startedAt(life);
  const refusal = await checked(life, "first");
  life.check(
    "a check on request says what stands against the upgrade, and stops nothing",
    refusal.state === "failed" &&
        /data types .* not preserved by pg_upgrade/.test(refusal.message ?? "") &&
        await startedAt(life) === begun || { found: refusal },
  );
  await life.change({ postgresql: { version: TO } });
  const objected =
    "an upgrade that pg_upgrade objects to is told as a failure, and the server goes on as it was";
  await life.until("the failure is told", () => FAILURE in annotations(life));
  await life.settled();
  life.check(objected, equal([await version(life), await rowsOfStubborn(life)], [FROM, 1]));
  await life.configure();
  await life.settled();
  await life.always(
    "it is begun once, and not again by the next operator",
    async () => equal([beginnings(life), await version(life)], [1, FROM]),
    6000,
  );
  await life.sql("DROP TABLE stubborn", IN_FOO);
  const consent = await checked(life, "second");
  life.check(
    "a check on request finds nothing once the data are mended",
    equal(consent.state, "done"),
  );
  await life.cluster.patch(minimalCluster(life.namespace), {
    metadata: { annotations: { [FAILURE]: null } },
  });
  await life.eventually(
    "once the failure is taken away the data are upgraded",
    async () => equal(await version(life), TO),
  );
}

async function rowsOfStubborn(life: Life): Promise<unknown> {
  return (await life.sql("SELECT count(*)::int FROM stubborn", IN_FOO))[0]?.[0];
}

async function startedAt(life: Life): Promise<string> {
  return String((await life.sql("SELECT pg_postmaster_start_time()::text"))[0]?.[0]);
}

/** Asks for a check and gives the answer. */
async function checked(life: Life, id: string): Promise<{ state?: string; message?: string }> {
  await life.cluster.patch(minimalCluster(life.namespace), {
    metadata: { annotations: { "acid.zalan.do/request-upgrade-check": `${id},to=${TO}` } },
  });
  const answer = () =>
    manifestOf(life, MINIMAL)?.status?.requests?.find((request) => request.id === id);
  await life.until(
    "the check is answered",
    () => ["done", "failed", "refused"].includes(answer()?.state ?? "") || { found: answer() },
  );
  return answer() ?? {};
}

/** How often the script was begun, as Events tell. */
function beginnings(life: Life): number {
  return life.cluster.view.list("Event", life.namespace).map((event) =>
    String((event as { message?: unknown }).message)
  ).filter((message) => message.startsWith("starting major version upgrade")).length;
}

async function modes(life: Life): Promise<void> {
  await life.start({ numberOfInstances: 1, postgresql: { version: FROM } });
  await life.change({ postgresql: { version: TO } });
  await life.settled();
  await life.always(
    "with mode off a raised version changes nothing in the data",
    async () => equal(await version(life), FROM),
    4000,
  );
  await life.change({ postgresql: { version: FROM } });
  const full = {
    major_version_upgrade_mode: "full",
    minimal_major_version: TO,
    target_major_version: TO,
  };
  await life.configure({ ...full, major_version_upgrade_mode: "manual" });
  await life.settled();
  await life.always(
    "with mode manual a version below the minimum stays, since nobody raised it",
    async () => equal(await version(life), FROM),
    4000,
  );
  await life.configure({ ...full, major_version_upgrade_team_allow_list: "others" });
  await life.settled();
  await life.always(
    "with mode full and a team that is not allowed the data stay",
    async () => equal(await version(life), FROM),
    4000,
  );
  await life.configure({ ...full, major_version_upgrade_team_allow_list: "others,acid" });
  await life.eventually(
    "with mode full a version below the minimum is raised to the target",
    async () => equal(await version(life), TO),
  );
  await life.settled();
  life.check(
    "the manifest keeps its version",
    equal(manifestOf(life, MINIMAL)?.spec?.postgresql?.version, FROM),
  );
}

async function operatorKilled(life: Life): Promise<void> {
  await life.start({ postgresql: { version: FROM } });
  await life.change({ postgresql: { version: TO } });
  await life.until("the script runs", async () => await stoppedServer(life));
  life.operator.kill();
  await life.operator.ended;
  await life.configure();
  await life.eventually(
    "the next operator tells the success",
    async () =>
      await version(life) === TO && SUCCESS in annotations(life) || { found: annotations(life) },
  );
  await life.settled();
  life.check("the script goes on and is not begun again", equal(beginnings(life), 1));
  await life.eventually(
    "the pods are free again",
    () =>
      life.pods().every(({ metadata }) => metadata.labels?.["critical-operation"] === undefined),
  );
}

/** Whether the upgrade has come to the point where the server of the primary is down. */
async function stoppedServer(life: Life): Promise<boolean> {
  const states = await Promise.all(
    life.pods().map((pod) =>
      life.patroni(pod, "patroni")
        .catch((error) => ({ state: String(error) }))
    ),
  );
  const marked = life.pods().some(({ metadata }) => metadata.labels?.["critical-operation"]);
  return marked && states.some(({ state }) => /stopped|503/.test(state));
}

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
