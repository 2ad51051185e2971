/** What happens while Patroni is paused, a node is off, a replica never comes, or nobody answers. */
import { imageOf, isReady, manifestOf, MINIMAL } from "../../cases/clusters.ts";
import { equal, type Life } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const OUTAGE_SCENARIOS: readonly Scenario[] = [
  {
    name: "patroni_paused",
    asserts: [
      "the status says that Patroni is paused",
      "no pod goes meanwhile",
      "users and databases are made all the same",
      "pods are replaced once the pause is over",
    ],
    run: paused,
  },
  {
    name: "replica_that_never_comes_back",
    asserts: [
      "the former password of a user lets nobody in",
      "the new password of a user lets in",
      "a new user gets in",
      "the status tells which pod is not up",
      "the replica comes back with its node, and the cluster runs",
    ],
    nodes: 2,
    config: { enable_pod_antiaffinity: "true" },
    run: lostReplica,
  },
  {
    name: "node_of_the_primary_fails",
    asserts: [
      "the replica leads",
      "clients write through the primary's Service",
      "nothing that was written is lost",
      "the former primary follows once its node is back",
      "one pod leads, and neither was replaced by the operator",
    ],
    nodes: 2,
    config: { enable_pod_antiaffinity: "true" },
    run: lostPrimary,
  },
  {
    name: "failsafe_mode_in_an_outage_of_the_api_server",
    asserts: [
      "the primary takes writes for longer than its lock lasts",
      "the same pod leads afterwards",
      "the operator replaces nothing, and the cluster runs",
    ],
    run: failsafe,
  },
];

const NEW_IMAGE = "ghcr.io/zalando/spilo-18:4.2-p1";

function syncedMessage(life: Life): string {
  const { conditions = [] } = manifestOf(life)?.status ?? {};
  const { reason = "", message = "" } = conditions.find(({ type }) => type === "Synced") ?? {};
  return `${reason}: ${message}`;
}

function pauseOf(life: Life, pause: boolean): Promise<unknown> {
  return life.patroni(life.primary(), "config", { method: "PATCH", body: { pause } });
}

async function paused(life: Life): Promise<void> {
  await life.start();
  const uids = life.uids();
  await pauseOf(life, true);
  await life.change({ dockerImage: NEW_IMAGE, users: { zalando: ["superuser"], late: [] } });
  await life.eventually(
    "the status says that Patroni is paused",
    () =>
      /^Paused: .*Patroni is paused/.test(syncedMessage(life)) || { found: syncedMessage(life) },
  );
  await life.eventually(
    "users and databases are made all the same",
    () => life.logsIn({ user: "late", password: life.secretValue("late", "password") }),
  );
  await life.always("no pod goes meanwhile", () => equal(life.uids(), uids), 12_000);
  await pauseOf(life, false);
  await life.eventually(
    "pods are replaced once the pause is over",
    () => equal(life.pods().map(imageOf), [NEW_IMAGE, NEW_IMAGE]),
  );
  await life.settled();
}

function nodeOf(life: Life, name: string | undefined) {
  const node = life.cluster.dev?.nodes.find((it) => it.name === name);
  if (node === undefined) throw new Error(`there is no node ${name} that could be switched off`);
  return node;
}

async function lostReplica(life: Life): Promise<void> {
  const users = { zalando: ["superuser", "createdb"], foo_user: [] };
  await life.start({ users });
  const former = life.secretValue("foo_user", "password");
  const [replica] = life.replicas();
  const node = nodeOf(life, replica?.spec?.nodeName);
  await node.fail();
  await life.until("the replica is not ready", () => life.pods().filter(isReady).length === 1);
  await life.cluster.patch(life.secret("foo_user"), { data: { password: btoa("renewed") } });
  await life.change({ users: { ...users, late: [] } });
  const letsIn = (user: string, password: string) => life.logsIn({ user, password });
  await life.eventually(
    "the new password of a user lets in",
    () => letsIn("foo_user", "renewed"),
  );
  life.check(
    "the former password of a user lets nobody in",
    !await letsIn("foo_user", former),
  );
  await life.eventually(
    "a new user gets in",
    () => letsIn("late", life.secretValue("late", "password")),
  );
  await life.eventually(
    "the status tells which pod is not up",
    () => {
      const members = manifestOf(life)?.status?.members ?? [];
      const down = members.filter(({ ready }) => !ready).map(({ name }) => name);
      return equal(down, [replica?.metadata.name]);
    },
  );
  await node.recover();
  await life.settled();
  life.check(
    "the replica comes back with its node, and the cluster runs",
    equal((await life.members()).length, 2),
  );
}

const WRITER = { user: "zalando", database: "foo" };

async function lostPrimary(life: Life): Promise<void> {
  await life.start();
  await life.sql("CREATE TABLE written AS SELECT 'before' AS at", WRITER);
  const [former, other] = [life.primary(), life.replicas()[0]];
  const leaders = () =>
    life.pods().filter((pod) => isReady(pod) && pod.metadata.labels?.["spilo-role"] === "master");
  const node = nodeOf(life, former.spec?.nodeName);
  await node.fail();
  await life.eventually(
    "the replica leads",
    () => equal(leaders().map(({ metadata }) => metadata.name), [other?.metadata.name]),
  );
  await life.eventually(
    "clients write through the primary's Service",
    () => life.sql("INSERT INTO written VALUES ('meanwhile')", WRITER).then(() => true),
  );
  await node.recover();
  await life.settled();
  life.check(
    "the former primary follows once its node is back",
    equal(life.replicas().map(({ metadata }) => metadata.name), [former.metadata.name]),
  );
  const kept = (await life.sql("SELECT DISTINCT at FROM written ORDER BY at", WRITER)).flat();
  life.check("nothing that was written is lost", equal(kept, ["before", "meanwhile"]));
  const restarts = manifestOf(life)?.status?.restarts ?? [];
  life.check(
    "one pod leads, and neither was replaced by the operator",
    equal([leaders().length, restarts.length], [1, 0]),
  );
}

/** Longer than Patroni's lock lasts by the settings below. */
const OUTAGE_MS = 45_000;

async function failsafe(life: Life): Promise<void> {
  const shortest = { ttl: 20, loop_wait: 2, retry_timeout: 3 };
  await life.start({ patroni: { failsafe_mode: true, ...shortest } });
  const [uids, leader] = [life.uids(), life.primary().metadata.name];
  await life.until("Patroni knows of it", async () => {
    const { failsafe_mode, ttl } = await life.patroni(life.primary(), "config");
    return equal([failsafe_mode, ttl], [true, shortest.ttl]);
  });
  await life.sql("CREATE TABLE written (at int)", WRITER);
  const patroni = life.cluster.dev?.apiServer.faults.add({
    kind: "unavailable",
    agent: /Patroni/i,
  });
  await life.always(
    "the primary takes writes for longer than its lock lasts",
    () => life.sql("INSERT INTO written VALUES (1)", WRITER).then(() => true),
    OUTAGE_MS,
  );
  patroni?.();
  await life.settled();
  life.check("the same pod leads afterwards", equal(life.primary().metadata.name, leader));
  life.check(
    "the operator replaces nothing, and the cluster runs",
    equal(life.uids(), uids),
  );
  life.step(`${MINIMAL} wrote through an outage of ${OUTAGE_MS / 1000} s`);
}
