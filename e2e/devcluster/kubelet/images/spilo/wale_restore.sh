#!/bin/bash
# wale_restore.sh --datadir=DATA --connstring=CONNECTION …: the data of a standby from the archive of
# the environment. Where there is a primary, only while little WAL was written since the backup.
percentage=30 megabytes=10240
for argument; do
  case "$argument" in
    --datadir=*) data=${argument#*=} ;;
    --connstring=*) connection=${argument#*=} ;;
    --threshold_backup_size_percentage=*) percentage=${argument#*=} ;;
    --threshold_megabytes=*) megabytes=${argument#*=} ;;
  esac
done
start=$(wal-g backup-list --detail --json |
  /usr/bin/python3 -c 'import json, sys; print(json.loads(sys.stdin.read() or "[]")[-1]["start_lsn"])' \
    2> /dev/null) || { echo "there is no backup"; exit 1; }
if [ -n "$connection" ]; then
  read -r written size < <(psql -XAtqF ' ' -d "$connection" -c "
    SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                 ELSE pg_current_wal_lsn() END - '0/0') - $start,
           (SELECT sum(pg_database_size(oid)) FROM pg_database)")
  if [ -z "$size" ]; then echo "the primary does not answer"; exit 1; fi
  if ((written > megabytes * 1048576 || written > size * percentage / 100)); then
    echo "too much WAL since the backup: $written bytes"
    exit 1
  fi
fi
exec wal-g backup-fetch "$data" LATEST
