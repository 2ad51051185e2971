/**
 * The Teams API, which knows the members of teams. Layer: client of the Teams API, implements the
 * pass's port.
 *
 * Zalando: pkg/util/teams/teams.go; pkg/cluster/util.go, getOAuthToken.
 */

import type { TeamsApi } from "../../ports/ports.ts";
import { plainText } from "../../lib/plain_text.ts";
import { exchange } from "../../peers/exchange.ts";
import { Sensitive } from "../../lib/sensitive.ts";
import { kindOfStatus, PortError } from "../../ports/errors.ts";

/** A failed call; the message names the team and never the token. */
export class TeamsError extends PortError {
  override readonly name = "TeamsError";
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, kindOfStatus(status), options);
    this.status = status;
  }
}

export interface TeamsOptions {
  /** `teams_api_url`. */
  readonly url: string;
  /** Gives the bearer token. It is rotated, so each call reads it again. */
  readonly token: (signal: AbortSignal) => Promise<Sensitive>;
  readonly timeoutMs?: number;
  /** Sends a request; the platform's `fetch` unless told. */
  readonly send?: (url: string, init: RequestInit) => Promise<Response>;
}

const TIMEOUT_MS = 30_000;
const MAX_WORDS = 300;
/** Room for tens of thousands of members. */
const MAX_BYTES = 1024 * 1024;

/** Makes the port. */
export function createTeamsApi(options: TeamsOptions): TeamsApi {
  return { members: (team, signal) => membersOf(options, team, signal) };
}

/**
 * The token in the data of the OAuth Secret (`oauth_token_secret_name`).
 * @throws TeamsError when a key is missing or the type is not Bearer
 */
export function oauthTokenOf(data: Readonly<Record<string, string>>): Sensitive {
  const type = atob(data["read-only-token-type"] ?? "").trim();
  if (type !== "Bearer") {
    throw new TeamsError(
      "cannot use the OAuth Secret: its key read-only-token-type must be Bearer",
      0,
    );
  }
  const token = atob(data["read-only-token-secret"] ?? "").trim();
  if (token === "") {
    throw new TeamsError("cannot use the OAuth Secret: it has no key read-only-token-secret", 0);
  }
  return new Sensitive(token);
}

async function membersOf(
  options: TeamsOptions,
  team: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { send, timeoutMs = TIMEOUT_MS } = options;
  const token = await options.token(signal);
  const url = `${options.url.replace(/\/+$/, "")}/teams/${encodeURIComponent(team)}`;
  const headers = { authorization: `Bearer ${token.reveal()}`, accept: "application/json" };
  const limits = { timeoutMs, maxBytes: MAX_BYTES, signal, send };
  const answer = await exchange(url, { headers }, limits);
  const attempt = `cannot get the members of team ${team}`;
  const failure = (why: string, status = 0) => new TeamsError(`${attempt}: ${why}`, status);
  if (answer.kind === "late") throw failure(answer.why);
  if (answer.kind === "failed") throw failure(plainText(answer.why, { known: [team] }));
  const { status, text, whole } = answer;
  if (status === 404) return [];
  if (status !== 200) throw failure(`${status}: ${wordsOf(text, team)}`, status);
  if (!whole) throw failure(`the answer has more than ${MAX_BYTES} bytes`, 200);
  return decodeMembers(text, attempt);
}

function decodeMembers(body: string, attempt: string): readonly string[] {
  const team = parse(body);
  if (team === undefined) throw new TeamsError(`${attempt}: the answer is no JSON object`, 200);
  const members = team["member"];
  return Array.isArray(members) ? members.filter((member) => typeof member === "string") : [];
}

function wordsOf(body: string, team: string): string {
  const error = parse(body)?.["error"];
  const text = typeof error === "string" ? error : body;
  return plainText(text, { known: [team], limit: MAX_WORDS }) || "no explanation";
}

function parse(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}
