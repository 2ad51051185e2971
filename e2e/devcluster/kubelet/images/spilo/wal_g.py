#!/usr/bin/python3
"""Stands in for WAL-G, which is not in Debian: the part of its commands that the image's scripts use.

    wal-g wal-push FILE                     wal-g wal-fetch NAME FILE
    wal-g backup-push DATA                  wal-g backup-fetch DATA NAME|LATEST
    wal-g backup-list [--detail] [--json]

Where to, and with which keys, says the environment (WALG_S3_PREFIX, AWS_...). Names of objects,
their contents and the answers are WAL-G's, with LZMA for compression.
"""
import datetime
import io
import json
import lzma
import os
import socket
import sys
import tarfile

sys.path.insert(0, "/scripts")
from s3 import Bucket, StoreError  # noqa: E402

NO_SUCH_FILE = 74
SENTINEL = "_backup_stop_sentinel.json"
# Servers write these while they run; a copy of them would be of no use, or do harm.
LEFT_OUT = {"postmaster.pid", "postmaster.opts", "backup_label", "tablespace_map", "standby.signal",
            "recovery.signal", "pgsql_tmp"}
EMPTIED = {"pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots",
           "pg_stat_tmp", "pg_subtrans"}


def packed(content):
    return lzma.compress(content, format=lzma.FORMAT_ALONE, preset=0)


class Archive:
    """Everything below one prefix."""

    def __init__(self):
        prefix = os.environ.get("WALG_S3_PREFIX") or os.environ.get("WALE_S3_PREFIX")
        if not prefix:
            raise StoreError("WALG_S3_PREFIX is not set")
        self.bucket = Bucket(prefix)

    def wal_push(self, file):
        with open(file, "rb") as source:
            self.bucket.put(f"wal_005/{os.path.basename(file)}.lzma", packed(source.read()))

    def wal_fetch(self, name, file):
        content = self.bucket.get(f"wal_005/{name}.lzma")
        if content is None:
            print(f"ERROR: Archive '{name}' does not exist", file=sys.stderr)
            return NO_SUCH_FILE
        with open(f"{file}.part", "wb") as target:
            target.write(lzma.decompress(content))
        os.rename(f"{file}.part", file)
        return 0

    def backup_push(self, data):
        connection = connect()
        with connection.cursor() as cursor:
            cursor.execute("SELECT lsn - '0/0', pg_walfile_name(lsn), lsn, system_identifier "
                           "FROM pg_backup_start(%s, true) AS lsn, pg_control_system()",
                           ["wal-g"])
            start, segment, start_text, identifier = cursor.fetchone()
            started = now()
            files, control = tar_of(data)
            # Waits until the last WAL that the backup needs is archived.
            cursor.execute("SELECT lsn - '0/0', lsn, labelfile, spcmapfile FROM pg_backup_stop(true)")
            finish, finish_text, label, tablespaces = cursor.fetchone()
            if tablespaces.strip():
                raise StoreError("tablespaces are not backed up by this stand-in")
            add(files, "backup_label", label.encode())
        parts = {"part_001": closed(files), "pg_control": closed(control)}
        name = f"base_{segment}"
        compressed = {part: packed(content) for part, content in parts.items()}
        for part, content in compressed.items():
            self.bucket.put(f"basebackups_005/{name}/tar_partitions/{part}.tar.lzma", content)
        sizes = {"uncompressed_size": sum(map(len, parts.values())),
                 "compressed_size": sum(map(len, compressed.values()))}
        common = {"start_time": started, "finish_time": now(), "date_fmt": "%Y-%m-%dT%H:%M:%S.%fZ",
                  "hostname": socket.gethostname(), "data_dir": data,
                  "pg_version": connection.server_version, "is_permanent": False,
                  "system_identifier": identifier, **sizes}
        self.put_json(f"basebackups_005/{name}/metadata.json",
                      {**common, "start_lsn": int(start), "finish_lsn": int(finish)})
        self.put_json(f"basebackups_005/{name}{SENTINEL}",
                      {"LSN": int(start), "FinishLSN": int(finish),
                       "PgVersion": connection.server_version, "SystemIdentifier": identifier,
                       "UncompressedSize": sizes["uncompressed_size"],
                       "CompressedSize": sizes["compressed_size"], "Version": 2,
                       "StartTime": started, "FinishTime": common["finish_time"],
                       "FilesMetadataDisabled": True})
        print(f"INFO: wrote backup {name} from {start_text} to {finish_text}", file=sys.stderr)

    def backup_fetch(self, data, name):
        names = [name for name, _ in self.backups()]
        if name == "LATEST" and names:
            name = names[-1]
        if name not in names:
            raise StoreError(f"backup {name} does not exist")
        os.makedirs(data, 0o700, exist_ok=True)
        os.chmod(data, 0o700)
        # As WAL-G does, the control file last: without it nothing starts a half copy.
        for part in ["part_001", "pg_control"]:
            content = self.bucket.get(f"basebackups_005/{name}/tar_partitions/{part}.tar.lzma")
            if content is None:
                raise StoreError(f"backup {name} lacks {part}")
            with tarfile.open(fileobj=io.BytesIO(lzma.decompress(content))) as tar:
                tar.extractall(data)
        print(f"INFO: fetched backup {name}", file=sys.stderr)

    def backups(self):
        """Names of backups with the times when they were stored, oldest first."""
        found = self.bucket.list("basebackups_005")
        names = [(name.split("/")[-1][:-len(SENTINEL)], time) for name, time in found
                 if name.endswith(SENTINEL)]
        return sorted(names, key=lambda one: one[1])

    def backup_list(self, detail, as_json):
        rows = []
        for name, time in self.backups():
            row = {"backup_name": name, "time": time, "wal_file_name": name[len("base_"):],
                   "storage_name": "default"}
            if detail:
                row.update(json.loads(self.bucket.get(f"basebackups_005/{name}/metadata.json")))
            rows.append(row)
        if not rows:
            print("INFO: No backups found", file=sys.stderr)
        elif as_json:
            print(json.dumps(rows))
        else:
            print("backup_name                   modified             wal_file_name "
                  "           storage_name")
            for row in rows:
                print("   ".join([row["backup_name"], row["time"], row["wal_file_name"], "default"]))

    def put_json(self, name, value):
        self.bucket.put(name, json.dumps(value).encode())


