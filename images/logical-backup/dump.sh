#!/bin/bash
# Dumps a cluster with pg_dumpall and stores the dump in S3, Google Cloud Storage or Azure.
#
# Zalando: logical-backup/dump.sh. Variables and the name of the object are the same. Different are:
#   a dump has another name (….part) until pg_dumpall, compression and upload have all ended well, so a
#   broken one never looks like a good one, and never has outdated ones removed;
#   outdated dumps go by the time in their name, with every provider, and nothing else is removed;
#   a pod that is not ready is asked last; keys stand in no argument and no line of the log.
#
# It writes no file but the termination message, and any user may run it. rclone uploads: one program
# that Debian packages, for all three providers, instead of the vendors' own three.
set -euo pipefail

account=${KUBERNETES_ACCOUNT_DIRECTORY:-/var/run/secrets/kubernetes.io/serviceaccount}
message=${TERMINATION_MESSAGE_PATH:-/dev/termination-log}
provider=${LOGICAL_BACKUP_PROVIDER:-s3}
retention=${LOGICAL_BACKUP_S3_RETENTION_TIME:-}
started=$SECONDS

log() { echo "$(date -u +%FT%TZ) $*" >&2; }

# Writes what `kubectl describe` shows of the ended container.
tell() { printf '%s\n' "$1" 2>/dev/null >"$message" || true; }

fail() {
  log "backup of ${SCOPE:-?} failed: $1"
  tell "$(jq -cn --arg error "$1" --argjson seconds $((SECONDS - started)) '{error: $error, seconds: $seconds}')"
  exit 1
}

required() {
  for name in "$@"; do
    [ -n "${!name:-}" ] || fail "$name is not set"
  done
}

# The programs of the server's version, or of the next newer one, which can read it.
find_programs() {
  local directory=${PG_DIR:-/usr/lib/postgresql} program major found=
  for program in "$directory"/*/bin/pg_dumpall; do
    major=${program%/bin/pg_dumpall}
    major=${major##*/}
    if [[ $major =~ ^[0-9]+$ ]] && [ "$major" -ge "$PG_VERSION" ]; then
      if [ -z "$found" ] || [ "$major" -lt "$found" ]; then found=$major; fi
    fi
  done
  [ -n "$found" ] || fail "no pg_dumpall of version $PG_VERSION or newer below $directory"
  PATH=$directory/$found/bin:$PATH
}

# GET a path of the API server. The token is in a file that only curl sees.
api() {
  local host=$KUBERNETES_SERVICE_HOST
  case $host in *:*) host="[$host]" ;; esac
  curl --silent --show-error --fail --max-time 30 --retry 3 --cacert "$account/ca.crt" \
    --config <(printf 'header = "Authorization: Bearer %s"\n' "$(<"$account/token")") \
    "https://$host:${KUBERNETES_SERVICE_PORT:-443}/api/v1/namespaces/$POD_NAMESPACE/$1"
}

# Where to dump from: a replica of this node, any replica, the primary; those that are ready first.
choose_source() {
  local node pods
  node=$(api "pods/${HOSTNAME:-}" | jq -r '.spec.nodeName // ""') || node=
  pods=$(api "pods?labelSelector=$CLUSTER_NAME_LABEL%3D$SCOPE") || fail "cannot list the pods of $SCOPE"
  jq -r --arg node "$node" '
    [.items[]
      | select(.metadata.deletionTimestamp == null and (.status.podIP // "") != "")
      | {ip: .status.podIP, role: .metadata.labels["spilo-role"],
         near: (.spec.nodeName == $node),
         ready: any(.status.conditions[]?; .type == "Ready" and .status == "True")}
      | select(.role == "replica" or .role == "master")]
    | sort_by([(.ready | not), .role != "replica", (.near | not)])
    | first // empty | .ip' <<<"$pods"
}

wait_for_source() {
  local attempts=${LOGICAL_BACKUP_CONNECT_RETRIES:-10} attempt
  for ((attempt = 1; attempt <= attempts; attempt++)); do
    if pg_isready --quiet --host="$PGHOST" --port="${PGPORT:-5432}"; then return; fi
    log "waiting for $PGHOST:${PGPORT:-5432} (attempt $attempt of $attempts)"
    sleep "${LOGICAL_BACKUP_CONNECT_RETRY_DELAY:-2}"
  done
  fail "$PGHOST:${PGPORT:-5432} does not answer"
}

# Has rclone know the store as `store:`, through variables alone. $1 is the size of the databases.
configure_store() {
  local path
  path=$LOGICAL_BACKUP_S3_BUCKET/${LOGICAL_BACKUP_S3_BUCKET_PREFIX:-}
  path=$path/$SCOPE${LOGICAL_BACKUP_S3_BUCKET_SCOPE_SUFFIX:-}/logical_backups
  export RCLONE_CONFIG=/dev/null RCLONE_CONTIMEOUT=${RCLONE_CONTIMEOUT:-20s}
  export RCLONE_LOW_LEVEL_RETRIES=${RCLONE_LOW_LEVEL_RETRIES:-5}
  case $provider in
  s3) configure_s3 "$1" ;;
  gcs) configure_gcs ;;
  az)
    configure_azure "$1"
    path=$LOGICAL_BACKUP_AZURE_STORAGE_CONTAINER/$path
    ;;
  *) fail "LOGICAL_BACKUP_PROVIDER is $provider; s3, gcs and az are known" ;;
  esac
  folder=store:$path
}

