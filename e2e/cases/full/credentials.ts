/**
 * Secrets that people and controllers of others write, users that cannot be, and a pooler with names
 * of its own, on real servers: who gets in with what.
 */
import assert from "node:assert/strict";
import postgres from "postgres";
import type { KubeObject, Secret, Service } from "../../../src/kubernetes/types.gen.ts";
import { installedPostgresMajors } from "../../devcluster/packages.ts";
import { type Play, scenario } from "../../support/scenario.ts";
import {
  isReady,
  isRunning,
  manifestOf,
  MINIMAL,
  minimalCluster,
  podsOf,
  statefulSetOf,
  statusOf,
} from "../clusters.ts";

const MAJOR = installedPostgresMajors().at(-1) ?? "";
const START_LIMIT_MS = 180_000;
const OPTIONS = {
  runtime: "process",
  operator: { flags: ["--databaseaddress=cluster-ip"] },
} as const;
const PAUSE_MS = 200;
const ONE = { numberOfInstances: 1, postgresql: { version: MAJOR } };

scenario(
  "a password that somebody gave alone lets in, also after each refresh",
  // Nobody watches a Secret without labels: it is looked at once in this time.
  { ...OPTIONS, operator: { ...OPTIONS.operator, config: { resync_period: "5s" } } },
  async (play) => {
    const { cluster, namespace, until } = play;
    const chosen = { ...secretNamed(namespace, "app"), data: { password: btoa("chosen") } };
    await cluster.create(chosen);
    await cluster.create(minimalCluster(namespace, { ...ONE, users: { app: [] }, databases: {} }));
    await until("the cluster runs", () => isRunning(play), START_LIMIT_MS);
    assert.ok(await letsIn(play, "app", "chosen"));
    assert.equal(atob(secretOf(play, "app").data?.["username"] ?? ""), "app");
    assert.ok(
      play.events(MINIMAL).some((text) => /Secret of role app has no user name/.test(text)),
    );

    // A controller that owns the Secret takes out what is not its own, at once and again and again.
    let taken = 0;
    const takeOut = async () => {
      if (secretOf(play, "app").data?.["username"] === undefined) return;
      taken++;
      await cluster.patch(secretOf(play, "app"), { data: { username: null } });
    };
    for (let look = 0; look < 75; look++) {
      await takeOut();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.ok(taken <= 2, `written ${taken} times`);
    assert.ok(await letsIn(play, "app", "chosen"));
    await cluster.patch(secretOf(play, "app"), { data: { password: btoa("renewed") } });
    await eventually("the renewed password", () => letsIn(play, "app", "renewed"));
  },
);

scenario(
  "users and Secrets that cannot be harm a running cluster in nothing else",
  OPTIONS,
  async (play) => {
    const { cluster, namespace, until } = play;
    const users = { crane: [] };
    await cluster.create(minimalCluster(namespace, {
      ...ONE,
      users,
      databases: { cargo: "crane" },
      preparedDatabases: { Manifests: {} },
    }));
    await until("the cluster runs", () => isRunning(play), START_LIMIT_MS);
    await cluster.patch(minimalCluster(namespace), {
      spec: {
        numberOfInstances: 2,
        users: { crane: ["createdb"], winch: [] },
        databases: { cargo: "crane", berth: "winch" },
        preparedDatabases: {
          Manifests: {
            defaultUsers: true,
            schemas: { inbound: { defaultRoles: false } },
            extensions: { pg_trgm: "public" },
          },
        },
      },
    });
    await until("the failure is told", () => statusOf(play) === "UpdateFailed", START_LIMIT_MS);
    const message = () =>
      manifestOf(play)?.status?.conditions?.find(({ type }) => type === "Synced")?.message ?? "";
    const wanted: readonly (readonly [database: string, query: string])[] = [
      ["postgres", "SELECT rolcreatedb FROM pg_roles WHERE rolname = 'crane'"],
      ["postgres", "SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'berth')"],
      ["Manifests", "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'inbound')"],
      ["Manifests", "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')"],
    ];
    for (const [database, query] of wanted) {
      await eventually(query, async () => await ask(play, database, query) === "true");
    }
    const bothUp = () => podsOf(play).filter(isReady).length === 2;
    await until("both instances are up", bothUp, START_LIMIT_MS);
    assert.equal(
      message().match(/role Manifests_(owner|reader|writer)_user/g)?.length,
      3,
      message(),
    );
    const left = "SELECT count(*) FROM pg_roles WHERE rolname LIKE '%\\_user'";
    assert.equal(await ask(play, "postgres", left), "0");

    await cluster.patch(minimalCluster(namespace), {
      spec: { numberOfInstances: 1, users: { crane: ["login", "nologin"], late: [] } },
    });
    await until(
      "the cluster shrinks",
      () => statefulSetOf(play)?.spec?.replicas === 1,
      START_LIMIT_MS,
    );
    await until("the flags are told", () => /spec.users.crane cannot be used/.test(message()));
    await cluster.patch(minimalCluster(namespace), {
      spec: {
        users: { crane: [], late: [] },
        preparedDatabases: { Manifests: { defaultUsers: false } },
      },
    });
    await until("the cluster runs", () => isRunning(play), START_LIMIT_MS);
    assert.ok(await letsIn(play, "late", passwordOf(play, "late")));
  },
);

scenario(
  "clients get in through a pooler whose schema and user are written in their own way",
  OPTIONS,
  async (play) => {
    const { cluster, namespace, until } = play;
    await cluster.create(minimalCluster(namespace, {
      ...ONE,
      users: { crane: [] },
      databases: { cargo: "crane" },
      enableConnectionPooler: true,
      connectionPooler: { schema: "GateWay", user: "gatekeeper", numberOfInstances: 1 },
    }));
    await until("the cluster runs", () => isRunning(play), START_LIMIT_MS);
    const through = { service: `${MINIMAL}-pooler`, database: "cargo" };
    await eventually(
      "crane gets in",
      () => letsIn(play, "crane", passwordOf(play, "crane"), through),
    );

    await cluster.patch(minimalCluster(namespace), {
      spec: { connectionPooler: { user: "postgres" } },
    });
    await until("the cluster runs", () => isRunning(play), START_LIMIT_MS);
    await eventually(
      "crane gets in again",
      () => letsIn(play, "crane", passwordOf(play, "crane"), through),
    );
  },
);

function secretNamed(namespace: string, role: string): KubeObject {
  const name = `${role}.${MINIMAL}.credentials.postgresql.acid.zalan.do`;
  return { apiVersion: "v1", kind: "Secret", metadata: { namespace, name } };
}

function secretOf({ cluster, namespace }: Play, role: string): Secret {
  const { metadata } = secretNamed(namespace, role);
  const secret = cluster.view.get("Secret", namespace, metadata.name ?? "") as Secret | undefined;
  assert.ok(secret, `there is no Secret of ${role}`);
  return secret;
}

function passwordOf(play: Play, role: string): string {
  return atob(secretOf(play, role).data?.["password"] ?? "");
}

interface Way {
  readonly service?: string;
  readonly database?: string;
}

/** One answer, as text. */
async function ask(
  play: Play,
  database: string,
  text: string,
  user = "postgres",
  password = passwordOf(play, "postgres"),
  service = MINIMAL,
): Promise<string> {
  const found = play.cluster.view.get("Service", play.namespace, service) as Service | undefined;
  const sql = postgres({
    host: found?.spec?.clusterIP ?? "",
    port: 5432,
    database,
    user,
    password,
    // The pod made its certificate itself: it encrypts, and proves nothing.
    ssl: { rejectUnauthorized: false },
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: 5,
    onnotice: () => {},
  });
  try {
    const [row] = await sql.unsafe(text);
    return String(Object.values(row ?? {})[0]);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function letsIn(play: Play, user: string, password: string, way: Way = {}): Promise<boolean> {
  const { service = MINIMAL, database = "postgres" } = way;
  return ask(play, database, "SELECT current_user", user, password, service)
    .then((answer) => answer === user, () => false);
}

/** Asks again and again until an answer is yes. */
async function eventually(what: string, check: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + START_LIMIT_MS;
  while (!await check()) {
    assert.ok(performance.now() < endMs, `${what}: not so after ${START_LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
