/**
 * Roles, databases and schemas of every recorded cluster with a real PostgreSQL: what ours wants
 * must stand in the dump that the reference left behind.
 */

import assert from "node:assert/strict";
import type { DesiredRole } from "../../src/cluster/desired/roles/role.ts";
import { type RecordedCluster, recordedClusters } from "./objects.ts";

interface Dump {
  readonly cluster: string;
  readonly dump: readonly string[];
}

/** What the reference does on a later event only, or never, by step. */
const NOT_YET: Readonly<Record<string, readonly string[]>> = {
  // A schema that exists keeps its owner.
  "db-base/db-bad-schema/1": ["ALTER SCHEMA public OWNER TO wares_public_owner;"],
  "db-base/db-prep-grow/5": ["ALTER SCHEMA data OWNER TO store_owner;"],
  // Databases are looked at only when the manifest's databases change.
  "db-base/db-dbs/3": ["ALTER DATABASE lost OWNER TO ghost;"],
  "db-base/db-reserved/2": ["ALTER DATABASE appdb OWNER TO app;"],
  "db-base/db-standby/3": ["ALTER SCHEMA data OWNER TO prep_data_owner;"],
  "db-base/db-zero-one/2": [
    "ALTER DATABASE one OWNER TO app;",
    "ALTER DATABASE prep OWNER TO prep_owner;",
    "ALTER SCHEMA data OWNER TO prep_data_owner;",
  ],
  "db-base/db-zero-one/3": ["ALTER SCHEMA data OWNER TO prep_data_owner;"],
  "db-owners/db-own-missing/2": ["ALTER DATABASE desk OWNER TO boss;"],
  // Roles are looked at only when the manifest's users change.
  "db-owners/db-own-extra/2": ["GRANT ops_team TO clerk", "GRANT zalandos TO clerk"],
  "db-owners/db-own-missing/3": ["GRANT ops_team TO clerk", "GRANT zalandos TO clerk"],
  "db-staff/db-staff-stay/3": [
    "CREATE ROLE mel;",
    "ALTER ROLE mel WITH LOGIN",
    "ALTER ROLE mel WITH SUPERUSER",
    "GRANT zalandos TO mel",
    "ALTER ROLE mel SET log_statement",
  ],
  "db-team/db-team-leave/5": [
    "CREATE ROLE joe;",
    "ALTER ROLE joe WITH LOGIN",
    "ALTER ROLE joe SET log_statement",
    "ALTER ROLE joe SET statement_timeout",
    "CREATE ROLE lou;",
    "ALTER ROLE lou WITH LOGIN",
    "GRANT zalandos TO lou",
    "GRANT admin TO lou",
    "ALTER ROLE lou SET log_statement",
    "ALTER ROLE lou SET statement_timeout",
    "ALTER DATABASE j OWNER TO joe;",
  ],
  // New flags of a rotated role go to its dated login alone.
  "db-rotate/db-rot-due/4": ["ALTER ROLE turner WITH CREATEROLE"],
};

/** Words that pg_dumpall quotes although they are plain names. */
const KEYWORDS = new Set(["only", "order", "select", "table", "user"]);

Deno.test("the recorded databases have all roles, databases and schemas that ours wants", () => {
  const missing: Record<string, string[]> = {};
  let [clusters, roles, databases] = [0, 0, 0];
  for (const recorded of recordedClusters()) {
    const dump = dumpOf(recorded);
    if (dump === undefined) continue;
    const wanted = recorded.desired.roles;
    const { prepared, databases: plain } = recorded.desired.databases;
    clusters++;
    roles += wanted.length;
    databases += prepared.length + plain.length;
    const lines = [
      ...wanted.flatMap(roleLines),
      // The dump leaves out whose the database postgres is.
      ...[...plain, ...prepared].filter(({ name }) => name !== "postgres").map(({ name, owner }) =>
        `ALTER DATABASE ${quoted(name)} OWNER TO ${quoted(owner)};`
      ),
      ...prepared.flatMap(({ schemas }) =>
        schemas.map(({ name, owner }) => `ALTER SCHEMA ${quoted(name)} OWNER TO ${quoted(owner)};`)
      ),
    ];
    const left = lines.filter((line) => !stands(line, dump));
    if (left.length > 0) missing[recorded.step.name] = left;
  }
  assert.deepEqual(missing, NOT_YET);
  assert.deepEqual({ clusters, roles, databases }, { clusters: 105, roles: 896, databases: 147 });
});

function dumpOf({ step, cluster, config }: RecordedCluster): readonly string[] | undefined {
  const { databases = [] } = step.golden as { databases?: readonly Dump[] };
  const idle = cluster.spec.numberOfInstances === 0 || cluster.spec.standby !== undefined;
  if (idle || !config.enableDatabaseAccess) return undefined;
  return databases.find((one) => one.cluster === cluster.metadata.name)?.dump;
}

/** What a dump says of a role; attributes one by one. */
function roleLines(role: DesiredRole): string[] {
  const name = quoted(role.name);
  return [
    `CREATE ROLE ${name};`,
    ...role.flags.map((flag) => `ALTER ROLE ${name} WITH ${flag}`),
    ...role.memberOf.map((group) => `GRANT ${quoted(group)} TO ${name}`),
    ...Object.keys(role.parameters).map((key) => `ALTER ROLE ${name} SET ${key}`),
  ];
}

function stands(line: string, dump: readonly string[]): boolean {
  const attribute = /^(ALTER ROLE .* WITH) (\w+)$/.exec(line);
  if (attribute === null) return dump.some((found) => found.startsWith(line));
  const [, start = "", word = ""] = attribute;
  return dump.some((found) => found.startsWith(`${start} `) && found.split(/[ ;]/).includes(word));
}

/** As pg_dumpall writes names. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !KEYWORDS.has(name) ? name : `"${name}"`;
}
