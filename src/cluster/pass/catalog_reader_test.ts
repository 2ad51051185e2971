import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../api/types.gen.ts";
import type { Pod, Secret } from "../../kubernetes/types.gen.ts";
import type { Config } from "../../config/config.ts";
import { encodeBase64 } from "../../lib/base64.ts";
import { known } from "../../ports/observation.ts";
import { cluster } from "../../testing/cluster_fixture.ts";
import { planContext } from "../../testing/plan_fixture.ts";
import { createCatalogReader } from "./catalog_reader.ts";
import { catalogFingerprint, type CatalogQuestion, needsCatalog } from "./due.ts";
import { emptyMemory } from "./memory.ts";
import type { ClusterRow, DatabaseRow } from "../observed/catalog.ts";
import type { SqlConnector } from "../../ports/ports.ts";
import type { SqlTarget, SqlText } from "../../ports/requests.ts";
import { PortError } from "../../ports/errors.ts";

const SIGNAL = new AbortController().signal;

function pod(role: string | undefined, rest: Partial<Pod["metadata"]> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "acid-orders-0",
      uid: "one",
      ...(role === undefined ? {} : { labels: { "spilo-role": role } }),
      ...rest,
    },
    status: { phase: "Running", podIP: "10.0.0.1" },
  };
}

function secret(password: string, resourceVersion = "1"): Secret {
  const name = "postgres.acid-orders.credentials.postgresql.acid.zalan.do";
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: "shop", name, resourceVersion },
    data: { username: encodeBase64("postgres"), password: encodeBase64(password) },
  };
}

interface Given {
  readonly spec?: Partial<PostgresqlSpec>;
  readonly config?: Partial<Config>;
  readonly pods?: readonly Pod[];
  readonly objects?: readonly Secret[];
  readonly question?: Partial<CatalogQuestion>;
}

function questionOf(given: Given = {}): CatalogQuestion {
  const { desired, effective, config, observed } = planContext({
    cr: cluster({ spec: given.spec ?? {} }),
    config: given.config ?? {},
    objects: given.objects ?? [secret("secret")],
  });
  return {
    desired,
    effective,
    config,
    memory: emptyMemory(),
    objects: observed.objects,
    eventStreams: known([]),
    pods: given.pods ?? [pod("master")],
    statefulSet: undefined,
    roleLabel: config.podRoleLabel,
    full: false,
    nowMs: 0,
    ...given.question,
  };
}

const NEEDS: readonly [string, Given, boolean][] = [
  ["never seen before", {}, true],
  ["without database access", { config: { enableDatabaseAccess: false } }, false],
  ["that follows another", { spec: { standby: { standby_host: "there" } } }, false],
  ["promoted, while its leader still follows", { pods: [pod("standby_leader")] }, false],
  ["without instances", { spec: { numberOfInstances: 0 } }, false],
  ["without pods", { pods: [] }, false],
  ["without a primary", { pods: [pod("replica"), pod(undefined)] }, false],
  ["whose primary is going", { pods: [pod("master", { deletionTimestamp: "x" })] }, false],
];

for (const [what, given, want] of NEEDS) {
  Deno.test(`the databases of a cluster ${what} are ${want ? "" : "not "}looked into`, () => {
    assert.equal(needsCatalog(questionOf(given)), want);
    const full = { ...given, question: { full: true } };
    assert.equal(needsCatalog(questionOf(full)), want, "at a full look as well");
  });
}

const CHANGES: readonly [string, Given, boolean][] = [
  ["nothing", {}, false],
  ["the number of instances", { spec: { numberOfInstances: 3 } }, false],
  ["a user", { spec: { users: { app: [] } } }, true],
  ["a database", { spec: { users: { app: [] }, databases: { a: "app" } } }, true],
  ["a pooler", { spec: { enableConnectionPooler: true } }, true],
  ["a Secret", { objects: [secret("other", "2")] }, true],
  ["the primary", { pods: [pod("master", { uid: "two" })] }, true],
];

for (const [what, given, want] of CHANGES) {
  Deno.test(`a change of ${what} ${want ? "asks for another look" : "spares the look"}`, () => {
    const memory = emptyMemory();
    memory.catalogLook = { fingerprint: catalogFingerprint(questionOf()) };
    assert.equal(needsCatalog(questionOf({ ...given, question: { memory } })), want);
    assert.equal(needsCatalog(questionOf({ ...given, question: { memory, full: true } })), true);
  });
}

const CLUSTER_ROW: ClusterRow = {
  version: 150004,
  passwordEncryption: "md5",
  recovering: false,
  roles: [{
    name: "app",
    superuser: false,
    inherit: true,
    createrole: false,
    createdb: false,
    login: true,
    replication: true,
    bypassrls: true,
    verifier: "md5x",
    settings: ["x.y=a=b", "Search_Path=c"],
    memberOf: ["g"],
    openTo: [],
    neededByObjects: true,
  }],
  databases: ["template0", "template1", "postgres", "foo", "gone"].map((name) => ({
    name,
    owner: "postgres",
    connectable: name !== "template0",
    template: name.startsWith("template"),
  })),
};
const DATABASE_ROW: DatabaseRow = {
  schemas: { data: "foo_data_owner" },
  extensions: null,
  privilegedOwners: [],
  privilegedIn: null,
  lookup: null,
  publications: [{ name: "fes_x", owner: "postgres", tables: null }],
};

