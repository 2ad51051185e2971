/**
 * Password rotation: whose password changes when, and which left-over roles may go. A rotation in
 * place changes the password of a role; a rotation by user makes a new login role, named after the
 * date, that is a member of the original one.
 *
 * Zalando: pkg/cluster/sync.go, checkForPasswordRotation, rotatePasswordInSecret;
 * pkg/cluster/database.go, cleanupRotatedUsers
 */

import type { PostgresqlSpec } from "../../../api/types.gen.ts";
import type { Config } from "../../../config/config.ts";
import type { DesiredRole } from "../../desired/roles/role.ts";
import type { RotationCleanup } from "../steps/credential.ts";
import { timestamp } from "../../../lib/timestamp.ts";

export type RotationMode = "by user" | "in place";

/** Settings of rotation in one cluster. */
export interface RotationRules {
  /** `enable_password_rotation`. */
  readonly everyone: boolean;
  readonly byUser: readonly string[];
  readonly inPlace: readonly string[];
  readonly ignored: readonly string[];
  readonly intervalDays: number;
  readonly retentionDays: number;
  /** Never rotated: the operator itself needs its password to change others. */
  readonly superuser: string;
  /** A standby cluster only replays what its source does. */
  readonly standby: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Longest name of a role in PostgreSQL, in bytes. */
const NAME_BYTES = 63;

/** The rules of a cluster. Retention is never shorter than two intervals. */
export function rotationRules(
  spec: PostgresqlSpec,
  config: Config,
  cluster: "standby" | "primary",
): RotationRules {
  const intervalDays = config.passwordRotationInterval;
  return {
    everyone: config.enablePasswordRotation,
    byUser: spec.usersWithSecretRotation ?? [],
    inPlace: spec.usersWithInPlaceSecretRotation ?? [],
    ignored: spec.usersIgnoringSecretRotation ?? [],
    intervalDays,
    retentionDays: Math.max(config.passwordRotationUserRetention, 2 * intervalDays),
    superuser: config.superUsername,
    standby: cluster === "standby",
  };
}

/** How a role's password is rotated; undefined where it is not. */
export function rotationMode(role: DesiredRole, rules: RotationRules): RotationMode | undefined {
  const { name, origin } = role;
  if (rules.standby || name === rules.superuser || rules.ignored.includes(name)) return undefined;
  // The password of an infrastructure role is that of its definition.
  if (origin === "infrastructure" || origin === "team") return undefined;
  const inPlace = rules.inPlace.includes(name);
  const generally = rules.everyone && !role.isDbOwner &&
    (origin === "manifest" || origin === "bootstrap");
  if (!generally && !inPlace && !rules.byUser.includes(name)) return undefined;
  if (inPlace) return "in place";
  // Pods take the name of the replication role from elsewhere than its Secret.
  return origin === "system" ? undefined : "by user";
}

/** The login role that a rotation on this day makes (UTC): `app261123`. */
export function rotatedName(role: string, now: Date): string {
  return `${role}${now.toISOString().slice(2, 10).replaceAll("-", "")}`;
}

/** True where a user name is that of a rotation of the role. */
export function isRotatedName(username: string, role: string): boolean {
  return username.length === role.length + 6 && username.startsWith(role) &&
    /^\d{6}$/.test(username.slice(role.length));
}

/** Why a role cannot be rotated by user, or undefined where it can. */
export function rotationObstacle(
  role: string,
  taken: ReadonlySet<string>,
  now: Date,
): string | undefined {
  const name = rotatedName(role, now);
  if (taken.has(name)) return `another role of the cluster is called ${name}`;
  if (new TextEncoder().encode(name).length > NAME_BYTES) return `${name} is too long for a role`;
  return undefined;
}

/** The date after one interval, as Secrets hold it: RFC 3339 in UTC with whole seconds. */
export function nextRotation(now: Date, rules: RotationRules): string {
  return timestamp(new Date(now.getTime() + rules.intervalDays * DAY_MS));
}

/** Reads a date of a Secret; undefined where there is none, or none that can be read. */
export function parseRotationDate(text: string | undefined): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text ?? "")) {
    return undefined;
  }
  const date = new Date(text ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** What may be dropped of a role's former login roles. */
export function rotationCleanup(
  role: string,
  username: string,
  rules: RotationRules,
  now: Date,
): RotationCleanup {
  const madeBefore = new Date(now.getTime() - rules.retentionDays * DAY_MS);
  return { role, username, madeBefore };
}

/**
 * The roles of the database that a clean-up drops: named exactly after the role and a date, members
 * of the role, too old, and neither in use nor wanted. The reference looks for names that begin
 * alike and so drops roles of others.
 */
export function expiredLogins(
  cleanup: RotationCleanup,
  existing: readonly { readonly name: string; readonly memberOf: readonly string[] }[],
  wanted: ReadonlySet<string>,
): string[] {
  return existing
    .filter(({ name }) => isRotatedName(name, cleanup.role))
    .filter(({ name }) => name !== cleanup.username && !wanted.has(name))
    .filter(({ memberOf }) => memberOf.includes(cleanup.role))
    .filter(({ name }) => isBefore(name.slice(-6), cleanup.madeBefore))
    .map(({ name }) => name);
}

/** A date of six digits; years up to 68 belong to this century, as Go has it. */
function isBefore(digits: string, limit: Date): boolean {
  const [year, month, day] = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6)];
  const century = Number(year) >= 69 ? "19" : "20";
  const text = `${century}${year}-${month}-${day}`;
  const made = new Date(`${text}T00:00:00Z`);
  // Other digits are no date, or one that does not exist (the 31st of February).
  if (Number.isNaN(made.getTime()) || made.toISOString().slice(0, 10) !== text) return false;
  return made.getTime() < limit.getTime();
}
