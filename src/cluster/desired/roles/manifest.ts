/**
 * Roles that the manifest lists under `users`, and infrastructure roles: both are written by
 * people, so names and flags are checked, and protected names are left alone.
 *
 * Zalando: pkg/cluster/cluster.go, initRobotUsers, initInfrastructureRoles
 */

import type { Postgresql } from "../../../api/types.gen.ts";
import { longNameProblem, normalizeFlags, ROLE_NAME } from "../../../api/role_names.ts";
import type { Config } from "../../../config/config.ts";
import type { InfrastructureRole } from "../../effective/inputs.ts";
import type { DesiredRole, RoleProblem } from "./role.ts";

type Checked = DesiredRole | RoleProblem;

/** Roles under `users` of the manifest, by name, and what is wrong with the others. */
export function manifestRoles(cluster: Postgresql, config: Config): readonly Checked[] {
  const owners = new Set(Object.values(cluster.spec.databases ?? {}));
  return Object.entries(cluster.spec.users ?? {}).sort(byName).map(([name, given]) => {
    const checked = checkedFlags(name, given ?? [], "manifest");
    if ("message" in checked) return checked;
    return {
      name,
      origin: "manifest",
      ...checked,
      memberOf: [],
      parameters: {},
      ...(config.enableAdminRoleForUsers && config.teamAdminRole !== ""
        ? { adminRole: config.teamAdminRole }
        : {}),
      isDbOwner: owners.has(name),
      namespace: secretNamespace(name, cluster, config),
      hasPassword: true,
    };
  });
}

/** Infrastructure roles as roles of one cluster. */
export function infrastructureRoles(
  roles: readonly InfrastructureRole[],
  namespace: string,
): readonly Checked[] {
  return roles.map((role) => {
    const checked = checkedFlags(role.name, role.flags, "infrastructure");
    if ("message" in checked) return checked;
    return {
      name: role.name,
      origin: "infrastructure",
      ...checked,
      // A definition without a role key yields an empty name, which no role can be a member of.
      memberOf: role.memberOf.filter((group) => group !== ""),
      parameters: role.parameters,
      ...(role.adminRole ? { adminRole: role.adminRole } : {}),
      isDbOwner: role.isDbOwner === true,
      namespace,
      hasPassword: true,
    };
  });
}

/**
 * A name or a flag that cannot be withholds the other users of its manifest, as in the reference; a
 * name that PostgreSQL would cut harms itself only.
 */
function checkedFlags(
  name: string,
  given: readonly string[],
  origin: "manifest" | "infrastructure",
): { flags: readonly string[]; login: boolean } | RoleProblem {
  const error = (why: string): RoleProblem => ({
    name,
    severity: "error",
    origin,
    message: `cannot manage role ${JSON.stringify(name)}: ${why}`,
  });
  const withheld = origin === "manifest" ? { withholds: origin } : {};
  if (!ROLE_NAME.test(name)) {
    return { ...error(`the name does not match ${ROLE_NAME.source}`), ...withheld };
  }
  const flags = normalizeFlags(given);
  if ("problem" in flags) return { ...error(flags.problem), ...withheld };
  const tooLong = longNameProblem(name);
  return tooLong === undefined ? flags : error(tooLong);
}

/** `namespace.user` has its Secret in that namespace where the operator is allowed to. */
function secretNamespace(name: string, cluster: Postgresql, config: Config): string {
  const own = cluster.metadata.namespace ?? "";
  if (!config.enableCrossNamespaceSecret || !name.includes(".")) return own;
  return name.slice(0, name.indexOf("."));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
