/**
 * A real three-member cluster on the dev cluster: Patroni, PostgreSQL and PgBouncer from this
 * machine's packages. About half a minute.
 */
import assert from "node:assert/strict";
import postgres from "postgres";
import { kubeClient } from "../client/client.ts";
import {
  pods,
  type Resource,
  serviceAccounts,
  services,
  statefulSets,
} from "../client/resources.ts";
import { startDevCluster } from "../mod.ts";
import type { KubeObject } from "../objects/meta.ts";
import type { Service } from "../objects/network.ts";
import type { Pod } from "../objects/pod.ts";
import { installedPostgresMajors, packageState } from "../packages.ts";
import { whyNoRealProcesses } from "./process/real_process.fixture.ts";
import {
  PASSWORDS,
  podAccount,
  POOLER_SQL,
  poolerPod,
  type SpiloCluster,
  spiloObjects,
} from "./process/spilo_objects.fixture.ts";

const rbac = (kind: string, plural: string, namespaced: boolean): Resource => ({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind,
  plural,
  namespaced,
});
const RESOURCES = [
  serviceAccounts,
  rbac("ClusterRole", "clusterroles", false),
  rbac("RoleBinding", "rolebindings", true),
  services,
  statefulSets,
];

interface PatroniMember {
  readonly name: string;
  readonly role: string;
  readonly state: string;
}

async function whyNot(): Promise<string | undefined> {
  const reason = whyNoRealProcesses();
  if (reason !== undefined) return reason;
  const { missing } = await packageState();
  return missing.length === 0 ? undefined : `Debian packages are missing: ${missing.join(", ")}`;
}

const reason = await whyNot();

type Client = ReturnType<typeof kubeClient>;

/** Runs a test on a dev cluster of its own and checks that nothing of it is left. */
function clusterTest(
  name: string,
  body: (test: Deno.TestContext, client: Client) => Promise<void>,
): void {
  Deno.test({
    name: name + (reason === undefined ? "" : ` (skipped: ${reason})`),
    ignore: reason !== undefined,
    async fn(test) {
      const mountsBefore = Deno.readTextFileSync("/proc/self/mounts");
      const directory = await Deno.makeTempDir();
      const errors: string[] = [];
      const cluster = await startDevCluster({
        runtime: "process",
        kubeletDirectory: directory,
        backoffMs: 500,
        onError: (error) => errors.push(String(error)),
      });
      const { url, adminToken: token, caPem } = cluster;
      const client = kubeClient({ url, token, caPem });
      try {
        for (const object of podAccount()) await create(client, object);
        await body(test, client);
      } catch (error) {
        const last = errors.slice(-5).join("; ");
        throw new Error(`errors of the dev cluster: ${last}`, { cause: error });
      } finally {
        client.close();
        await cluster.stop();
      }
      assert.equal(Deno.readTextFileSync("/proc/self/mounts"), mountsBefore);
      await Deno.remove(directory, { recursive: true });
      // Servers name their address, what starts them the directory.
      const network = new URL(url).hostname.split(".").slice(0, 2).join("\\.");
      assert.deepEqual(await commandLines(new RegExp(`${network}\\.|${directory}`)), []);
    },
  });
}

async function create(client: Client, object: KubeObject): Promise<void> {
  await client.create(RESOURCES.find((each) => each.kind === object.kind)!, object);
}

async function createSpilo(
  client: Client,
  cluster: Omit<SpiloCluster, "major">,
): Promise<void> {
  const major = installedPostgresMajors().at(-1)!;
  for (const object of spiloObjects({ ...cluster, major })) await create(client, object);
}

const ref = (name: string) => ({ namespace: "default", name });

async function podAddress(client: Client, name: string): Promise<string> {
  return (await client.get<Pod>(pods, ref(name)))?.status?.podIP ?? "";
}

function login(host: string, user: keyof typeof PASSWORDS) {
  return postgres({
    host,
    user,
    database: "postgres",
    password: PASSWORDS[user],
    ssl: { rejectUnauthorized: false },
    max: 1,
    connect_timeout: 5,
    // A pooler in transaction mode cannot keep prepared statements.
    prepare: false,
    onnotice: () => {},
  });
}

clusterTest("three members elect a primary, switch over, fail over and serve a pooler", exercise);

clusterTest("a clone starts from a base backup, a standby cluster follows", async (_, client) => {
  const isIn = async (pod: string, path: string) => {
    const answer = await fetch(`http://${await podAddress(client, pod)}:8008/${path}`);
    await answer.body?.cancel();
    return answer.ok;
  };
  const answers = (pod: string, path: string) =>
    eventually(`${pod} as ${path}`, () => isIn(pod, path));
  const ask = async (pod: string) => {
    const sql = login(await podAddress(client, pod), "postgres");
    try {
      return [...await sql`SELECT n, pg_is_in_recovery() AS recovering FROM public.kept`];
    } finally {
      await sql.end();
    }
  };
  await createSpilo(client, { name: "source", replicas: 1 });
  await answers("source-0", "primary");
  const source = login(await podAddress(client, "source-0"), "postgres");
  await source`CREATE TABLE public.kept AS SELECT 42 AS n`;
  await source.end();
  await createSpilo(client, {
    name: "copy",
    replicas: 1,
    env: {
      CLONE_METHOD: "CLONE_WITH_BASEBACKUP",
      CLONE_SCOPE: "source",
      CLONE_HOST: "source",
      CLONE_USER: "standby",
      CLONE_PASSWORD: PASSWORDS.standby,
    },
  });
  await createSpilo(client, {
    name: "follower",
    replicas: 2,
    env: { STANDBY_HOST: "source", STANDBY_PORT: "5432" },
  });
  await answers("copy-0", "primary");
  assert.deepEqual(await ask("copy-0"), [{ n: 42, recovering: false }]);
  // Both start at once: either may win the election.
  await eventually("a standby leader among the followers, and a replica of it", async () => {
    const led = await isIn("follower-0", "standby-leader");
    const [leader, other] = led ? ["follower-0", "follower-1"] : ["follower-1", "follower-0"];
    return await isIn(leader, "standby-leader") && await isIn(other, "replica");
  });
  assert.deepEqual(await ask("follower-0"), [{ n: 42, recovering: true }]);
  assert.deepEqual(await ask("follower-1"), [{ n: 42, recovering: true }]);
});

