import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import type { Secret } from "../../../kubernetes/types.gen.ts";
import { encodeBase64 } from "../../../lib/base64.ts";
import { known, type Observation, unknown } from "../../../ports/observation.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext } from "../../../testing/plan_fixture.ts";
import { SqlModel } from "../../../testing/sql_model.ts";
import type { Catalog, DatabaseContents } from "../../observed/catalog.ts";
import type { ObservedCluster } from "../../observed/cluster.ts";
import type { PlanContext, SubjectPlan } from "../steps/context.ts";
import { planDatabases } from "./databases.ts";
import { planPoolerLookup } from "./pooler_lookup.ts";
import { planPublications } from "./publications.ts";
import { unreachable } from "../steps/unreachable.ts";

const SUPERUSER: Secret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: {
    namespace: "shop",
    name: "postgres.acid-orders.credentials.postgresql.acid.zalan.do",
  },
  data: { username: encodeBase64("postgres"), password: encodeBase64("secret") },
};

function contextOf(
  spec: Partial<PostgresqlSpec>,
  catalog: Observation<Catalog>,
  observed: Partial<ObservedCluster> = {},
): PlanContext {
  return planContext({
    cr: cluster({ spec }),
    objects: [SUPERUSER],
    observed: { catalog, ...observed },
  });
}

function statementsOf(plan: SubjectPlan): [string, string[]][] {
  return plan.steps.map(({ action }) => {
    assert.equal(action.kind, "sql");
    return action.kind === "sql"
      ? [action.target.database, action.statements.map(({ text }) => text)]
      : ["", []];
  });
}

/** What the first statements of the steps say, with their databases. */
function firstOf(plan: SubjectPlan): string[] {
  return statementsOf(plan).map(([database, [first]]) => `${database}: ${first}`);
}

function catalogWith(
  databases: Record<string, string>,
  contents: Record<string, Partial<DatabaseContents>> = {},
): Catalog {
  const none = {
    schemas: new Map<string, string>(),
    extensions: new Map(),
    privilegedOwners: new Set<string>(),
    privilegedIn: new Map<string, ReadonlySet<string>>(),
    publications: [],
  };
  return {
    ...new SqlModel().catalog(),
    databases: new Map(
      Object.entries(databases).map(([name, owner]) =>
        [name, { owner, connectable: true, template: false }] as const
      ),
    ),
    contents: new Map(
      Object.entries(contents).map(([name, given]) =>
        [name, known({ ...none, ...given })] as const
      ),
    ),
  };
}

const SPEC: Partial<PostgresqlSpec> = {
  users: { app: [] },
  databases: { shop: "app" },
  preparedDatabases: { foo: { schemas: { data: {} }, extensions: { hstore: "data" } } },
};

Deno.test("missing databases are made, each by itself and outside of a transaction", () => {
  const plan = planDatabases(contextOf(SPEC, known(catalogWith({}))));
  assert.deepEqual(firstOf(plan), [
    'postgres: CREATE DATABASE "shop" OWNER "app"',
    'postgres: CREATE DATABASE "foo" OWNER "foo_owner"',
  ]);
  for (const { action, onError, effect } of plan.steps) {
    assert.deepEqual([onError, effect], ["continue", "none"]);
    assert.ok(action.kind === "sql" && action.mode === "autocommit");
  }
});

Deno.test("a database waits for an owner whose Secret is not there yet", () => {
  const context = contextOf(SPEC, known(catalogWith({ foo: "foo_owner" })));
  const credentials = new Map(context.credentials.credentials);
  credentials.set("app", { state: "degraded", role: "app", reason: "role app: its Secret" });
  const plan = planDatabases({
    ...context,
    credentials: { ...context.credentials, credentials },
  });
  assert.deepEqual(plan.steps, []);
  assert.match(plan.held[0]?.reason ?? "", /database shop waits: role app: its Secret/);
});

