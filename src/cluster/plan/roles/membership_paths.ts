/** Who is a member of whom in the database, also by way of other roles. */

import type { Catalog } from "../../observed/catalog.ts";

type Roles = ReadonlyMap<string, { readonly memberOf: readonly string[] }>;

/** True when `member` is in `group`, directly or through its groups, or is that role. */
export function isMemberOf(
  { roles }: { readonly roles: Roles },
  member: string,
  group: string,
): boolean {
  const reached = new Set([member]);
  for (const name of reached) {
    if (name === group) return true;
    for (const next of roles.get(name)?.memberOf ?? []) reached.add(next);
  }
  return false;
}

/** The catalogue's roles as they are once `members` have left `group`. */
export function withoutMemberships(
  { roles }: Pick<Catalog, "roles">,
  group: string,
  members: readonly string[],
): { readonly roles: Roles } {
  const left = [...roles].map(([name, { memberOf }]) =>
    [
      name,
      { memberOf: members.includes(name) ? memberOf.filter((one) => one !== group) : memberOf },
    ] as const
  );
  return { roles: new Map(left) };
}
