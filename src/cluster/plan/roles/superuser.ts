/**
 * Before a role that exists becomes a superuser: who may act as it? Names of persons and of
 * infrastructure roles are known to people who may make roles in a database. Whoever makes such a
 * role first, keeps a membership in it or knows its password, would be a superuser with it.
 */

import type { CatalogRole } from "../../observed/catalog.ts";
import type { WantedRole } from "./wanted.ts";

/** Why a role must not become a superuser as it is, and what to do; undefined where it may. */
export function superuserObstacle(
  { name, flags, origin, adminRole, password }: WantedRole,
  found: CatalogRole,
): string | undefined {
  // Whoever writes the manifest decides who is a superuser, and who makes roles.
  if (origin === "manifest" || !flags.includes("SUPERUSER")) return undefined;
  if (found.flags.includes("SUPERUSER")) return undefined;
  const others = found.openTo.filter((member) => member !== adminRole);
  const start = `role ${name} does not become a superuser: `;
  if (others.length > 0) {
    return `${start}${
      others.join(", ")
    } may act as it; revoke ${name} from those roles, or drop it`;
  }
  if (password === undefined && found.verifier !== undefined) {
    return `${start}it has a password that the operator did not set; remove the password, or drop it`;
  }
  return undefined;
}
