/** How passwords are stored, and new verifiers of them. */

import type { Sensitive } from "../../../lib/sensitive.ts";
import { type PasswordEncryption, type PasswordOf, passwordVerifier } from "../../sql/scram.ts";
import type { PlanContext } from "../steps/context.ts";

/** Letters of a salt; those of a new password are random. */
const SALT_LETTERS = 16;

/** What the manifest sets counts before the server has taken it over. */
export function encryptionOf(
  { desired }: PlanContext,
  ofServer: PasswordEncryption,
): PasswordEncryption {
  const given = desired.patroni.parameters["password_encryption"];
  if (given === undefined) return ofServer;
  return given.toLowerCase() === "md5" ? "md5" : "scram-sha-256";
}

/** A verifier with a salt of its own. */
export function newVerifier(
  context: PlanContext,
  of: PasswordOf,
  encryption: PasswordEncryption,
): Sensitive {
  const random = context.newPassword().reveal().slice(0, SALT_LETTERS);
  return passwordVerifier(of, encryption, new TextEncoder().encode(random));
}
