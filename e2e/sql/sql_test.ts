import assert from "node:assert/strict";
import { decodeBase64, encodeBase64 } from "../../src/lib/base64.ts";
import type { PlanContext } from "../../src/cluster/plan/steps/context.ts";
import { known } from "../../src/ports/observation.ts";
import { desiredRoles } from "../../src/cluster/desired/roles/desired_roles.ts";
import type { DesiredRole } from "../../src/cluster/desired/roles/role.ts";
import type { SqlConnector } from "../../src/ports/ports.ts";
import { cluster } from "../../src/testing/cluster_fixture.ts";
import { foldedName, unquotedSchemaProblem } from "../../src/cluster/sql/unquoted.ts";
import { passesOver } from "./passes.ts";
import { serverObstacle, startServer, type TestServer } from "./server.ts";

const obstacle = serverObstacle();

/** A test with its own server, which has the roles that the image brings along. */
function onServer(name: string, run: (server: TestServer) => Promise<void>): void {
  Deno.test({
    name: obstacle === undefined ? name : `${name} (skipped: ${obstacle})`,
    ignore: obstacle !== undefined,
    async fn() {
      const server = await startServer();
      try {
        await server.sql(
          "postgres",
          "CREATE ROLE admin CREATEDB; CREATE ROLE zalandos; CREATE ROLE standby REPLICATION LOGIN",
        );
        await run(server);
      } finally {
        await server.stop();
      }
    },
  });
}

const COMPLETE = cluster({
  spec: {
    users: { app: ["createdb"], boss: [], "odd.name-1": ["nologin"], replica: ["replication"] },
    databases: { shop: "app", "Desk": "boss" },
    preparedDatabases: {
      vault: {
        defaultUsers: true,
        schemas: { main: { defaultUsers: true }, plain: { defaultRoles: false } },
        extensions: { hstore: "main", pg_trgm: "public" },
      },
      bare: {},
    },
    enableConnectionPooler: true,
    connectionPooler: { schema: "pooler" },
  },
});

onServer(
  "a complete manifest settles in three passes, and a full look then only reads",
  async (server) => {
    const { settle, secrets } = passesOver({ server, cr: COMPLETE });
    const counts = await settle();
    assert.equal(counts.length, 3, `${counts}`);
    const before = (await server.log()).length;
    assert.deepEqual(await settle(), [0]);
    const look = (await server.log()).slice(before).split("@@ ").filter((line) =>
      line.includes("statement: ")
    );
    // One for the cluster, one for each of postgres, shop, Desk, vault and bare.
    assert.equal(look.length, 6);
    assert.ok(look.every((line) => /statement: SELECT/.test(line)), look.join("\n"));
    for (const secret of secrets.values()) {
      const [user = "", password = ""] = ["username", "password"].map((key) =>
        decodeBase64(secret.data?.[key] ?? "")
      );
      assert.equal(await server.logsIn(user, password), user !== "odd.name-1", user);
    }
  },
);

onServer("no password comes into a statement or the server's log", async (server) => {
  const { settle, secrets } = passesOver({ server, cr: COMPLETE });
  await settle();
  const app = [...secrets.values()].find(({ metadata }) => metadata.name?.startsWith("app."));
  assert.ok(app?.data);
  // A change by hand, so that an existing role gets a new password as well.
  app.data["password"] = btoa("marker-by-hand");
  await settle();
  assert.ok(await server.logsIn("app", "marker-by-hand"));
  const log = await server.log();
  const passwords = [...secrets.values()].map(({ data }) => decodeBase64(data?.["password"] ?? ""));
  assert.ok(passwords.length > 10);
  assert.deepEqual(passwords.filter((password) => log.includes(password ?? "")), []);
  assert.ok(!log.includes("marker"));
});

