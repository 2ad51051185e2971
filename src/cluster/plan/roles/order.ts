/**
 * The order in which roles are made: groups before their members, administrators before what they
 * administer.
 */

import type { WantedRole } from "./wanted.ts";

/** One role to make; memberships that would close a circle come after all roles are there. */
export interface RoleCreation {
  readonly role: WantedRole;
  readonly memberOf: readonly string[];
  readonly later: readonly string[];
}

/** Sorts roles that are missing; the order of those that do not depend on each other stays. */
export function creationOrder(missing: readonly WantedRole[]): RoleCreation[] {
  const byName = new Map(missing.map((role) => [role.name, role]));
  const state = new Map<string, "under way" | "done">();
  const creations: RoleCreation[] = [];
  const visit = (role: WantedRole): void => {
    if (state.has(role.name)) return;
    state.set(role.name, "under way");
    for (const name of [...(role.adminRole ? [role.adminRole] : []), ...role.memberOf]) {
      const needed = byName.get(name);
      if (needed !== undefined) visit(needed);
    }
    const later = role.memberOf.filter((group) =>
      byName.has(group) && state.get(group) !== "done" && group !== role.name
    );
    const memberOf = role.memberOf.filter((group) => group !== role.name && !later.includes(group));
    creations.push({ role, memberOf, later });
    state.set(role.name, "done");
  };
  for (const role of missing) visit(role);
  return creations;
}
