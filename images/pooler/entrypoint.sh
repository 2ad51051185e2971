#!/bin/sh
# Starts PgBouncer as the environment says that the operator gives to a pooler.
#
# Zalando: pooler/entrypoint.sh and pgbouncer.ini.tmpl. The settings are the same but for these:
#   logfile, pidfile   left out: the log is the container's, and nothing reads the other
#   unix_socket_dir    in the directory of the other files, so that the root can be read-only
#   client_tls_*       name the mounted files themselves, so that a renewed certificate is seen; and
#                      client_tls_ca_file is there when a CA is
#   auth_user          also for the console, and auth_file names the pooler's own user alone: see find_users
#
# Nothing is written but in one directory, so any user and a read-only root will do. What a setting of
# PgBouncer is to be instead says PGBOUNCER_<setting>, for instance PGBOUNCER_server_lifetime=600; a file
# /etc/pgbouncer/extra.ini is read last and outranks everything. The names are in small letters because
# Kubernetes makes variables such as PGBOUNCER_PORT of Services.
set -eu

mounted=${POOLER_USER_LIST:-/etc/pgbouncer/userlist.txt}
extra=${POOLER_EXTRA_SETTINGS:-/etc/pgbouncer/extra.ini}
# Seconds between two looks at certificates and users; 0 never looks.
interval=${POOLER_RELOAD_INTERVAL:-10}

fail() {
  echo "cannot start the pooler: $1" >&2
  exit 1
}

# A directory of our own in the first that can be written; /dev/shm can where the root cannot.
writable_directory() {
  for parent in "${POOLER_DIRECTORY:-}" /run/pgbouncer /tmp /dev/shm; do
    if [ -n "$parent" ] && [ -d "$parent" ] && [ -w "$parent" ] && mkdir -p "$parent/pooler"; then
      directory=$parent/pooler
      return
    fi
  done
  fail "there is no directory to write to; mount one at /run/pgbouncer"
}

# One word of the environment. A line break in it would become a setting of its own.
word() {
  eval "word_value=\${$1:-}"
  case $word_value in
  *'
'*) fail "$1 has a line break" ;;
  esac
  [ -n "$word_value" ] || word_value=${2:-}
}

required() {
  word "$1"
  [ -n "$word_value" ] || fail "$1 is not set"
}

# setting NAME VALUE: one line of the configuration, unless PGBOUNCER_<name> says otherwise.
setting() {
  word "PGBOUNCER_$1" "$2"
  echo "$1 = $word_value"
  written="$written $1 "
}

# Settings that only PGBOUNCER_<setting> asks for.
further_settings() {
  for name in $(env | sed -n 's/^PGBOUNCER_\([a-z0-9_]*\)=.*/\1/p' | sort); do
    case $written in
    *" $name "*) ;;
    *)
      word "PGBOUNCER_$name"
      echo "$name = $word_value"
      ;;
    esac
  done
}

# at_least 1.21: whether this PgBouncer is that new.
at_least() {
  oldest=$(printf '%s\n%s\n' "$1" "$version" | sort -t. -k1,1n -k2,2n | head -n 1)
  [ "$oldest" = "$1" ]
}

# With a certificate of the manifest its files, else one that is made here.
find_certificate() {
  word CONNECTION_POOLER_CLIENT_TLS_CRT
  certificate=$word_value
  word CONNECTION_POOLER_CLIENT_TLS_KEY
  key=$word_value
  word CONNECTION_POOLER_CLIENT_CA_FILE
  ca=$word_value
  if [ -n "$certificate" ]; then
    [ -n "$key" ] || fail "CONNECTION_POOLER_CLIENT_TLS_KEY is not set, and ..._TLS_CRT is"
    return
  fi
  certificate=$directory/tls.crt key=$directory/tls.key ca=
  openssl req -new -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 3650 \
    -subj /CN=pgbouncer -keyout "$key" -out "$certificate" 2>"$directory/openssl.log" ||
    fail "openssl makes no certificate: $(cat "$directory/openssl.log")"
}

