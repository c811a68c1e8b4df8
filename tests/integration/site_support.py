"""A broker with the profile of a site: certificates by scripts/pki, members by scripts/add-node and add-user."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

import mqtt5
import support

SCRIPTS = support.SOURCE_DIR / "scripts"
RENDER = support.SOURCE_DIR / "broker-config/render"
SITE = "home"


def run(*words, text=None, expected=0):
    done = subprocess.run(
        [str(word) for word in words], input=text or "", capture_output=True, text=True, check=False
    )
    if done.returncode != expected:
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


class Pki:
    """One CA, made when first asked for."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.ca = self.directory / "ca.crt"

    def run(self, *words):
        if not self.ca.exists():
            run(SCRIPTS / "pki", "--directory", self.directory, "init")
        return run(SCRIPTS / "pki", "--directory", self.directory, *words)

    def node(self, name):
        """(certificate, key)"""
        certificate = self.directory / f"node/{name}.crt"
        if not certificate.exists():
            self.run("node", name)
        return certificate, certificate.with_suffix(".key")

    def context(self, name=None):
        """TLS of a client, with the certificate of that node."""
        context = ssl.create_default_context(cafile=str(self.ca))
        if name is not None:
            context.load_cert_chain(*map(str, self.node(name)))
        return context


class SiteBroker(support.Process):
    """mosquitto as `render --profile PROFILE` has it, on free ports of loopback; it logs what it denies."""

    def __init__(self, directory, profile="site", extra="", options=()):
        self.directory = Path(directory)
        self.accounts = self.directory / "accounts"
        self.certs = self.directory / "certs"
        self.port, self.password_port, self.websocket_port = (support.free_port() for _ in range(3))
        command = [RENDER, "--profile", profile, "--bind", support.HOST, "--directory", directory]
        command += ["--port", self.port, "--password-port", self.password_port]
        command += ["--websocket-port", self.websocket_port, "--certs", self.certs]
        command += ["--accounts", self.accounts, "--http-dir", support.SOURCE_DIR / "dashboard/dist", *options]
        config = self.directory / "mosquitto.conf"
        config.write_text(run(*command) + "log_type debug\nlog_type information\n" + extra, encoding="utf-8")
        program = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin")
        super().__init__([program, "-c", config], directory, name="mosquitto")

    def take_certificates(self, pki, name="localhost"):
        """What scripts/pki says is to be copied."""
        self.certs.mkdir(exist_ok=True)
        if not (pki.directory / f"server/{name}.crt").exists():
            pki.run("server", name, "--san", support.HOST)
        for source, target in (
            ("ca.crt", "ca.crt"), ("crl.pem", "crl.pem"),
            (f"server/{name}.crt", "server.crt"), (f"server/{name}.key", "server.key"),
        ):  # fmt: skip
            shutil.copy(pki.directory / source, self.certs / target)

    def add_node(self, name, role, *options):
        return run(SCRIPTS / "add-node", name, "--role", role, "--site", SITE, "--accounts", self.accounts, *options)

    def add_user(self, name, roles, password, *options):
        return run(
            SCRIPTS / "add-user", name, roles, "--site", SITE, "--accounts", self.accounts,
            "--password-file", "-", *options, text=password + "\n",
        )  # fmt: skip

    def remove_user(self, name):
        return run(SCRIPTS / "add-user", name, "--remove", "--accounts", self.accounts)

    def reload(self):
        """SIGHUP, and until it has read its files."""
        before = len(self.log.splitlines())
        self.send(signal.SIGHUP)
        self.wait_log("Reloading config", after=before)

    def start(self):
        super().start()
        deadline = time.monotonic() + support.TIMEOUT_S
        while True:
            try:
                socket.create_connection((support.HOST, self.websocket_port), timeout=1).close()
                return self
            except OSError:
                if not self.is_running or time.monotonic() > deadline:
                    raise AssertionError(f"mosquitto does not listen:\n{self.log}") from None
                time.sleep(0.02)

    @property
    def denials(self):
        return [line for line in self.log.splitlines() if "Denied" in line]


class TestCase(support.TestCase):
    """`self.pki`, one for all tests of a class, and brokers of sites."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        holder = tempfile.TemporaryDirectory(prefix="edge-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.pki = Pki(Path(holder.name) / "pki")

    def new_broker(self, **options):
        """Not started: it needs members first."""
        broker = SiteBroker(tempfile.mkdtemp(prefix="site-", dir=self.directory), **options)
        self.addCleanup(broker.kill)
        broker.take_certificates(self.pki)
        return broker

    def connect(self, broker, name, password=None, **options):
        """As that member of the broker: with a password, or a certificate."""
        if password is None:
            client = mqtt5.Client(broker.port, tls=self.pki.context(name), **options)
        else:
            client = mqtt5.Client(
                broker.password_port, username=name, password=password, tls=self.pki.context(), **options
            )
        self.addCleanup(client.close)
        return client