Deno.test("the owner is set right for databases, never for prepared ones", () => {
  const plan = planDatabases(contextOf(SPEC, known(catalogWith({ shop: "x", foo: "y" }))));
  assert.deepEqual(firstOf(plan), ['postgres: ALTER DATABASE "shop" OWNER TO "app"']);
});

Deno.test("a new prepared database gets default privileges, schemas and extensions", () => {
  const catalog = catalogWith({ shop: "app", foo: "foo_owner" }, { foo: {} });
  assert.deepEqual(firstOf(planDatabases(contextOf(SPEC, known(catalog)))), [
    'foo: ALTER DEFAULT PRIVILEGES FOR ROLE "foo_owner" GRANT USAGE ON SCHEMAS TO "foo_writer", "foo_reader"',
    'foo: CREATE SCHEMA "data" AUTHORIZATION "foo_data_owner"',
    'foo: CREATE EXTENSION "hstore" SCHEMA "data"',
  ]);
});

Deno.test("a schema that every database has says nothing about default privileges", () => {
  const spec = { preparedDatabases: { foo: { schemas: { public: {} } } } };
  const schemas = new Map([["public", "pg_database_owner"]]);
  const catalog = catalogWith({ foo: "foo_owner" }, { foo: { schemas } });
  assert.match(firstOf(planDatabases(contextOf(spec, known(catalog))))[0] ?? "", /DEFAULT PRIV/);
});

Deno.test("a schema that was there before is told, as nobody knows whom it is closed to on purpose", () => {
  const spec = {
    preparedDatabases: { foo: { defaultUsers: true, schemas: { data: { defaultRoles: false } } } },
  };
  const roles = ["foo_owner", "foo_reader", "foo_writer", "foo_owner_user"];
  const leftWith = (privileged: readonly string[]) => {
    const contents = {
      schemas: new Map([["data", "foo_owner"]]),
      privilegedIn: new Map([["data", new Set(privileged)]]),
    };
    const catalog = {
      ...catalogWith({ foo: "foo_owner" }, { foo: contents }),
      roles: new SqlModel(["postgres", "standby", ...roles]).catalog().roles,
    };
    const { steps, held } = planDatabases(contextOf(spec, known(catalog)));
    assert.deepEqual(steps, []);
    return held.map(({ kind, reason }) => `${kind}: ${reason}`);
  };
  assert.deepEqual(leftWith(["foo_owner", "foo_owner_user"]), []);
  const [told] = leftWith(["foo_owner"]);
  assert.match(told ?? "", /^left: schema data of database foo .*: what foo_owner_user make in it/);
  assert.match(leftWith([])[0] ?? "", /what foo_owner, foo_owner_user make/);
});

Deno.test("a user that cannot be keeps no schema from being made; one that is being made is awaited", () => {
  const spec = {
    preparedDatabases: { foo: { defaultUsers: true, schemas: { data: { defaultRoles: false } } } },
  };
  const contents = { privilegedOwners: new Set(["foo_owner"]) };
  const catalog = known(catalogWith({ foo: "foo_owner" }, { foo: contents }));
  const context = contextOf(spec, catalog);
  const planWith = (pending: { readonly pending?: true }) => {
    const credentials = new Map(context.credentials.credentials);
    const reason = "its Secret";
    credentials.set("foo_owner_user", {
      state: "degraded",
      role: "foo_owner_user",
      reason,
      ...pending,
    });
    return planDatabases({ ...context, credentials: { ...context.credentials, credentials } });
  };
  const awaited = planWith({ pending: true });
  assert.deepEqual(awaited.steps, []);
  assert.deepEqual(awaited.held.map(({ reason }) => reason), ["schema data waits: its Secret"]);
  const without = statementsOf(planWith({}))[0]?.[1] ?? [];
  assert.equal(without[0], 'CREATE SCHEMA "data" AUTHORIZATION "foo_owner"');
  assert.ok(without.some((text) => text.includes('FOR ROLE "foo_owner" IN SCHEMA "data"')));
  assert.ok(!without.some((text) => text.includes("foo_owner_user")));
});

