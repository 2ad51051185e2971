/**
 * The user list of a connection pooler: whom PgBouncer knows without asking the database. That are
 * its own role, and the infrastructure roles, which may look at its statistics.
 *
 * Zalando: pkg/cluster/connection_pooler.go, generateUserlist
 */

import { Sensitive } from "../../../lib/sensitive.ts";

export interface UserListEntry {
  readonly username: string;
  readonly password: Sensitive;
}

/**
 * The text of the list: one user a line, name and password in quotes. Infrastructure roles are
 * sorted; the reference has them in random order. https://www.pgbouncer.org/config.html
 */
export function userList(pooler: UserListEntry, others: readonly UserListEntry[]): Sensitive {
  const sorted = others
    .filter(({ password }) => password.reveal() !== "")
    .sort((a, b) => a.username < b.username ? -1 : a.username > b.username ? 1 : 0);
  const lines = [pooler, ...sorted].map(({ username, password }) =>
    `${quoted(username)} ${quoted(password.reveal())}\n`
  );
  return new Sensitive(lines.join(""));
}

/** True when both lists name the same users with the same passwords. */
export function sameUserList(a: Sensitive, b: Sensitive): boolean {
  const lines = (list: Sensitive) => list.reveal().split("\n").filter((line) => line !== "").sort();
  return lines(a).join("\n") === lines(b).join("\n");
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
