import assert from "node:assert/strict";
import { known } from "../../../ports/observation.ts";
import { cluster } from "../../../testing/cluster_fixture.ts";
import { planContext, secretsOf } from "../../../testing/plan_fixture.ts";
import { SqlModel } from "../../../testing/sql_model.ts";
import type { RoleOrigin } from "../../desired/roles/role.ts";
import { planRoles } from "./plan_roles.ts";

const ADMIN = "admin";

interface Given {
  readonly flag?: string;
  readonly origin?: RoleOrigin;
  readonly password?: string;
  /** Members of the role, and whether they are superusers. */
  readonly members?: Readonly<Record<string, boolean>>;
}

/** What becomes of a role `kay` that is there, and that shall have an attribute. */
function planned({ flag = "SUPERUSER", origin = "team", password, members = {} }: Given) {
  const model = new SqlModel();
  model.addRole("kay", { flags: new Set(["INHERIT", "LOGIN"]), verifier: password });
  for (const [name, isSuperuser] of Object.entries(members)) {
    const flags = isSuperuser ? ["INHERIT", "SUPERUSER"] : ["INHERIT", "CREATEROLE"];
    model.addRole(name, { flags: new Set(flags), memberOf: new Set(["kay"]) });
  }
  const cr = cluster({ spec: {} });
  const bare = planContext({ cr });
  const { desired, ...context } = planContext({
    cr,
    objects: secretsOf(bare.desired),
    observed: { catalog: known(model.catalog()) },
  });
  const kay = {
    name: "kay",
    origin,
    flags: ["LOGIN", flag],
    login: true,
    memberOf: ["zalandos"],
    parameters: {},
    adminRole: ADMIN,
    isDbOwner: false,
    namespace: "",
    hasPassword: false,
  };
  const { steps, held } = planRoles({
    ...context,
    desired: { ...desired, roles: [...desired.roles, kay] },
  });
  const statements = steps.flatMap(({ action }) => action.kind === "sql" ? action.statements : [])
    .map(({ text }) => text).filter((text) => text.includes('"kay"'));
  return {
    given: statements.some((text) => text.includes(flag)),
    joins: statements.some((text) => text.startsWith('GRANT "zalandos"')),
    told: held.filter(({ reason }) => reason.includes("kay")).map(({ reason }) => reason),
  };
}

/** Who may act as a role that exists already, and what keeps it from getting the attribute. */
const ROLES: readonly [string, Given, RegExp | undefined][] = [
  ["nobody else", {}, undefined],
  [
    "a role that may make roles",
    { members: { tenant: false } },
    /tenant may act as it; revoke kay/,
  ],
  ["two roles", { members: { a: false, b: false, c: true } }, /a, b may act as it/],
  ["superusers alone", { members: { dba: true } }, undefined],
  ["its administrator", { members: { [ADMIN]: false } }, undefined],
  ["whoever knows its password", { password: "md5x" }, /password that the operator did not set/],
  ["a role, and the manifest asks for it", {
    origin: "manifest",
    members: { tenant: false },
  }, undefined],
  ["a role, and it is an infrastructure role", {
    origin: "infrastructure",
    members: { tenant: false },
  }, /tenant may act as it/],
  ["a role, and it is to replicate", {
    flag: "REPLICATION",
    members: { tenant: false },
  }, /does not become REPLICATION: tenant/],
  ["a role, and it is to see all rows", {
    flag: "BYPASSRLS",
    members: { tenant: false },
  }, /does not become BYPASSRLS: tenant/],
  ["a role, and it is to make databases", {
    flag: "CREATEDB",
    members: { tenant: false },
  }, undefined],
];

for (const [who, given, obstacle] of ROLES) {
  const what = obstacle === undefined ? "gets its attributes" : "stays what it is, which is told";
  Deno.test(`a role that exists and that ${who} may act as ${what}`, () => {
    const { given: has, joins, told } = planned(given);
    assert.equal(has, obstacle === undefined);
    assert.equal(joins, true);
    assert.equal(told.length, obstacle === undefined ? 0 : 1);
    if (obstacle !== undefined) assert.match(told[0] ?? "", obstacle);
  });
}
