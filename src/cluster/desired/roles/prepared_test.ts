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

Deno.test("a schema's name is quoted in the search path", () => {
  const { roles: found } = roles({ foo: { schemas: { 'a"b': {} } } });
  assert.equal(found[0]?.parameters.search_path, '"$user", "a""b"');
});
