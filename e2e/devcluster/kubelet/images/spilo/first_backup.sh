#!/bin/bash
# first_backup.sh: a base backup as soon as Patroni says that this member leads, for an hour.
for _ in {1..1800}; do
  code=$(curl --silent --output /dev/null --write-out '%{http_code}' http://localhost:8008/primary)
  if [ "$code" = 200 ]; then exec envdir "$WALE_ENV_DIR" /scripts/postgres_backup.sh "$PGDATA"; fi
  sleep 2
done
