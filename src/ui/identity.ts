/**
 * Who asks, by one of three modes: their own Kubernetes token, the word of a listed proxy, or the
 * teams of the user whom that proxy names. The first two act with the user's own rights; the third
 * acts with ours and asks whether a team owns the cluster, as Zalando's UI does.
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { parse } from "hono/utils/cookie";
import { isIn } from "./networks.ts";
import type { UiSettings } from "./settings.ts";

/** A user of the UI. */
export type Identity =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "proxy"; readonly user: string; readonly groups: readonly string[] }
  | { readonly kind: "teams"; readonly user: string; readonly teams: readonly string[] };

/** Where a request came from, beside the request itself. */
export interface Peer {
  readonly address: string;
}

export const COOKIE = "postgres-operator-token";

/** Longest token that is taken: a cookie holds 4 KiB. */
const MOST_TOKEN = 3900;

/** Finds out who asks; undefined where somebody has to sign in. */
export async function identityOf(
  request: Request,
  peer: Peer,
  settings: UiSettings,
  teamsOf: (user: string) => Promise<readonly string[]>,
): Promise<Identity | undefined> {
  if (settings.signIn === "token") {
    const token = tokenOf(request.headers);
    return token === undefined ? undefined : { kind: "token", token };
  }
  const user = userOf(request.headers, peer, settings);
  if (settings.signIn === "proxy") {
    if (user === undefined) return undefined;
    const groups = (request.headers.get(settings.proxy.groupsHeader) ?? "").split(",")
      .map((group) => group.trim()).filter((group) => group !== "" && !isSystem(group));
    return { kind: "proxy", user, groups };
  }
  return user === undefined ? undefined : { kind: "teams", user, teams: await teamsOf(user) };
}

/** A bearer token that may stand in a header; undefined for anything else. */
export function checkedToken(text: unknown): string | undefined {
  const token = typeof text === "string" ? text.trim() : "";
  return /^[\w.~+/=-]+$/.test(token) && token.length <= MOST_TOKEN ? token : undefined;
}

function tokenOf(headers: Headers): string | undefined {
  const bearer = /^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  if (bearer !== undefined) return checkedToken(bearer);
  return checkedToken(parse(headers.get("cookie") ?? "", COOKIE)[COOKIE]);
}

/** Headers count from a listed proxy only; the secret is compared in constant time. */
function userOf(headers: Headers, { address }: Peer, { proxy }: UiSettings): string | undefined {
  if (!isIn(proxy.networks, address)) return undefined;
  if (proxy.secret !== "" && !isSame(headers.get("x-proxy-secret") ?? "", proxy.secret)) {
    return undefined;
  }
  const user = headers.get(proxy.userHeader)?.trim() ?? "";
  return user === "" || isSystem(user) ? undefined : user;
}

/** Names of Kubernetes itself are no people: a proxy that lets them through must not make anybody root. */
function isSystem(name: string): boolean {
  return /^system:/i.test(name);
}

function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

/** May a user of teams change a cluster of this team? Members of the superuser team may change all. */
export function ownsTeam(identity: Identity, team: string, superuserTeam: string): boolean {
  if (identity.kind !== "teams") return true;
  if (superuserTeam !== "" && identity.teams.includes(superuserTeam)) return true;
  return identity.teams.includes(team.toLowerCase());
}
