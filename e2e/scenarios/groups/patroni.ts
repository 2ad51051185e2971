/** Patroni's configuration follows the manifest. */
import { equal, type Life } from "../life.ts";
import type { Scenario } from "../scenario.ts";

export const PATRONI_SCENARIOS: readonly Scenario[] = [{
  name: "test_config_update",
  asserts: [
    "Patroni's configuration equals the manifest",
    "no pod is recreated",
    "the primary has the lower value",
    "the replica has the lower value",
    "a still lower value reaches both",
    "a removed slot is gone",
    "a changed slot is on its new database",
    "a slot that somebody made through Patroni stays",
    "no server restarts twice for one change",
    "two pods run",
  ],
  run: configUpdate,
}];

const PATRONI = {
  slots: { first_slot: { type: "physical" } },
  ttl: 29,
  loop_wait: 9,
  retry_timeout: 9,
  synchronous_mode: true,
  failsafe_mode: true,
};

async function configUpdate(life: Life): Promise<void> {
  await life.start();
  const uids = life.uids();
  const parameters = { max_connections: "50", wal_level: "logical" };
  await life.change({ postgresql: { parameters }, patroni: PATRONI });
  await life.eventually("Patroni's configuration equals the manifest", async () => {
    const { postgresql, ...config } = await life.patroni(life.primary(), "config");
    const found = Object.fromEntries(Object.keys(PATRONI).map((key) => [key, config[key]]));
    const own = Object.keys(parameters).map((key) => postgresql.parameters[key]);
    return equal([found, own], [PATRONI, Object.values(parameters)]);
  });
  await connections(life, "the primary has the lower value", "primary", 50);
  await connections(life, "the replica has the lower value", "replica", 50);
  const started = await startTimes(life);
  await life.change({ postgresql: { parameters: { ...parameters, max_connections: "30" } } });
  await life.eventually(
    "a still lower value reaches both",
    async () => equal([await valueOf(life, "primary"), await valueOf(life, "replica")], [30, 30]),
  );
  const restarted = await startTimes(life);
  await life.always(
    "no server restarts twice for one change",
    async () => equal(await startTimes(life), restarted),
    12_000,
  );
  life.step(`postmasters: ${JSON.stringify(started)} then ${JSON.stringify(restarted)}`);
  life.check("no pod is recreated", equal(life.uids(), uids));
  await slots(life);
  await life.settled();
  life.check("two pods run", equal(life.pods().length, 2));
}

async function slots(life: Life): Promise<void> {
  const made = { slots: { rest_slot: { type: "physical" } } };
  await life.patroni(life.primary(), "config", { method: "PATCH", body: made });
  const logical = { type: "logical", plugin: "pgoutput" };
  await setSlots(life, {
    test_slot: { ...logical, database: "foo" },
    test_slot_2: { type: "physical" },
  });
  const databases = "SELECT slot_name, database FROM pg_replication_slots " +
    "WHERE slot_name IN ('test_slot', 'test_slot_2', 'rest_slot') ORDER BY 1";
  await life.until("the slots are there", async () => {
    const found = await life.sql(databases);
    return equal(found, [["rest_slot", null], ["test_slot", "foo"], ["test_slot_2", null]]);
  });
  await setSlots(life, { test_slot: { ...logical, database: "bar" }, test_slot_2: null });
  const rows = async () => Object.fromEntries(await life.sql(databases) as [string, string][]);
  await life.eventually(
    "a removed slot is gone",
    async () => !("test_slot_2" in await rows()) || { found: await rows() },
  );
  await life.eventually(
    "a changed slot is on its new database",
    async () => equal((await rows())["test_slot"], "bar"),
  );
  life.check("a slot that somebody made through Patroni stays", "rest_slot" in await rows());
}

function setSlots(life: Life, slots: Record<string, unknown>): Promise<void> {
  return life.change({ patroni: { slots } });
}

async function valueOf(life: Life, role: "primary" | "replica"): Promise<number> {
  const service = role === "primary" ? {} : { service: "acid-minimal-cluster-repl" };
  const [[value] = []] = await life.sql("SHOW max_connections", service);
  return Number(value);
}

async function connections(life: Life, what: string, role: "primary" | "replica", wanted: number) {
  await life.eventually(what, async () => equal(await valueOf(life, role), wanted));
}

async function startTimes(life: Life): Promise<string[]> {
  const own = await Promise.all(life.pods().map((pod) => life.patroni(pod, "patroni")));
  return own.map(({ postmaster_start_time }) => postmaster_start_time).sort();
}
