/**
 * A primary's pod is deleted while somebody writes: how long nothing can be written, and that no
 * write that was acknowledged is lost. Zalando: e2e/tests/test_e2e.py, wait_for_pod_failover
 */
import assert from "node:assert/strict";
import postgres from "postgres";
import type { KubeObject, Secret, Service } from "../../../src/kubernetes/types.gen.ts";
import { installedPostgresMajors } from "../../devcluster/packages.ts";
import { type Play, scenario } from "../../support/scenario.ts";
import { isReady, isRunning, MINIMAL, minimalCluster, podsOf, roleOf } from "../clusters.ts";

const MAJOR = installedPostgresMajors().at(-1) ?? "";
const START_LIMIT_MS = 180_000;
/** Patroni gives a lock that nobody renews away after its ttl, 30 s. */
const OUTAGE_LIMIT_MS = 60_000;
const WRITTEN_BEFORE = 50;
const WRITTEN_AFTER = 50;

scenario("a primary is deleted under a writer and no acknowledged write is lost", {
  runtime: "process",
  operator: { flags: ["--databaseaddress=cluster-ip"] },
}, async (play) => {
  const { cluster, namespace, until } = play;
  await cluster.create(minimalCluster(namespace, { postgresql: { version: MAJOR } }));
  await until("the cluster runs", () => isRunning(play), START_LIMIT_MS);
  await until(
    "both pods are members",
    () => podsOf(play).filter(isReady).map(roleOf).sort().join() === "master,replica",
    START_LIMIT_MS,
  );

  const writer = await startWriter(play);
  try {
    await writer.until((done) => done >= WRITTEN_BEFORE);
    const primary = podsOf(play).find((pod) => roleOf(pod) === "master");
    assert.ok(primary);
    const before = writer.acknowledged.length;
    await cluster.delete(primary as KubeObject);
    await writer.until((done) => done >= before + WRITTEN_AFTER && writer.failures() > 0);
    await until(
      "both pods are members again",
      () =>
        podsOf(play).filter(isReady).map(roleOf).sort().join() === "master,replica" &&
        podsOf(play).every(({ metadata }) => metadata.uid !== primary.metadata.uid),
      START_LIMIT_MS,
    );
    const { acknowledged, outageMs } = await writer.stop();
    const kept = new Set(await readBack(play));
    const lost = acknowledged.filter((number) => !kept.has(number));
    report(
      `${acknowledged.length} writes acknowledged, ${lost.length} lost, ` +
        `${Math.round(outageMs)} ms without a successful write`,
    );
    assert.deepEqual(lost, []);
    await until("the cluster runs", () => isRunning(play), START_LIMIT_MS);
  } finally {
    await writer.stop();
  }
});

function report(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** Connects as the owner of the example's database, through the primary's Service. */
function connect({ cluster, namespace }: Play) {
  const service = cluster.view.get("Service", namespace, MINIMAL) as Service | undefined;
  const name = `zalando.${MINIMAL}.credentials.postgresql.acid.zalan.do`;
  const secret = cluster.view.get("Secret", namespace, name) as Secret | undefined;
  const { username = "", password = "" } = secret?.data ?? {};
  return postgres({
    host: service?.spec?.clusterIP ?? "",
    port: 5432,
    database: "foo",
    user: atob(username),
    password: atob(password),
    // The pod made its certificate itself: it encrypts, and proves nothing.
    ssl: { rejectUnauthorized: false },
    max: 1,
    connect_timeout: 2,
    onnotice: () => {},
  });
}

interface Writer {
  readonly acknowledged: readonly number[];
  failures(): number;
  until(enough: (done: number) => boolean): Promise<void>;
  /** Ends it; the longest time between two acknowledged writes. */
  stop(): Promise<{ acknowledged: readonly number[]; outageMs: number }>;
}

const PAUSE_MS = 10;
/** A write that the old primary will never answer is given up. */
const STATEMENT_LIMIT_MS = 3_000;

async function startWriter(play: Play): Promise<Writer> {
  const setup = connect(play);
  await setup`CREATE TABLE numbers (number bigint PRIMARY KEY)`;
  await setup.end();
  const acknowledged: number[] = [];
  let failures = 0;
  let lastMs = performance.now();
  let outageMs = 0;
  let stopped = false;
  let sql = connect(play);

  async function write(number: number): Promise<void> {
    try {
      await limited(sql`INSERT INTO numbers VALUES (${number})`.execute());
      acknowledged.push(number);
      outageMs = Math.max(outageMs, performance.now() - lastMs);
      lastMs = performance.now();
    } catch {
      failures++;
      await sql.end({ timeout: 0 }).catch(() => {});
      sql = connect(play);
    }
  }

  const running = (async () => {
    for (let number = 1; !stopped; number++) {
      await write(number);
      await pause(PAUSE_MS);
    }
    await sql.end({ timeout: 1 });
  })();
  return {
    acknowledged,
    failures: () => failures,
    async until(enough) {
      const deadline = performance.now() + OUTAGE_LIMIT_MS;
      while (!enough(acknowledged.length)) {
        if (performance.now() > deadline) throw new Error(`${acknowledged.length} writes only`);
        await pause(PAUSE_MS);
      }
    },
    async stop() {
      stopped = true;
      await running;
      return { acknowledged, outageMs };
    },
  };
}

async function readBack(play: Play): Promise<number[]> {
  const sql = connect(play);
  try {
    const rows = await sql<{ number: string }[]>`SELECT number FROM numbers`;
    return rows.map(({ number }) => Number(number));
  } finally {
    await sql.end();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function limited<T>(work: PromiseLike<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("no answer")), STATEMENT_LIMIT_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
