/** Standby clusters, other namespaces, event streams. */
import type { KubeObject } from "../../../src/kubernetes/types.gen.ts";
import { MINIMAL } from "../../cases/clusters.ts";
import { readManifest } from "../../support/test_cluster.ts";
import { equal, type Life, MAJOR, secretName } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const COPY_SCENARIOS: readonly Scenario[] = [
  {
    name: "test_standby_cluster",
    asserts: ["the standby's pod has the label of a primary", "it follows the other cluster"],
    run: standbyCluster,
  },
  {
    name: "test_multi_namespace_support",
    asserts: ["primary and replica run in the other namespace", "there is exactly one primary"],
    run: otherNamespace,
  },
  {
    name: "test_stream_resources",
    asserts: [
      "publication, slot and one stream of the application are there",
      "a table that is missing makes no publication and no slot",
      "publication, slot and stream go with the section",
      "a slot and a publication of others stay",
    ],
    run: streams,
  },
];

const STANDBY = "acid-standby-cluster";

async function standbyCluster(life: Life): Promise<void> {
  await life.start();
  await life.sql("CREATE TABLE cargo AS SELECT 7 AS id", { database: "foo" });
  for (const role of ["postgres", "standby"]) {
    const { data } = life.secret(role);
    await life.cluster.create({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: secretName(role, STANDBY), namespace: life.namespace },
      data,
    } as KubeObject);
  }
  await life.cluster.create({
    apiVersion: "acid.zalan.do/v1",
    kind: "postgresql",
    metadata: { name: STANDBY, namespace: life.namespace },
    spec: {
      teamId: "acid",
      numberOfInstances: 1,
      postgresql: { version: MAJOR },
      volume: { size: "1Gi" },
      standby: { standby_host: `${MINIMAL}.${life.namespace}`, standby_port: "5432" },
    },
  });
  await life.eventually(
    "the standby's pod has the label of a primary",
    () =>
      equal(life.pods(STANDBY).map(({ metadata }) => metadata.labels?.["spilo-role"]), ["master"]),
  );
  await life.eventually("it follows the other cluster", async () => {
    const login = { database: "foo", user: "postgres" };
    const rows = await life.sql("SELECT id, pg_is_in_recovery() FROM cargo", login, STANDBY);
    return equal(rows, [[7, true]]);
  });
}

async function otherNamespace(life: Life): Promise<void> {
  const name = "acid-test-cluster";
  await life.start({ teamId: "acid" }, name);
  const roles = () => life.pods(name).map(({ metadata }) => metadata.labels?.["spilo-role"]).sort();
  life.check(
    "primary and replica run in the other namespace",
    equal(roles(), ["master", "replica"]),
  );
  await life.always(
    "there is exactly one primary",
    () => equal(roles().filter((role) => role === "master").length, 1),
    4000,
  );
}

const PUBLICATIONS = "SELECT pubname FROM pg_publication WHERE pubname LIKE 'fes\\_%' ORDER BY 1";
const SLOTS =
  "SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'fes\\_%' ORDER BY 1";
const IN_FOO = { database: "foo" };
const STREAM = "fes_foo_test_app";

async function streams(life: Life): Promise<void> {
  for (const object of readManifest("fes.crd.yaml")) await life.cluster.create(object);
  await life.start();
  await life.configure();
  await life.sql("CREATE TABLE test_table (id int, payload jsonb)", IN_FOO);
  await life.change({
    patroni: { slots: { manual_slot: { type: "physical" } } },
    streams: [stream("test-app", "test_table"), stream("test-app2", "test_non_exist_table")],
  });
  const found = async () => [
    (await life.sql(PUBLICATIONS, IN_FOO)).flat(),
    (await life.sql(SLOTS)).flat(),
    await streamCount(life),
  ];
  await life.eventually(
    "publication, slot and one stream of the application are there",
    async () => equal(await found(), [[STREAM], [STREAM], 1]),
  );
  await life.always(
    "a table that is missing makes no publication and no slot",
    async () => equal((await found()).slice(0, 2), [[STREAM], [STREAM]]),
    5000,
  );
  await life.sql("GRANT CREATE ON DATABASE foo TO foo_user", IN_FOO);
  await life.sql("ALTER TABLE test_table OWNER TO foo_user", IN_FOO);
  const own = "CREATE PUBLICATION mypublication FOR TABLE test_table";
  await life.sql(own, { ...IN_FOO, user: "foo_user" });
  await life.change({ streams: [] });
  await life.eventually(
    "publication, slot and stream go with the section",
    async () => equal(await found(), [[], [], 0]),
  );
  const others = [
    await life.sql("SELECT slot_name FROM pg_replication_slots WHERE slot_name = 'manual_slot'"),
    await life.sql("SELECT pubname FROM pg_publication", IN_FOO),
  ];
  life.check(
    "a slot and a publication of others stay",
    equal(others, [[["manual_slot"]], [["mypublication"]]]),
  );
}

function stream(applicationId: string, table: string): Record<string, unknown> {
  const columns = { eventType: "test-event", idColumn: "id", payloadColumn: "payload" };
  return {
    applicationId,
    batchSize: 100,
    database: "foo",
    enableRecovery: true,
    tables: { [table]: { ...columns, recoveryEventType: "test-event-dlq" } },
  };
}

async function streamCount(life: Life): Promise<number> {
  const kind = { apiVersion: "zalando.org/v1", kind: "FabricEventStream" };
  const { items } = await life.cluster.client.list(
    kind,
    { signal: AbortSignal.timeout(10_000) },
  );
  return items.filter(({ metadata }) => metadata.namespace === life.namespace).length;
}