def connect():
    import psycopg2
    user = os.environ.get("PGUSER") or os.environ.get("PGUSER_SUPERUSER") or "postgres"
    connection = psycopg2.connect(host="/var/run/postgresql", dbname="postgres", user=user)
    connection.autocommit = True
    return connection


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def new_tar():
    buffer = io.BytesIO()
    return buffer, tarfile.open(fileobj=buffer, mode="w")


def closed(tar):
    tar[1].close()
    return tar[0].getvalue()


def add(tar, name, content):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    tar[1].addfile(info, io.BytesIO(content))


def tar_of(data):
    """The data directory as a tar, and the control file as another; files may change meanwhile."""
    files, control = new_tar(), new_tar()
    for directory, folders, names in os.walk(data):
        inside = os.path.relpath(directory, data)
        top = inside.split("/")[0]
        folders[:] = [folder for folder in folders if folder not in LEFT_OUT]
        if inside != ".":
            info = tarfile.TarInfo(inside)
            info.type, info.mode = tarfile.DIRTYPE, 0o700
            files[1].addfile(info)
        if top in EMPTIED:
            folders[:] = []
            continue
        for name in names:
            path = os.path.normpath(os.path.join(inside, name))
            if name in LEFT_OUT or os.path.islink(os.path.join(data, path)):
                continue
            try:
                with open(os.path.join(data, path), "rb") as source:
                    content = source.read()
            except FileNotFoundError:
                continue  # removed meanwhile; WAL knows of it
            add(control if path == "global/pg_control" else files, path, content)
    return files, control


def main(arguments):
    command, *rest = arguments or [""]
    options = {word for word in rest if word.startswith("--")}
    rest = [word for word in rest if word not in options]
    archive = Archive()
    commands = {"wal-push": (1, archive.wal_push), "wal-fetch": (2, archive.wal_fetch),
                "backup-push": (1, archive.backup_push), "backup-fetch": (2, archive.backup_fetch)}
    if command == "backup-list" and not rest:
        return archive.backup_list("--detail" in options, "--json" in options)
    if command in commands and commands[command][0] == len(rest):
        return commands[command][1](*rest)
    raise StoreError(f"unknown command: {' '.join(arguments)}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (StoreError, OSError) as error:
        sys.exit(f"ERROR: {error}")
