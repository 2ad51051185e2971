#!/bin/bash
# restore_command.sh NAME FILE: one file of WAL, from the archive of the environment.
exec wal-g wal-fetch "$1" "$2"