onServer(
  "md5 is used where the manifest asks for it, and a change of mind is followed",
  async (server) => {
    const users = { app: [] };
    const md5 = cluster({
      spec: {
        users,
        postgresql: { version: "15", parameters: { password_encryption: "md5" } },
      },
    });
    const { settle, secrets } = passesOver({ server, cr: md5 });
    await settle();
    const kind = () =>
      server.sql("postgres", "SELECT left(rolpassword, 3) FROM pg_authid WHERE rolname = 'app'");
    const logsIn = () => {
      const secret = [...secrets.values()].find(({ metadata }) =>
        metadata.name?.startsWith("app.")
      );
      return server.logsIn("app", decodeBase64(secret?.data?.["password"] ?? "") ?? "");
    };
    assert.deepEqual([await kind(), await logsIn()], ["md5", true]);
    await settle(cluster({ spec: { users } }));
    assert.deepEqual([await kind(), await logsIn()], ["SCR", true]);
  },
);

const HOSTILE = [
  `joe"; DROP ROLE admin; --`,
  `o'neil\\'; DROP ROLE admin; --`,
  "$$; DROP ROLE admin; $$",
  "Zoë Ωmega 漢字",
  "ä".repeat(31),
  "with\nnewline",
  "%s ${x} $1 ?",
];

/** Persons with hostile names and settings, as a team of theirs would bring them. */
function withHostileMembers(context: PlanContext): PlanContext {
  const members = HOSTILE.map((name): DesiredRole => ({
    name,
    origin: "team",
    flags: ["LOGIN"],
    login: true,
    memberOf: ["zalandos", "admin"],
    parameters: { "x.note": `${name}'; DROP ROLE admin; --`, search_path: '"a""b", "$user", c' },
    isDbOwner: false,
    namespace: "",
    hasPassword: false,
  }));
  const { desired, effective } = context;
  const prepared = desired.databases.prepared.map((database) => ({
    ...database,
    schemas: [
      ...database.schemas,
      ...HOSTILE.slice(0, 5).map((name) => ({ name, owner: HOSTILE[3] ?? "", privileges: [] })),
    ],
    extensions: { hstore: HOSTILE[0] ?? "" },
  }));
  return {
    ...context,
    desired: {
      ...desired,
      roles: [...desired.roles, ...members],
      databases: { ...desired.databases, prepared },
    },
    effective: { ...effective, pooler: { ...effective.pooler, schema: HOSTILE[1] ?? "" } },
  };
}

onServer("hostile names are names and nothing else", async (server) => {
  const { settle } = passesOver({ server, cr: COMPLETE, change: withHostileMembers });
  await settle();
  assert.deepEqual(await settle(), [0]);
  const names = await server.sql("postgres", "SELECT rolname FROM pg_authid ORDER BY 1");
  for (const name of [...HOSTILE, "admin"]) assert.ok(names.includes(name), name);
});

/** What a tenant may plant in his own database to be run by whoever works there. */
const PLANTED = `
CREATE TABLE public.victims (who text, what text);
GRANT ALL ON public.victims TO PUBLIC;
CREATE FUNCTION public.trap(what text) RETURNS void LANGUAGE sql
  AS $$ INSERT INTO public.victims VALUES (current_user, what) $$;
CREATE FUNCTION public.name_is(name, text) RETURNS bool LANGUAGE sql
  AS $$ SELECT public.trap('operator'); SELECT true $$;
CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = text, FUNCTION = public.name_is);
CREATE FUNCTION public.text_is(text, text) RETURNS bool LANGUAGE sql
  AS $$ SELECT public.trap('text'); SELECT true $$;
CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.text_is);
CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql
  AS $$ SELECT public.trap('current_setting'); SELECT 'md5' $$;
CREATE FUNCTION public.json_build_object(VARIADIC text[]) RETURNS json LANGUAGE sql
  AS $$ SELECT public.trap('json_build_object'); SELECT '{}'::json $$;
CREATE FUNCTION public.pg_get_userbyid(oid) RETURNS name LANGUAGE sql
  AS $$ SELECT public.trap('pg_get_userbyid'); SELECT 'postgres'::name $$;
CREATE FUNCTION public.user_lookup(i_username text, OUT uname text, OUT phash text)
  LANGUAGE sql AS $$ SELECT public.trap('lookup'); SELECT 'a', 'b' $$;
`;

