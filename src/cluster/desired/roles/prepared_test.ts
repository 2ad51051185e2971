import assert from "node:assert/strict";
import type { PreparedDatabase } from "../../../api/types.gen.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { config } from "../../../testing/config_fixture.ts";
import { preparedRoles } from "./prepared.ts";
import type { DesiredRole } from "./role.ts";

function roles(preparedDatabases: Record<string, PreparedDatabase>, overrides = {}) {
  return preparedRoles(cluster({ spec: { preparedDatabases } }), config(overrides));
}

function line({ name, flags, memberOf, adminRole, parameters }: DesiredRole): string {
  return [name, flags.join(), memberOf.join() || "-", adminRole, parameters.search_path].join(
    " | ",
  );
}

Deno.test("a prepared database has roles of its own and for each schema", () => {
  const { roles: found } = roles({ foo: { schemas: { data: {}, bare: { defaultRoles: false } } } });
  assert.deepEqual(found.map(line), [
    'foo_owner | NOLOGIN | - | admin | "$user", "bare", "data"',
    'foo_reader | NOLOGIN | - | foo_owner | "$user", "bare", "data"',
    'foo_writer | NOLOGIN | foo_reader | foo_owner | "$user", "bare", "data"',
    'foo_data_owner | NOLOGIN | - | foo_owner | "$user", "data"',
    'foo_data_reader | NOLOGIN | - | foo_data_owner | "$user", "data"',
    'foo_data_writer | NOLOGIN | foo_data_reader | foo_data_owner | "$user", "data"',
  ]);
});

Deno.test("default users log in as members of the default roles", () => {
  const { roles: found } = roles({
    foo: { defaultUsers: true, schemas: { x: { defaultUsers: true } } },
  });
  const users = found.filter(({ hasPassword }) => hasPassword);
  assert.deepEqual(users.map(line), [
    'foo_owner_user | LOGIN | foo_owner | admin | "$user", "x"',
    'foo_reader_user | LOGIN | foo_reader | foo_owner | "$user", "x"',
    'foo_writer_user | LOGIN | foo_writer | foo_owner | "$user", "x"',
    'foo_x_owner_user | LOGIN | foo_x_owner | foo_owner | "$user", "x"',
    'foo_x_reader_user | LOGIN | foo_x_reader | foo_x_owner | "$user", "x"',
    'foo_x_writer_user | LOGIN | foo_x_writer | foo_x_owner | "$user", "x"',
  ]);
  assert.deepEqual(
    found.filter(({ isDbOwner }) => isDbOwner).map(({ name }) => name),
    ["foo_owner", "foo_owner_user", "foo_x_owner", "foo_x_owner_user"],
  );
});

Deno.test("an empty map stands for one database that is called like the cluster", () => {
  const { roles: found } = roles({});
  assert.deepEqual(found.map(({ name }) => name).slice(0, 4), [
    "acid_orders_owner",
    "acid_orders_reader",
    "acid_orders_writer",
    "acid_orders_data_owner",
  ]);
  assert.deepEqual(preparedRoles(cluster(), config()).roles, []);
});

Deno.test("Secrets go into another namespace where that is allowed, else a person is told", () => {
  const far = { foo: { secretNamespace: "far" } };
  const refused = roles(far);
  assert.ok(refused.roles.every(({ namespace }) => namespace === "shop"));
  assert.match(refused.problems[0]?.message ?? "", /enable_cross_namespace_secret is off/);
  const allowed = roles(far, { enableCrossNamespaceSecret: true });
  assert.ok(allowed.roles.every(({ namespace }) => namespace === "far"));
  assert.deepEqual(allowed.problems, []);
});

Deno.test("what is left out has no roles, and so no Secrets", () => {
  const { roles: found, problems } = roles({
    "app-new": { defaultUsers: true },
    foo: { schemas: { "a-b": { defaultUsers: true }, ok: {} } },
  });
  const names = new Set(found.map(({ name }) => name.replace(/_(owner|reader|writer)$/, "")));
  assert.deepEqual([...names], ["foo", "foo_ok"]);
  // Odd names are told with the databases.
  assert.deepEqual(problems, []);
  assert.equal(found[0]?.parameters.search_path, '"$user", "a-b", "ok"');
});

Deno.test("names that PostgreSQL would cut are refused with their field, and the others are made", () => {
  const long = "a".repeat(52);
  const cases: [Record<string, PreparedDatabase>, string | undefined][] = [
    [{ [long]: { schemas: { x: { defaultRoles: false } } } }, undefined],
    [{ [long]: { defaultUsers: true, schemas: { x: { defaultRoles: false } } } }, long],
    [{ [long]: { schemas: { x: {} } } }, undefined],
    [{ [long]: { schemas: { long_one: {}, x: {} } } }, `${long}.schemas.long_one`],
    [{ [long]: { schemas: { x: { defaultUsers: true } } } }, `${long}.schemas.x`],
  ];
  for (const [prepared, field] of cases) {
    const { roles: found, problems } = roles({ ...prepared, foo: {} });
    assert.ok(found.every(({ name }) => name.length <= 63), JSON.stringify(prepared));
    assert.ok(found.some(({ name }) => name === "foo_data_owner"));
    assert.deepEqual(problems.map(({ severity }) => severity), field ? ["error"] : []);
    if (field === undefined) continue;
    assert.ok(problems[0]?.message.startsWith(`spec.preparedDatabases.${field} cannot be used`));
    assert.match(problems[0]?.message ?? "", /_reader(_user)?, the name has \d+ bytes/);
  }
});

Deno.test("a schema's name is quoted in the search path", () => {
  const { roles: found } = roles({ foo: { schemas: { 'a"b': {} } } });
  assert.equal(found[0]?.parameters.search_path, '"$user", "a""b"');
});
