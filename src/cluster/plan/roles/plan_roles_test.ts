import assert from "node:assert/strict";
import fc from "fast-check";
import type { PostgresqlSpec, UserFlags } from "../../../api/types.gen.ts";
import { known } from "../../../ports/observation.ts";
import { Sensitive } from "../../../lib/sensitive.ts";
import type { Config } from "../../../config/config.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext, secretsOf } from "../../../testing/plan_fixture.ts";
import { SqlModel } from "../../../testing/sql_model.ts";
import type { DesiredRole } from "../../desired/roles/role.ts";
import { desiredDatabases } from "../../desired/roles/databases.ts";
import type { Catalog } from "../../observed/catalog.ts";
import { passwordVerifier } from "../../../testing/passwords.ts";
import { isPending } from "../steps/action.ts";
import type { PlanContext, SubjectPlan } from "../steps/context.ts";
import { planDatabases } from "../databases/databases.ts";
import { planRoles } from "./plan_roles.ts";

const SALT = new TextEncoder().encode("saltsaltsaltsalt");

type Spec = Partial<PostgresqlSpec>;

interface World {
  readonly spec?: Spec;
  readonly config?: Partial<Config>;
  /** Changes what the manifest makes of roles. */
  readonly roles?: (roles: readonly DesiredRole[]) => readonly DesiredRole[];
  readonly context?: Partial<PlanContext>;
}

/** A pass over a cluster whose Secrets exist and hold `pw-<role>`. */
function contextOf(world: World, catalog: Catalog): PlanContext {
  const cr = cluster({ spec: world.spec ?? {} });
  const fixture = { cr, ...(world.config ? { config: world.config } : {}) };
  const secrets = secretsOf(planContext(fixture).desired);
  const context = planContext({
    ...fixture,
    objects: secrets,
    observed: { catalog: known(catalog) },
  });
  const roles = world.roles?.(context.desired.roles) ?? context.desired.roles;
  const databases = desiredDatabases(cr, roles);
  return { ...context, desired: { ...context.desired, roles, databases }, ...world.context };
}

function applyTo(model: SqlModel, plan: SubjectPlan): void {
  for (const { action } of plan.steps) {
    if (action.kind === "sql") model.apply(action.target, action.statements);
  }
}

