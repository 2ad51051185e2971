/** Verifiers made and checked at once, which only tests may: it holds up everything else. */

import { pbkdf2Sync } from "node:crypto";
import type { CheckedPasswords } from "../cluster/plan/steps/passwords.ts";
import {
  checkToMake,
  type Derivation,
  KEY_BYTES,
  type PasswordEncryption,
  type PasswordOf,
  scramVerifier,
  verifierToMake,
} from "../cluster/sql/scram.ts";
import { Sensitive } from "../lib/sensitive.ts";

/** The verifier to store of a password. */
export function passwordVerifier(
  of: PasswordOf,
  encryption: PasswordEncryption,
  salt: Uint8Array<ArrayBuffer>,
): Sensitive {
  const toMake = verifierToMake(of, encryption, salt);
  return toMake instanceof Sensitive ? toMake : new Sensitive(derived(toMake));
}

/** True when a role with this verifier lets the password in. */
export function verifies(of: PasswordOf, verifier: Sensitive): boolean {
  const check = checkToMake(of, verifier);
  return typeof check === "boolean"
    ? check
    : check.some((each) => derived(each) === verifier.reveal());
}

/** Knows everything about every password. */
export function checkedPasswords(): CheckedPasswords {
  const salt = new TextEncoder().encode("saltsaltsaltsalt");
  return {
    left: 0,
    answers: [],
    fits: verifies,
    verifierOf: (of, encryption) => passwordVerifier(of, encryption, salt),
  };
}

function derived(of: Derivation): string {
  return scramVerifier(pbkdf2Sync(of.password, of.salt, of.iterations, KEY_BYTES, "sha256"), of);
}