onServer(
  "nothing that a tenant planted runs, with whatever search path his database has",
  async (server) => {
    const cr = cluster({
      spec: { ...COMPLETE.spec, connectionPooler: { schema: "public" } },
    });
    const { settle } = passesOver({ server, cr });
    await server.sql("postgres", "CREATE ROLE app LOGIN CREATEDB");
    await server.sql("postgres", "CREATE DATABASE shop OWNER app");
    await server.sql("shop", `SET ROLE app; ${PLANTED}`);
    await server.sql("postgres", "ALTER DATABASE shop SET search_path = public, pg_catalog");
    await server.sql("postgres", "ALTER DATABASE shop SET default_transaction_read_only = on");
    await server.sql("postgres", "ALTER ROLE postgres SET search_path = public, pg_catalog");
    await settle();
    const secret = "SET ROLE pooler; SELECT phash LIKE 'SCRAM%' FROM public.user_lookup('app')";
    assert.equal(await server.sql("shop", secret), "t");
    assert.equal(await server.sql("shop", "SELECT count(*) FROM public.victims"), "0");
    const owner = "SELECT proowner::regrole FROM pg_proc WHERE proname = 'user_lookup'";
    assert.equal(await server.sql("shop", owner), "postgres");
  },
);

onServer("one broken database is named and holds up no other", async (server) => {
  const { settle, pass, connector } = passesOver({ server, cr: COMPLETE });
  await settle();
  connector.end();
  await server.sql(
    "postgres",
    "UPDATE pg_catalog.pg_database SET dattablespace = 1 WHERE datname = 'bare'",
  );
  await server.sql("vault", "DROP SCHEMA plain CASCADE");
  const { steps, held } = await pass();
  assert.equal(held.length, 2, JSON.stringify(held));
  for (const { reason } of held) assert.match(reason, /database bare of cluster shop\/acid-orders/);
  assert.deepEqual(steps.flatMap(({ reasons }) => reasons), [
    "schema plain of database vault is missing",
  ]);
});

onServer("a failed step is told by name, without the verifier", async (server) => {
  const { pass } = passesOver({ server, cr: COMPLETE });
  await server.sql("postgres", "DROP ROLE admin");
  const { failures } = await pass();
  // Of what the server says only plain words and our own names are repeated.
  const wanted = "cannot create role app in database postgres of cluster shop/acid-orders: " +
    'role "admin" does not exist [42704]';
  assert.ok(failures.includes(wanted), failures.join("\n"));
  assert.ok(!/SCRAM|marker/.test(failures.join("\n")));
});

const BEFORE = cluster({ spec: { users: { app: [] } } });
const AFTER = cluster({
  spec: {
    users: { app: ["createdb"], another: [] },
    usersWithSecretRotation: ["app"],
    databases: { desk: "app" },
  },
});
const PREPARED = cluster({
  spec: {
    users: { app: [] },
    preparedDatabases: { vault: { schemas: { data: {}, more: { defaultRoles: false } } } },
  },
});
const PREPARED_CHANGED = cluster({
  spec: {
    users: { app: [] },
    preparedDatabases: {
      vault: {
        extensions: { pg_trgm: "data" },
        schemas: { data: {}, more: { defaultRoles: true }, third: {} },
      },
    },
  },
});
const DATED = "app260105";

/** What a Secret holds after a rotation by user, or after a change by hand. */
const NEW_CONTENT: Readonly<Record<string, Record<string, string>>> = {
  "with a new password": { username: "app", password: "new" },
  "with a dated user": { username: DATED, password: "new", nextRotation: "2099-01-01T00:00:00Z" },
};

