"""Two gateways and a cluster of three: one by way of its site's broker, which is bridged, one directly."""

import shutil
from pathlib import Path

import yaml

import can_pipe
import clusters
import judge
import netns
import support_path  # noqa: F401
import support
import testbed
from bed import Bed

NODES = ("node1", "node2", "node3")
SITE, SINK = "demo", "store"
BRIDGED, DIRECT = "gw1", "gw2"
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
        argv += [SINK, account.password, self.root, ",".join(bed.cluster.addresses)]
        self.consumer = support.Process(bed.hosts["far"].command(argv), self.directory, "consumer")
        bed.stack.callback(self.consumer.kill)

    def _write(self, broker, backfill):
        dbc = self.directory / "bench.dbc"
        dbc.write_text(can_pipe.DBC)
        replay = {"file": str(self.bus.frames_path), "sent": str(self.bus.sent_path), "speed": 1000000}
        settings = {
            "site": SITE,
            "node": self.name,
            "broker": {"keepalive": "5s", "connect_timeout": "3s", **broker},
            "store": {"file": str(self.directory / "edge.db")},
            "backfill": backfill,
            "buses": {"can0": {"driver": "replay", "replay": replay, "dbc": str(dbc), "defaults": {"publish": "every"}}},
        }
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

    def is_live_since(self, moment_s):
        """A frame sent after that moment came live to the sink."""
        number = self.store.newest_live_number()
        return number > 0 and self.bus.sent[number - 1].sent_s >= moment_s

    def verdict(self):
        return judge.judge(self.bus.sent, [], self.store.rows(), self.store.gaps(), self.store.conflicts())


class ClusterBed(Bed):
    def __init__(self, directory, engine):
        self.directory, self._engine = Path(directory), engine
        super().__init__()
        self.members = [
            clusters.Member(DIRECT, "gateway", SITE),
            clusters.Member(f"{SITE}-bridge", "bridge", SITE),
            clusters.Member(SINK, "sink", "+"),
        ]

    def account(self, name):
        return next(member for member in self.members if member.name == name)

    def _make(self):
        self.network = netns.Network()
        self.stack.callback(self.network.close)
        self.hosts = {name: self.network.host(name) for name in (*NODES, "site", BRIDGED, DIRECT, "far")}
        nodes = {name: self.hosts[name] for name in NODES}
        self.cluster = clusters.ENGINES[self._engine](self.directory, nodes, self.members)
        self.stack.callback(self.cluster.close)
        self.broker = self._make_bridge()
        # Beyond a bridge a PUBACK says nothing of the centre; a cluster's own says that two nodes have it.
        sink = {"ack": "sink", "sinks": [SINK], "ack_timeout": "10s"}
        self.bridged = Gateway(self, BRIDGED, {"address": self.hosts["site"].address}, sink)
        account = self.account(DIRECT)
        direct = {
            "address": [f"{address}:{clusters.PORT}" for address in self.cluster.addresses],
            "port": 9,  # nobody's: each address names its own
            "username": account.name,
            "password": account.password,
        }
        self.direct = Gateway(self, DIRECT, direct, {})
        self.gateways = (self.bridged, self.direct)

    def _make_bridge(self):
        secret = self.directory / "bridge.password"
        secret.write_text(self.account(f"{SITE}-bridge").password)
        rendered = clusters.render(
            "bridge", "--nodes", ",".join(self.cluster.addresses), "--port", clusters.PORT, "--site", SITE,
            "--name", f"{SITE}-bridge", "--password-file", secret, "--tls", "no",
        )  # fmt: skip
        section = rendered[rendered.index("# --- Bridge") :]
        config = self.directory / "site.conf"
        config.write_text(BROKER + section)
        program = shutil.which("mosquitto", path=netns.PATH) or "mosquitto"
        process = support.Process(self.hosts["site"].command([program, "-c", config]), self.directory, "site")
        self.stack.callback(process.kill)
        return process

    def _start(self):
        self.cluster.start()
        self.cluster.wait_ready()
        self.broker.start()
        for gateway in self.gateways:
            gateway.start()

    def node_of(self, host):
        """The node that this host has its connection to, or None."""
        listed = self.hosts[host].run("ss", "-Htn", "state", "established", "dport", "=", f":{clusters.PORT}")
        return next((name for name in NODES if f"{self.hosts[name].address}:" in listed), None)
