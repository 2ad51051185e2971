/**
 * Password verifiers as PostgreSQL stores them. They are made here so that no statement, and no
 * log of the server, ever holds a password; and an existing one is checked against a password, so
 * that nothing is set again that already fits. The costly part, the salted password, comes in as a
 * value: it is derived beside the event loop (`src/cluster/pass/passwords.ts`). Pure.
 *
 * Zalando: pkg/util/util.go, PGUserPassword. RFC 5802, RFC 7677.
 */

import { createHash, createHmac } from "node:crypto";
import { saslprep } from "../../lib/saslprep.ts";
import { Sensitive } from "../../lib/sensitive.ts";

export type PasswordEncryption = "scram-sha-256" | "md5";

export interface PasswordOf {
  readonly username: string;
  readonly password: Sensitive;
}

/** What a salted password is derived from (PBKDF2 with SHA-256). */
export interface Derivation {
  readonly password: string;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly iterations: number;
}

/** What PostgreSQL does by itself. */
const ITERATIONS = 4096;
/**
 * Any user may set a verifier for himself that takes hours to check. One with more iterations than
 * these is none of ours, and counts as another password: it is replaced, once.
 */
export const MOST_ITERATIONS = 100_000;
export const KEY_BYTES = 32;

const SCRAM =
  /^SCRAM-SHA-256\$(\d{1,10}):([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/=]{44}):[A-Za-z0-9+/=]{44}$/;
const MD5 = /^md5[0-9a-f]{32}$/;

/** Which kind a verifier is; undefined for a text that the server would take for a password. */
export function verifierKind(text: string): PasswordEncryption | undefined {
  return SCRAM.test(text) ? "scram-sha-256" : MD5.test(text) ? "md5" : undefined;
}

/**
 * What has to be derived for the verifier to store of a password; or the verifier itself. One that is
 * a verifier already is stored as it is, which is how infrastructure roles are defined without a
 * password in clear text.
 */
export function verifierToMake(
  { username, password }: PasswordOf,
  encryption: PasswordEncryption,
  salt: Uint8Array<ArrayBuffer>,
): Sensitive | Derivation {
  const text = password.reveal();
  if (verifierKind(text) !== undefined) return password;
  if (encryption === "md5") return new Sensitive(md5Verifier(text, username));
  return { password: saslprep(text), salt, iterations: ITERATIONS };
}

/** Whether a role with this verifier lets the password in; or what has to be derived to know. */
export function checkToMake(
  { username, password }: PasswordOf,
  verifier: Sensitive,
): boolean | readonly Derivation[] {
  const [text, stored] = [password.reveal(), verifier.reveal()];
  if (verifierKind(text) !== undefined) return text === stored;
  if (MD5.test(stored)) return md5Verifier(text, username) === stored;
  const parts = SCRAM.exec(stored);
  const iterations = Number(parts?.[1]);
  if (parts === null || iterations < 1 || iterations > MOST_ITERATIONS) return false;
  const salt = bytesOf(parts[2] ?? "");
  if (salt === undefined) return false;
  // Verifiers that others made of a password outside ASCII may lack its preparation.
  return [...new Set([saslprep(text), text])].map((password) => ({ password, salt, iterations }));
}

/** The verifier that a salted password gives. */
export function scramVerifier(salted: Uint8Array, { salt, iterations }: Derivation): string {
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest("base64");
  const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
  return `SCRAM-SHA-256$${iterations}:${encodeBytes(salt)}$${storedKey}:${serverKey}`;
}

/** Names a derivation without its password: equal for equal ones. */
export function derivationKey({ password, salt, iterations }: Derivation): string {
  return createHash("sha256").update(`${iterations}:${encodeBytes(salt)}:${password}`)
    .digest("base64");
}

/** True when a verifier of this kind is what `encryption` asks for, or was given as it is. */
export function hasEncryption(
  password: Sensitive,
  verifier: Sensitive,
  encryption: PasswordEncryption,
): boolean {
  return verifierKind(password.reveal()) !== undefined ||
    verifierKind(verifier.reveal()) === encryption;
}

function md5Verifier(password: string, username: string): string {
  return `md5${createHash("md5").update(password + username).digest("hex")}`;
}

function encodeBytes(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Undefined for what is no base64, however much it looks like it. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
