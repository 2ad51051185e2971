import assert from "node:assert/strict";
import fc from "fast-check";
import type { PostgresqlSpec, UserFlags } from "../../../api/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import { known, unknown } from "../../../ports/observation.ts";
import { Sensitive } from "../../../lib/sensitive.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { config } from "../../../testing/config_fixture.ts";
import type { InfrastructureRole, TeamMembership } from "../../effective/inputs.ts";
import { type DesiredRoles, desiredRoles } from "./desired_roles.ts";
import type { DesiredRole } from "./role.ts";

interface Given {
  readonly spec?: Partial<PostgresqlSpec>;
  readonly config?: Partial<Config>;
  readonly infrastructure?: readonly InfrastructureRole[];
  readonly teams?: readonly TeamMembership[];
  readonly poolerUser?: string;
}

function roles(given: Given = {}): DesiredRoles {
  return desiredRoles({
    cluster: cluster({ spec: given.spec ?? {} }),
    config: config(given.config),
    inputs: {
      infrastructureRoles: known(given.infrastructure ?? []),
      teams: known(given.teams ?? []),
    },
    poolerUser: given.poolerUser,
  });
}

function infrastructure(name: string, more: Partial<InfrastructureRole> = {}): InfrastructureRole {
  const password = new Sensitive("defined");
  return { name, password, flags: [], memberOf: [], parameters: {}, ...more };
}

function named(found: DesiredRoles, name: string): DesiredRole | undefined {
  return found.roles.find((role) => role.name === name);
}

Deno.test("every cluster has a superuser and a replication role", () => {
  assert.deepEqual(roles().roles.map(({ name, origin }) => [name, origin]), [
    ["postgres", "system"],
    ["standby", "system"],
  ]);
});

Deno.test("poolers and streams have a role each", () => {
  const found = roles({
    poolerUser: "porter",
    spec: { streams: [{ applicationId: "a", database: "d", tables: {} }] },
  });
  assert.deepEqual(
    found.roles.slice(2).map(({ name, origin, flags }) => [name, origin, flags]),
    [["porter", "pooler", ["LOGIN"]], ["fes_user", "stream", ["LOGIN", "REPLICATION"]]],
  );
});

Deno.test("a user of the manifest gets its flags, an administrator and ownership", () => {
  const found = roles({
    spec: {
      users: { app: ["CREATEDB", "nologin"], owner: [] },
      databases: { orders: "owner" },
    },
  });
  assert.deepEqual(named(found, "app"), {
    name: "app",
    origin: "manifest",
    flags: ["CREATEDB"],
    login: false,
    memberOf: [],
    parameters: {},
    adminRole: "admin",
    isDbOwner: false,
    namespace: "shop",
    hasPassword: true,
  });
  assert.equal(named(found, "owner")?.isDbOwner, true);
});

Deno.test("users have no administrator where the configuration says so", () => {
  const found = roles({ spec: { users: { app: [] } }, config: { enableAdminRoleForUsers: false } });
  assert.equal(named(found, "app")?.adminRole, undefined);
});

const LEFT_OUT: readonly [string, Given, RegExp][] = [
  ["admin", { spec: { users: { admin: [] } } }, /protected role/],
  ["postgres", { spec: { users: { postgres: [] } } }, /system role/],
  ["porter", { spec: { users: { porter: [] } }, poolerUser: "porter" }, /system role/],
  ["Bad", { spec: { users: { Bad: [] } } }, /does not match/],
  ["a..b", { spec: { users: { "a..b": [] } } }, /does not match/],
  ["torn", { spec: { users: { torn: ["login", "nologin"] } } }, /contradict/],
  ["cron_admin", { infrastructure: [infrastructure("cron_admin")] }, /protected role/],
  ["standby", { teams: [{ team: "acid", superuser: false, members: ["standby"] }] }, /system role/],
];

Deno.test("roles with names or flags that cannot be are left out, and a person is told", () => {
  for (const [name, given, why] of LEFT_OUT) {
    const found = roles(given);
    const ofPeople = found.roles.filter(({ origin }) => !["system", "pooler"].includes(origin));
    assert.deepEqual(ofPeople, [], name);
    assert.match(found.problems.find((problem) => problem.name === name)?.message ?? "", why, name);
  }
});

Deno.test("on equal names the origin of higher rank wins", () => {
  const teams = [{ team: "acid", superuser: false, members: ["both"] }];
  const users = { both: [] };
  const origin = (given: Given) => named(roles(given), "both")?.origin;
  assert.equal(origin({ spec: { users } }), "manifest");
  assert.equal(
    origin({ spec: { users }, infrastructure: [infrastructure("both")] }),
    "infrastructure",
  );
  assert.equal(
    origin({ spec: { users }, teams, infrastructure: [infrastructure("both")] }),
    "team",
  );
  const prepared = { preparedDatabases: { both: {} }, users: { both_owner: [] } };
  assert.equal(named(roles({ spec: prepared }), "both_owner")?.origin, "bootstrap");
});

