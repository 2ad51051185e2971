/** How passwords are stored. */

import type { PasswordEncryption } from "../../sql/scram.ts";
import type { PlanContext } from "../steps/context.ts";

/** Until the database knows better: what PostgreSQL 14 and later do by themselves. */
export const USUAL_ENCRYPTION = "scram-sha-256";

/** What the manifest sets counts before the server has taken it over. */
export function encryptionOf(
  { desired }: Pick<PlanContext, "desired">,
  ofServer: PasswordEncryption,
): PasswordEncryption {
  const given = desired.patroni.parameters["password_encryption"];
  if (given === undefined) return ofServer;
  return given.toLowerCase() === "md5" ? "md5" : "scram-sha-256";
}
