/** Tests of the generated validators: every rule of the schema, by path, value and rule. */
import assert from "node:assert/strict";
import { checkPostgresql, type SchemaIssue } from "./validator.gen.ts";

const SPEC = {
  numberOfInstances: 2,
  postgresql: { version: "17" },
  teamId: "acid",
  volume: { size: "10Gi" },
};

function issuesOf(change: Record<string, unknown>): SchemaIssue[] {
  return checkPostgresql({ metadata: { name: "acid-a" }, spec: { ...SPEC, ...change } });
}

Deno.test("checkPostgresql accepts the least, the most unusual and fields it does not know", () => {
  assert.deepEqual(issuesOf({}), []);
  assert.deepEqual(issuesOf({ fieldOfTomorrow: { a: 1 }, allowedSourceRanges: null }), []);
  assert.deepEqual(
    issuesOf({ users: { app: null, owner: ["CREATEDB", "login"] }, clone: null }),
    [],
  );
  assert.deepEqual(issuesOf({ standby: { standby_host: "10.0.0.1" }, preparedDatabases: {} }), []);
  const resources = { limits: { cpu: 1, memory: "1Gi" } };
  assert.deepEqual(issuesOf({ initContainers: [{ name: "a", resources }] }), []);
});

const REFUSED: readonly [
  change: Record<string, unknown>,
  path: string,
  rule: SchemaIssue["rule"],
  expected: string,
][] = [
  [{ teamId: undefined }, "spec.teamId", "required", "a value"],
  [{ teamId: 7 }, "spec.teamId", "type", "string"],
  [{ volume: {} }, "spec.volume.size", "required", "a value"],
  [{ numberOfInstances: 2.5 }, "spec.numberOfInstances", "type", "integer"],
  [{ numberOfInstances: -1 }, "spec.numberOfInstances", "minimum", ">=0"],
  [{ masterNodePort: 2 ** 31 }, "spec.masterNodePort", "maximum", "<=2147483647"],
  [
    { postgresql: { version: "9.6" } },
    "spec.postgresql.version",
    "enum",
    '"14" | "15" | "16" | "17" | "18"',
  ],
  [
    { volume: { size: "1 Gi" } },
    "spec.volume.size",
    "pattern",
    "/^(\\d+(e\\d+)?|\\d+(\\.\\d+)?(e\\d+)?[EPTGMK]i?)$/",
  ],
  [
    { connectionPooler: { mode: "statement" } },
    "spec.connectionPooler.mode",
    "enum",
    '"session" | "transaction"',
  ],
  [{ databases: { app: ["owner"] } }, "spec.databases.app", "type", "string"],
  [{ env: [{ value: "a" }] }, "spec.env[0].name", "required", "a value"],
  [{ standby: {} }, "spec.standby", "combination", "one of s3_wal_path, gs_wal_path, standby_host"],
  [
    { standby: { s3_wal_path: "a", gs_wal_path: "b" } },
    "spec.standby",
    "combination",
    "not both s3_wal_path and gs_wal_path",
  ],
];

for (const [change, path, rule, expected] of REFUSED) {
  Deno.test(`checkPostgresql names ${path} of ${JSON.stringify(change)}: ${rule}`, () => {
    const issues = issuesOf(change).map(({ value: _value, ...issue }) => issue);
    assert.deepEqual(issues, [{ path, rule, expected }]);
  });
}

Deno.test("checkPostgresql shows the value it refuses", () => {
  assert.equal(issuesOf({ postgresql: { version: "13" } })[0]!.value, "13");
});

Deno.test("checkPostgresql refuses an object without spec, and what is no object", () => {
  assert.deepEqual(checkPostgresql({}).map(({ path, rule }) => [path, rule]), [[
    "spec",
    "required",
  ]]);
  assert.deepEqual(checkPostgresql("text").map(({ path, rule }) => [path, rule]), [["", "type"]]);
});