# The size of a part: at least 8 MiB, and as much as a dump needs that has $2 parts at most and is twice
# as large as one expects of databases of $1 bytes.
part_size() {
  local wanted=$(($1 * 2 / 5 / $2 / 1048576 + 1))
  echo "$((wanted > 8 ? wanted : 8))Mi"
}

configure_s3() {
  export RCLONE_CONFIG_STORE_TYPE=s3 RCLONE_CONFIG_STORE_ENV_AUTH=true
  export RCLONE_CONFIG_STORE_PROVIDER=AWS RCLONE_CONFIG_STORE_NO_CHECK_BUCKET=true
  export RCLONE_CONFIG_STORE_REGION=${LOGICAL_BACKUP_S3_REGION:-}
  export RCLONE_CONFIG_STORE_SERVER_SIDE_ENCRYPTION=${LOGICAL_BACKUP_S3_SSE:-}
  export RCLONE_CONFIG_STORE_UPLOAD_CONCURRENCY=2
  RCLONE_CONFIG_STORE_CHUNK_SIZE=$(part_size "$1" 9000)
  export RCLONE_CONFIG_STORE_CHUNK_SIZE
  if [ -n "${LOGICAL_BACKUP_S3_ENDPOINT:-}" ]; then
    export RCLONE_CONFIG_STORE_PROVIDER=Other
    export RCLONE_CONFIG_STORE_ENDPOINT=$LOGICAL_BACKUP_S3_ENDPOINT
  fi
}

configure_gcs() {
  export RCLONE_CONFIG_STORE_TYPE='google cloud storage' RCLONE_CONFIG_STORE_BUCKET_POLICY_ONLY=true
  # Without a key file rclone asks the metadata service, as on GKE.
  export RCLONE_CONFIG_STORE_SERVICE_ACCOUNT_FILE=${LOGICAL_BACKUP_GOOGLE_APPLICATION_CREDENTIALS:-}
}

configure_azure() {
  required LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_NAME LOGICAL_BACKUP_AZURE_STORAGE_CONTAINER
  export RCLONE_CONFIG_STORE_TYPE=azureblob
  export RCLONE_CONFIG_STORE_ACCOUNT=$LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_NAME
  export RCLONE_CONFIG_STORE_KEY=${LOGICAL_BACKUP_AZURE_STORAGE_ACCOUNT_KEY:-}
  if [ -z "$RCLONE_CONFIG_STORE_KEY" ]; then export RCLONE_CONFIG_STORE_USE_MSI=true; fi
  RCLONE_CONFIG_STORE_CHUNK_SIZE=$(part_size "$1" 45000)
  export RCLONE_CONFIG_STORE_CHUNK_SIZE RCLONE_CONFIG_STORE_UPLOAD_CONCURRENCY=2
}

compress() { if command -v pigz >/dev/null; then pigz; else gzip; fi; }

# Dump, compression and upload. The upload ends well with whatever came, so all three are asked.
store_part() {
  local states
  set +e
  pg_dumpall | compress | rclone rcat --quiet "$part"
  states=("${PIPESTATUS[@]}")
  set -e
  [ "${states[0]}" = 0 ] || echo "pg_dumpall ended with ${states[0]}"
  [ "${states[1]}" = 0 ] || echo "the compression ended with ${states[1]}"
  [ "${states[2]}" = 0 ] || echo "the upload to $provider ended with ${states[2]}"
}

