import assert from "node:assert/strict";
import { Sensitive } from "../../lib/sensitive.ts";
import { assertGolden } from "../../testing/golden.ts";
import { installLookup, judgeLookup, type LookupFunction } from "./pooler_lookup.ts";
import { databasePrivileges, schemaPrivileges } from "./privileges.ts";
import * as sql from "./statements.ts";

const verifier = new Sensitive(`md5${"0a".repeat(16)}`);
const roles = { owner: "db_owner", reader: "db_reader", writer: "db_writer" };
const tables = [{ schema: "public", name: "a" }, { schema: "S", name: 'b"c' }];

Deno.test("statements are what they were", () => {
  const made = [
    sql.createRole({ name: "group", flags: ["NOLOGIN"], memberOf: [] }),
    sql.createRole({
      name: 'odd"name',
      flags: ["CREATEDB", "LOGIN"],
      memberOf: ["a", "b"],
      adminRole: "admin",
      verifier,
    }),
    sql.alterRole("app", { flags: ["NOCREATEDB"], verifier }),
    sql.alterRole("app", { flags: ["BYPASSRLS", "LOGIN"] }),
    sql.grantMembership(["a", "b"], "app"),
    sql.revokeMembership("a", "app"),
    sql.setRoleSetting("app", "search_path", '"$user", data'),
    sql.resetRoleSetting("app", "work_mem"),
    sql.renameRole("joe", "joe_gone"),
    sql.dropRole("app260101"),
    sql.createDatabase("Foo", "app"),
    sql.alterDatabaseOwner("foo", "app"),
    sql.createSchema("data", "foo_data_owner"),
    sql.createExtension("uuid-ossp", "data"),
    sql.moveExtension("hstore", "data"),
    sql.createPublication("fes_foo_app", tables),
    sql.setPublicationTables("fes_foo_app", tables),
    sql.dropPublication("fes_foo_old"),
    ...databasePrivileges(roles),
    ...schemaPrivileges("data", roles),
    ...installLookup("pooler", "pooler"),
  ];
  assertGolden(made, new URL("testdata/statements.yaml", import.meta.url));
});

Deno.test("only statements with a verifier are sensitive", () => {
  assert.equal(sql.alterRole("a", { flags: [], verifier }).sensitive, true);
  assert.equal(sql.alterRole("a", { flags: ["LOGIN"] }).sensitive, undefined);
});

Deno.test("an attribute that is none is refused, whatever it tries to be", () => {
  for (const flag of ["LOGIN; DROP ROLE x", "login", "PASSWORD 'x'", ""]) {
    assert.throws(() => sql.alterRole("a", { flags: [flag] }), RangeError);
  }
});

const CURRENT: LookupFunction = {
  language: "plpgsql",
  body: "BEGIN SELECT s.usename, s.passwd INTO uname, phash\nFROM pg_catalog.pg_shadow AS s " +
    "WHERE s.usename = i_username;\n RETURN;\nEND;",
  securityDefiner: true,
  ownedBySuperuser: true,
  config: ["search_path=pg_catalog, pg_temp"],
  executableBy: ["pooler"],
  schemaUsableBy: ["pooler", "other"],
};
const FORMER: LookupFunction = {
  ...CURRENT,
  body: "BEGIN SELECT usename, passwd FROM pg_catalog.pg_shadow\n\tWHERE usename = i_username " +
    "INTO uname, phash;\n RETURN;\nEND;",
  config: [],
};

const JUDGEMENTS: readonly [string, LookupFunction | undefined, string][] = [
  ["one that is not there", undefined, "missing"],
  ["our own", CURRENT, "current"],
  ["that of the reference", FORMER, "former"],
  ["one without its path", { ...CURRENT, config: [] }, "wrong"],
  ["one with another setting", { ...FORMER, config: ["search_path=public"] }, "wrong"],
  ["one with another body", { ...CURRENT, body: "begin return; end;" }, "wrong"],
  ["one in another language", { ...CURRENT, language: "sql" }, "wrong"],
  ["one that runs as its caller", { ...CURRENT, securityDefiner: false }, "wrong"],
  ["one that somebody else owns", { ...CURRENT, ownedBySuperuser: false }, "wrong"],
  ["one for everybody", { ...CURRENT, executableBy: ["pooler", "public"] }, "wrong"],
  ["one for somebody else", { ...CURRENT, executableBy: ["other"] }, "wrong"],
  ["one in a closed schema", { ...CURRENT, schemaUsableBy: [] }, "wrong"],
];

for (const [what, found, want] of JUDGEMENTS) {
  Deno.test(`a look-up function is judged: ${what} is ${want}`, () => {
    assert.equal(judgeLookup(found, "pooler"), want);
  });
}