/** A connector that tells who asks what, and fails for one database. */
function recorder(row: ClusterRow = CLUSTER_ROW) {
  const asked: { target: SqlTarget; query: SqlText }[] = [];
  let open = 0;
  let most = 0;
  const connector: SqlConnector = {
    open(target) {
      if (target.database === "gone") return Promise.reject(new Error("cannot connect to gone"));
      most = Math.max(most, ++open);
      return Promise.resolve({
        query(query) {
          asked.push({ target, query });
          const catalog = query.text.includes("'roles'") ? row : DATABASE_ROW;
          return Promise.resolve([{ catalog }]);
        },
        close: () => Promise.resolve(void open--),
      });
    },
  };
  return { connector, asked, sessions: () => ({ open, most }) };
}

const WANTED: Given = {
  spec: {
    users: { app: [] },
    preparedDatabases: { foo: { extensions: { hstore: "data" } }, gone: {}, missing: {} },
  },
};

Deno.test("a look asks the cluster once and each prepared database once, one session at a time", async () => {
  const { connector, asked, sessions } = recorder();
  const catalog = await createCatalogReader(connector)(questionOf(WANTED), SIGNAL);
  assert.deepEqual(asked.map(({ target }) => target.database), ["postgres", "foo"]);
  assert.deepEqual(sessions(), { open: 0, most: 1 });
  assert.ok(catalog?.known);
  assert.deepEqual(catalog.value.contents.get("gone"), {
    known: false,
    reason: "cannot connect to gone",
  });
  const { roles, passwordEncryption, serverVersion } = catalog.value;
  assert.deepEqual([passwordEncryption, serverVersion], ["md5", 150004]);
  const { verifier, ...app } = roles.get("app") ?? { name: "" };
  assert.equal(verifier?.reveal(), "md5x");
  assert.deepEqual(app, {
    name: "app",
    flags: ["INHERIT", "LOGIN", "REPLICATION", "BYPASSRLS"],
    settings: { "x.y": "a=b", search_path: "c" },
    memberOf: ["g"],
    openTo: [],
    neededByObjects: true,
  });
});

Deno.test("the cluster is asked for wanted roles, their groups and administrators", async () => {
  const { connector, asked } = recorder();
  await createCatalogReader(connector)(questionOf(WANTED), SIGNAL);
  const text = asked[0]?.query.text ?? "";
  for (const name of ["postgres", "standby", "app", "admin", "foo_owner", "foo_data_reader"]) {
    assert.ok(text.includes(`'${name}'`), name);
  }
  assert.ok(text.includes("rolname::pg_catalog.text = 'zalandos'"));
});

Deno.test("with a pooler or with streams every database that takes sessions is looked into", async () => {
  for (
    const given of [
      { spec: { enableConnectionPooler: true } },
      { question: { eventStreams: known([{} as never]) } },
    ]
  ) {
    const { connector, asked } = recorder();
    await createCatalogReader(connector)(questionOf(given), SIGNAL);
    assert.deepEqual(asked.map(({ target }) => target.database), ["postgres", "postgres", "foo"]);
  }
});

Deno.test("nobody is asked without need, and without the superuser's Secret", async () => {
  const { connector, asked } = recorder();
  const read = createCatalogReader(connector);
  assert.equal(await read(questionOf({ pods: [] }), SIGNAL), undefined);
  assert.equal(await read(questionOf({ objects: [] }), SIGNAL), undefined);
  assert.deepEqual(asked, []);
});

Deno.test("a server that still recovers, and one that does not answer, are unknown", async () => {
  const recovering = recorder({ ...CLUSTER_ROW, recovering: true });
  const catalog = await createCatalogReader(recovering.connector)(questionOf(), SIGNAL);
  assert.equal(catalog?.known, false);
  const dead: SqlConnector = { open: () => Promise.reject(new Error("no route")) };
  const unread = await createCatalogReader(dead)(questionOf(), SIGNAL);
  assert.deepEqual(unread, { known: false, reason: "no route" });
});

Deno.test("only a password that the server does not take makes the superuser locked out", async () => {
  for (const [kind, lockedOut] of [["unauthorized", true], ["failed", undefined]] as const) {
    const refusing: SqlConnector = {
      open: () => Promise.reject(new PortError("refused", kind)),
    };
    const unread = await createCatalogReader(refusing)(questionOf(), SIGNAL);
    const want = { known: false, reason: "refused", ...(lockedOut ? { lockedOut } : {}) };
    assert.deepEqual(unread, want);
  }
});
