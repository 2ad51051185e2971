/**
 * Before a role that exists gets rights over the whole server: who may act as it? Names of persons
 * and of infrastructure roles are known to people who may make roles in a database. Whoever makes
 * such a role first, keeps a membership in it or knows its password, would get these rights with it.
 */

import type { CatalogRole } from "../../observed/catalog.ts";
import type { WantedRole } from "./wanted.ts";

/** Attributes with which a role reads or changes more than what was granted to it. */
const GUARDED = ["SUPERUSER", "REPLICATION", "BYPASSRLS"];

/** Attributes that a role must not be given as it is, and why and what to do. */
export interface Withheld {
  readonly flags: readonly string[];
  readonly reason: string;
}

/** What is withheld from a role that exists; undefined where nothing is. */
export function withheldFlags(
  { name, flags, origin, adminRole, password }: WantedRole,
  found: CatalogRole,
): Withheld | undefined {
  // Whoever writes the manifest decides who has these rights, and who makes roles.
  if (origin !== "team" && origin !== "infrastructure") return undefined;
  if (found.flags.includes("SUPERUSER")) return undefined;
  const withheld = GUARDED.filter((flag) => flags.includes(flag) && !found.flags.includes(flag));
  if (withheld.length === 0) return undefined;
  const start = `role ${name} does not become ${withheld.join(", ")}: `;
  const others = found.openTo.filter((member) => member !== adminRole);
  if (others.length > 0) {
    const reason = `${start}${others.join(", ")} may act as it; revoke ${name} from those roles, ` +
      "or drop it";
    return { flags: withheld, reason };
  }
  if (password !== undefined || found.verifier === undefined) return undefined;
  const reason =
    `${start}it has a password that the operator did not set; remove the password, or drop it`;
  return { flags: withheld, reason };
}