discard_part() { rclone deletefile --quiet --retries 1 "$part" 2>/dev/null || true; }

# Ends what runs, takes the part away, and says so.
interrupted() {
  trap '' TERM INT
  if [ -n "$job" ]; then
    kill -TERM -- "-$job" 2>/dev/null || true
    wait "$job" 2>/dev/null || true
    discard_part
  fi
  fail "told to stop"
}

# Removes objects of the folder whose name, with the ending $1, holds a time before $2, $3 of them spared.
remove_before() {
  local pattern="^[0-9]+${1//./\\.}\$" names
  names=$(grep -E "$pattern" <<<"$stored" | sort -n | awk -F. -v cutoff="$2" '$1 < cutoff' |
    head -n "-$3" || true)
  [ -n "$names" ] || return 0
  log "removing $(wc -l <<<"$names") outdated dumps: $(tr '\n' ' ' <<<"$names")"
  if rclone delete --quiet --files-from-raw - --no-traverse "$folder" <<<"$names"; then
    removed=$((removed + $(wc -l <<<"$names")))
  else
    trouble="cannot remove outdated dumps"
  fi
}

# What broken jobs have left behind; and dumps that are older than the retention time, to the day, but
# for the newest of those.
remove_outdated() {
  stored=$(rclone lsf --quiet --files-only "$folder") || {
    trouble="cannot list the dumps"
    return
  }
  remove_before .sql.gz.part $(($(date +%s) - 86400)) 0
  if [ -n "$retention" ]; then
    remove_before .sql.gz "$(date -d "$(date -d "$retention ago" +%F)" +%s)" 1
  fi
}

main() {
  required SCOPE CLUSTER_NAME_LABEL POD_NAMESPACE PG_VERSION LOGICAL_BACKUP_S3_BUCKET
  required KUBERNETES_SERVICE_HOST
  if [ -n "$retention" ] && ! date -d "$retention ago" >/dev/null 2>&1; then
    fail "LOGICAL_BACKUP_S3_RETENTION_TIME is $retention, which is no time such as 2 week"
  fi
  find_programs
  PGHOST=$(choose_source)
  [ -n "$PGHOST" ] || fail "no pod of $SCOPE can be asked"
  export PGHOST
  wait_for_source
  local size
  size=$(psql --no-psqlrc --tuples-only --no-align --quiet --command \
    "SELECT sum(pg_catalog.pg_database_size(datname))::bigint FROM pg_catalog.pg_database") ||
    fail "cannot ask $PGHOST for the size of the databases"
  configure_store "$size"
  object=$folder/$(date +%s).sql.gz
  part=$object.part
  log "dumping $SCOPE from $PGHOST to $provider ${object#store:}"
  dump
  finish
}

# Runs the pipeline as a job of its own, so that a signal can end all of it. What it complains of comes
# through a pipe that is never full.
dump() {
  local line complaints=
  exec 3<> <(:)
  set -m
  store_part >&3 &
  job=$!
  set +m
  wait "$job" || echo "the dump ended with $?" >&3
  job=
  echo end >&3
  while read -r line <&3 && [ "$line" != end ]; do
    complaints=${complaints:+$complaints; }$line
  done
  if [ -n "$complaints" ]; then
    discard_part
    fail "$complaints"
  fi
}

# The part gets its name, and what is outdated goes.
finish() {
  local bytes
  bytes=$(rclone lsf --quiet --format s "$part") || bytes=
  if ! [ "${bytes:-0}" -gt 0 ]; then
    discard_part
    fail "the stored dump is empty"
  fi
  if ! rclone moveto --quiet "$part" "$object"; then
    discard_part
    fail "cannot give ${object#store:} its name"
  fi
  log "stored $bytes bytes as ${object#store:}"
  removed=0 trouble=
  remove_outdated
  if [ -n "$trouble" ]; then log "$trouble"; fi
  tell "$(jq -cn --arg object "${object#store:}" --argjson bytes "$bytes" \
    --argjson seconds $((SECONDS - started)) --argjson removed "$removed" --arg trouble "$trouble" \
    '{object: $object, bytes: $bytes, seconds: $seconds, removed: $removed}
      + if $trouble == "" then {} else {trouble: $trouble} end')"
}

job=
trap interrupted TERM INT
main
