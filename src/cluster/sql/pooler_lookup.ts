/**
 * The function that PgBouncer asks for the verifier of a user. It runs with the rights of the
 * superuser, so it must not depend on a `search_path` that others decide: a database owner may set
 * one that finds operators of his own first.
 *
 * Zalando: pkg/cluster/database.go, installLookupFunction
 */

import type { SqlText } from "../../ports/requests.ts";
import { identifier } from "./quote.ts";

export const LOOKUP_FUNCTION = "user_lookup";

/** Setting of the function as the catalogue shows it (`pg_proc.proconfig`). */
const PINNED_PATH = "search_path=pg_catalog, pg_temp";

const BODY = `
begin
  select s.usename, s.passwd
    into uname, phash
    from pg_catalog.pg_shadow as s
   where s.usename = i_username;
  return;
end;
`;

/** The body that Zalando's operator installs, in lower case and with single spaces. */
const FORMER_BODY = "begin select usename, passwd from pg_catalog.pg_shadow " +
  "where usename = i_username into uname, phash; return; end;";

/** The function as the catalogue has it. */
export interface LookupFunction {
  readonly language: string;
  readonly body: string;
  readonly securityDefiner: boolean;
  readonly ownedBySuperuser: boolean;
  readonly config: readonly string[];
  /** Roles that may execute it, besides its owner; `public` for everyone. */
  readonly executableBy: readonly string[];
  /** Roles that may use its schema, besides the owner. */
  readonly schemaUsableBy: readonly string[];
}

/** Everything that makes the function, in one transaction. */
export function installLookup(schema: string, user: string): SqlText[] {
  const name = `${identifier(schema)}.${identifier(LOOKUP_FUNCTION)}`;
  const signature = `${name}(pg_catalog.text)`;
  const role = identifier(user);
  const statements = [
    `CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`,
    `CREATE OR REPLACE FUNCTION ${name}(IN i_username pg_catalog.text, ` +
    `OUT uname pg_catalog.text, OUT phash pg_catalog.text) RETURNS record LANGUAGE plpgsql ` +
    `SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $lookup$${BODY}$lookup$`,
    // A function that was there before keeps its owner, who would then decide what it does.
    `ALTER FUNCTION ${signature} OWNER TO CURRENT_USER`,
    `REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC, ${role}`,
    `GRANT EXECUTE ON FUNCTION ${signature} TO ${role}`,
    `GRANT USAGE ON SCHEMA ${identifier(schema)} TO ${role}`,
  ];
  const purpose = `install the look-up function in schema ${schema}`;
  return statements.map((text) => ({ text, purpose }));
}

/** How far a function is from what it should be. `former` works, but trusts `search_path`. */
export function judgeLookup(
  found: LookupFunction | undefined,
  user: string,
): "current" | "former" | "wrong" | "missing" {
  if (found === undefined) return "missing";
  const { language, body, securityDefiner, ownedBySuperuser, config } = found;
  const usable = found.executableBy.includes(user) && found.schemaUsableBy.includes(user) &&
    !found.executableBy.includes("public");
  if (!usable || language !== "plpgsql" || !securityDefiner || !ownedBySuperuser) return "wrong";
  const plain = normalized(body);
  if (plain === normalized(BODY) && config.length === 1 && config[0] === PINNED_PATH) {
    return "current";
  }
  return plain === FORMER_BODY && config.length === 0 ? "former" : "wrong";
}

function normalized(body: string): string {
  return body.toLowerCase().replace(/\s+/g, " ").trim();
}
