/** What goes wrong on a session, in words that name cluster and database and no secret. */

import { plainText } from "../../lib/plain_text.ts";
import { type FailureKind, PortError } from "../../ports/errors.ts";
import type { SqlTarget } from "../../ports/requests.ts";

/** A failed connection or statement. */
export class SqlError extends PortError {
  override readonly name = "SqlError";
  /** The server's five characters; undefined where no server answered. */
  readonly sqlstate: string | undefined;

  constructor(message: string, sqlstate: string | undefined) {
    super(message, kindOf(sqlstate));
    this.sqlstate = sqlstate;
  }
}

/** "invalid_password": the server does not take the password. */
const WRONG_PASSWORD = "28P01";

function kindOf(sqlstate: string | undefined): FailureKind {
  if (sqlstate === undefined) return "unavailable";
  return sqlstate === WRONG_PASSWORD ? "unauthorized" : "failed";
}

/** Verifiers, should the server ever repeat part of a statement. */
const VERIFIER = /SCRAM-SHA-256\$[^\s']*|md5[0-9a-f]{32}/g;

/** As `quote.ts` writes it. */
const IDENTIFIER = /"(?:[^"]|"")+"/g;

/**
 * Makes an error of what the driver threw. The driver's own error is not kept as a cause: it
 * carries the text of the statement.
 */
export function sqlError(
  target: SqlTarget,
  { what, statement = "" }: { readonly what: string; readonly statement?: string },
  thrown: unknown,
): SqlError {
  const where = `database ${target.database} of cluster ${target.namespace}/${target.cluster}`;
  const { code, message, detail, hint } = fieldsOf(thrown);
  const sqlstate = /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
  const more = [detail, hint].filter((text) => text !== "").join("; ");
  const password = target.password.reveal();
  const text = `${message || code}${more === "" ? "" : ` (${more})`}`;
  const safe = plainText(
    (password === "" ? text : text.replaceAll(password, "…")).replace(VERIFIER, "…"),
    // Names stand in a statement as they do in its error.
    { known: [where, what, target.user, ...statement.match(IDENTIFIER) ?? []] },
  );
  const state = sqlstate === undefined ? "" : ` [${sqlstate}]`;
  return new SqlError(`cannot ${what} in ${where}: ${safe}${state}`, sqlstate);
}

function fieldsOf(thrown: unknown): Record<"code" | "message" | "detail" | "hint", string> {
  const fields = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Record<
    string,
    unknown
  >;
  const text = (name: string) => typeof fields[name] === "string" ? fields[name] : "";
  const message = text("message") || (thrown instanceof Error ? "" : String(thrown));
  return { code: text("code"), message, detail: text("detail"), hint: text("hint") };
}
