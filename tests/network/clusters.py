"""Clusters of three brokers on three hosts, as broker-config/ configures them: NATS and RabbitMQ.

    cluster = clusters.Nats(directory, hosts, members)   # or Rabbitmq; hosts are of netns.Network
    cluster.start(); cluster.wait_ready()
    cluster.kill("node1"); cluster.launch("node1")
"""

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import netns
import support_path  # noqa: F401
import support

PORT = 1883
READY_S = 120  # on a machine with much else to do
RENDER = support.SOURCE_DIR / "broker-config/render-cluster"
ACCOUNTS = support.SOURCE_DIR / "broker-config/cluster-accounts"

# To an address, from its host: CONNECT of MQTT 3.1.1 with client id, name and password, by TLS where files of the CA, a
# certificate and a key are given; CONNACK with 0 is the answer.
PROBE = """
import socket, ssl, sys
def text(t): return len(t).to_bytes(2, "big") + t.encode()
body = text("MQTT") + bytes([4, 0xC2, 0, 60]) + text(sys.argv[2]) + text(sys.argv[3]) + text(sys.argv[4])
s = socket.create_connection((sys.argv[1], int(sys.argv[5])), timeout=10)
if len(sys.argv) > 6:
    context = ssl.create_default_context(cafile=sys.argv[6])
    context.load_cert_chain(*sys.argv[7:])
    s = context.wrap_socket(s, server_hostname=sys.argv[1])
with s:
    s.sendall(b"\\x10" + bytes([len(body)]) + body)
    s.settimeout(10)
    sys.exit(0 if s.recv(4) == b"\\x20\\x02\\x00\\x00" else 1)
"""


def render(*arguments):
    argv = [str(word) for word in (RENDER, *arguments)]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def wait_until(condition, what, timeout_s=READY_S):
    deadline_s = time.monotonic() + timeout_s
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline_s:
            raise AssertionError(f"no {what} within {timeout_s} s")
        pause.wait(0.1)


class Member:
    """An account: its role and site say what it may (broker-config/roles/)."""

    def __init__(self, name, role, site):
        self.name, self.role, self.site = name, role, site
        self.password = f"secret-of-{name}"


class Cluster:
    """Three nodes; `hosts` are by name of the node."""

    engine = None

    def __init__(self, directory, hosts, members, pki=None):
        """`pki`: certificates.Pki; None: no TLS."""
        self.directory, self.hosts, self.members, self.pki = Path(directory), hosts, members, pki
        self.addresses = [host.address for host in hosts.values()]
        self.processes = {}
        self._make_accounts()
        for name in hosts:
            self._make_node(name)

    def _make_node(self, name):
        raise NotImplementedError

    def _make_accounts(self):
        text = "".join(f"{m.name} {m.role} {m.site} {m.password}\n" for m in self.members)
        made = subprocess.run([ACCOUNTS, self.engine], input=text, check=True, capture_output=True, text=True)
        self.accounts = self.directory / f"accounts.{'json' if self.engine == 'rabbitmq' else 'conf'}"
        self.accounts.write_text(made.stdout)

    def _render(self, name, *more):
        nodes = ",".join(f"{node}={host.address}" for node, host in self.hosts.items())
        tls = ["--certs", self.pki.server(name, self.hosts[name].address)] if self.pki else ["--tls", "no"]
        accounts = self.accounts if self.engine == "rabbitmq" else self.accounts.name
        return render(
            self.engine, "--node", name, "--nodes", nodes, "--port", PORT, "--accounts", accounts, *tls, *more
        )

    def _folder(self, name):
        folder = self.directory / name
        folder.mkdir()
        return folder

    def start(self):
        for name in self.processes:
            self.launch(name)

    def launch(self, name):
        self.processes[name].start()

    def kill(self, name):
        self.processes[name].kill()

    def stop(self, name):
        """In order, as a rolling restart does."""
        self.processes[name].stop(expected=self.stop_code)

    def close(self):
        for process in self.processes.values():
            process.kill()

    def answers(self, name):
        """Whether the node takes clients."""
        member, host = self.members[0], self.hosts[name]
        argv = ["/usr/bin/python3", "-c", PROBE, host.address, "probe-" + member.name, member.name]
        tls = self.pki.client(member.name) if self.pki else ()
        argv = host.command([*argv, member.password, PORT, *tls])
        return subprocess.run(argv, capture_output=True).returncode == 0

    def wait_ready(self, names=None):
        for name in names or self.processes:
            wait_until(lambda name=name: self.answers(name), f"answer of {name}:\n{self.processes[name].log[-2000:]}")

    def memory_kb(self, name):
        """Of the node and what it started."""
        listed = subprocess.run(
            ["ps", "-o", "rss=", "-g", str(self.processes[name].process.pid)], capture_output=True, text=True
        )
        return sum(map(int, listed.stdout.split()))


