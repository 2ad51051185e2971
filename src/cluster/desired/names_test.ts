import assert from "node:assert/strict";
import fc from "fast-check";
import { config } from "../../testing/config_fixture.ts";
import {
  credentialSecretName,
  criticalOperationBudgetName,
  logicalBackupName,
  patroniObjectName,
  poolerAuthSecretName,
  poolerName,
  primaryBudgetName,
  secretNameProblem,
  serviceName,
} from "./names.ts";

Deno.test("names are those that other operators, people and Patroni know", () => {
  const settings = config();
  assert.deepEqual([
    serviceName("acid-x", "primary"),
    serviceName("acid-x", "replica"),
    patroniObjectName("acid-x", "config"),
    poolerName("acid-x", "primary"),
    poolerName("acid-x", "replica"),
    poolerAuthSecretName("acid-x", "replica"),
    primaryBudgetName("acid-x", settings),
    criticalOperationBudgetName("acid-x"),
    logicalBackupName("acid-x", settings),
    credentialSecretName("foo_user.b", "acid-x", settings),
  ], [
    "acid-x",
    "acid-x-repl",
    "acid-x-config",
    "acid-x-pooler",
    "acid-x-pooler-repl",
    "acid-x-pooler-repl-u",
    "postgres-acid-x-pdb",
    "postgres-acid-x-critical-op-pdb",
    "logical-backup-acid-x",
    "foo-user.b.acid-x.credentials.postgresql.acid.zalan.do",
  ]);
});

Deno.test("names follow the configured formats", () => {
  const settings = config({
    pdbNameFormat: "{cluster}-guard",
    secretNameTemplate: "{cluster}.{username}.{tprkind}.{team}",
    logicalBackupJobPrefix: "dump-",
  });
  assert.equal(primaryBudgetName("c", settings), "c-guard");
  assert.equal(credentialSecretName("u", "c", settings), "c.u.postgresql.{team}");
  assert.equal(logicalBackupName("c", settings), "dump-c");
});

Deno.test("the name of a backup job never exceeds 52 characters nor ends in a dash", () => {
  const cut = logicalBackupName("a".repeat(36) + "-bcd", config());
  assert.equal(cut, "logical-backup-" + "a".repeat(36));
  const word = fc.stringMatching(/^[a-z]([-a-z0-9]{0,80}[a-z0-9])?$/);
  fc.assert(fc.property(word, (cluster) => {
    const name = logicalBackupName(cluster, config());
    assert.ok(name.length <= 52 && !name.endsWith("-"));
  }));
});

const SECRET_NAMES: readonly [string, string][] = [
  ["foo-user.acid-x.credentials", ""],
  ["a".repeat(253), ""],
  ["a".repeat(254), "its name is longer than 253 characters"],
  ...["Foo.acid-x", "a..b", "-a", "a.", "a_b", "__proto__"].map((name): [string, string] => [
    name,
    "its name may hold only a-z, 0-9, dots and dashes between letters or digits",
  ]),
];

for (const [name, want] of SECRET_NAMES) {
  Deno.test(`a Secret called ${name.slice(0, 30)} (${name.length}) ${want || "can be"}`, () => {
    assert.equal(secretNameProblem(name) ?? "", want);
  });
}
