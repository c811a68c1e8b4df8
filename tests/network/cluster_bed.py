"""Two gateways and a cluster of three: one by way of its site's broker, which is bridged, one directly, and that one
has an automation node, which is connected directly, too."""

import shutil
from pathlib import Path

import yaml

import can_pipe
import certificates
import clusters
import judge
import netns
import support_path  # noqa: F401
import support
import testbed
from bed import Bed

NODES = ("node1", "node2", "node3")
SITE, SINK = "demo", "store"
BRIDGED, DIRECT, AUTOMATION = "gw1", "gw2", testbed.AUTOMATION
QUICK = {"keepalive": "5s", "connect_timeout": "3s"}  # a dead node is noticed soon (docs/cluster.md)
BROKER = """
listener 1883 0.0.0.0
allow_anonymous true
user root
persistence false
max_queued_messages 1000000
max_inflight_messages 100
log_dest stderr
"""


class Gateway:
    """Its bus, its process, and the sink that collects what it sends."""

    def __init__(self, bed, name, broker, backfill):
        self.name, self.root = name, f"edge/{SITE}/{name}"
        self.directory = bed.directory / name
        self.directory.mkdir()
        self.bus = can_pipe.Bus(self.directory)
        bed.stack.callback(self.bus.close)
        self.process = support.Process(
            bed.hosts[name].command([support.BIN_DIR / "edge-gateway", "run", "-c", self._write(broker, backfill)]),
            self.directory, name,
        )  # fmt: skip
        bed.stack.callback(self.process.kill)
        self.store = testbed.StoreFile(self.directory / "central.db")
        account = bed.account(SINK)
        argv = ["/usr/bin/python3", Path(__file__).with_name("cluster_consumer.py"), self.directory / "central.db"]
        argv += [SINK, account.password, self.root, ",".join(bed.cluster.addresses), *bed.tls_files(SINK)]
        self.consumer = support.Process(bed.hosts["far"].command(argv), self.directory, "consumer")
        bed.stack.callback(self.consumer.kill)

    def _write(self, broker, backfill):
        dbc = self.directory / "bench.dbc"
        dbc.write_text(can_pipe.DBC)
        replay = {"file": str(self.bus.frames_path), "sent": str(self.bus.sent_path), "speed": 1000000}
        settings = {
            "site": SITE,
            "node": self.name,
            "broker": broker,
            "store": {"file": str(self.directory / "edge.db")},
            "backfill": backfill,
            "buses": {"can0": {"driver": "replay", "replay": replay, "dbc": str(dbc), "defaults": {"publish": "every"},
                               "commands": {"EchoCommand": {}}}},
        }  # fmt: skip
        path = self.directory / "gateway.yaml"
        path.write_text(yaml.safe_dump(settings, sort_keys=False))
        return path

    def start(self):
        self.consumer.start()
        self.consumer.wait_log(r"granted \(1, 1, 1, 1, 1, 1, 1\)", timeout=clusters.READY_S)
        self.process.start()
        self.process.wait_log("connected", timeout=clusters.READY_S)
        self.bus.start()
        clusters.wait_until(lambda: self.store.newest_live_number() > 0, f"reading of {self.name}")

    def newest_s(self):
        """When the newest frame was sent that came live to the sink."""
        number = self.store.newest_live_number()
        return self.bus.sent[number - 1].sent_s if number > 0 else 0

    def verdict(self):
        return judge.judge(self.bus.sent, [], self.store.rows(), self.store.gaps(), self.store.conflicts())


class Automation:
    """Answers what the bus of the direct gateway asks."""

    def __init__(self, bed, broker):
        self.name, self._bus = AUTOMATION, bed.direct.bus
        directory = bed.directory / AUTOMATION
        directory.mkdir()
        settings = {**testbed.automation_settings(None, directory, DIRECT), "broker": broker}
        path = directory / "automation.yaml"
        path.write_text(yaml.safe_dump(settings, sort_keys=False))
        argv = bed.hosts[AUTOMATION].command([support.BIN_DIR / "automation-node", "run", "-c", path])
        self.process = support.Process(argv, directory, AUTOMATION)
        bed.stack.callback(self.process.kill)

    def start(self):
        self.process.start()
        self.process.wait_log("connected", timeout=clusters.READY_S)
        clusters.wait_until(lambda: self.newest_s() > 0, f"answer of {self.name}")

    def newest_s(self):
        """When the bus asked what was answered last, by a command on the same bus."""
        answered = (probe.asked_s for probe in reversed(self._bus.probes) if probe.latency_s is not None)
        return next(answered, 0)


