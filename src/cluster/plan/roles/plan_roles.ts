/**
 * The plan of the roles: what is missing is made, what differs is mended, and every role by itself,
 * so that one that fails holds up no other. Passwords are compared with the verifiers of the
 * database, so that a look that finds everything in order changes nothing.
 *
 * Zalando: pkg/cluster/sync.go, syncRoles; pkg/util/users/users.go
 */

import {
  heldPlan,
  joinPlans,
  NOTHING,
  type PlanContext,
  type SubjectPlan,
} from "../steps/context.ts";
import { leftAlone } from "../steps/left_alone.ts";
import { unreachable } from "../steps/unreachable.ts";
import { encryptionOf } from "./encryption.ts";
import { type FormerMemberRules, returners } from "./former_members.ts";
import { planLockout } from "./lockout.ts";
import { creationOrder } from "./order.ts";
import { podPasswordMarks } from "./pod_passwords.ts";
import { planChange, planCreation, planLaterGrants, type RoleScope } from "./role_steps.ts";
import { planExpiredLogins, planFormerMembers, planReturn } from "./former_roles.ts";
import { wantedRoles } from "./wanted.ts";

const SUBJECT = "roles";
const NEXT_PASSWORDS_MS = 1000;

/** Plans roles, their passwords, memberships and settings. */
export function planRoles(context: PlanContext): SubjectPlan {
  const { catalog } = context.observed;
  const problems = sourceProblems(context);
  if (catalog === undefined) return problems;
  if (!catalog.known) {
    const plan = catalog.lockedOut ? planLockout : unreachableRoles;
    return joinPlans([problems, plan(context, catalog.reason)]);
  }
  const encryption = encryptionOf(context, catalog.value.passwordEncryption);
  const scope: RoleScope = { context, catalog: catalog.value, encryption };
  const marks = { steps: podPasswordMarks(context), held: [] };
  return joinPlans([problems, marks, passwordsLeft(context), ...plansOf(scope)]);
}

/** Passwords that there was no time to check: the next pass goes on with them. */
function passwordsLeft({ passwords: { left } }: PlanContext): SubjectPlan {
  if (left === 0) return NOTHING;
  const reason = `passwords of ${left} roles are still to be checked or made`;
  return { ...heldPlan(SUBJECT, "waiting", reason), requeueAfterMs: NEXT_PASSWORDS_MS };
}

function unreachableRoles(context: PlanContext, reason: string): SubjectPlan {
  return unreachable(context, SUBJECT, reason);
}

function plansOf(scope: RoleScope): SubjectPlan[] {
  const { context, catalog } = scope;
  const wanted = wantedRoles(context, catalog);
  const rules = formerMemberRules(context);
  const back = rules === undefined ? new Map() : returners(catalog, wanted, rules);
  const returning = new Set([...back.values()].map(({ name }) => name));
  const missing = wanted.filter(({ name }) => !catalog.roles.has(name) && !returning.has(name));
  const creations = creationOrder(missing);
  return [
    ...[...back].map(([former, role]) => planReturn(scope, former, role)),
    ...creations.map((creation) => planCreation(scope, creation)),
    ...creations.map((creation) => planLaterGrants(scope, creation)),
    ...wanted.map((role) => planChange(scope, role)),
    ...(rules === undefined ? [] : [planFormerMembers(scope, wanted, rules)]),
    planExpiredLogins(scope),
  ];
}

/** Sources that could not be read, and what cannot be or is left out: the other roles go on. */
function sourceProblems(context: PlanContext): SubjectPlan {
  const { heldRoles, roleProblems } = context.desired;
  const unread = heldRoles.map(({ origin, reason }) =>
    heldPlan(SUBJECT, "unreadable", `roles of origin ${origin}: ${reason}`)
  );
  // What is wrong with the manifest is told by the credentials, which a new cluster waits for.
  const wrong = roleProblems.filter(({ severity, origin }) =>
    severity === "error" && origin === "infrastructure"
  );
  const left = roleProblems.filter(({ severity }) => severity === "warning");
  return joinPlans([
    ...unread,
    ...wrong.map(({ message }) => heldPlan(SUBJECT, "refused", message)),
    leftAlone(context, SUBJECT, left.map(({ message }) => message)),
  ]);
}

/** Undefined where nobody is taken for gone: switched off, or nobody knows who is in the teams. */
function formerMemberRules(
  { config, effective, desired }: PlanContext,
): FormerMemberRules | undefined {
  const { teams } = effective.roleSources.inputs;
  if (!config.enableTeamMemberDeprecation || !teams.known || teams.value.length === 0) {
    return undefined;
  }
  const reserved = new Set([
    ...desired.roles.map(({ name }) => name),
    ...config.protectedRoleNames,
    config.superUsername,
    config.replicationUsername,
  ]);
  return {
    group: config.pamRoleName,
    suffix: config.roleDeletionSuffix,
    settings: config.teamApiRoleConfiguration,
    reserved,
  };
}
