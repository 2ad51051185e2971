/**
 * The teams of a user: from a team service, else one list for everybody.
 *
 * Zalando: ui/operator_ui/main.py, get_teams_for_user
 */

import { readText } from "../../peers/bounded_text.ts";
import { PortError } from "../../ports/errors.ts";

const TIMEOUT_MS = 10_000;

/** Where teams are looked up. */
export interface UserTeamsOptions {
  /** Of everybody where there is no service. */
  readonly teams: readonly string[];
  /** With `{}` in place of the user; empty for none. */
  readonly teamServiceUrl: string;
  readonly serviceToken: string;
}

/** Makes the look-up; names of teams are in small letters. */
export function createUserTeams(
  { teams, teamServiceUrl, serviceToken }: UserTeamsOptions,
  send: typeof fetch = fetch,
): (user: string) => Promise<readonly string[]> {
  if (teamServiceUrl === "") return () => Promise.resolve(teams);
  return async (user) => {
    const url = teamServiceUrl.replaceAll(/\{0?\}/g, encodeURIComponent(user));
    const headers: Record<string, string> = serviceToken === ""
      ? {}
      : { authorization: `Bearer ${serviceToken}` };
    try {
      const answer = await send(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const { text } = await readText(answer, 1024 * 1024);
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const list = JSON.parse(text) as { readonly id?: unknown }[];
      return list.flatMap(({ id }) => typeof id === "string" ? [id.toLowerCase()] : []);
    } catch {
      throw new PortError("the team service cannot be asked (TEAM_SERVICE_URL)", "unavailable");
    }
  };
}
