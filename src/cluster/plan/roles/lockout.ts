/**
 * A superuser that is locked out: somebody changed the password in its Secret, or deleted the Secret,
 * and the operator can no longer log in to make the database follow. The database is told from inside
 * the primary's pod, where the local socket asks for no password (Spilo's pg_hba, `local all all
 * trust`). Password and verifier stand in no command: the statement is what the command reads.
 */

import { verifierKind } from "../../sql/scram.ts";
import { MAINTENANCE_DATABASE } from "../../observed/catalog.ts";
import { isMember, podRef, primariesOf } from "../../observed/pods.ts";
import type { ExecRequest, PodRef } from "../../../ports/requests.ts";
import { Sensitive } from "../../../lib/sensitive.ts";
import { alterRole } from "../../sql/statements.ts";
import { heldPlan, type PlanContext, step, type SubjectPlan } from "../steps/context.ts";
import { unreachable } from "../steps/unreachable.ts";
import { encryptionOf, USUAL_ENCRYPTION } from "./encryption.ts";
import { podPasswordMarks } from "./pod_passwords.ts";

const SUBJECT = "roles";
const CONTAINER = "postgres";

/** Sets the superuser's password as its Secret has it; everything else waits for the next look. */
export function planLockout(context: PlanContext, reason: string): SubjectPlan {
  const superuser = context.credentials.credentials.get(context.config.superUsername);
  if (superuser?.state !== "ready") return unreachable(context, SUBJECT, reason);
  const { username, password } = superuser;
  if (verifierKind(password.reveal()) !== undefined) {
    const why = "its Secret holds a verifier, which nobody can log in with";
    return heldPlan(SUBJECT, "refused", `role ${username}: ${why}`);
  }
  const pod = onlyPrimary(context);
  if (pod === undefined) return unreachable(context, SUBJECT, reason);
  const encryption = encryptionOf(context, USUAL_ENCRYPTION);
  const verifier = context.passwords.verifierOf({ username, password }, encryption);
  if (verifier === undefined) return unreachable(context, SUBJECT, reason);
  const reasons = [`the Secret of superuser ${username} holds another password than the database`];
  const request = localStatement(pod, username, alterRole(username, { flags: [], verifier }).text);
  const repair = step(SUBJECT, reasons, { kind: "exec", request }, { onError: "continue" });
  // Steps are followed by another look at once, so there is no need to wait for one.
  const { held } = unreachable(context, SUBJECT, reason);
  return { steps: [...podPasswordMarks(context), repair], held };
}

function onlyPrimary({ observed: { pods }, config }: PlanContext): PodRef | undefined {
  if (!pods.known) return undefined;
  const [pod, other] = primariesOf(pods.value, config.podRoleLabel);
  if (pod === undefined || other !== undefined) return undefined;
  return isMember(pod, config.podRoleLabel) ? podRef(pod) : undefined;
}

/**
 * One statement through the local socket. `\q` ends psql where the end of its input is not told; a
 * terse error does not quote the statement.
 */
function localStatement(pod: PodRef, user: string, statement: string): ExecRequest {
  const psql = ["psql", "--no-psqlrc", "--no-password", "--quiet"];
  const settings = ["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse"];
  const target = [`--username=${user}`, `--dbname=${MAINTENANCE_DATABASE}`];
  const lines = [
    "SET default_transaction_read_only TO off;",
    "SET synchronous_commit TO local;",
    "SET statement_timeout TO '60s';",
    "SET lock_timeout TO '10s';",
    `${statement};`,
    "\\q",
  ];
  return {
    pod,
    container: CONTAINER,
    command: [...psql, ...settings, ...target],
    stdin: new Sensitive(lines.join("\n") + "\n"),
  };
}
