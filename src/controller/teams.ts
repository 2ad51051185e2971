/**
 * Who belongs to the teams of a cluster: by the Teams API and by PostgresTeam resources. Answers of
 * the API are kept for a while; one that fails is replaced by the last good one.
 * Zalando: pkg/cluster/util.go, getTeamMembers
 */

import { mergePostgresTeams, teamsWithAccess } from "../api/postgres_team.ts";
import type { PostgresTeam } from "../api/types.gen.ts";
import type { TeamMembership } from "../cluster/effective/inputs.ts";
import type { TeamReader } from "../cluster/observed/read_inputs.ts";
import type { TeamsApi } from "../ports/ports.ts";
import type { Config } from "../config/config.ts";
import { BoundedMap } from "../lib/bounded_map.ts";
import { known, type Observation, unknown } from "../ports/observation.ts";

/** How long an answer of the Teams API counts. */
const FRESH_MS = 5 * 60_000;
/** Manifests may name any team; answers are kept of so many. */
const MOST_TEAMS = 10_000;

interface Answer {
  readonly members: readonly string[];
  readonly atMs: number;
}

/** Makes the reader of team members; `api` is undefined where the Teams API is switched off. */
export function createTeamReader(
  config: Config,
  api: TeamsApi | undefined,
  now: () => number,
): TeamReader {
  const answers = new BoundedMap<string, Answer>(MOST_TEAMS);

  async function ask(team: string, signal: AbortSignal): Promise<Observation<readonly string[]>> {
    if (api === undefined) return known([]);
    const before = answers.get(team);
    if (before && now() - before.atMs < FRESH_MS) return known(before.members);
    try {
      const members = await api.members(team, signal);
      answers.set(team, { members, atMs: now() });
      return known(members);
    } catch (error) {
      signal.throwIfAborted();
      if (before) return known(before.members);
      return unknown(`members of team ${team}: ${error instanceof Error ? error.message : error}`);
    }
  }

  return async (owner, postgresTeams: readonly PostgresTeam[], signal) => {
    const access = teamsWithAccess(owner, mergePostgresTeams(postgresTeams), config);
    const teams: TeamMembership[] = [];
    for (const { team, superuser, additionalMembers } of access) {
      const members = await ask(team, signal);
      if (!members.known) return members;
      const all = [...new Set([...members.value, ...additionalMembers])];
      if (all.length > 0) teams.push({ team, superuser, members: all });
    }
    return known(teams);
  };
}