Deno.test("a prepared database that is listed with an owner of its own is ours as well", () => {
  const spec = { ...SPEC, databases: { foo: "app" } };
  const catalog = known(catalogWith({ foo: "app" }, { foo: {} }));
  assert.match(firstOf(planDatabases(contextOf(spec, catalog)))[0] ?? "", /DEFAULT PRIVILEGES/);
});

const LATER: readonly [string, Record<string, string>, Partial<DatabaseContents>, string[]][] = [
  ["whose privileges are there", { foo: "foo_owner" }, {
    privilegedOwners: new Set(["foo_owner"]),
  }, ["CREATE SCHEMA", "CREATE EXTENSION"]],
  ["that was somebody else's before", { foo: "other" }, {}, ["CREATE SCHEMA", "CREATE EXTENSION"]],
  ["whose privileges were taken away", { foo: "foo_owner" }, {
    schemas: new Map([["data", "foo_data_owner"]]),
    extensions: new Map([["hstore", "public"]]),
  }, ["ALTER EXTENSION"]],
  ["that is as it should be", { foo: "foo_owner" }, {
    schemas: new Map([["data", "foo_data_owner"], ["more", "x"]]),
    extensions: new Map([["hstore", "data"]]),
  }, []],
];

for (const [what, owners, contents, want] of LATER) {
  Deno.test(`a prepared database ${what} gets no default privileges again`, () => {
    const catalog = catalogWith({ shop: "app", ...owners }, { foo: contents });
    const texts = firstOf(planDatabases(contextOf(SPEC, known(catalog))));
    assert.deepEqual(texts.map((text) => text.split(" ").slice(1, 3).join(" ")), want);
  });
}

Deno.test("one database that cannot be read holds up no other, and is named", () => {
  const spec = { preparedDatabases: { bad: {}, good: {} } };
  const catalog = catalogWith({ bad: "bad_owner", good: "good_owner" }, { good: {} });
  const contents = new Map(catalog.contents).set("bad", unknown("cannot connect to bad"));
  const plan = planDatabases(contextOf(spec, known({ ...catalog, contents })));
  assert.deepEqual(plan.held, [
    { subject: "databases", kind: "unreadable", reason: "cannot connect to bad" },
  ]);
  assert.ok(firstOf(plan).every((text) => text.startsWith("good: ")));
  assert.equal(plan.steps.length, 2);
});

Deno.test("an extension with a name that cannot be is refused by itself", () => {
  const spec = {
    preparedDatabases: { foo: { extensions: { ["x".repeat(64)]: "public", hstore: "public" } } },
  };
  const catalog = catalogWith({ foo: "other" }, { foo: { schemas: new Map([["data", "x"]]) } });
  const plan = planDatabases(contextOf(spec, known(catalog)));
  assert.deepEqual(firstOf(plan), ['foo: CREATE EXTENSION "hstore" SCHEMA "public"']);
  assert.equal(plan.held[0]?.kind, "refused");
});

Deno.test("nothing is planned for databases that were not looked at", () => {
  const context = contextOf(SPEC, unknown("no answer"));
  assert.deepEqual(planDatabases(context).steps, []);
  const observed = { ...context.observed, catalog: undefined };
  assert.deepEqual(planDatabases({ ...context, observed }).steps, []);
});

const POOLER: Partial<PostgresqlSpec> = {
  enableConnectionPooler: true,
  connectionPooler: { schema: "pgb", user: "pgb_user" },
};
const FORMER = {
  language: "plpgsql",
  body: "BEGIN SELECT usename, passwd FROM pg_catalog.pg_shadow WHERE usename = i_username " +
    "INTO uname, phash; RETURN; END;",
  securityDefiner: true,
  ownedBySuperuser: true,
  config: [],
  executableBy: ["pgb_user"],
  schemaUsableBy: ["pgb_user"],
};

