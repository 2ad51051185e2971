"""One member of a cluster, as scripts inside its container see it: programs, files, Patroni."""
import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request

CONFIGURATION = "/run/postgres.yml"
RESTART_FLAG = "/run/postgresql/restart-patroni"


class Member:
    """The member whose container this process runs in."""

    def __init__(self):
        # Patroni's configuration is JSON, which is YAML.
        with open(CONFIGURATION) as file:
            self.config = json.load(file)
        self.postgresql = self.config["postgresql"]
        self.data = self.postgresql["data_dir"]
        self.superuser = self.postgresql["authentication"]["superuser"]
        self.name = os.uname().nodename

    def major(self):
        """The major version of the data directory, as text."""
        with open(os.path.join(self.data, "PG_VERSION")) as file:
            return file.read().strip()

    def wanted(self):
        """The major version whose programs Patroni starts, as text."""
        return self.postgresql["bin_dir"].split("/")[-2]

    def stop(self):
        """Stops the server cleanly; Patroni leaves it so while it is paused."""
        binary = os.path.join(binaries(self.major()), "pg_ctl")
        subprocess.run([binary, "stop", "-w", "-m", "fast", "-D", self.data], check=True)

    def use_major(self, major):
        """Tells Patroni which programs to start next time, and WAL-G the folder of that version."""
        self.postgresql["bin_dir"] = binaries(major)
        with open(CONFIGURATION, "r+") as file:
            json.dump(self.config, file, indent=2)
            file.truncate()
        for name in ["WALG_S3_PREFIX", "WALE_S3_PREFIX"]:
            path = os.path.join(self.archive(), name)
            if os.path.exists(path):
                with open(path, "r+") as file:
                    place = re.sub(r"(/spilo/.*/wal/)\d+$", rf"\g<1>{major}", file.read().strip())
                    file.seek(0)
                    file.write(place)
                    file.truncate()

    def archive(self):
        """The directory with the variables of its archive; not there where it has none."""
        return os.environ.get("WALE_ENV_DIR", "/run/etc/wal-e.d/env")

    def restart_patroni(self):
        """Ends Patroni; process 1 starts it again because of the file."""
        open(RESTART_FLAG, "w").close()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue  # it has ended meanwhile
            if b"/usr/bin/patroni" in words and pid != "1":
                os.kill(int(pid), signal.SIGTERM)

    def patroni(self, path, method="GET", body=None):
        """Asks this member's Patroni; status 0 where it does not answer."""
        address = self.config["restapi"]["connect_address"]
        return ask(f"http://{address}/{path}", method, body)

    def query(self, text, host="/var/run/postgresql"):
        """Runs SQL as the superuser in the database postgres; rows of texts."""
        output = self.psql("-At", "-F", "\t", "-h", host, "-c", text)
        return [line.split("\t") for line in output.splitlines()]

    def file(self, path):
        """Runs a file of SQL as the superuser, which may change the database by itself."""
        self.psql("-h", "/var/run/postgresql", "-f", path)

    def psql(self, *arguments):
        """Gives the output of psql; raises CalledProcessError for a statement that fails."""
        return subprocess.run(
            [os.path.join(binaries(self.major()), "psql"), "-Xq", "-v", "ON_ERROR_STOP=1",
             "-d", "postgres", "-U", self.superuser["username"], *arguments],
            env={**os.environ, "PGPASSWORD": self.superuser["password"]},
            stdout=subprocess.PIPE, check=True, text=True).stdout


def binaries(major):
    """Where the programs of a major version are."""
    return f"/usr/lib/postgresql/{major}/bin"


def ask(url, method="GET", body=None):
    """One request; gives the status and the JSON or text of the answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, value_of(response.read())
    except urllib.error.HTTPError as error:
        return error.code, value_of(error.read())
    except OSError as error:
        return 0, str(error)


def value_of(text):
    """JSON where it is JSON, else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text.decode(errors="replace")