# A file that is mounted by itself never changes in a pod, so passwords of others would be those of the
# pod's start. From 1.19 on PgBouncer asks the database for everybody else, for its console too; older
# ones know nobody at the console but whom the list names.
find_users() {
  users=$directory/userlist.txt
  if [ -s "$mounted" ] && ! at_least 1.19; then
    users=$mounted
  else
    list_own_user
  fi
}

# The entry of the user that PgBouncer asks as, from the mounted list or from the environment.
list_own_user() {
  required PGUSER
  own=$(quoted "$word_value")
  : >"$users.new"
  if [ -s "$mounted" ]; then
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in
      "$own "*) printf '%s\n' "$line" >>"$users.new" ;;
      esac
    done <"$mounted"
  fi
  if [ ! -s "$users.new" ]; then
    required PGPASSWORD
    printf '%s %s\n' "$own" "$(quoted "$word_value")" >"$users.new"
  fi
  mv "$users.new" "$users"
}

# In double quotes, as the list has names and passwords.
quoted() {
  printf '"%s"' "$(printf %s "$1" | sed 's/"/""/g')"
}

configuration() {
  required PGHOST && host=$word_value
  required PGPORT && port=$word_value
  required PGUSER && user=$word_value
  required PGSCHEMA && schema=$word_value
  echo "[databases]"
  echo "* = host=$host port=$port auth_user=$user"
  echo "postgres = host=$host port=$port auth_user=$user"
  echo
  echo "[pgbouncer]"
  written=' '
  word CONNECTION_POOLER_MODE transaction && setting pool_mode "$word_value"
  word CONNECTION_POOLER_PORT 5432 && setting listen_port "$word_value"
  setting listen_addr '*'
  setting unix_socket_dir "$directory"
  setting admin_users "$user"
  word INFRASTRUCTURE_ROLES && setting stats_users "$word_value"
  if at_least 1.19; then
    setting auth_dbname postgres
    setting auth_user "$user"
  fi
  setting auth_file "$users"
  setting auth_query "SELECT * FROM $schema.user_lookup(\$1)"
  setting auth_type md5
  setting server_tls_sslmode require
  setting server_tls_ca_file "$certificate"
  setting server_tls_protocols secure
  setting client_tls_sslmode require
  setting client_tls_key_file "$key"
  setting client_tls_cert_file "$certificate"
  [ -z "$ca" ] || setting client_tls_ca_file "$ca"
  setting log_connections 0
  setting log_disconnections 0
  ! at_least 1.21 || setting max_prepared_statements 200
  word CONNECTION_POOLER_DEFAULT_SIZE 20 && setting default_pool_size "$word_value"
  word CONNECTION_POOLER_RESERVE_SIZE 0 && setting reserve_pool_size "$word_value"
  word CONNECTION_POOLER_MAX_CLIENT_CONN 100 && setting max_client_conn "$word_value"
  word CONNECTION_POOLER_MAX_DB_CONN 0 && setting max_db_connections "$word_value"
  setting idle_transaction_timeout 600
  setting server_login_retry 5
  setting ignore_startup_parameters extra_float_digits,options
  further_settings
  if [ -f "$extra" ]; then
    echo "%include $extra"
  fi
}

checksum() {
  for file in "$certificate" "$key" "$ca" "$mounted" "$extra"; do
    if [ -f "$file" ]; then cksum <"$file"; fi
  done
}

# Has PgBouncer, which is to be process $1, read changed files anew.
watch_files() {
  before=$(checksum)
  while sleep "$interval" && kill -0 "$1" 2>/dev/null; do
    now=$(checksum)
    if [ "$now" != "$before" ]; then
      before=$now
      echo "certificate, users or settings have changed: reloading" >&2
      find_users
      kill -HUP "$1"
    fi
  done
}

umask 077
version=$(pgbouncer --version 2>/dev/null | sed -n 's/^PgBouncer \([0-9.]*\).*/\1/p')
[ -n "$version" ] || fail "pgbouncer tells no version"
writable_directory
find_certificate
find_users
configuration >"$directory/pgbouncer.ini"
if [ "${1:-}" = --print ]; then
  exec cat "$directory/pgbouncer.ini"
fi
if [ "$interval" -gt 0 ]; then
  watch_files $$ &
fi
exec pgbouncer "$directory/pgbouncer.ini"
