/**
 * The teams of a user: from a team service, else one list for everybody.
 *
 * Zalando: ui/operator_ui/main.py, get_teams_for_user
 */

import { readText } from "../../peers/bounded_text.ts";
import { PortError } from "../../ports/errors.ts";

const TIMEOUT_MS = 10_000;
const KEPT_MS = 60_000;
const MOST_USERS = 1000;

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
  now: () => number = () => performance.now(),
): (user: string) => Promise<readonly string[]> {
  if (teamServiceUrl === "") return () => Promise.resolve(teams);
  const known = new Map<string, { readonly atMs: number; readonly answer: Promise<string[]> }>();
  return (user) => {
    const before = known.get(user);
    // Pages ask every few seconds; a team that somebody has left counts for a minute at most.
    if (before !== undefined && now() - before.atMs < KEPT_MS) return before.answer;
    const answer = ask(user);
    known.delete(user);
    known.set(user, { atMs: now(), answer });
    answer.catch(() => known.get(user)?.answer === answer && known.delete(user));
    if (known.size > MOST_USERS) known.delete(known.keys().next().value!);
    return answer;
  };

  async function ask(user: string): Promise<string[]> {
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
  }
}