Deno.test("members of a superuser team are superusers, others get the admin role", () => {
  const found = roles({
    teams: [
      { team: "dba", superuser: true, members: ["anna", "bob"] },
      { team: "acid", superuser: false, members: ["bob"] },
    ],
  });
  const [anna, bob] = ["anna", "bob"].map((name) => named(found, name));
  assert.deepEqual([anna?.flags, anna?.memberOf], [["LOGIN", "SUPERUSER"], ["zalandos"]]);
  assert.deepEqual([bob?.flags, bob?.memberOf], [["LOGIN"], ["zalandos", "admin"]]);
  assert.deepEqual(anna?.parameters, { log_statement: "all" });
  assert.equal(anna?.hasPassword, false);
});

Deno.test("an infrastructure role never is a member of nobody", () => {
  const found = roles({
    infrastructure: [infrastructure("mon", { memberOf: ["", "pg_monitor"] })],
  });
  assert.deepEqual(named(found, "mon")?.memberOf, ["pg_monitor"]);
});

Deno.test("an infrastructure role that is marked as an owner joins the additional owner roles", () => {
  const found = roles({
    infrastructure: [
      infrastructure("pilot", { isDbOwner: true }),
      infrastructure("master", { memberOf: ["pilot"] }),
      infrastructure("other"),
    ],
    config: { additionalOwnerRoles: ["master"] },
  });
  assert.deepEqual(named(found, "pilot")?.memberOf, ["master"]);
  assert.deepEqual(named(found, "master")?.memberOf, []);
  assert.deepEqual(named(found, "other")?.memberOf, []);
  assert.match(found.problems[0]?.message ?? "", /^role master does not become a member of pilot/);
});

Deno.test("flags of a name that is left out are no fault of the manifest", () => {
  const users: Record<string, UserFlags> = { admin: ["login", "nologin"], app: [] };
  const found = roles({ spec: { users } });
  assert.deepEqual(found.problems.map(({ severity }) => severity), ["warning"]);
  assert.ok(named(found, "app"));
});

Deno.test("owners of databases join the additional owner roles, but never themselves", () => {
  const found = roles({
    spec: { users: { ops: [], owner: [], app: [] }, databases: { a: "owner", b: "ops" } },
    config: { additionalOwnerRoles: ["ops", "dba"] },
  });
  assert.deepEqual(named(found, "owner")?.memberOf, ["ops", "dba"]);
  assert.deepEqual(named(found, "ops")?.memberOf, ["dba"]);
  assert.deepEqual(named(found, "app")?.memberOf, []);
});

Deno.test("a dotted name puts the Secret into another namespace only where that is allowed", () => {
  const spec = { users: { "far.app": [] } };
  assert.equal(named(roles({ spec }), "far.app")?.namespace, "shop");
  const allowed = roles({ spec, config: { enableCrossNamespaceSecret: true } });
  assert.equal(named(allowed, "far.app")?.namespace, "far");
});

Deno.test("what could not be read is held, the other roles stay", () => {
  const found = desiredRoles({
    cluster: cluster({ spec: { users: { app: [] } } }),
    config: config(),
    inputs: { infrastructureRoles: unknown("403"), teams: unknown("no token") },
    poolerUser: undefined,
  });
  assert.deepEqual(found.held, [
    { origin: "infrastructure", reason: "403" },
    { origin: "team", reason: "no token" },
  ]);
  assert.ok(named(found, "app"));
});

Deno.test("whatever people name, each role is there once and no protected one is managed", () => {
  const name = fc.constantFrom("app", "admin", "postgres", "x_owner", "bob", "cron_admin", "B@d");
  const users = fc.dictionary(name, fc.constant<UserFlags>([]), { noNullPrototype: true });
  const members = fc.array(name);
  const defined = fc.array(name.map((role) => infrastructure(role)));
  fc.assert(fc.property(users, members, defined, (users, members, infrastructure) => {
    const found = roles({
      spec: { users, preparedDatabases: { x: { defaultUsers: true } } },
      infrastructure,
      teams: [{ team: "acid", superuser: false, members }],
    });
    const names = found.roles.map((role) => role.name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(!names.includes("admin") && !names.includes("cron_admin"));
    assert.equal(named(found, "postgres")?.origin, "system");
    for (const { flags } of found.roles) assert.deepEqual(flags, [...new Set(flags)].sort());
  }));
});
