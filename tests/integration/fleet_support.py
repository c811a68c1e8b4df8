"""The store of a fleet under test: a PostgreSQL cluster of the test's own, and examples/fleet-store."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import time
import unittest

import lanes_support
import support

FLEET_STORE = support.SOURCE_DIR / "examples/fleet-store/fleet-store"
SKIPPED = 77


def postgres_programs():
    """Debian keeps them out of the path; the newest. None: not installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda p: int(p.split("/")[4]))
    return os.path.dirname(found[-1]) if found else None


def require():
    """Ends this program as skipped where something is missing."""
    try:
        import psycopg2  # noqa: F401
    except ImportError:
        print("skipped: python3-psycopg2 is not installed")
        raise SystemExit(SKIPPED) from None
    if postgres_programs() is None:
        print("skipped: postgresql is not installed")
        raise SystemExit(SKIPPED)


class Postgres:
    """A cluster below `directory`, reached by a socket there, run as a user that is not root."""

    def __init__(self, directory, settings=""):
        self.programs = postgres_programs()
        self.directory = directory
        self.data = directory / "data"
        self.settings = settings
        self.process = None
        self.user = ["setpriv", "--pdeathsig", "KILL", "--"]
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(directory, nobody.pw_uid, nobody.pw_gid)
            ids = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
            self.user = ["setpriv", "--pdeathsig", "KILL", *ids, "--"]

    def initialise(self):
        for parent in self.directory.parents:  # the user has to get there
            if parent.stat().st_uid == os.getuid() and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
        command = [f"{self.programs}/initdb", "-D", self.data, "-U", "owner", "-A", "trust", "-N", "-E", "UTF8"]
        command += ["--locale=C"]
        subprocess.run(
            [*self.user, *command], check=True, capture_output=True, cwd="/", env=self.environment
        )
        return self

    @property
    def environment(self):
        return {"PATH": os.environ["PATH"], "TZ": "UTC"}

    def dsn(self, user="owner"):
        return f"host={self.directory} dbname=postgres user={user}"

    def start(self):
        command = [f"{self.programs}/postgres", "-D", self.data, "-k", self.directory]
        command += ["-c", "listen_addresses=", "-c", "max_connections=20", "-c", "shared_buffers=32MB"]
        for setting in self.settings.split():
            command += ["-c", setting]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.user, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd="/", env=self.environment, start_new_session=True,
            )  # fmt: skip
        return self

    def wait(self, timeout=60):
        """Until it answers, started if need be; after a kill it may have to recover first."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.query("SELECT 1")
                return self
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                if self.process is None or self.process.poll() is not None:
                    self.start()
            time.sleep(0.05)

    def query(self, sql, user="owner"):
        """Rows as lists of text."""
        command = ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql]
        done = subprocess.run(
            [*command, self.dsn(user)], capture_output=True, text=True, env=self.environment
        )
        if done.returncode != 0:
            raise AssertionError(f"{sql}: {done.stderr}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def number(self, sql):
        return int(self.query(sql)[0][0])

    def kill(self):
        """kill -9 of all its processes, as in a crash."""
        if self.process is None:
            return
        for pid in [*self._children(), self.process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process = None

    def _children(self):
        """Each is the leader of a session of its own."""
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        )
        return [int(pid) for pid in found.stdout.split()]

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(support.TIMEOUT_S)


class TestCase(lanes_support.TestCase):
    def start_postgres(self, **options):
        directory = self.directory / "postgres"
        directory.mkdir()
        postgres = Postgres(directory, **options)
        self.addCleanup(postgres.kill)
        postgres.initialise().start().wait()
        self.migrate(postgres)
        postgres.query('CREATE USER "fleet-store" IN ROLE fleet_writer')
        return postgres

    def migrate(self, postgres):
        done = subprocess.run(
            [FLEET_STORE, "migrate", postgres.dsn()], capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()

    def fleet_configuration(self, broker, postgres, **store):
        store = {"commit_ms": 50, "ack_ms": 200, "metrics_s": 1, **store}
        lines = ["[broker]", f"address = 127.0.0.1:{broker.port}", "retry_max_s = 1"]
        lines += [f"{key} = {store.pop(key)}" for key in list(store) if key.startswith("receive")]
        lines += ["[database]", f"dsn = {postgres.dsn('fleet-store')}", "[store]"]
        lines += [f"{key} = {value}" for key, value in store.items()]
        path = self.directory / "fleet-store.conf"
        path.write_text("\n".join(lines) + "\n")
        return path

    def start_fleet_store(self, configuration, name="fleet-store"):
        return self.start_process(
            [shutil.which("python3", path="/usr/bin"), FLEET_STORE, "run", "-c", configuration], name=name
        )

    def wait_rows(self, postgres, sql, count, timeout=60):
        """Until the query's number is `count`."""
        deadline = time.monotonic() + timeout
        while True:
            found = postgres.number(sql)
            if found == count:
                return
            if time.monotonic() > deadline:
                self.fail(f"{sql}: {found}, not {count}")
            time.sleep(0.1)


def main():
    require()
    unittest.main(verbosity=2)
