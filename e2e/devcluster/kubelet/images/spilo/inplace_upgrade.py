"""Raises the major version of a cluster, in the container of its primary (dev cluster).

    /usr/bin/python3 /scripts/inplace_upgrade.py MEMBERS

The contract is that of the image's script: it is given the number of members, raises the data to
the version of PGVERSION, takes the replicas along, tells what it does on its output, and ends with 0
for success or where there is nothing to do. It refuses (1) before anything is stopped when members
are missing, lag or are paused, and when `pg_upgrade --check` objects.
Zalando: spilo, postgres-appliance/major_upgrade/inplace_upgrade.py
"""
import os
import shutil
import subprocess
import sys
import time

from member import Member, ask, binaries

LARGEST_LAG = 16 * 1024 * 1024
PAUSE_SECONDS = 60
START_SECONDS = 120
REPLICAS_SECONDS = 300


class Refused(Exception):
    """Something is not as an upgrade needs it."""


def say(text):
    print(time.strftime("%Y-%m-%d %H:%M:%S"), text, flush=True)


def until(what, seconds, check):
    """Waits until a check gives something true, and gives it back."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.5)
    raise Refused(f"{what}: not so after {seconds} seconds")


class Upgrade:
    def __init__(self, member, wanted, count):
        self.member = member
        self.wanted = wanted
        self.count = count
        self.present = member.major()
        self.new_data = member.data + "_new"
        self.old_data = member.data + "_old"
        self.directory = member.data + "_upgrade"
        self.replicas = []

    def run(self):
        self.check_members()
        self.prepare()
        try:
            self.pg_upgrade("--check")
            self.pause(True)
            self.replace_data()
        except BaseException:
            shutil.rmtree(self.new_data, ignore_errors=True)
            self.resume_old()
            raise
        self.start_new()
        self.finish()

    def check_members(self):
        status, own = self.member.patroni("patroni")
        if status != 200 or own["role"] not in ("master", "primary"):
            raise Refused(f"this member is no running primary: {status} {own}")
        _, cluster = self.member.patroni("cluster")
        if cluster.get("pause"):
            raise Refused("Patroni is paused")
        members = cluster["members"]
        if len(members) != self.count:
            raise Refused(f"there are {len(members)} members instead of {self.count}")
        self.replicas = [it for it in members if it["name"] != self.member.name]
        for replica in self.replicas:
            if replica["state"] not in ("running", "streaming"):
                raise Refused(f"member {replica['name']} is {replica['state']}")
            lag = replica.get("lag")
            if not isinstance(lag, int) or lag > LARGEST_LAG:
                raise Refused(f"member {replica['name']} lags: {lag}")
        streaming = self.member.query("SELECT application_name FROM pg_stat_replication")
        for replica in self.replicas:
            if [replica["name"]] not in streaming:
                raise Refused(f"member {replica['name']} does not stream from the primary")

    def prepare(self):
        shutil.rmtree(self.new_data, ignore_errors=True)
        [[encoding, collate, ctype]] = self.member.query(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype"
            " FROM pg_database WHERE datname = 'template0'")
        [[checksums]] = self.member.query("SHOW data_checksums")
        options = [f"--encoding={encoding}", f"--lc-collate={collate}", f"--lc-ctype={ctype}",
                   f"--username={self.member.superuser['username']}", "--auth=trust"]
        if checksums == "on":
            options.append("--data-checksums")
        elif int(self.wanted) >= 18:
            options.append("--no-data-checksums")
        say(f"initdb of version {self.wanted}")
        subprocess.run([self.binary("initdb"), "-D", self.new_data, *options],
                       check=True, stdout=subprocess.DEVNULL)

    def binary(self, name):
        return os.path.join(binaries(self.wanted), name)

    def pg_upgrade(self, *options):
        os.makedirs(self.directory, exist_ok=True)
        say(f"pg_upgrade {' '.join(options)}")
        environment = {name: value for name, value in os.environ.items() if name != "PGDATA"}
        done = subprocess.run(
            [self.binary("pg_upgrade"), "--link", *options,
             "--old-bindir", binaries(self.present), "--new-bindir", binaries(self.wanted),
             "--old-datadir", self.member.data, "--new-datadir", self.new_data,
             "--username", self.member.superuser["username"]],
            cwd=self.directory, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print(done.stdout, flush=True)
        if done.returncode != 0:
            # The last line of the log is what an Event tells.
            reason = " / ".join(line for line in done.stdout.splitlines() if line.strip())[-400:]
            raise Refused(f"pg_upgrade {' '.join(options)} failed: {reason}")

    def pause(self, wanted):
        say("pausing Patroni" if wanted else "resuming Patroni")
        status, answer = self.member.patroni("config", "PATCH", {"pause": wanted or None})
        if status != 200:
            raise Refused(f"Patroni does not take the pause: {status} {answer}")
        urls = [it["api_url"] for it in self.replicas]
        own = f"http://{self.member.config['restapi']['connect_address']}/patroni"

        def heard(url):
            _, state = ask(url)
            return isinstance(state, dict) and bool(state.get("pause")) == wanted

        if wanted:
            until("every member knows of the pause", PAUSE_SECONDS,
                  lambda: all(heard(url) for url in [own, *urls]))

    def replace_data(self):
        say("stopping the primary")
        self.member.query("CHECKPOINT")
        self.member.stop()
        self.pg_upgrade()
        shutil.copy(os.path.join(self.member.data, "patroni.dynamic.json"), self.new_data)
        # Nothing after this line can go back.
        shutil.rmtree(self.old_data, ignore_errors=True)
        os.rename(self.member.data, self.old_data)
        os.rename(self.new_data, self.member.data)

    def resume_old(self):
        try:
            status, own = self.member.patroni("patroni")
            if status != 0 and own.get("pause"):
                self.pause(False)
                self.member.patroni("restart", "POST", {})
        except Exception as error:
            say(f"cannot resume: {error}")

    def start_new(self):
        self.member.use_major(self.wanted)
        for replica in self.replicas:
            say(f"replica {replica['name']} starts anew")
            self.member.query(
                f"COPY (SELECT 1) TO PROGRAM 'python3 /scripts/rejoin_upgraded.py {self.wanted}'",
                host=replica["host"])
        self.forget_system_identifier()
        self.member.restart_patroni()
        self.forget_system_identifier()
        say("starting the primary")
        until("the primary is started", START_SECONDS,
              lambda: 200 <= self.member.patroni("restart", "POST", {})[0] < 300)
        self.pause(False)
        until("this member leads", START_SECONDS, self.leads)

    def leads(self):
        return self.member.patroni("primary")[0] == 200

    def forget_system_identifier(self):
        """The upgraded data have another identifier; Patroni would refuse it."""
        from patroni.dcs import get_dcs
        dcs = get_dcs({**self.member.config, "name": self.member.name, "loop_wait": 0, "ttl": 10,
                       "retry_timeout": 10, "patronictl": True})
        dcs.cancel_initialization()

    def finish(self):
        until("all replicas are back", REPLICAS_SECONDS, self.replicas_run)
        update = os.path.join(self.directory, "update_extensions.sql")
        if os.path.exists(update):
            say("updating extensions")
            self.member.file(update)
        say("gathering statistics")
        subprocess.run([self.binary("vacuumdb"), "--all", "--analyze-only", "--quiet",
                        "--host=/var/run/postgresql", "--username",
                        self.member.superuser["username"]], check=False)
        human = self.member.config["bootstrap"]["post_init"]
        subprocess.run(f"{human} 'dbname=postgres host=/var/run/postgresql'", shell=True, check=True)
        shutil.rmtree(self.old_data, ignore_errors=True)
        shutil.rmtree(self.directory, ignore_errors=True)
        self.back_up()

    def back_up(self):
        """Backups of the old version are of no use for the new one; does not wait for the new one."""
        archive = self.member.archive()
        if os.listdir(archive):
            say("a new base backup begins")
            subprocess.Popen(["envdir", archive, "/scripts/postgres_backup.sh", self.member.data],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, start_new_session=True)

    def replicas_run(self):
        _, cluster = self.member.patroni("cluster")
        states = {it["name"]: it["state"] for it in cluster.get("members", [])}
        return all(states.get(it["name"]) in ("running", "streaming") for it in self.replicas)


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        say(f"usage: {sys.argv[0]} MEMBERS")
        return 2
    member = Member()
    wanted = os.environ["PGVERSION"]
    if int(member.major()) >= int(wanted):
        say(f"version {member.major()} is there already, {wanted} is wanted")
        return 0
    try:
        Upgrade(member, wanted, int(sys.argv[1])).run()
    except (Refused, subprocess.CalledProcessError, OSError) as error:
        say(f"ERROR: {error}")
        return 1
    say(f"upgraded to version {wanted}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
