/**
 * Password verifiers as PostgreSQL stores them. They are made here so that no statement, and no
 * log of the server, ever holds a password; and an existing one is checked against a password, so
 * that nothing is set anew that already fits.
 *
 * Zalando: pkg/util/util.go, PGUserPassword. RFC 5802, RFC 7677.
 */

import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { saslprep } from "../../lib/saslprep.ts";
import { Sensitive } from "../../lib/sensitive.ts";

export type PasswordEncryption = "scram-sha-256" | "md5";

export interface PasswordOf {
  readonly username: string;
  readonly password: Sensitive;
}

const ITERATIONS = 4096;
const KEY_BYTES = 32;
const CACHE_ENTRIES = 20_000;

const SCRAM =
  /^SCRAM-SHA-256\$(\d{1,7}):([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/=]{44}):[A-Za-z0-9+/=]{44}$/;
const MD5 = /^md5[0-9a-f]{32}$/;

/** Verifiers by a digest of what they are made from: deriving one takes milliseconds. */
const cache = new Map<string, string>();

/** Which kind a verifier is; undefined for a text that the server would take for a password. */
export function verifierKind(text: string): PasswordEncryption | undefined {
  return SCRAM.test(text) ? "scram-sha-256" : MD5.test(text) ? "md5" : undefined;
}

/**
 * The verifier to store for a password. One that is a verifier already is stored as it is, which
 * is how infrastructure roles are defined without a password in clear text.
 */
export function passwordVerifier(
  { username, password }: PasswordOf,
  encryption: PasswordEncryption,
  salt: Uint8Array,
): Sensitive {
  const text = password.reveal();
  if (verifierKind(text) !== undefined) return password;
  if (encryption === "md5") return new Sensitive(md5Verifier(text, username));
  return new Sensitive(scramVerifier(saslprep(text), salt, ITERATIONS));
}

/** True when a role with this verifier lets the password in. */
export function verifies({ username, password }: PasswordOf, verifier: Sensitive): boolean {
  const [text, stored] = [password.reveal(), verifier.reveal()];
  if (verifierKind(text) !== undefined) return text === stored;
  if (MD5.test(stored)) return md5Verifier(text, username) === stored;
  const parts = SCRAM.exec(stored);
  if (parts === null) return false;
  const salt = bytesOf(parts[2] ?? "");
  // Verifiers that others made of a password outside ASCII may lack its preparation.
  const candidates = new Set([saslprep(text), text]);
  return [...candidates].some((candidate) =>
    scramVerifier(candidate, salt, Number(parts[1])) === stored
  );
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

function scramVerifier(password: string, salt: Uint8Array, iterations: number): string {
  const key = createHash("sha256").update(`${iterations}:${encodeBytes(salt)}:${password}`)
    .digest("base64");
  const known = cache.get(key);
  if (known !== undefined) return known;
  const salted = pbkdf2Sync(password, salt, iterations, KEY_BYTES, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest("base64");
  const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
  const verifier = `SCRAM-SHA-256$${iterations}:${encodeBytes(salt)}$${storedKey}:${serverKey}`;
  const [oldest] = cache.keys();
  if (cache.size >= CACHE_ENTRIES && oldest !== undefined) cache.delete(oldest);
  cache.set(key, verifier);
  return verifier;
}

function encodeBytes(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
