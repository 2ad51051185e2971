/**
 * The plan of the roles: what is missing is made, what differs is mended, and every role by itself,
 * so that one that fails holds up no other. Passwords are compared with the verifiers of the
 * database, so that a look that finds everything in order changes nothing.
 *
 * Zalando: pkg/cluster/sync.go, syncRoles; pkg/util/users/users.go
 */

import type { Sensitive } from "../../../lib/sensitive.ts";
import type { Catalog, CatalogRole } from "../../observed/catalog.ts";
import type { SqlText } from "../../requests.ts";
import { type PasswordEncryption, passwordVerifier } from "../../sql/scram.ts";
import {
  alterRole,
  createRole,
  dropRole,
  grantMembership,
  renameRole,
  resetRoleSetting,
  revokeMembership,
  setRoleSetting,
} from "../../sql/statements.ts";
import { heldPlan, joinPlans, NOTHING, type PlanContext, type SubjectPlan } from "../context.ts";
import { expiredLogins } from "../rotation.ts";
import { MAINTENANCE_DATABASE, sqlChange } from "../sql_step.ts";
import { unreachable } from "../unreachable.ts";
import { roleDifferences } from "./differences.ts";
import { leavers, type LeaverRules, returners } from "./leavers.ts";
import { creationOrder, type RoleCreation } from "./order.ts";
import { type WantedRole, wantedRoles } from "./wanted.ts";

const SUBJECT = "roles";

/** Letters of a salt; those of a password are as random. */
const SALT_LETTERS = 16;

/** Plans roles, their passwords, memberships and settings. */
export function planRoles(context: PlanContext): SubjectPlan {
  const { catalog } = context.observed;
  const problems = sourceProblems(context);
  if (catalog === undefined) return problems;
  if (!catalog.known) return joinPlans([problems, unreachable(context, SUBJECT, catalog.reason)]);
  const wanted = wantedRoles(context, catalog.value);
  const encryption = encryptionOf(context, catalog.value);
  const roles = new RolePlanner(context, catalog.value, encryption);
  return joinPlans([
    problems,
    ...roles.returns(wanted),
    ...roles.creations(wanted),
    ...wanted.map((role) => roles.changes(role)),
    ...roles.leaves(wanted),
    ...roles.cleanups(),
  ]);
}

/** Sources that could not be read, and roles that cannot be: the others go on. */
function sourceProblems({ desired }: PlanContext): SubjectPlan {
  const unread = desired.heldRoles.map(({ origin, reason }) =>
    heldPlan(SUBJECT, "unreadable", `roles of origin ${origin}: ${reason}`)
  );
  const wrong = desired.roleProblems
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => heldPlan(SUBJECT, "refused", message));
  return joinPlans([...unread, ...wrong]);
}

/** What the manifest sets counts before the server has taken it over. */
function encryptionOf({ desired }: PlanContext, catalog: Catalog): PasswordEncryption {
  const given = desired.patroni.parameters["password_encryption"];
  if (given === undefined) return catalog.passwordEncryption;
  return given.toLowerCase() === "md5" ? "md5" : "scram-sha-256";
}

class RolePlanner {
  readonly #context: PlanContext;
  readonly #catalog: Catalog;
  readonly #encryption: PasswordEncryption;
  readonly #leaverRules: LeaverRules | undefined;

  constructor(context: PlanContext, catalog: Catalog, encryption: PasswordEncryption) {
    this.#context = context;
    this.#catalog = catalog;
    this.#encryption = encryption;
    this.#leaverRules = leaverRules(context);
  }
