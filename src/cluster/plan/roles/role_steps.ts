/**
 * The steps that make one role, and those that mend one. Password, memberships and settings are
 * steps of their own: a group that does not exist must not keep a password from being set.
 *
 * Zalando: pkg/util/users/users.go, createPgUser, alterPgUser, alterPgUserSet
 */

import type { Sensitive } from "../../../lib/sensitive.ts";
import { type Catalog, MAINTENANCE_DATABASE } from "../../observed/catalog.ts";
import type { SqlText } from "../../../ports/requests.ts";
import type { PasswordEncryption } from "../../sql/scram.ts";
import {
  alterRole,
  createRole,
  grantMembership,
  resetRoleSetting,
  revokeMembership,
  setRoleSetting,
} from "../../sql/statements.ts";
import { joinPlans, NOTHING, type PlanContext, type SubjectPlan } from "../steps/context.ts";
import { sqlChange } from "../steps/sql_step.ts";
import { newVerifier } from "./encryption.ts";
import { type RoleDifferences, roleDifferences } from "./differences.ts";
import type { RoleCreation } from "./order.ts";
import type { WantedRole } from "./wanted.ts";

export interface RoleScope {
  readonly context: PlanContext;
  readonly catalog: Catalog;
  /** How passwords are stored. */
  readonly encryption: PasswordEncryption;
}

/** Makes a role that is missing. */
export function planCreation(
  scope: RoleScope,
  { role, memberOf, later }: RoleCreation,
): SubjectPlan {
  const { name, creationFlags, adminRole, password, settings } = role;
  const statements = (): SqlText[] => [
    createRole({
      name,
      flags: creationFlags,
      memberOf,
      ...(adminRole === undefined || adminRole === "" ? {} : { adminRole }),
      ...(password === undefined || password.reveal() === ""
        ? {}
        : { verifier: verifierOf(scope, name, password) }),
    }),
    ...Object.entries(settings).map(([setting, value]) => setRoleSetting(name, setting, value)),
  ];
  const creation = change(scope, [`role ${name} is missing`], statements);
  return later.length === 0 ? creation : joinPlans([creation, planGrant(scope, role, later)]);
}

/** Mends a role that exists; nothing where it is as it should be. */
export function planChange(scope: RoleScope, role: WantedRole): SubjectPlan {
  const found = scope.catalog.roles.get(role.name);
  if (found === undefined) return NOTHING;
  const differences = roleDifferences(role, found, scope.encryption);
  return joinPlans([
    planAttributes(scope, role, differences),
    differences.memberOf.length === 0 ? NOTHING : planGrant(scope, role, differences.memberOf),
    planSettings(scope, role, differences),
  ]);
}

function planAttributes(
  scope: RoleScope,
  { name }: WantedRole,
  { flags, password }: RoleDifferences,
): SubjectPlan {
  if (flags.length === 0 && password === undefined) return NOTHING;
  const reasons = [
    ...(flags.length === 0 ? [] : [`role ${name}: becomes ${flags.join(", ")}`]),
    ...(password === undefined ? [] : [password.reason]),
  ];
  return change(scope, reasons, () => {
    const verifier = password && verifierOf(scope, name, password.value);
    return [alterRole(name, { flags, ...(verifier === undefined ? {} : { verifier }) })];
  });
}

/** An owner of a database cannot join a group that was made a member of the owner before. */
function planGrant(
  scope: RoleScope,
  { name, isDbOwner }: WantedRole,
  groups: readonly string[],
): SubjectPlan {
  const circular = groups.filter((group) =>
    isDbOwner && scope.context.config.additionalOwnerRoles.includes(group) &&
    scope.catalog.roles.get(group)?.memberOf.includes(name)
  );
  const reasons = [
    `role ${name}: becomes a member of ${groups.join(", ")}`,
    ...circular.map((group) => `role ${group}: is no longer a member of ${name}`),
  ];
  return change(scope, reasons, () => [
    ...circular.map((group) => revokeMembership(name, group)),
    grantMembership(groups, name),
  ]);
}

function planSettings(
  scope: RoleScope,
  { name }: WantedRole,
  { set, reset }: RoleDifferences,
): SubjectPlan {
  const settings = Object.entries(set);
  if (settings.length === 0 && reset.length === 0) return NOTHING;
  const reasons = [
    ...settings.map(([setting]) => `role ${name}: setting ${setting} differs`),
    ...reset.map((setting) => `role ${name}: setting ${setting} is not wanted`),
  ];
  return change(scope, reasons, () => [
    ...reset.map((setting) => resetRoleSetting(name, setting)),
    ...settings.map(([setting, value]) => setRoleSetting(name, setting, value)),
  ]);
}

function verifierOf(scope: RoleScope, username: string, password: Sensitive): Sensitive {
  return newVerifier(scope.context, { username, password }, scope.encryption);
}

function change(
  { context }: RoleScope,
  reasons: readonly string[],
  statements: () => readonly SqlText[],
): SubjectPlan {
  return sqlChange(context, {
    subject: "roles",
    database: MAINTENANCE_DATABASE,
    reasons,
    statements,
  });
}
