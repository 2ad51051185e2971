/**
 * Which teams have access to a cluster, by configuration and by PostgresTeam resources. All
 * resources count as one; teams that a team brings along bring along theirs.
 *
 * Zalando: pkg/teams/postgres_team.go; pkg/cluster/cluster.go, initHumanUsers
 */

import type { PostgresTeam } from "./types.gen.ts";

/** What all PostgresTeam resources together say, by team. */
export interface TeamMap {
  readonly superuserTeams: ReadonlyMap<string, readonly string[]>;
  readonly additionalTeams: ReadonlyMap<string, readonly string[]>;
  readonly additionalMembers: ReadonlyMap<string, readonly string[]>;
}

/** The parameters that decide on teams. */
export interface TeamSettings {
  readonly enablePostgresTeamCrd: boolean;
  readonly enablePostgresTeamCrdSuperusers: boolean;
  readonly enableTeamSuperuser: boolean;
  readonly postgresSuperuserTeams: readonly string[];
}

/** A team with access, and those of its members that need not be asked for. */
export interface TeamAccess {
  readonly team: string;
  readonly superuser: boolean;
  readonly additionalMembers: readonly string[];
}

/** Merges resources; equal entries count once, in the order of the resources. */
export function mergePostgresTeams(resources: readonly PostgresTeam[]): TeamMap {
  const merged = (pick: (team: PostgresTeam) => Record<string, string[]> | undefined) => {
    const map = new Map<string, string[]>();
    for (const resource of resources) {
      for (const [team, values] of Object.entries(pick(resource) ?? {})) {
        map.set(team, [...new Set([...map.get(team) ?? [], ...values])]);
      }
    }
    return map;
  };
  return {
    superuserTeams: merged(({ spec }) => spec.additionalSuperuserTeams),
    additionalTeams: merged(({ spec }) => spec.additionalTeams),
    additionalMembers: merged(({ spec }) => spec.additionalMembers),
  };
}

/**
 * Teams with access to a cluster of `owner`, in this order: superuser teams, additional teams, the
 * owner itself. A member of several teams has the rights of the last one.
 */
export function teamsWithAccess(
  owner: string,
  teams: TeamMap,
  settings: TeamSettings,
): readonly TeamAccess[] {
  const byResource = settings.enablePostgresTeamCrd;
  const superuserTeams = new Set([
    ...(byResource && settings.enablePostgresTeamCrdSuperusers
      ? reachable(owner, teams.superuserTeams)
      : []),
    ...settings.postgresSuperuserTeams,
  ]);
  const additional = (byResource ? reachable(owner, teams.additionalTeams) : [])
    .filter((team) => team !== owner);
  const access = (team: string, superuser: boolean): TeamAccess => ({
    team,
    superuser: superuser || (settings.enableTeamSuperuser && team === owner),
    additionalMembers: byResource ? teams.additionalMembers.get(team) ?? [] : [],
  });
  return [
    ...[...superuserTeams].map((team) => access(team, true)),
    ...additional.filter((team) => !superuserTeams.has(team)).map((team) => access(team, false)),
    ...(owner === "" || superuserTeams.has(owner) ? [] : [access(owner, false)]),
  ].filter(({ team }) => team !== "");
}

/**
 * All teams that can be reached from `start`, nearest first. `start` itself is among them only when
 * it names itself.
 */
function reachable(start: string, edges: ReadonlyMap<string, readonly string[]>): string[] {
  const seen = new Set([start]);
  const queue = [start];
  for (let team = queue.shift(); team !== undefined; team = queue.shift()) {
    for (const next of edges.get(team) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  if (!edges.get(start)?.includes(start)) seen.delete(start);
  return [...seen];
}
