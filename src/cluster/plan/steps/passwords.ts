/** What was found out about passwords before the plan, because it costs much. Pure. */

import type { Sensitive } from "../../../lib/sensitive.ts";
import type { PasswordEncryption, PasswordOf } from "../../sql/scram.ts";

export interface CheckedPasswords {
  /** Roles for which the time did not last. */
  readonly left: number;
  /** Whether a verifier lets the password in; undefined where there was no time to find out. */
  fits(of: PasswordOf, verifier: Sensitive): boolean | undefined;
  /** A verifier to store; undefined where there was no time to make one. */
  verifierOf(of: PasswordOf, encryption: PasswordEncryption): Sensitive | undefined;
}
