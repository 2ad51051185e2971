/**
 * Persons who left their teams, and those who came back. Who has left is told from the database,
 * not from what this process has seen before: a role without a password that is a member of the
 * group of persons and is wanted no more, and that may log in or has the settings of a person. The
 * settings tell who lost the right to log in, but not his name yet.
 *
 * Zalando: pkg/cluster/sync.go, syncRoles; pkg/util/users/users.go, alterPgUserRename
 */

import type { Catalog, CatalogRole } from "../../observed/catalog.ts";
import { nameProblem } from "../../sql/quote.ts";
import { sameSetting, settingKey } from "../../sql/settings.ts";
import type { WantedRole } from "./wanted.ts";

export interface FormerMemberRules {
  /** `pam_role_name`: the group that every member of a team is in. */
  readonly group: string;
  /** `role_deletion_suffix`. */
  readonly suffix: string;
  /** `team_api_role_configuration`: what the role of every person was made with. */
  readonly settings: Readonly<Record<string, string>>;
  /** Names that are never taken for those of persons. */
  readonly reserved: ReadonlySet<string>;
}

/** The role of a person who is in no team any more. */
export interface FormerMember {
  readonly name: string;
  /** May still log in. */
  readonly login: boolean;
  /** The name that it gets. */
  readonly rename?: string;
  /** Why it keeps its name. */
  readonly obstacle?: string;
}

/** Roles of persons who are in no team of the cluster any more, as far as something is to be done. */
export function formerMembers(
  catalog: Catalog,
  wanted: readonly WantedRole[],
  rules: FormerMemberRules,
): FormerMember[] {
  const names = new Set(wanted.map(({ name }) => name));
  const back = returners(catalog, wanted, rules);
  return [...catalog.roles.values()]
    .filter((role) => isPerson(role, rules) && !names.has(role.name) && !back.has(role.name))
    .map((role) => ({
      name: role.name,
      login: role.flags.includes("LOGIN"),
      ...newName(role.name, catalog, rules),
    }))
    .filter(({ login, rename, obstacle }) => login || rename !== undefined || obstacle);
}

function newName(
  name: string,
  catalog: Catalog,
  { suffix }: FormerMemberRules,
): Pick<FormerMember, "rename" | "obstacle"> {
  if (suffix === "" || name.endsWith(suffix)) return {};
  const rename = `${name}${suffix}`;
  const problem = nameProblem(rename);
  if (problem !== undefined) return { obstacle: `${rename} can be no name: ${problem}` };
  return catalog.roles.has(rename) ? { obstacle: `there is a role ${rename} already` } : { rename };
}

/**
 * Wanted members whose role is still there under its former name, by that name. A role of that name
 * that is none of a person is not theirs.
 */
export function returners(
  catalog: Catalog,
  wanted: readonly WantedRole[],
  { group, suffix }: Pick<FormerMemberRules, "group" | "suffix">,
): Map<string, WantedRole> {
  if (suffix === "") return new Map();
  return new Map(wanted.flatMap((role) => {
    const former = catalog.roles.get(`${role.name}${suffix}`);
    const returns = role.origin === "team" && !catalog.roles.has(role.name) &&
      former !== undefined &&
      former.verifier === undefined && former.memberOf.includes(group);
    return returns ? [[former.name, role]] : [];
  }));
}

function isPerson(role: CatalogRole, { group, settings, reserved }: FormerMemberRules): boolean {
  return role.memberOf.includes(group) && role.verifier === undefined &&
    !reserved.has(role.name) && (role.flags.includes("LOGIN") || hasSettings(role, settings));
}

function hasSettings(role: CatalogRole, settings: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(settings);
  return entries.length > 0 && entries.every(([name, value]) => {
    const stored = role.settings[settingKey(name)];
    return stored !== undefined && sameSetting(name, value, stored);
  });
}