class ClusterBed(Bed):
    def __init__(self, directory, engine, tls=False):
        self.directory, self._engine = Path(directory), engine
        super().__init__()
        self._pki = certificates.Pki(self.directory) if tls else None
        self.members = [
            clusters.Member(DIRECT, "gateway", SITE),
            clusters.Member(AUTOMATION, "automation", SITE),
            clusters.Member(f"{SITE}-bridge", "bridge", SITE),
            clusters.Member(SINK, "sink", "+"),
        ]

    def account(self, name):
        return next(member for member in self.members if member.name == name)

    def tls_files(self, name):
        """Of the CA, its certificate, its key; none where there is no TLS."""
        return self._pki.client(name) if self._pki else ()

    def _direct(self, name, addresses):
        """The section `broker` of a daemon that is connected to the cluster, as the guide has it."""
        account = self.account(name)
        broker = {
            "address": [f"{address}:{clusters.PORT}" for address in addresses],
            "port": 9,  # nobody's: each address names its own
            "username": account.name,
            "password": account.password,
            "version": "3.1.1",
            **QUICK,
        }
        files = self.tls_files(name)
        return {**broker, "tls": dict(zip(("ca", "certificate", "key"), map(str, files)))} if files else broker

    def _make(self):
        self.network = netns.Network()
        self.stack.callback(self.network.close)
        self.hosts = {name: self.network.host(name) for name in (*NODES, "site", BRIDGED, DIRECT, AUTOMATION, "far")}
        nodes = {name: self.hosts[name] for name in NODES}
        self.cluster = clusters.ENGINES[self._engine](self.directory, nodes, self.members, self._pki)
        self.stack.callback(self.cluster.close)
        self.broker = self._make_bridge()
        # Beyond a bridge a PUBACK says nothing of the centre; a cluster's own says that two nodes have it.
        sink = {"ack": "sink", "sinks": [SINK], "ack_timeout": "10s"}
        self.bridged = Gateway(self, BRIDGED, {"address": self.hosts["site"].address, **QUICK}, sink)
        first, *others = self.cluster.addresses
        self.direct = Gateway(self, DIRECT, self._direct(DIRECT, [first, *others]), {})
        self.gateways = (self.bridged, self.direct)
        self.automation = Automation(self, self._direct(AUTOMATION, [*others, first]))
        self.watched = (*self.gateways, self.automation)

    def _make_bridge(self):
        secret = self.directory / "bridge.password"
        secret.write_text(self.account(f"{SITE}-bridge").password)
        rendered = clusters.render(
            "bridge", "--nodes", ",".join(self.cluster.addresses), "--port", clusters.PORT, "--site", SITE,
            "--name", f"{SITE}-bridge", "--password-file", secret, *self._bridge_certificates(),
        )  # fmt: skip
        section = rendered[rendered.index("# --- Bridge") :]
        config = self.directory / "site.conf"
        config.write_text(BROKER + section)
        program = shutil.which("mosquitto", path=netns.PATH) or "mosquitto"
        process = support.Process(self.hosts["site"].command([program, "-c", config]), self.directory, "site")
        self.stack.callback(process.kill)
        return process

    def _bridge_certificates(self):
        files = self.tls_files(f"{SITE}-bridge")
        if not files:
            return "--tls", "no"
        folder = self.directory / "certs-bridge"
        folder.mkdir()
        for file, name in zip(files, ("centre-ca.crt", "bridge.crt", "bridge.key")):
            shutil.copy(file, folder / name)
        return "--certs", folder

    def _start(self):
        self.cluster.start()
        self.cluster.wait_ready()
        self.broker.start()
        for daemon in self.watched:
            daemon.start()

    def node_of(self, host):
        """The node that this host has its connection to, or None."""
        listed = self.hosts[host].run("ss", "-Htn", "state", "established", "dport", "=", f":{clusters.PORT}")
        return next((name for name in NODES if f"{self.hosts[name].address}:" in listed), None)