Deno.test("the look-up function comes into every database that was looked at, for the pooler's role", () => {
  const catalog = catalogWith({}, { one: {}, two: { lookup: { ...FORMER, executableBy: [] } } });
  const plan = planPoolerLookup(contextOf(POOLER, known(catalog)));
  assert.deepEqual(firstOf(plan), [
    'one: CREATE SCHEMA IF NOT EXISTS "pgb"',
    'two: CREATE SCHEMA IF NOT EXISTS "pgb"',
  ]);
  const [, texts] = statementsOf(plan)[0] ?? ["", []];
  assert.ok(texts.includes('GRANT USAGE ON SCHEMA "pgb" TO "pgb_user"'));
});

Deno.test("the reference's function stays at a take-over and is replaced with the next change", () => {
  const context = contextOf(POOLER, known(catalogWith({}, { one: { lookup: FORMER } })));
  assert.deepEqual(planPoolerLookup({ ...context, phase: "sync" }).steps, []);
  assert.equal(planPoolerLookup({ ...context, phase: "update" }).steps.length, 1);
});

Deno.test("without a pooler there is no look-up function", () => {
  const context = contextOf({}, known(catalogWith({}, { one: {} })));
  assert.deepEqual(planPoolerLookup(context).steps, []);
});

const STREAMS: Partial<PostgresqlSpec> = {
  streams: [{
    applicationId: "an-app",
    database: "shop",
    tables: { "data.orders": { eventType: "e" }, bills: { eventType: "f" } },
  }],
};
const publication = (name: string, tables: string[], owner = "postgres") => ({
  name,
  owner,
  tables: tables.map((table) => {
    const [schema = "", rest = ""] = table.split(".");
    return { schema, name: rest };
  }),
});

Deno.test("publications follow the streams; those of others stay", () => {
  const supported = { eventStreams: known([]) };
  const plan = (publications: DatabaseContents["publications"], spec = STREAMS) => {
    const catalog = catalogWith({ shop: "app" }, { shop: { publications } });
    const streams = spec === STREAMS ? supported : { eventStreams: known([{} as never]) };
    return firstOf(planPublications(contextOf(spec, known(catalog), streams)));
  };
  assert.deepEqual(plan([]), [
    'shop: CREATE PUBLICATION "fes_shop_an_app" FOR TABLE "public"."bills", "data"."orders" ' +
    "WITH (publish = 'insert, update')",
  ]);
  const same = publication("fes_shop_an_app", ["data.orders", "public.bills"]);
  assert.deepEqual(plan([same, publication("fes_mine", ["a.b"], "app")]), []);
  assert.deepEqual(plan([publication("fes_shop_an_app", ["data.orders"])]), [
    'shop: ALTER PUBLICATION "fes_shop_an_app" SET TABLE "public"."bills", "data"."orders"',
  ]);
  assert.deepEqual(plan([same], {}), ['shop: DROP PUBLICATION "fes_shop_an_app"']);
});

Deno.test("a stream waits for its database, and for a server that knows its kind nothing is done", () => {
  const catalog = known(catalogWith({}));
  const waiting = planPublications(contextOf(STREAMS, catalog, { eventStreams: known([]) }));
  assert.match(waiting.held[0]?.reason ?? "", /no database shop/);
  assert.deepEqual(planPublications(contextOf(STREAMS, catalog)).held, []);
});

Deno.test("databases out of reach are waited for; only a cluster at rest has failed after a minute", () => {
  const context = contextOf({}, unknown("no answer"));
  const kindAfter = (seconds: number, phase: PlanContext["phase"]) => {
    const waitingSinceMs = context.now.getTime() - seconds * 1000;
    const memory = { ...context.memory, waitingSinceMs };
    return unreachable({ ...context, memory, phase }, "roles", "no answer").held[0]?.kind;
  };
  assert.equal(kindAfter(10, "sync"), "waiting");
  assert.equal(kindAfter(60, "sync"), "unreadable");
  assert.equal(kindAfter(300, "creation"), "waiting");
  assert.equal(kindAfter(300, "update"), "waiting");
});
