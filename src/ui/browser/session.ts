/** Who is signed in, as far as the pages have to know. */

import { computed, signal } from "@preact/signals";
import { ApiError, ask, MODE } from "./api.ts";
import { followList } from "./store.ts";

export interface Session {
  readonly signIn: "token" | "proxy" | "teams";
  readonly readOnly: boolean;
  readonly user: string | null;
  /** A sentence of whoever runs the UI; empty for none. */
  readonly message: string;
}

/** What `/config` says, as far as the pages use it. */
export interface UiConfig {
  readonly namespaces: readonly string[];
  readonly postgresql_versions: readonly string[];
  readonly dns_format_string: string;
  readonly docs_link: string;
  readonly pgview_link?: string;
  readonly static_network_whitelist: Readonly<Record<string, readonly string[]>>;
  readonly [key: string]: unknown;
}

export const session = signal<Session | undefined>(undefined);
export const config = signal<UiConfig | undefined>(undefined);
export const teams = signal<readonly string[]>([]);

/** True where pages may offer to change something; Kubernetes has the last word. */
export const mayWrite = computed(() => MODE === "ui" && session.value?.readOnly === false);

/** Asks who is signed in; the dashboard has no session. */
export async function loadSession(): Promise<void> {
  if (MODE !== "ui") return;
  const found = await ask<Session>("session");
  if (found.user !== null) {
    // Pages begin with what these say, so they are there before anybody is.
    const [settings, list] = await Promise.all([
      ask<UiConfig>("config"),
      ask<readonly string[]>("teams").catch(() => []),
    ]);
    config.value = settings;
    teams.value = list;
    if (settings["cost_visible"] === true) void followList();
  }
  session.value = found;
}

/** @throws ApiError with Kubernetes' own words */
export async function signIn(token: string): Promise<void> {
  await send("POST", "session", { token });
  await loadSession();
}

export async function signOut(): Promise<void> {
  await send("DELETE", "session");
  location.reload();
}

/** Sends a change; the type alone keeps forms of other sites out. @throws ApiError */
export async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  try {
    return await ask<T>(path, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (error instanceof ApiError && error.status === 401 && path !== "session") {
      session.value = session.peek() && { ...session.peek()!, user: null };
    }
    throw error;
  }
}