for (const [what, content] of Object.entries(NEW_CONTENT)) {
  onServer(`a change ${what} survives being killed after any statement`, async (server) => {
    const data = Object.fromEntries(
      Object.entries(content).map(([key, value]) => [key, encodeBase64(value)]),
    );
    let want: string | undefined;
    let points = 0;
    for (let left = 0; left < 200; left++) {
      const { settle, pass, connector, secrets } = passesOver({ server, cr: BEFORE });
      await settle();
      const [app] = [...secrets.values()].filter(({ metadata }) =>
        metadata.name?.startsWith("app.")
      );
      assert.ok(app);
      const old = decodeBase64(app.data?.["password"] ?? "") ?? "";
      app.data = data;
      const died = await passDyingAfter(
        left,
        connector,
        (through) => pass({ cr: AFTER, through }),
      );
      const logins = await Promise.all([
        server.logsIn("app", old),
        server.logsIn(content["username"] ?? "", "new"),
      ]);
      assert.ok(logins.includes(true), `nobody logs in after ${left} statements`);
      await settle(AFTER);
      assert.ok(await server.logsIn(content["username"] ?? "", "new"), `${left} statements`);
      const dump = await rolesOf(server);
      want ??= dump;
      assert.equal(dump, want, `killed after ${left} statements`);
      connector.end();
      await reset(server);
      if (!died) break;
      points++;
    }
    assert.ok(points > 5, `${points}`);
  });
}

/** Roles with memberships and settings, by name. */
function rolesOf(server: TestServer): Promise<string> {
  const roles = `SELECT rolname, rolcreatedb, rolcanlogin, rolpassword IS NULL, rolconfig,
    ARRAY(SELECT (roleid::regrole, admin_option) FROM pg_auth_members
      WHERE member = r.oid ORDER BY 1) FROM (SELECT a.*, s.setconfig AS rolconfig
    FROM pg_authid AS a LEFT JOIN pg_db_role_setting AS s ON s.setrole = a.oid) AS r
    WHERE rolname !~ '^pg_' ORDER BY 1`;
  return server.sql("postgres", roles);
}

/** Roles, and the schemas and default privileges of the prepared database. */
async function stateOf(server: TestServer): Promise<string> {
  const schemas = `SELECT nspname, nspowner::regrole, nspacl FROM pg_namespace
    WHERE nspname !~ '^pg_' ORDER BY 1`;
  const privileges = `SELECT defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace,
    defaclobjtype, defaclacl FROM pg_default_acl ORDER BY 1, 2, 3`;
  return [
    await rolesOf(server),
    await server.sql("vault", schemas),
    await server.sql("vault", privileges),
  ].join("\n");
}

/** What stands before the pass that dies, and what that pass is to make of it. */
const PREPARATIONS = {
  "a creation": { before: undefined, after: PREPARED },
  "a change of a prepared database": { before: PREPARED, after: PREPARED_CHANGED },
};

for (const [what, { before, after }] of Object.entries(PREPARATIONS)) {
  onServer(`${what} survives being killed after any statement`, async (server) => {
    let points = 0;
    let mostPasses = 0;
    let want: string | undefined;
    for (let left = 0; left < 200; left++) {
      const { settle, pass, connector } = passesOver({ server, cr: after });
      if (before) await settle(before);
      const died = await passDyingAfter(
        left,
        connector,
        (through) => pass({ cr: after, through }),
      );
      mostPasses = Math.max(mostPasses, (await settle(after)).length);
      const dump = await stateOf(server);
      want ??= dump;
      assert.equal(dump, want, `killed after ${left} statements`);
      connector.end();
      await reset(server);
      if (!died) break;
      points++;
    }
    assert.ok(mostPasses <= 3, `${mostPasses} passes, the empty last one included`);
    assert.ok(points > 10, `${points}`);
  });
}

/** Runs a pass whose sessions end for good after some statements; true where that happened. */
async function passDyingAfter(
  statements: number,
  connector: SqlConnector,
  run: (through: SqlConnector) => Promise<unknown>,
): Promise<boolean> {
  let left = statements;
  const through: SqlConnector = {
    async open(target, signal) {
      const session = await connector.open(target, signal);
      return {
        close: () => session.close(),
        async query(statement) {
          if (!statement.text.startsWith("SELECT") && left-- <= 0) throw new Error("killed");
          return await session.query(statement);
        },
      };
    },
  };
  await run(through);
  return left < 0;
}

