/** What was found out about passwords before the plan, because it costs much. Pure. */

import type { Sensitive } from "../../../lib/sensitive.ts";
import type { PasswordEncryption, PasswordOf } from "../../sql/scram.ts";

export interface CheckedPasswords {
  /** Roles for which the time did not last. */
  readonly left: number;
  /** What the answers below are taken from. */
  readonly answers: readonly PasswordAnswer[];
  /** Whether a verifier lets the password in; undefined where there was no time to find out. */
  fits(of: PasswordOf, verifier: Sensitive): boolean | undefined;
  /** A verifier to store; undefined where there was no time to make one. */
  verifierOf(of: PasswordOf, encryption: PasswordEncryption): Sensitive | undefined;
}

/** One thing that was found out. */
export type PasswordAnswer =
  | { readonly of: PasswordOf; readonly verifier: Sensitive; readonly fits: boolean }
  | {
    readonly of: PasswordOf;
    readonly encryption: PasswordEncryption;
    readonly made: Sensitive;
  };

/** Lets planners ask for what was found out. */
export function passwordsFrom(
  left: number,
  answers: readonly PasswordAnswer[],
): CheckedPasswords {
  const fitting = new Map<string, boolean>();
  const made = new Map<string, Sensitive>();
  for (const answer of answers) {
    if ("made" in answer) made.set(keyOf(answer.of, answer.encryption), answer.made);
    else fitting.set(keyOf(answer.of, answer.verifier.reveal()), answer.fits);
  }
  return {
    left,
    answers,
    fits: (of, verifier) => fitting.get(keyOf(of, verifier.reveal())),
    verifierOf: (of, encryption) => made.get(keyOf(of, encryption)),
  };
}

/** Stays inside: it holds the password. */
function keyOf({ username, password }: PasswordOf, rest: string): string {
  return JSON.stringify([username, password.reveal(), rest]);
}
