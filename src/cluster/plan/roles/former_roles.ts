/**
 * The steps for roles that are wanted no more: persons who left their teams and those who came
 * back, and login roles left over from password rotation.
 *
 * Zalando: pkg/util/users/users.go, alterPgUserRename; pkg/cluster/database.go, cleanupRotatedUsers
 */

import { MAINTENANCE_DATABASE } from "../../observed/catalog.ts";
import { alterRole, dropRole, renameRole } from "../../sql/statements.ts";
import { heldPlan, joinPlans, NOTHING, type SubjectPlan } from "../steps/context.ts";
import { expiredLogins } from "../credentials/rotation.ts";
import { sqlChange } from "../steps/sql_step.ts";
import { type FormerMember, type FormerMemberRules, formerMembers } from "./former_members.ts";
import type { RoleScope } from "./role_steps.ts";
import type { WantedRole } from "./wanted.ts";

const BASE = { subject: "roles", database: MAINTENANCE_DATABASE } as const;

/** A person who is back gets the former role back. */
export function planReturn({ context }: RoleScope, former: string, role: WantedRole): SubjectPlan {
  return sqlChange(context, {
    ...BASE,
    reasons: [`role ${role.name}: is in a team again, and is still there as ${former}`],
    statements: () => [
      renameRole(former, role.name),
      alterRole(role.name, { flags: ["LOGIN"] }),
    ],
  });
}

/**
 * Persons who have left may not log in any more; what they own stays theirs. They lose that right by
 * itself, so that a name that cannot be changed does not keep it for them.
 */
export function planFormerMembers(
  scope: RoleScope,
  wanted: readonly WantedRole[],
  rules: FormerMemberRules,
): SubjectPlan {
  return joinPlans(
    formerMembers(scope.catalog, wanted, rules).map((member) => planFormerMember(scope, member)),
  );
}

function planFormerMember({ context }: RoleScope, member: FormerMember): SubjectPlan {
  const { name, login, rename, obstacle } = member;
  const why = `role ${name}: is in no team of the cluster any more`;
  const lock = sqlChange(context, {
    ...BASE,
    reasons: [why],
    statements: () => [alterRole(name, { flags: ["NOLOGIN"] })],
  });
  const move = rename === undefined ? NOTHING : sqlChange(context, {
    ...BASE,
    reasons: [`${why}, so it becomes ${rename}`],
    statements: () => [renameRole(name, rename)],
  });
  const told = obstacle === undefined
    ? NOTHING
    : heldPlan("roles", "left", `${why}; it keeps its name, because ${obstacle}`);
  return joinPlans([login ? lock : NOTHING, move, told]);
}

/** Login roles of past rotations go once they are old enough. */
export function planExpiredLogins({ context, catalog }: RoleScope): SubjectPlan {
  const { credentials, desired } = context;
  const wanted = new Set([
    ...desired.roles.map(({ name }) => name),
    ...[...credentials.credentials.values()].flatMap((credential) =>
      credential.state === "ready" ? [credential.username] : []
    ),
  ]);
  const existing = [...catalog.roles.values()];
  const expired = credentials.cleanups.flatMap((cleanup) =>
    expiredLogins(cleanup, existing, wanted)
  );
  return joinPlans(expired.map((name) => planExpired({ context, catalog }, name)));
}

/** A role that objects belong to cannot be dropped; it ends as one that nobody logs in with. */
function planExpired(
  { context, catalog }: Pick<RoleScope, "context" | "catalog">,
  name: string,
): SubjectPlan {
  const found = catalog.roles.get(name);
  if (found === undefined) return NOTHING;
  const why = `role ${name}: left over from a password rotation and past its retention`;
  if (!found.neededByObjects) {
    return sqlChange(context, { ...BASE, reasons: [why], statements: () => [dropRole(name)] });
  }
  if (!found.flags.includes("LOGIN")) return NOTHING;
  return sqlChange(context, {
    ...BASE,
    reasons: [`${why}, but objects depend on it`],
    statements: () => [alterRole(name, { flags: ["NOLOGIN"] })],
  });
}
