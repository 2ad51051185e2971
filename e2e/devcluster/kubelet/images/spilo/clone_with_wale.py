#!/usr/bin/python3
"""Makes the data of a clone from an archive (Patroni's custom bootstrap), up to a moment.

    clone_with_wale.py --recovery-target-time=TIME --scope=SCOPE --datadir=DATA

Fetches the last backup that was finished before the moment, and lets a server that nobody can
reach replay WAL and come up as a primary. Where the archive ends before the moment, its end serves.
Zalando: spilo, postgres-appliance/bootstrap/{clone_with_wale,maybe_pg_upgrade}.py
"""
import argparse
import datetime
import json
import os
import subprocess
import sys
import time

from member import Member, binaries

LOG = "/home/postgres/clone.log"
SOCKETS = "/home/postgres"


class Failed(Exception):
    """Why there is no clone."""


def time_of(text):
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if time.tzinfo is None:
        raise Failed(f"the target time {text} has no time zone")
    return time


def places(member):
    """Where the backups may be: in the folder of this version, or where the manifest says."""
    prefix = os.environ["WALG_S3_PREFIX"].rstrip("/")
    if "/spilo/" in prefix and prefix.endswith("/wal"):
        yield f"{prefix}/{member.wanted()}"
    yield prefix


def backup_before(target, prefix):
    os.environ["WALG_S3_PREFIX"] = prefix
    output = subprocess.run(["wal-g", "backup-list", "--detail", "--json"], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    backups = json.loads(output or "[]")
    good = [one for one in backups if target is None or time_of(one["time"]) < target]
    return good[-1]["backup_name"] if good else None


def fetch(member, target, data):
    for prefix in places(member):
        print(f"looking for a backup in {prefix}", flush=True)
        name = backup_before(target, prefix)
        if name is not None:
            subprocess.run(["wal-g", "backup-fetch", data, name], check=True)
            return
    raise Failed(f"there is no backup before {target}" if target else "there is no backup")


def leads_at_last(member, pg_ctl, data):
    """Waits for the end of recovery, before which nobody is let in; gives False where it failed."""
    while subprocess.run([pg_ctl, "status", "-D", data], stdout=subprocess.DEVNULL).returncode == 0:
        asked = subprocess.run(
            ["psql", "-XAtd", "postgres", "-h", SOCKETS, "-U", member.superuser["username"],
             "-c", "SELECT pg_is_in_recovery()"],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if asked.stdout.strip() == "f":
            return True
        time.sleep(0.2)
    return False


def recover(member, data, major, target):
    """Replays WAL; gives False where it ended before the target."""
    settings = {
        "listen_addresses": "", "unix_socket_directories": SOCKETS, "ssl": "off",
        # Nobody reads meanwhile, so settings of the source need not be met.
        "hot_standby": "off", "logging_collector": "off", "log_destination": "stderr",
        # The envdir is already this process's environment.
        "restore_command": '/scripts/restore_command.sh "%f" "%p"',
        "recovery_target_timeline": os.environ.get("CLONE_TARGET_TIMELINE") or "latest",
        "recovery_target_action": "promote",
        "recovery_target_time": target.isoformat() if target else "",
        "recovery_target_inclusive":
            "on" if os.environ.get("CLONE_TARGET_INCLUSIVE", "true").lower() == "true" else "off",
        # As Patroni will have it: what is written now belongs to the new cluster.
        "archive_mode": "on",
        "archive_command": "env -i PATH=\"$PATH\" " +
                           member.postgresql["parameters"]["archive_command"],
    }
    open(os.path.join(data, "recovery.signal"), "w").close()
    open(LOG, "w").close()
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    pg_ctl = os.path.join(binaries(major), "pg_ctl")
    subprocess.run([pg_ctl, "start", "-w", "-t", "3600", "-D", data, "-l", LOG, "-o", options])
    leads = leads_at_last(member, pg_ctl, data)
    with open(LOG) as file:
        log = file.read()
    print(log, flush=True)
    if leads:
        subprocess.run([pg_ctl, "stop", "-w", "-m", "fast", "-D", data], check=True)
        return True
    if "recovery ended before configured recovery target was reached" in log:
        return False
    raise Failed("the copy does not start; its log is above")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--recovery-target-time", default="")
    parser.add_argument("--scope", required=True)
    parser.add_argument("--datadir", required=True)
    options = parser.parse_args()
    member = Member()
    target = time_of(options.recovery_target_time) if options.recovery_target_time else None
    fetch(member, target, options.datadir)
    major = member.major()
    if major != member.wanted():
        raise Failed(f"the backup is of PostgreSQL {major}, this cluster of {member.wanted()}")
    if not recover(member, options.datadir, major, target):
        print("the archive ends before the target time; its end is taken", flush=True)
        recover(member, options.datadir, major, None)


if __name__ == "__main__":
    try:
        main()
    except (Failed, subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"cannot clone: {error}")
