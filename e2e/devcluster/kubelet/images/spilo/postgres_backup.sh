#!/bin/bash
# postgres_backup.sh DATA: a base backup into the archive of the environment, by the primary alone.
export PGHOST=/var/run/postgresql PGUSER=${PGUSER_SUPERUSER:-postgres}
case "$(psql -XAtqd postgres -c 'SELECT pg_catalog.pg_is_in_recovery()')" in
  f) exec wal-g backup-push "$1" ;;
  t) echo "a standby makes no backup" ;;
  *) echo "the server does not say whether it is a standby" >&2; exit 1 ;;
esac