/** Statements in order, without verifiers. */
function textsOf(plan: SubjectPlan): string[] {
  return plan.steps.flatMap(({ action }) =>
    action.kind === "sql"
      ? action.statements.map(({ text }) => text.replace(/'(SCRAM|md5)[^']*'/, "'…'"))
      : []
  );
}

/** Passes until nothing is left to do; gives the number of steps of each. */
function settle(world: World, model: SqlModel): number[] {
  const counts: number[] = [];
  for (let pass = 0; pass < 6; pass++) {
    const context = contextOf(world, model.catalog());
    const [roles, databases] = [planRoles(context), planDatabases(context)];
    assert.deepEqual([...roles.held, ...databases.held].filter(isPending), []);
    counts.push(roles.steps.length + databases.steps.length);
    applyTo(model, roles);
    applyTo(model, databases);
    if (counts.at(-1) === 0) return counts;
  }
  assert.fail(`steps that never end: ${counts}`);
}

Deno.test("a look that finds everything in order plans nothing", () => {
  const model = new SqlModel();
  const spec: Spec = {
    users: { app: ["createdb"] },
    databases: { shop: "app" },
    preparedDatabases: {},
  };
  assert.equal(settle({ spec }, model).at(-1), 0);
});

Deno.test("a role is made with all that only its creation gives it", () => {
  const model = new SqlModel();
  const context = contextOf({ spec: { users: { app: ["createdb", "nologin"] } } }, model.catalog());
  assert.deepEqual(textsOf(planRoles(context)).filter((text) => text.includes('"app"')), [
    `CREATE ROLE "app" CREATEDB ADMIN "admin" PASSWORD '…'`,
  ]);
});

Deno.test("groups are made before their members, and what they administer after both", () => {
  const model = new SqlModel();
  const spec = { preparedDatabases: { foo: { defaultUsers: true, schemas: { data: {} } } } };
  const plan = planRoles(contextOf({ spec }, model.catalog()));
  applyTo(model, plan);
  assert.deepEqual([...model.roles.get("foo_writer")?.memberOf ?? []], ["foo_reader"]);
  assert.ok(model.roles.get("foo_owner")?.memberOf.has("foo_writer_user"));
});

Deno.test("what a role has is never taken away, except by a NO attribute", () => {
  const model = new SqlModel();
  const verifier = passwordVerifier(
    { username: "app", password: new Sensitive("pw-app") },
    "scram-sha-256",
    SALT,
  ).reveal();
  model.addRole("app", {
    flags: new Set(["LOGIN", "INHERIT", "CREATEDB", "REPLICATION", "BYPASSRLS"]),
    memberOf: new Set(["zalandos"]),
    settings: new Map([["work_mem", "64MB"]]),
    verifier,
  });
  const texts = (flags: UserFlags) =>
    textsOf(planRoles(contextOf({ spec: { users: { app: flags } } }, model.catalog())))
      .filter((text) => text.includes('"app"'));
  assert.deepEqual(texts([]), []);
  assert.deepEqual(texts(["replication", "bypassrls"]), []);
  assert.deepEqual(texts(["nocreatedb", "createrole"]), [
    'ALTER ROLE "app" CREATEROLE NOCREATEDB',
  ]);
});

Deno.test("a role that cannot be made does not hold up another, nor one whose Secret is unread", () => {
  const roles = (given: readonly DesiredRole[]) =>
    given.map((role) => role.name === "bad" ? { ...role, name: "x".repeat(64) } : role);
  const world: World = { spec: { users: { bad: [], good: [] } }, roles };
  const plan = planRoles(contextOf(world, new SqlModel().catalog()));
  assert.equal(plan.held.length, 1);
  assert.equal(plan.held[0]?.kind, "refused");
  assert.match(plan.held[0]?.reason ?? "", /x{64}.*64 bytes/s);
  assert.ok(textsOf(plan).some((text) => text.startsWith('CREATE ROLE "good"')));
  assert.ok(plan.steps.every(({ onError }) => onError === "continue"));
});

Deno.test("the database is not touched for a role whose credentials are not settled", () => {
  const context = contextOf({ spec: { users: { app: [] } } }, new SqlModel().catalog());
  const credentials = new Map(context.credentials.credentials);
  credentials.set("app", { state: "degraded", role: "app", reason: "unread" });
  const plan = planRoles({
    ...context,
    credentials: { ...context.credentials, credentials },
  });
  assert.deepEqual(textsOf(plan).filter((text) => text.includes('"app"')), []);
});

const DATED = "app260101";

/** A role whose Secret names a dated login. */
function rotatedContext(model: SqlModel): PlanContext {
  const context = contextOf({ spec: { users: { app: ["createdb"] } } }, model.catalog());
  const credentials = new Map(context.credentials.credentials);
  const password = new Sensitive("new");
  credentials.set("app", { state: "ready", role: "app", username: DATED, password });
  return { ...context, credentials: { ...context.credentials, credentials } };
}

Deno.test("rotation makes a dated login that is a member of the role and has its settings", () => {
  const model = new SqlModel();
  model.addRole("app", { settings: new Map([["work_mem", "64MB"]]), flags: new Set(["LOGIN"]) });
  const texts = textsOf(planRoles(rotatedContext(model))).filter((text) => text.includes("app"));
  assert.deepEqual(texts, [
    `CREATE ROLE "${DATED}" CREATEDB LOGIN IN ROLE "app" ADMIN "admin" PASSWORD '…'`,
    `ALTER ROLE "${DATED}" SET "work_mem" TO '64MB'`,
  ]);
});

Deno.test("left-over logins are dropped by their exact names, and locked where objects need them", () => {
  const model = new SqlModel();
  const login = { flags: new Set(["LOGIN"]), memberOf: new Set(["app"]) };
  model.addRole("app", login);
  model.addRole("app200101", login);
  model.addRole("app200102", { ...login, neededByObjects: true });
  model.addRole("app_200101", login);
  model.addRole("app210101", { ...login, memberOf: new Set() });
  const context = rotatedContext(model);
  const cleanup = { role: "app", username: DATED, madeBefore: new Date("2025-01-01") };
  const plan = planRoles({
    ...context,
    credentials: { ...context.credentials, cleanups: [cleanup] },
  });
  const texts = textsOf(plan).filter((text) => /DROP|NOLOGIN/.test(text));
  assert.deepEqual(texts, ['DROP ROLE "app200101"', 'ALTER ROLE "app200102" NOLOGIN']);
});

function teamContext(
  model: SqlModel,
  members: string[],
  config: Partial<Config> = {},
): PlanContext {
  const settings = { enableTeamMemberDeprecation: true, roleDeletionSuffix: "_gone", ...config };
  const context = contextOf({
    config: settings,
    roles: (roles) => [
      ...roles,
      ...members.map((name): DesiredRole => ({
        name,
        origin: "team",
        flags: ["LOGIN"],
        login: true,
        memberOf: ["zalandos"],
        parameters: {},
        isDbOwner: false,
        namespace: "",
        hasPassword: false,
      })),
    ],
  }, model.catalog());
  const { roleSources } = context.effective;
  const teams = known([{ team: "acid", superuser: false, members }]);
  const inputs = { ...roleSources.inputs, teams };
  return {
    ...context,
    effective: { ...context.effective, roleSources: { ...roleSources, inputs } },
  };
}

Deno.test("persons who left are renamed and locked, and get their role back", () => {
  const model = new SqlModel();
  const person = { flags: new Set(["LOGIN"]), memberOf: new Set(["zalandos"]) };
  for (const name of ["joe", "kay"]) model.addRole(name, structuredClone(person));
  model.addRole("robot", { ...structuredClone(person), verifier: "SCRAM" });
  const people = (members: string[], config: Partial<Config> = {}) => {
    const plan = planRoles(teamContext(model, members, config));
    applyTo(model, plan);
    return textsOf(plan).filter((text) => !/"(postgres|standby)"/.test(text));
  };
  assert.deepEqual(people(["joe", "kay"]), []);
  assert.deepEqual(people(["kay"], { enableTeamMemberDeprecation: false }), []);
  assert.deepEqual(people(["kay"]), [
    'ALTER ROLE "joe" NOLOGIN',
    'ALTER ROLE "joe" RENAME TO "joe_gone"',
  ]);
  assert.deepEqual(people(["kay"]), []);
  assert.deepEqual(people(["joe", "kay"]), [
    'ALTER ROLE "joe_gone" RENAME TO "joe"',
    'ALTER ROLE "joe" LOGIN',
  ]);
  assert.deepEqual(people(["joe", "kay"]), []);
});

const PERSON = {
  flags: new Set(["LOGIN"]),
  memberOf: new Set(["zalandos"]),
  settings: new Map([["log_statement", "all"]]),
};

Deno.test("a name that is taken keeps nobody logged in, and is told instead of tried again", () => {
  const model = new SqlModel();
  model.addRole("joe", structuredClone(PERSON));
  model.addRole("joe_gone", { settings: new Map(), memberOf: new Set() });
  model.addRole("kay");
  const first = planRoles(teamContext(model, ["kay"]));
  const joe = textsOf(first).filter((text) => text.includes("joe"));
  assert.deepEqual(joe, ['ALTER ROLE "joe" NOLOGIN']);
  applyTo(model, first);
  const second = planRoles(teamContext(model, ["kay"]));
  assert.deepEqual(textsOf(second).filter((text) => text.includes("joe")), []);
  assert.deepEqual(second.held.map(({ kind }) => kind), ["left"]);
  assert.match(second.held[0]!.reason, /^role joe: .*because there is a role joe_gone already$/);
  // Back again, the own role is the one that counts; joe_gone is somebody else's.
  const third = planRoles(teamContext(model, ["joe", "kay"]));
  assert.deepEqual(textsOf(third).filter((text) => text.includes("joe")), [
    'ALTER ROLE "joe" LOGIN',
  ]);
});

Deno.test("each statement of a leave stands alone, and a leave that was cut short is finished", () => {
  const model = new SqlModel();
  model.addRole("joe", structuredClone(PERSON));
  model.addRole("analysts", { memberOf: new Set(["zalandos"]) });
  const plan = planRoles(teamContext(model, ["kay"]));
  const counts = plan.steps.flatMap(({ action, reasons }) =>
    action.kind === "sql" && /no team/.test(reasons.join()) ? [action.statements.length] : []
  );
  assert.deepEqual(counts, [1, 1]);
  model.roles.get("joe")?.flags.delete("LOGIN");
  const rest = textsOf(planRoles(teamContext(model, ["kay"])));
  assert.deepEqual(rest.filter((text) => /joe|analysts/.test(text)), [
    'ALTER ROLE "joe" RENAME TO "joe_gone"',
  ]);
});

Deno.test("a role that only has the former name of a person is not handed to anybody", () => {
  const model = new SqlModel();
  model.addRole("joe_gone", { flags: new Set(["SUPERUSER"]) });
  const texts = textsOf(planRoles(teamContext(model, ["joe"])));
  assert.deepEqual(texts.filter((text) => text.includes("joe")), [
    'CREATE ROLE "joe" LOGIN IN ROLE "zalandos" PASSWORD NULL',
  ]);
});

Deno.test("nobody is taken for gone while nobody knows the teams", () => {
  const model = new SqlModel();
  model.addRole("joe", { flags: new Set(["LOGIN"]), memberOf: new Set(["zalandos"]) });
  const context = teamContext(model, []);
  const { roleSources } = context.effective;
  for (const teams of [known([]), { known: false, reason: "API is down" } as const]) {
    const inputs = { ...roleSources.inputs, teams };
    const effective = { ...context.effective, roleSources: { ...roleSources, inputs } };
    const texts = textsOf(planRoles({ ...context, effective }));
    assert.deepEqual(texts.filter((text) => text.includes("joe")), []);
  }
});

Deno.test("an additional owner role leaves the owner before the owner joins it", () => {
  const model = new SqlModel();
  model.addRole("boss", { flags: new Set(["LOGIN"]) });
  model.addRole("ops", { memberOf: new Set(["boss"]) });
  const world: World = {
    spec: { users: { boss: [] }, databases: { desk: "boss" } },
    config: { additionalOwnerRoles: ["ops"] },
  };
  const texts = textsOf(planRoles(contextOf(world, model.catalog())));
  assert.deepEqual(texts.filter((text) => text.includes("ops")), [
    'REVOKE "boss" FROM "ops"',
    'GRANT "ops" TO "boss"',
  ]);
  settle(world, model);
});

Deno.test("memberships that had to wait come after all creations", () => {
  const model = new SqlModel();
  // The administrator of app is a member of app, and late is made after both.
  const world: World = {
    spec: { users: { app: [], boss: [], late: [] } },
    config: { teamAdminRole: "boss" },
    roles: (roles) =>
      roles.map((role) =>
        role.name === "boss" ? { ...omitAdmin(role), memberOf: ["app", "late"] } : role
      ),
  };
  const texts = textsOf(planRoles(contextOf(world, model.catalog())));
  const kinds = texts.map((text) => text.split(" ")[0]);
  assert.ok(kinds.indexOf("GRANT") > kinds.lastIndexOf("CREATE"), `${kinds}`);
  settle(world, model);
});

function omitAdmin({ adminRole: _, ...role }: DesiredRole): DesiredRole {
  return role;
}

Deno.test("a membership that the database has no room for is told, and holds up no other", () => {
  const model = new SqlModel();
  model.addRole("app", { flags: new Set(["LOGIN"]) });
  model.addRole("mid", { memberOf: new Set(["app"]) });
  model.addRole("ops", { memberOf: new Set(["mid"]) });
  model.addRole("other");
  const world: World = {
    spec: { users: { app: [] } },
    roles: (roles) =>
      roles.map((role) => role.name === "app" ? { ...role, memberOf: ["ops", "other"] } : role),
  };
  const plan = planRoles(contextOf(world, model.catalog()));
  assert.deepEqual(textsOf(plan).filter((text) => text.startsWith("GRANT")), [
    'GRANT "other" TO "app"',
  ]);
  assert.equal(plan.held.length, 1);
  assert.match(plan.held[0]!.reason, /^role app cannot become a member of ops: .*revoke that/);
  applyTo(model, plan);
});

Deno.test("a role is made without the administrator that its group is a member of", () => {
  const model = new SqlModel();
  model.addRole("ops", { memberOf: new Set(["admin"]) });
  const world: World = {
    spec: { users: { app: [] }, databases: { desk: "app" } },
    config: { additionalOwnerRoles: ["ops"] },
  };
  const plan = planRoles(contextOf(world, model.catalog()));
  applyTo(model, plan);
  assert.deepEqual([...model.roles.get("app")?.memberOf ?? []], ["ops"]);
  assert.match(plan.held[0]?.reason ?? "", /^role admin does not become an administrator of app/);
  assert.equal(plan.held[0]?.kind, "left");
});

Deno.test("md5 is used where the manifest asks for it, and only there", () => {
  const spec: Spec = {
    users: { app: [] },
    postgresql: { version: "17", parameters: { password_encryption: "md5" } },
  };
  const model = new SqlModel();
  settle({ spec }, model);
  assert.match(model.roles.get("app")?.verifier ?? "", /^md5/);
  settle({ spec: { users: { app: [] } } }, model);
  assert.match(model.roles.get("app")?.verifier ?? "", /^SCRAM/);
});

Deno.test("no reason and no statement without the mark holds a password or a verifier", () => {
  const context = contextOf({ spec: { users: { app: [] } } }, new SqlModel().catalog());
  for (const { reasons, action } of planRoles(context).steps) {
    assert.ok(!/pw-|SCRAM|md5/.test(JSON.stringify(reasons)));
    assert.equal(action.kind, "sql");
    if (action.kind !== "sql") continue;
    for (const { text, sensitive } of action.statements) {
      assert.ok(!text.includes("pw-"));
      assert.equal(sensitive === true, text.includes("SCRAM"), text);
    }
  }
});

const flag = fc.constantFrom("createdb", "nocreatedb", "createrole", "bypassrls", "noinherit");
// Names that every object knows are names like others.
const role = fc.constantFrom("a", "b", "constructor", "then");
const spec = fc.record({
  users: fc.dictionary(
    role,
    fc.uniqueArray(flag, { maxLength: 2 }).filter((flags) =>
      !(flags.includes("createdb") && flags.includes("nocreatedb"))
    ),
  ),
  databases: fc.dictionary(fc.constantFrom("d1", "D2", "constructor", "__proto__"), role),
  preparedDatabases: fc.dictionary(
    fc.constantFrom("p1", "constructor", "d1"),
    fc.record({
      defaultUsers: fc.boolean(),
      schemas: fc.dictionary(
        fc.constantFrom("s1", "constructor"),
        fc.record({ defaultRoles: fc.boolean(), defaultUsers: fc.boolean() }),
      ),
      extensions: fc.dictionary(fc.constantFrom("hstore", "pg_trgm"), fc.constantFrom("public")),
    }),
  ),
});

Deno.test("planning again after any plan was carried out finds nothing, also after a change", () => {
  fc.assert(
    fc.property(spec, spec, fc.subarray(["ops", "zalandos"]), (first, second, owners) => {
      const model = new SqlModel(["postgres", "standby", "admin", "zalandos", "ops"]);
      const config = { additionalOwnerRoles: owners };
      for (const given of [first, second]) {
        const counts = settle({ spec: given as Spec, config }, model);
        assert.ok(counts.length <= 4, `${counts}`);
      }
    }),
    { numRuns: 60 },
  );
});
