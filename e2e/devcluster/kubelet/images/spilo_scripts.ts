/**
 * The scripts that Patroni calls in a Spilo container (dev cluster, images layer).
 *
 * They do what an operator relies on: the roles of a fresh database, a base backup for a replica
 * or a clone, the same roles again after a promotion, and the upgrade of the major version.
 * Zalando: spilo, postgres-appliance/scripts/{post_init,on_role_change,basebackup}.sh,
 * postgres-appliance/bootstrap/clone_with_basebackup.py.
 */
import type { ProgramFile } from "./program.ts";

/** The files below `/scripts`, and the programs that they call. */
export function spiloScripts(): ProgramFile[] {
  const script = (name: string, content: string, mode = 0o755): ProgramFile => ({
    path: `/scripts/${name}`,
    content,
    mode,
    owner: "root",
  });
  return [
    script("post_init.sh", POST_INIT),
    script("post_init.sql", POST_INIT_SQL, 0o644),
    script("every_database.sql", EVERY_DATABASE_SQL, 0o644),
    script("on_role_change.sh", ON_ROLE_CHANGE),
    script("basebackup.sh", BASE_BACKUP),
    script("clone_with_basebackup.sh", CLONE_WITH_BASE_BACKUP),
    ...SCRIPTS.map((name) => script(name, scriptText(name))),
    ...Object.entries(PROGRAMS).map(([path, name]): ProgramFile => ({
      path,
      content: scriptText(name),
      mode: 0o755,
      owner: "root",
    })),
  ];
}

const SCRIPTS = [
  "supervise.sh",
  "inplace_upgrade.py",
  "rejoin_upgraded.py",
  "member.py",
  "s3.py",
  "clone_with_wale.py",
  "wale_restore.sh",
  "restore_command.sh",
  "postgres_backup.sh",
  "first_backup.sh",
] as const;

/** Programs that the image has and Debian does not. WAL-E, the older tool, is asked for the same. */
const PROGRAMS = {
  "/usr/local/bin/wal-g": "wal_g.py",
  "/usr/local/bin/wal-e": "wal_g.py",
  "/usr/local/bin/envdir": "envdir.sh",
} as const;

function scriptText(name: string): string {
  return Deno.readTextFileSync(new URL(`./spilo/${name}`, import.meta.url));
}

/** Called with the human role and a connection string. */
const POST_INIT = `#!/bin/bash
set -eu
export PGOPTIONS="-c synchronous_commit=local -c search_path=pg_catalog"
sql() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set human="$human" "$@"; }
human=$1
connection=$2
sql --dbname "$connection" --file /scripts/post_init.sql
psql --no-psqlrc --tuples-only --no-align --dbname "$connection" \\
  --command 'SELECT datname FROM pg_database WHERE datallowconn' |
while IFS= read -r database; do
  sql --dbname "$connection" --command '\\connect '"$database" --file /scripts/every_database.sql
done
`;

/** `\\gexec` runs each value of the result as a statement. */
const POST_INIT_SQL = String.raw`
SELECT format('CREATE ROLE %I', name)
  FROM unnest(ARRAY['admin', 'cron_admin', 'robot_zmon', :'human']) AS wanted(name)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
ALTER ROLE admin CREATEDB NOLOGIN NOCREATEROLE NOSUPERUSER NOREPLICATION INHERIT;
ALTER ROLE cron_admin NOCREATEDB NOLOGIN NOCREATEROLE NOSUPERUSER NOREPLICATION INHERIT;
ALTER ROLE robot_zmon NOCREATEDB NOLOGIN NOCREATEROLE NOSUPERUSER NOREPLICATION INHERIT;
ALTER ROLE :"human" NOCREATEDB NOLOGIN NOCREATEROLE NOSUPERUSER NOREPLICATION INHERIT;
GRANT cron_admin TO admin;
`;

const EVERY_DATABASE_SQL = String.raw`
SELECT 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public'
 WHERE EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements')
   AND EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public')
\gexec
GRANT EXECUTE ON FUNCTION pg_catalog.pg_switch_wal() TO admin;
GRANT SELECT ON pg_catalog.pg_stat_activity TO admin;
`;

/** Patroni appends the event, the new role and the cluster's name. */
const ON_ROLE_CHANGE = `#!/bin/bash
case "\${2:-} \${3:-}" in
  "on_role_change master" | "on_role_change primary") ;;
  *) exit 0 ;;
esac
for _ in {1..30}; do
  if [ "$(psql --no-psqlrc -tAd postgres -c 'SELECT pg_catalog.pg_is_in_recovery()')" = f ]; then
    exec /scripts/post_init.sh "$1" dbname=postgres
  fi
  sleep 1
done
`;

const BASE_BACKUP = `#!/bin/bash
for argument; do
  case "$argument" in
    --datadir=*) data=\${argument#*=} ;;
    --connstring=*) connection=\${argument#*=} ;;
  esac
done
exec pg_basebackup --pgdata="$data" --wal-method=stream --checkpoint=fast \\
  --no-password --dbname="$connection"
`;

/** The copy has the source's major version, which no other server can read. */
const CLONE_WITH_BASE_BACKUP = `#!/bin/bash
set -eu
for argument; do
  case "$argument" in
    --datadir=*) data=\${argument#*=} ;;
    --pgpass=*) export PGPASSFILE=\${argument#*=} ;;
    --host=*) host=\${argument#*=} ;;
    --port=*) port=\${argument#*=} ;;
    --user=*) user=\${argument#*=} ;;
  esac
done
pg_basebackup --pgdata="$data" --wal-method=stream --checkpoint=fast --no-password \\
  --dbname="host='$host' port='$port' user='$user' dbname=postgres"
mine=$(pg_controldata --version | sed 's/.*) \\([0-9]*\\).*/\\1/')
theirs=$(cat "$data/PG_VERSION")
if [ "$mine" != "$theirs" ]; then
  echo "cannot clone $host: it runs PostgreSQL $theirs, this cluster $mine" >&2
  exit 1
fi
`;
