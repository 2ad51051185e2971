/**
 * The order in which roles are made: groups before their members, administrators before what they
 * administer.
 */

import type { WantedRole } from "./wanted.ts";

/** One role to make; memberships in roles that are made after it come once all are there. */
export interface RoleCreation {
  readonly role: WantedRole;
  readonly memberOf: readonly string[];
  readonly later: readonly string[];
}

/**
 * Sorts roles that are missing; the order of those that do not depend on each other stays. An
 * administrator is always made first, a group where that is possible.
 */
export function creationOrder(missing: readonly WantedRole[]): RoleCreation[] {
  const byName = new Map(missing.map((role) => [role.name, role]));
  const state = new Map<string, "under way" | "done">();
  const creations: RoleCreation[] = [];
  const visit = (role: WantedRole): void => {
    if (state.has(role.name)) return;
    state.set(role.name, "under way");
    const administrator = byName.get(role.adminRole ?? "");
    if (administrator !== undefined) visit(administrator);
    for (const group of role.memberOf) {
      const needed = byName.get(group);
      if (needed !== undefined && !waitsFor(needed, byName, state)) visit(needed);
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

/** True where a role or one of its administrators is just being sorted in. */
function waitsFor(
  role: WantedRole,
  byName: ReadonlyMap<string, WantedRole>,
  state: ReadonlyMap<string, "under way" | "done">,
): boolean {
  const seen = new Set<string>();
  for (let next: WantedRole | undefined = role; next !== undefined && !seen.has(next.name);) {
    if (state.get(next.name) === "under way") return true;
    seen.add(next.name);
    next = byName.get(next.adminRole ?? "");
  }
  return false;
}
