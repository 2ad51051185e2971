/**
 * What a credential Secret holds, and what of it has to change. Decides only; passwords are made
 * and writes are planned in `credentials.ts`.
 *
 * Zalando: pkg/cluster/sync.go, checkForPasswordRotation, rotatePasswordInSecret
 */

import type { Secret } from "../../../kubernetes/types.gen.ts";
import { decodeBase64 } from "../../../lib/base64.ts";
import { Sensitive } from "../../../lib/sensitive.ts";
import type { DesiredRole } from "../../desired/roles/role.ts";
import {
  isRotatedName,
  nextRotation,
  parseRotationDate,
  rotatedName,
  type RotationMode,
  rotationMode,
  rotationObstacle,
  type RotationRules,
} from "./rotation.ts";

export interface SecretContent {
  /** Absent where the Secret has no such key, or an empty one. */
  readonly username: string | undefined;
  readonly password: Sensitive | undefined;
  /** Absent where the password was never subject to rotation; empty where it no longer is. */
  readonly nextRotation: string | undefined;
}

/**
 * Whether the database can follow a change: `ready` now, `waiting` for it to come up, or
 * `unmanaged` where the operator never connects.
 */
export type DatabaseReach = "ready" | "waiting" | "unmanaged";

export type ContentChange =
  | { readonly kind: "keep" }
  /** Wanted, but not now. What the Secret holds goes on to be used. */
  | { readonly kind: "postpone"; readonly reason: string }
  /** A person, or a controller of others, has given a password alone; it stays. */
  | { readonly kind: "name"; readonly username: string; readonly reason: string }
  /** The first date of a rotation; user name and password stay. */
  | { readonly kind: "date"; readonly nextRotation: string; readonly reason: string }
  /** A new password, and the user name that goes with it. */
  | {
    readonly kind: "password";
    readonly username: string;
    readonly nextRotation: string | undefined;
    readonly mode: RotationMode | undefined;
    readonly reason: string;
  }
  | { readonly kind: "refuse"; readonly reason: string };

export interface ContentQuestion {
  readonly content: SecretContent;
  readonly role: DesiredRole;
  /** Names of all roles of the cluster. */
  readonly taken: ReadonlySet<string>;
  readonly rules: RotationRules;
  readonly database: DatabaseReach;
  readonly now: Date;
}

/** Reads a Secret; undefined where its bytes are no text. */
export function secretContent(secret: Secret): SecretContent | undefined {
  const data = secret.data ?? {};
  const texts = ["username", "password", "nextRotation"].map((key) =>
    data[key] === undefined ? null : decodeBase64(data[key]) ?? undefined
  );
  if (texts.includes(undefined)) return undefined;
  const [username, password, next] = texts;
  return {
    username: username || undefined,
    password: password ? new Sensitive(password) : undefined,
    nextRotation: next ?? undefined,
  };
}

/** Decides what of a Secret's content has to change. */
export function contentChange(question: ContentQuestion): ContentChange {
  const { content, role, rules } = question;
  const { username } = content;
  // The passwords of a standby are those of its source: whatever is there was put there on purpose.
  if (rules.standby) return { kind: "keep" };
  if (content.password === undefined) {
    // Nobody can have read a password there, so there is no need to wait for the database.
    return {
      kind: "password",
      username: role.name,
      nextRotation: content.nextRotation,
      mode: undefined,
      reason: `the Secret of role ${role.name} has no password`,
    };
  }
  if (username === undefined) {
    const reason = `the Secret of role ${role.name} has no user name`;
    return { kind: "name", username: role.name, reason };
  }
  // As `echo` leaves it behind a name.
  if (username !== username.trim() && username.trim() === role.name) {
    const reason = `the user name in the Secret of role ${role.name} has blanks around it`;
    return { kind: "name", username: role.name, reason };
  }
  const rotated = isRotatedName(username, role.name);
  if (username !== role.name && !rotated) return wrongName(question, username);
  const mode = rotationMode(role, rules);
  if (mode !== undefined) return rotation(question, mode, rotated);
  if (!rotated) return { kind: "keep" };
  const reason = `role ${role.name} is no longer rotated: back from user ${username}`;
  return plainPassword(question, { reason, nextRotation: "" });
}

function rotation(question: ContentQuestion, mode: RotationMode, rotated: boolean): ContentChange {
  const { content, role, rules, now } = question;
  const next = nextRotation(now, rules);
  if (mode === "in place" && rotated) {
    const reason = `role ${role.name} is rotated in place from now on`;
    return plainPassword(question, { reason, nextRotation: next, mode });
  }
  const due = parseRotationDate(content.nextRotation);
  if (due === undefined) {
    return { kind: "date", nextRotation: next, reason: `role ${role.name} is rotated from now on` };
  }
  if (now.getTime() <= due.getTime()) return { kind: "keep" };
  const reason = `rotation of role ${role.name} was due at ${content.nextRotation}`;
  if (mode === "in place") return plainPassword(question, { reason, nextRotation: next, mode });
  const obstacle = rotationObstacle(role.name, question.taken, now);
  if (obstacle !== undefined) return { kind: "postpone", reason: `${reason}: ${obstacle}` };
  const username = rotatedName(role.name, now);
  return whenReachable(question, {
    kind: "password",
    username,
    nextRotation: next,
    mode,
    reason: `${reason}: new user ${username}`,
  });
}

/** A user name that neither is the role nor comes from its rotation. */
function wrongName(question: ContentQuestion, username: string): ContentChange {
  const { role } = question;
  if (username.replaceAll("-", "_") === role.name.replaceAll("-", "_")) {
    return {
      kind: "refuse",
      reason: `the Secret of role ${role.name} belongs to role ${username}: their names differ ` +
        "by dash and underscore only",
    };
  }
  const reason = `the Secret of role ${role.name} names user ${username}`;
  return plainPassword(question, { reason, nextRotation: "" });
}

function plainPassword(
  question: ContentQuestion,
  change: { reason: string; nextRotation: string | undefined; mode?: RotationMode },
): ContentChange {
  return whenReachable(question, {
    kind: "password",
    username: question.role.name,
    mode: undefined,
    ...change,
  });
}

/** A new password waits until the database can learn of it at once. */
function whenReachable({ database }: ContentQuestion, change: ContentChange): ContentChange {
  if (database !== "waiting" || change.kind !== "password") return change;
  return { kind: "postpone", reason: `${change.reason}; waits for the database` };
}
