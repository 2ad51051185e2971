import assert from "node:assert/strict";
import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import { known } from "../../../ports/observation.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { config } from "../../../testing/config_fixture.ts";
import { desiredDatabases } from "./databases.ts";
import { desiredRoles } from "./desired_roles.ts";

function databases(spec: Partial<PostgresqlSpec>) {
  const manifest = cluster({ spec });
  const inputs = { infrastructureRoles: known([]), teams: known([]) };
  const { roles } = desiredRoles({
    cluster: manifest,
    config: config(),
    inputs,
    poolerUser: undefined,
  });
  return desiredDatabases(manifest, roles);
}

Deno.test("a database needs a managed owner and a plain name", () => {
  const found = databases({
    users: { app: [] },
    databases: { good: "app", Upper_1: "app", "b-d": "app", nobody: "ghost", sys: "postgres" },
  });
  assert.deepEqual(found.databases, [
    { name: "good", owner: "app" },
    { name: "Upper_1", owner: "app" },
  ]);
  assert.deepEqual(found.problems.map(({ name }) => name), ["b-d", "nobody", "sys"]);
});

Deno.test("a prepared database may own ordinary ones", () => {
  const found = databases({ preparedDatabases: { foo: {} }, databases: { bar: "foo_owner" } });
  assert.deepEqual(found.databases, [{ name: "bar", owner: "foo_owner" }]);
  assert.deepEqual(found.prepared.map(({ name, owner }) => [name, owner]), [["foo", "foo_owner"]]);
});

Deno.test("objects of all owners of a schema are open to its readers and writers", () => {
  const { prepared } = databases({
    preparedDatabases: { foo: { defaultUsers: true, schemas: { x: { defaultUsers: true } } } },
  });
  const lines = prepared[0]?.schemas[0]?.privileges.map(({ owner, reader }) =>
    `${owner}: ${reader}`
  );
  assert.deepEqual(lines, [
    "foo_x_owner: foo_reader",
    "foo_x_owner_user: foo_reader",
    "foo_owner: foo_x_reader",
    "foo_owner_user: foo_x_reader",
    "foo_x_owner: foo_x_reader",
    "foo_x_owner_user: foo_x_reader",
  ]);
  assert.deepEqual(prepared[0]?.privileges, [
    { owner: "foo_owner", reader: "foo_reader", writer: "foo_writer" },
    { owner: "foo_owner_user", reader: "foo_reader", writer: "foo_writer" },
  ]);
});

Deno.test("a schema without roles of its own belongs to the owner of the database", () => {
  const { prepared } = databases({
    preparedDatabases: { foo: { schemas: { bare: { defaultRoles: false } } } },
  });
  assert.deepEqual(prepared[0]?.schemas, [{
    name: "bare",
    owner: "foo_owner",
    privileges: [{ owner: "foo_owner", reader: "foo_reader", writer: "foo_writer" }],
  }]);
});

Deno.test("schemas with names that need quotes are left out, extensions are passed on", () => {
  const found = databases({
    preparedDatabases: { foo: { schemas: { "a-b": {}, ok: {} }, extensions: { pg_trgm: "ok" } } },
  });
  assert.deepEqual(found.prepared[0]?.schemas.map(({ name }) => name), ["ok"]);
  assert.deepEqual(found.prepared[0]?.extensions, { pg_trgm: "ok" });
  assert.match(found.problems[0]?.message ?? "", /schema "a-b" of database "foo" is left out/);
});
