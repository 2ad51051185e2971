/**
 * Roles of persons: the members of the teams that have access to a cluster. They have no password,
 * PAM lets them in.
 *
 * Zalando: pkg/cluster/cluster.go, initTeamMembers
 */

import type { Config } from "../../../config/config.ts";
import type { TeamMembership } from "../../effective/inputs.ts";
import type { DesiredRole } from "./role.ts";

/** One role a member; a member of several teams has the rights of the team that comes last. */
export function teamRoles(
  teams: readonly TeamMembership[],
  config: Config,
): readonly DesiredRole[] {
  return teams.flatMap((team) => team.members.map((member) => memberRole(member, team, config)));
}

function memberRole(name: string, team: TeamMembership, config: Config): DesiredRole {
  const admin = team.superuser || config.teamAdminRole === "" ? [] : [config.teamAdminRole];
  return {
    name,
    origin: "team",
    flags: team.superuser ? ["LOGIN", "SUPERUSER"] : ["LOGIN"],
    login: true,
    memberOf: [config.pamRoleName, ...admin],
    parameters: config.teamApiRoleConfiguration,
    isDbOwner: false,
    namespace: "",
    hasPassword: false,
  };
}
