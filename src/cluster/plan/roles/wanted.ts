/**
 * Which roles the database should have, with their passwords: what the manifest and the other
 * sources ask for, brought together with the credentials of the pass. A role whose password is
 * rotated by user stands for two: itself, and the dated login role that is its member.
 *
 * Zalando: pkg/cluster/sync.go, syncRoles
 */

import { Sensitive } from "../../../lib/sensitive.ts";
import type { DesiredRole, RoleOrigin } from "../../desired/roles/role.ts";
import type { Catalog } from "../../observed/catalog.ts";
import type { PlanContext } from "../steps/context.ts";
import type { Credential } from "../steps/credential.ts";

export interface WantedRole {
  readonly name: string;
  /** Attributes in both forms; one that is not named stays as it is. */
  readonly flags: readonly string[];
  /** Only the creation of the role gives these. */
  readonly creationFlags: readonly string[];
  readonly memberOf: readonly string[];
  readonly adminRole?: string;
  /** All settings of the role; none means that they are left alone. */
  readonly settings: Readonly<Record<string, string>>;
  /** Absent: an existing password stays, a new role gets none. */
  readonly password?: Sensitive;
  /** Additional owner roles must not be members of it. */
  readonly isDbOwner: boolean;
  readonly origin: RoleOrigin;
}

/** The wanted roles in the order of their sources; those without settled credentials are left out. */
export function wantedRoles(
  { desired, credentials }: Pick<PlanContext, "desired" | "credentials">,
  catalog: Catalog,
): WantedRole[] {
  return desired.roles.flatMap((role) => {
    const credential = credentials.credentials.get(role.name);
    if (credential?.state === "degraded") return [];
    if (credential !== undefined && credential.username !== role.name) {
      return rotated(role, credential, catalog);
    }
    return [{ ...plain(role), ...(credential ? { password: credential.password } : {}) }];
  });
}

function plain(role: DesiredRole): WantedRole {
  const { name, flags, memberOf, adminRole, parameters, isDbOwner, origin } = role;
  return {
    name,
    flags,
    creationFlags: flags,
    memberOf,
    ...(adminRole === undefined ? {} : { adminRole }),
    settings: parameters,
    isDbOwner,
    origin,
  };
}

/**
 * The role itself keeps attributes and password, which its former clients may still use; the dated
 * one takes over its attributes and settings.
 */
function rotated(
  role: DesiredRole,
  credential: Extract<Credential, { state: "ready" }>,
  catalog: Catalog,
): WantedRole[] {
  const group = plain(role);
  const inherited = catalog.roles.get(role.name)?.settings ?? {};
  const login: WantedRole = {
    ...group,
    name: credential.username,
    memberOf: [role.name],
    settings: { ...inherited, ...role.parameters },
    password: credential.password,
    isDbOwner: false,
  };
  return [{ ...group, flags: [] }, login];
}
