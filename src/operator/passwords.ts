/** New passwords: the one place where the operator makes up a secret. */

import { Sensitive } from "../lib/sensitive.ts";

const LENGTH = 64;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Fills an array with random bytes, as `crypto.getRandomValues` does. */
export type RandomBytes = (into: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** 64 random letters and digits, each equally likely. Zalando: pkg/util/util.go, RandomPassword */
export function newPassword(
  random: RandomBytes = (into) => crypto.getRandomValues(into),
): Sensitive {
  // Bytes above a multiple of the alphabet's length would make some letters likelier.
  const limit = 256 - 256 % LETTERS.length;
  let password = "";
  while (password.length < LENGTH) {
    for (const byte of random(new Uint8Array(LENGTH))) {
      if (byte < limit) password += LETTERS[byte % LETTERS.length];
    }
  }
  return new Sensitive(password.slice(0, LENGTH));
}
