/**
 * Persons who left their teams, and those who came back. Who has left is told from the database,
 * not from what this process has seen before: a login role without a password that is a member of
 * the group of persons and is wanted no more.
 *
 * Zalando: pkg/cluster/sync.go, syncRoles; pkg/util/users/users.go, alterPgUserRename
 */

import type { Catalog, CatalogRole } from "../../observed/catalog.ts";
import { nameProblem } from "../../sql/quote.ts";
import type { WantedRole } from "./wanted.ts";

export interface LeaverRules {
  /** `pam_role_name`: the group that every member of a team is in. */
  readonly group: string;
  /** `role_deletion_suffix`. */
  readonly suffix: string;
  /** Names that are never taken for those of persons. */
  readonly reserved: ReadonlySet<string>;
}

/** A person's role that may not log in any more. */
export interface Leaver {
  readonly name: string;
  /** Absent where there is such a role already, or the name would be too long. */
  readonly rename?: string;
}

/** Roles of persons who are in no team of the cluster any more. */
export function leavers(
  catalog: Catalog,
  wanted: readonly WantedRole[],
  rules: LeaverRules,
): Leaver[] {
  const names = new Set(wanted.map(({ name }) => name));
  return [...catalog.roles.values()]
    .filter((role) => isPerson(role, rules) && !names.has(role.name))
    .map(({ name }) => {
      const rename = `${name}${rules.suffix}`;
      const possible = rules.suffix !== "" && !catalog.roles.has(rename) &&
        nameProblem(rename) === undefined;
      return { name, ...(possible ? { rename } : {}) };
    });
}

/** Wanted members whose role is still there under its former name, by that name. */
export function returners(
  catalog: Catalog,
  wanted: readonly WantedRole[],
  rules: LeaverRules,
): Map<string, WantedRole> {
  if (rules.suffix === "") return new Map();
  return new Map(wanted.flatMap((role) => {
    const former = catalog.roles.get(`${role.name}${rules.suffix}`);
    const returns = role.fromTeam && !catalog.roles.has(role.name) && former !== undefined &&
      !former.flags.includes("LOGIN");
    return returns ? [[former.name, role]] : [];
  }));
}

function isPerson(role: CatalogRole, { group, suffix, reserved }: LeaverRules): boolean {
  return role.memberOf.includes(group) && role.flags.includes("LOGIN") &&
    role.verifier === undefined && !reserved.has(role.name) &&
    (suffix === "" || !role.name.endsWith(suffix));
}
