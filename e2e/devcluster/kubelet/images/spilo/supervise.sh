#!/bin/bash
# Process 1 of a Spilo container: Patroni, started again only where a script asks for it by a file.
# Whatever else ends Patroni ends the container, which the kubelet then starts again.
again=/run/postgresql/restart-patroni
ending=
trap 'ending=yes; kill -TERM "$patroni" 2> /dev/null' TERM INT
path=$PATH
if [ -n "$FIRST_BACKUP" ]; then /scripts/first_backup.sh & fi
while :; do
  rm -f "$again"
  # An upgrade changes which programs Patroni and its scripts use.
  PATH=$(sed -n 's/^ *"bin_dir": "\(.*\)",\{0,1\}$/\1/p' "$1" | head -n 1):$path
  /usr/bin/patroni "$1" &
  patroni=$!
  # A signal ends the waiting, not Patroni.
  while wait "$patroni"; code=$?; kill -0 "$patroni" 2> /dev/null; do :; done
  if [ -n "$ending" ] || [ ! -e "$again" ]; then exit "$code"; fi
done
