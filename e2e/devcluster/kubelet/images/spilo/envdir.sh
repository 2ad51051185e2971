#!/bin/bash
# envdir DIRECTORY COMMAND…: runs a command with a variable for each file of a directory, as
# daemontools' program of this name does.
[ -d "$1" ] || { echo "envdir: there is no directory $1" >&2; exit 111; }
for file in "$1"/*; do
  if [ -s "$file" ]; then export "${file##*/}=$(head -n 1 "$file")"; else unset "${file##*/}"; fi
done
shift
exec "$@"
