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
import {
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  type SubjectPlan,
} from "../steps/context.ts";
import { sqlChange } from "../steps/sql_step.ts";
import { type RoleDifferences, roleDifferences } from "./differences.ts";
import { withheldFlags } from "./guarded_flags.ts";
import { isMemberOf, withoutMemberships } from "./membership_paths.ts";
import type { RoleCreation } from "./order.ts";
import type { WantedRole } from "./wanted.ts";

const SUBJECT = "roles";

export interface RoleScope {
  readonly context: PlanContext;
  readonly catalog: Catalog;
  /** How passwords are stored. */
  readonly encryption: PasswordEncryption;
}

/** Makes a role that is missing; an administrator that the database has no room for is left out. */
export function planCreation(
  scope: RoleScope,
  { role, memberOf }: RoleCreation,
): SubjectPlan {
  const { name, creationFlags, password, settings } = role;
  const obstacle = memberOf.find((group) =>
    role.adminRole !== undefined && isMemberOf(scope.catalog, group, role.adminRole)
  );
  const adminRole = obstacle === undefined ? role.adminRole : undefined;
  const verifier = verifierOf(scope, name, password);
  if (verifier === "later") return NOTHING;
  const statements = (): SqlText[] => [
    createRole({
      name,
      flags: creationFlags,
      memberOf,
      ...(adminRole === undefined || adminRole === "" ? {} : { adminRole }),
      ...(verifier === undefined ? {} : { verifier }),
    }),
    ...Object.entries(settings).map(([setting, value]) => setRoleSetting(name, setting, value)),
  ];
  const creation = change(scope, [`role ${name} is missing`], statements);
  if (obstacle === undefined) return creation;
  const reason = `role ${role.adminRole} does not become an administrator of ${name}: ${name} ` +
    `becomes a member of ${obstacle}, which is a member of ${role.adminRole}`;
  return joinPlans([creation, heldPlan(SUBJECT, "left", reason)]);
}

/** Memberships that the creation of a role could not give, once all roles are there. */
export function planLaterGrants(scope: RoleScope, { role, later }: RoleCreation): SubjectPlan {
  return later.length === 0 ? NOTHING : planGrant(scope, role, later);
}

/** Mends a role that exists; nothing where it is as it should be. */
export function planChange(scope: RoleScope, role: WantedRole): SubjectPlan {
  const found = scope.catalog.roles.get(role.name);
  if (found === undefined) return NOTHING;
  const differences = roleDifferences(role, found, {
    encryption: scope.encryption,
    passwords: scope.context.passwords,
  });
  const withheld = withheldFlags(role, found);
  const flags = differences.flags.filter((flag) => !withheld?.flags.includes(flag));
  return joinPlans([
    withheld === undefined ? NOTHING : heldPlan(SUBJECT, "left", withheld.reason),
    planAttributes(scope, role, { ...differences, flags }),
    differences.memberOf.length === 0 ? NOTHING : planGrant(scope, role, differences.memberOf),
    planSettings(scope, role, differences),
  ]);
}

function planAttributes(
  scope: RoleScope,
  { name }: WantedRole,
  { flags, password }: RoleDifferences,
): SubjectPlan {
  const made = verifierOf(scope, name, password?.value);
  const verifier = made === "later" ? undefined : made;
  if (flags.length === 0 && verifier === undefined) return NOTHING;
  const reasons = [
    ...(flags.length === 0 ? [] : [`role ${name}: becomes ${flags.join(", ")}`]),
    ...(password === undefined || verifier === undefined ? [] : [password.reason]),
  ];
  const changed = { flags, ...(verifier === undefined ? {} : { verifier }) };
  return change(scope, reasons, () => [alterRole(name, changed)]);
}

/**
 * An owner of a database cannot join a group that is a member of the owner. An additional owner role
 * leaves the owner; what else somebody granted stays, and is told.
 */
function planGrant(
  scope: RoleScope,
  { name, isDbOwner }: WantedRole,
  groups: readonly string[],
): SubjectPlan {
  const { context, catalog } = scope;
  const leaving = groups.filter((group) =>
    isDbOwner && context.config.additionalOwnerRoles.includes(group) &&
    catalog.roles.get(group)?.memberOf.includes(name)
  );
  const without = withoutMemberships(catalog, name, leaving);
  const circular = groups.filter((group) => isMemberOf(without, group, name));
  const possible = groups.filter((group) => !circular.includes(group));
  const reasons = [
    ...(possible.length === 0 ? [] : [`role ${name}: becomes a member of ${possible.join(", ")}`]),
    ...leaving.map((group) => `role ${group}: is no longer a member of ${name}`),
  ];
  const statements = () => [
    ...leaving.map((group) => revokeMembership(name, group)),
    ...(possible.length === 0 ? [] : [grantMembership(possible, name)]),
  ];
  return joinPlans([
    reasons.length === 0 ? NOTHING : change(scope, reasons, statements),
    ...circular.map((group) => heldPlan(SUBJECT, "refused", circleReason(name, group))),
  ]);
}

function circleReason(name: string, group: string): string {
  return `role ${name} cannot become a member of ${group}: in the database ${group} is, by itself ` +
    `or by its groups, a member of ${name}; revoke that membership`;
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

/** Absent where there is no password; `later` where there was no time to make it. */
function verifierOf(
  { context, encryption }: RoleScope,
  username: string,
  password: Sensitive | undefined,
): Sensitive | "later" | undefined {
  if (password === undefined || password.reveal() === "") return undefined;
  return context.passwords.verifierOf({ username, password }, encryption) ?? "later";
}

function change(
  { context }: RoleScope,
  reasons: readonly string[],
  statements: () => readonly SqlText[],
): SubjectPlan {
  return sqlChange(context, {
    subject: SUBJECT,
    database: MAINTENANCE_DATABASE,
    reasons,
    statements,
  });
}