class Nats(Cluster):
    engine = "nats"
    stop_code = 1  # what nats-server ends with after SIGTERM

    @staticmethod
    def missing():
        if shutil.which("nats-server", path=netns.PATH) is None:
            return "nats-server is not there (Debian's package nats-server)"
        return None

    def _make_node(self, name):
        config = self.directory / f"{name}.conf"
        config.write_text(self._render(name, "--directory", self._folder(name)))
        argv = [shutil.which("nats-server", path=netns.PATH), "-c", config]
        self.processes[name] = support.Process(self.hosts[name].command(argv), self.directory, name)

    def start(self):
        super().start()
        for name in self.processes:
            self.wait_healthy(name)

    def wait_healthy(self, name):
        """All streams have their replicas here: another node may go."""
        wait_until(lambda: self._is_healthy(name), f"health of {name}")

    def _is_healthy(self, name):
        ask = 'import urllib.request as r; print(r.urlopen("http://127.0.0.1:8222/healthz", timeout=5).status)'
        argv = self.hosts[name].command(["/usr/bin/python3", "-c", ask])
        return subprocess.run(argv, capture_output=True, text=True).stdout.strip() == "200"


class Rabbitmq(Cluster):
    engine = "rabbitmq"
    stop_code = 0
    BIN = Path("/usr/lib/rabbitmq/bin")

    def __init__(self, *arguments, **options):
        self.environment, self._epmds = {}, {}  # by node
        super().__init__(*arguments, **options)

    @staticmethod
    def missing():
        if not (Rabbitmq.BIN / "rabbitmq-server").exists():
            return "rabbitmq-server is not there (Debian's package rabbitmq-server)"
        return None

    def _make_node(self, name):
        folder, host = self._folder(name), self.hosts[name]
        (folder / "rabbitmq.conf").write_text(self._render(name))
        (folder / "plugins").write_text("[rabbitmq_mqtt].\n")
        cookie = folder / ".erlang.cookie"
        cookie.write_text("COOKIEOFTHETEST")
        cookie.chmod(0o400)
        self.environment[name] = {
            "HOME": str(folder),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_USE_LONGNAME": "true",
            "RABBITMQ_NODENAME": f"rabbit@{host.address}",
            "RABBITMQ_LOGS": "-",
            "LC_ALL": "C.UTF-8",
        }
        # Before any node: an epmd that a node starts would outlive it.
        self._epmds[name] = support.Process(host.command(["epmd"]), folder, "epmd")
        self.processes[name] = support.Process(
            host.command([self.BIN / "rabbitmq-server"]), self.directory, name, self.environment[name]
        )

    def start(self):
        """The first one alone: a node that starts beside it may found a cluster of its own."""
        for epmd in self._epmds.values():
            epmd.start()
        first, *others = self.processes
        self.launch(first)
        self.wait_ready([first])
        for name in others:
            self.launch(name)
            self.wait_ready([name])

    def stop(self, name):
        """Clients and leaders go to the others first."""
        self.control(name, "rabbitmq-upgrade", "drain")
        self.control(name, "rabbitmqctl", "stop")
        self.processes[name].wait(READY_S)

    def _tool(self, name, program, *arguments):
        """One of the engine's own programs, on that node's host, run to its end."""
        argv = self.hosts[name].command([self.BIN / program, "-q", *arguments])
        environment = {**os.environ, **self.environment[name]}
        return subprocess.run(argv, capture_output=True, text=True, env=environment)

    def control(self, name, program, *arguments):
        done = self._tool(name, program, *arguments)
        if done.returncode != 0:
            raise RuntimeError(f"{program} {' '.join(arguments)}: {done.stdout} {done.stderr}")

    def wait_healthy(self, name):
        """Any other node may go: no queue hangs on it."""
        for other in self.processes.keys() - {name}:
            wait_until(lambda other=other: self._can_go(other), f"end of what hangs on {other}")

    def _can_go(self, name):
        return self._tool(name, "rabbitmq-diagnostics", "check_if_node_is_quorum_critical").returncode == 0

    def close(self):
        super().close()
        for epmd in self._epmds.values():
            epmd.kill()


ENGINES = {"nats": Nats, "rabbitmq": Rabbitmq}