async function exercise(test: Deno.TestContext, client: Client) {
  await createSpilo(client, { name: "demo", replicas: 3 });
  const addressOf = (name: string) => podAddress(client, name);
  const members = async (): Promise<PatroniMember[]> => {
    for (const name of ["demo-0", "demo-1", "demo-2"]) {
      try {
        const answer = await fetch(`http://${await addressOf(name)}:8008/cluster`);
        return (await answer.json()).members;
      } catch {
        // Another member may answer.
      }
    }
    return [];
  };
  const primary = async () => {
    const found = (await members()).find((each) => each.role === "leader");
    return found?.state === "running" ? found.name : undefined;
  };
  const settled = () =>
    eventually("a primary and two streaming replicas", async () => {
      const now = await members();
      const replicas = now.filter((each) => each.role === "replica");
      return await primary() !== undefined && now.length === 3 && replicas.length === 2 &&
        replicas.every((each) => ["running", "streaming"].includes(each.state));
    });
  const service = (await client.get<Service>(services, ref("demo")))!.spec.clusterIP!;
  await test.step("the members become a cluster that the Service leads to", async () => {
    await settled();
    await eventually("the primary behind the Service", async () => {
      const sql = login(service, "postgres");
      try {
        const [row] =
          await sql`SELECT pg_is_in_recovery() AS r, count(*)::int AS n FROM pg_stat_replication`;
        return row?.["r"] === false && row["n"] === 2;
      } finally {
        await sql.end();
      }
    });
  });

  await test.step("a client without TLS is turned away", async () => {
    const sql = postgres({ host: service, user: "postgres", password: PASSWORDS.postgres, max: 1 });
    await assert.rejects(() => sql`SELECT 1`, /pg_hba\.conf rejects connection|no encryption/);
    await sql.end();
  });

  await test.step("a pooler lets users in by the look-up function", async () => {
    const admin = login(service, "postgres");
    await admin.unsafe(POOLER_SQL);
    await admin.end();
    await client.create(pods, poolerPod());
    await eventually("the pooler", async () => {
      const sql = login(await addressOf("demo-pooler"), "app");
      try {
        return (await sql`SELECT current_user AS u`)[0]?.["u"] === "app";
      } finally {
        await sql.end();
      }
    });
  });

  const pooler = await addressOf("demo-pooler");
  let written = 0;
  const write = async () => {
    const sql = login(pooler, "app");
    try {
      await sql`INSERT INTO public.written VALUES (${written + 1})`;
      written++;
    } finally {
      await sql.end();
    }
  };
  /** An insert that was not acknowledged may be there: then it counts. */
  const writeOn = () =>
    eventually("the next write", async () => {
      await write().catch((error) => {
        if (!/duplicate key/.test(String(error))) throw error;
        written++;
      });
      return true;
    });

  await test.step("a switchover loses no acknowledged write", async () => {
    const old = (await primary())!;
    for (let n = 0; n < 5; n++) await write();
    const answer = await fetch(`http://${await addressOf(old)}:8008/switchover`, {
      method: "POST",
      body: JSON.stringify({ leader: old }),
    });
    assert.equal(answer.status, 200, await answer.text());
    await writeOn();
    assert.notEqual(await primary(), old);
    await settled();
  });

  await test.step("a deleted primary hands over, comes back and follows", async () => {
    const old = (await primary())!;
    await client.delete(pods, ref(old));
    await eventually("another primary", async () => ![undefined, old].includes(await primary()));
    await writeOn();
    await settled();
  });

  await test.step("a PostgreSQL that is killed comes up again", async () => {
    const old = (await primary())!;
    const host = await addressOf(old);
    for (const { pid } of await commandLines(new RegExp(`^/usr/lib/postgresql/.*=${host} `))) {
      Deno.kill(pid, "SIGKILL");
    }
    await writeOn();
    await settled();
  });

  await test.step("every acknowledged write is there", async () => {
    await eventually("the count", async () => {
      const sql = login(service, "postgres");
      try {
        return (await sql`SELECT count(*)::int AS n FROM public.written`)[0]?.["n"] === written;
      } finally {
        await sql.end();
      }
    });
    assert.ok(written >= 8, `only ${written} writes`);
  });
}

const LIMIT_MS = 60_000;

async function eventually(what: string, ask: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + LIMIT_MS;
  let last: unknown = "the answer was no";
  while (performance.now() < endMs) {
    try {
      if (await ask()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`still waiting for ${what} after ${LIMIT_MS / 1000} s`, { cause: last });
}

async function commandLines(wanted: RegExp): Promise<{ pid: number; line: string }[]> {
  const found: { pid: number; line: string }[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const text = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    const line = text.replaceAll("\0", " ");
    if (/^\d+$/.test(name) && wanted.test(line)) found.push({ pid: Number(name), line });
  }
  return found;
}
