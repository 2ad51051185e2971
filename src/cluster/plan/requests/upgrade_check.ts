/**
 * Asks `pg_upgrade --check` in the primary's pod whether the data could be upgraded. It makes an
 * empty database directory of the newer version beside the data, and takes it away again.
 */

import type { AskedRequest } from "../../effective/requests.ts";
import { isMember, podRef, primariesOf } from "../../observed/pods.ts";
import { step } from "../steps/context.ts";
import { ended, type RequestPlan, type RequestQuestion, SUBJECT, waiting } from "./question.ts";

type UpgradeCheck = Extract<AskedRequest, { what: "upgrade-check" }>;

const LONGEST_MS = 10 * 60_000;

/** Runs its first argument as the user that owns the data. */
const AS_POSTGRES =
  'if [ "$(id -u)" = 0 ]; then exec su postgres -s /bin/bash -c "$0"; fi; exec /bin/bash -c "$0"';

/**
 * The server goes on meanwhile: a check reads its catalogs only. The new directory needs the locale,
 * the encoding and the checksums of the old one.
 */
const CHECK = `
user="\${PGUSER_SUPERUSER:-postgres}"
ask() { psql -XAtU "$user" -d postgres -c "$1"; }
data=$(ask "show data_directory") || exit 1
from=$(cat "$data/PG_VERSION")
old=/usr/lib/postgresql/$from/bin
new=/usr/lib/postgresql/$to/bin
[ -x "$new/pg_upgrade" ] || { echo "PostgreSQL $to is not in the image" >&2; exit 1; }
row="from pg_database where datname = 'template0'"
encoding=$(ask "select pg_encoding_to_char(encoding) $row")
collate=$(ask "select datcollate $row")
ctype=$(ask "select datctype $row")
sums=$(ask "show data_checksums")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
flag=; [ "$sums" = on ] && flag=--data-checksums
# Since version 18 they are on unless told.
[ "$sums" = off ] && [ "$to" -ge 18 ] && flag=--no-data-checksums
"$new/initdb" -U "$user" -D "$work/new" -E "$encoding" --lc-collate="$collate" \\
  --lc-ctype="$ctype" $flag >initdb.log 2>&1 || { tail -n 3 initdb.log >&2; exit 1; }
"$new/pg_upgrade" --check -U "$user" -b "$old" -B "$new" -d "$data" -D "$work/new" \\
  >check.log 2>&1 || { grep -iE 'fatal|fail|error|must|not' check.log | tail -n 5 >&2; exit 1; }
`;

/** Plans the check of the primary. */
export function planUpgradeCheck(request: UpgradeCheck, question: RequestQuestion): RequestPlan {
  const { context, busy } = question;
  const { config, effective, observed } = context;
  const to = request.to ?? Number(config.targetMajorVersion);
  if (Number.isNaN(to) || to < Number(effective.version.manifest)) {
    return ended("refused", `to=${to} is older than version ${effective.version.manifest}`);
  }
  if (busy !== undefined) return waiting(busy);
  if (!observed.pods.known) return waiting(observed.pods.reason);
  const [primary] = primariesOf(observed.pods.value, config.podRoleLabel);
  if (primary === undefined || !isMember(primary, config.podRoleLabel)) {
    return waiting("no primary is up");
  }
  const { what, id } = request;
  const message = `pg_upgrade --check to version ${to} found nothing that stands against it`;
  const exec = {
    pod: podRef(primary),
    container: "postgres",
    command: ["/bin/bash", "-c", AS_POSTGRES, `to=${to}${CHECK}`],
    timeoutMs: LONGEST_MS,
  };
  const reasons = [`check an upgrade to version ${to}`, `asked for: ${id}`];
  const asked = { what, id, then: { state: "done", message } } as const;
  return {
    state: "waiting",
    message: "pg_upgrade is asked",
    steps: [
      step(SUBJECT, reasons, { kind: "exec", request: exec }, { onError: "continue", asked }),
    ],
  };
}