async function reset(server: TestServer): Promise<void> {
  for (const database of ["vault", "desk"]) {
    await server.sql("postgres", `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  }
  const roles = await server.sql(
    "postgres",
    "SELECT string_agg(quote_ident(rolname), ', ') FROM pg_roles WHERE rolname ~ '^(vault|app|another)'",
  );
  await server.sql("postgres", `DROP ROLE ${roles}`);
}

onServer(
  "memberships that would close a circle are left out, and the rest settles",
  async (server) => {
    const cr = cluster({ spec: { users: { tenant: [], app: [] }, databases: { rent: "tenant" } } });
    // The administrator of every user is also what owners of databases join.
    const config = { additionalOwnerRoles: ["admin"] };
    const { settle } = passesOver({ server, cr, config });
    await settle();
    assert.deepEqual(await settle(), [0]);
    const members = "SELECT member::regrole, roleid::regrole FROM pg_auth_members WHERE " +
      "member >= 16384 ORDER BY 1, 2";
    assert.equal(await server.sql("postgres", members), "admin|app\ntenant|admin");
  },
);

/** What the team API knows, and the roles that come of it. */
function withTeam(members: readonly string[]): (context: PlanContext) => PlanContext {
  return (context) => {
    const { desired, effective } = context;
    const { inputs } = effective.roleSources;
    const teams = known([{ team: "acid", superuser: false, members }]);
    const sources = { ...effective.roleSources, inputs: { ...inputs, teams } };
    const { roles } = desiredRoles({ ...sources, config: context.config, poolerUser: undefined });
    return {
      ...context,
      desired: { ...desired, roles },
      effective: { ...effective, roleSources: sources },
    };
  };
}

onServer("a member loses the right to log in although his new name is taken", async (server) => {
  const cr = cluster();
  const config = { enableTeamMemberDeprecation: true, roleDeletionSuffix: "_gone" };
  const team = ["joe", "kay"];
  const { settle, pass } = passesOver({ server, cr, config, change: (c) => withTeam(team)(c) });
  await settle();
  await server.sql("postgres", "CREATE ROLE joe_gone");
  team.splice(0, 2, "lou");
  await settle();
  const roles = "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname ~ '^(joe|kay|lou)'" +
    " ORDER BY 1";
  const gone = "joe|f\njoe_gone|f\nkay_gone|f\nlou|t";
  assert.equal(await server.sql("postgres", roles), gone);
  const { steps, held } = await pass();
  assert.deepEqual([steps, held.map(({ kind }) => kind)], [[], ["left"]]);
  team.splice(0, 1, "joe", "kay");
  await settle();
  assert.equal(await server.sql("postgres", roles), "joe|t\njoe_gone|f\nkay|t\nlou_gone|f");
});

onServer("the pooler finds its function by the schema's name without quotes", async (server) => {
  const connectionPooler = { schema: "GateWay", user: "gatekeeper" };
  const cr = cluster({
    spec: {
      users: { app: [] },
      databases: { cargo: "app" },
      enableConnectionPooler: true,
      connectionPooler,
    },
  });
  const { settle } = passesOver({ server, cr });
  await settle();
  assert.deepEqual(await settle(), [0]);
  // As the image asks: https://www.pgbouncer.org/config.html#auth_query
  const asked = "SET ROLE gatekeeper; SELECT uname FROM GateWay.user_lookup('app')";
  assert.equal(await server.sql("cargo", asked), "app");
});

onServer("a schema is refused exactly where the server would not read its name", async (server) => {
  const words = (await server.sql("postgres", "SELECT word FROM pg_get_keywords()")).split("\n");
  const names = [...words, "GateWay", "a b", "1a", "_a$1", "ä", "pg_a", 'a"b', "$a", "a-b"];
  assert.ok(words.length > 400);
  for (const name of names) {
    const made = `CREATE SCHEMA "${foldedName(name).replaceAll('"', '""')}"`;
    const works = await server.sql(
      "postgres",
      `BEGIN; ${made}; CREATE FUNCTION ${name}.f() ` +
        `RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT * FROM ${name}.f(); ROLLBACK`,
    )
      .then(() => true, () => false);
    assert.equal(unquotedSchemaProblem(name) === undefined, works, name);
  }
});
