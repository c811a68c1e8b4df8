"""A plant on four hosts: gateway, site broker, automation node and centre, each in its own network.

The centre's broker is a mosquitto, or (`centre="nats"`) a cluster of three NATS servers on three
more hosts. What a test may disturb is in `hosts` and `processes`.
"""

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import yaml

import can_pipe
import judge
import netns
import support_path  # noqa: F401
import fleet_support
import support
from bed import Bed

HERE = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # the one that has what the helpers import

SITE, GATEWAY, AUTOMATION = "demo", "gw1", "auto1"
SINK, FLEET_SINK = "store", "fleet-store"
ROOT = f"edge/{SITE}/{GATEWAY}"
PORT = 1883
START_S = 60  # for everything to be there, on a machine with much else to do

BROKER = """
listener {port} 0.0.0.0
allow_anonymous true
user root
persistence true
persistence_location {directory}/
max_queued_messages 1000000
max_inflight_messages 100
set_tcp_nodelay true
log_dest stderr
"""
# Without the TLS of broker-config/bridge.conf, whose other settings are added to this.
BRIDGE = """
connection centre
addresses {addresses}
bridge_protocol_version {version}
remote_clientid {site}
try_private {private}
notifications false
topic {root}/# out 1
topic {root}/ack/+ in 1
"""
BRIDGE_PROFILE = support.SOURCE_DIR / "broker-config/bridge.conf"
BRIDGE_KEYS = ("cleansession", "keepalive_interval", "restart_timeout", "local_clientid")
NATS = """
server_name: {name}
listen: "0.0.0.0:4222"
jetstream {{ store_dir: "{directory}" }}
mqtt {{ listen: "0.0.0.0:{port}", stream_replicas: 3 }}
cluster {{ name: centre, listen: "0.0.0.0:6222", routes: [{routes}] }}
"""

# Between two hosts that no fault touches: how much of a delay is the machine's own.
ECHO_SERVER = """
import socket
server = socket.create_server(("", 7))
print(flush=True)
client, _ = server.accept()
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
while True:
    client.sendall(client.recv(1))
"""
ECHO_CLIENT = """
import socket, sys, time
with socket.create_connection((sys.argv[1], 7)) as client:
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        asked = time.monotonic()
        client.sendall(b"x")
        client.recv(1)
        print(time.monotonic() - asked, flush=True)
        time.sleep(0.1)
"""


class Echo:
    """The round trip between two hosts, measured all the time; a control for every other latency."""

    def __init__(self, network, directory):
        near, far = network.host("control-near"), network.host("control-far")
        python = [sys.executable, "-c"]
        self._server = support.Process(far.command([*python, ECHO_SERVER]), directory, "echo-server")
        argv = near.command([*python, ECHO_CLIENT, far.address])
        self._client = support.Process(argv, directory, "echo")
        self._path = directory / "echo.out"

    def start(self):
        self._server.start()
        wait_until(lambda: self._server.output, "the control's server")
        self._client.start()
        wait_until(lambda: len(self.round_trips()) >= 10, "the control's first round trips")

    def round_trips(self, last=None):
        """In seconds, ten of them a second."""
        lines = self._path.read_text().split("\n")[:-1]
        return [float(line) for line in (lines if last is None else lines[-last:])]

    def close(self):
        self._client.kill()
        self._server.kill()


def wait_until(condition, what, timeout_s=START_S, every_s=0.02):
    deadline_s = time.monotonic() + timeout_s
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline_s:
            raise AssertionError(f"no {what} within {timeout_s} s")
        pause.wait(every_s)


class StoreFile:
    """What central_store.py has stored."""

    def __init__(self, path):
        self._path = path

    def _query(self, sql):
        with contextlib.closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=20)) as db:
            return db.execute(sql).fetchall()

    def newest_live_number(self, bus="can0"):
        """The number of the newest frame of a bus that came on the live lane; 0: none."""
        rows = self._query("SELECT content FROM reading WHERE lane='live' ORDER BY seq DESC LIMIT 50")
        contents = (json.loads(content) for (content,) in rows)
        numbers = (item.get("signals", {}).get("Number", 0) for name, _, item in contents if name == bus)
        return max(numbers, default=0)

    def count(self):
        return self._query("SELECT count(*) FROM reading")[0][0]

    def rows(self):
        rows = self._query("SELECT seq, lane, content, copies FROM reading")
        return [judge.Stored(seq, lane, json.loads(content), copies) for seq, lane, content, copies in rows]

    def gaps(self):
        return self._query("SELECT first, last, reason FROM gap")

    def conflicts(self):
        return self._query("SELECT seq, content FROM conflict")


class SqliteStore(StoreFile):
    """central_store.py, and what it has."""

    def __init__(self, directory, host, addresses):
        super().__init__(directory / "central.db")
        argv = [PYTHON, HERE / "central_store.py", self._path, SINK, ROOT, ",".join(addresses)]
        self.process = support.Process(host.command(argv), directory, "store")


class FleetStore:
    """examples/fleet-store with a PostgreSQL of its own, as a second sink; and what it has."""

    def __init__(self, directory, host, addresses):
        folder = directory / "postgres"
        folder.mkdir()
        self.postgres = fleet_support.Postgres(folder)
        self._config = directory / "fleet-store.conf"
        brokers = " ".join(f"{address}:{PORT}" for address in addresses)
        self._config.write_text(
            f"[broker]\naddress = {brokers}\nretry_max_s = 5\n"
            f"[database]\ndsn = {self.postgres.dsn(FLEET_SINK)}\n[store]\nsink = {FLEET_SINK}\n"
        )
        argv = [PYTHON, fleet_support.FLEET_STORE, "run", "-c", self._config]
        self.process = support.Process(host.command(argv), directory, FLEET_SINK)

    def start(self):
        self.postgres.initialise().start().wait()
        migrate = [fleet_support.FLEET_STORE, "migrate", self.postgres.dsn()]
        subprocess.run(migrate, check=True, capture_output=True)
        self.postgres.query(f'CREATE USER "{FLEET_SINK}" IN ROLE fleet_writer')
        self.process.start()

    def rows(self):
        readings = self.postgres.query(
            "SELECT seq, message, signals FROM fleet.reading JOIN fleet.series ON series.id = series"
        )
        events = self.postgres.query("SELECT seq FROM fleet.event")
        rows = [
            judge.Stored(int(seq), "", ["can0", message, {"signals": json.loads(signals)}], 0)
            for seq, message, signals in readings
        ]
        return rows + [judge.Stored(int(seq), "", [None, "event", {}], 0) for (seq,) in events]

    def gaps(self):
        found = self.postgres.query("SELECT first, last, reason FROM fleet.gap")
        return [(int(first), int(last), reason) for first, last, reason in found]

    def conflicts(self):
        return []  # the first content stays; the other store says whether there was a second one


def gateway_settings(broker, directory, bus, sinks):
    """gateway.yaml of a gateway that reads a can_pipe.Bus as can0."""
    dbc = directory / "bench.dbc"
    dbc.write_text(can_pipe.DBC)
    can = {
        "driver": "replay",
        "replay": {"file": str(bus.frames_path), "sent": str(bus.sent_path), "speed": 1000000},
        "dbc": str(dbc),
        "defaults": {"publish": "every"},
        "commands": {"EchoCommand": {}},
    }
    return {
        "site": SITE,
        "node": GATEWAY,
        "broker": {"address": broker},
        "store": {"file": str(directory / "edge.db")},
        "backfill": {"ack": "sink", "sinks": sinks, "ack_timeout": "10s"},
        "buses": {"can0": can},
    }


def automation_settings(broker, directory, gateway=GATEWAY):
    """automation.yaml of a node that answers every probe on that gateway's can0."""
    echo = {
        "driver": "can",
        "gateway": gateway,
        "command": "can0/EchoCommand/Value",
        "feedback": "can0/EchoState/Value",
        "range": {"min": 0, "max": 100},
        "fail_safe": can_pipe.FAIL_SAFE,
    }
    rules = {
        f"level_{level}": {"while": f"probe = {level}", "device": "echo", "value": level}
        for level in range(can_pipe.LEVELS)
    }
    return {
        "site": SITE,
        "node": AUTOMATION,
        "broker": {"address": broker},
        "store": {"file": str(directory / "automation.db")},
        "inputs": {"probe": {"gateway": gateway, "signal": "can0/Probe/Value", "stale_after": "3s"}},
        "devices": {"echo": echo},
        "rules": rules,
    }


class Testbed(Bed):
    def __init__(self, directory, centre="mosquitto", fleet_store=False):
        self.directory = Path(directory)
        super().__init__()
        self._centre = centre
        self._with_fleet_store = fleet_store
        self.stores = {}  # by sink
        self.processes = {}  # by name: what may be stopped and killed
        self.kills_s = {}  # by name: when

    def _make(self):
        self.network = netns.Network()
        self.stack.callback(self.network.close)
        names = ["gateway", "site", "automation", "centre"]
        names += ["nats1", "nats2", "nats3"] if self._centre == "nats" else []
        self.hosts = {name: self.network.host(name) for name in names}
        self.bus = can_pipe.Bus(self.directory)
        self.stack.callback(self.bus.close)
        self.echo = Echo(self.network, self.directory)
        self.stack.callback(self.echo.close)
        addresses = self._make_centre()
        self._make_site(addresses)
        self.store = SqliteStore(self.directory, self.hosts["centre"], addresses)
        self._add(SINK, self.store.process)
        self.stores[SINK] = self.store
        if self._with_fleet_store:
            fleet = FleetStore(self.directory, self.hosts["centre"], addresses)
            self.stack.callback(fleet.postgres.kill)
            self._add(FLEET_SINK, fleet.process)
            self.stores[FLEET_SINK] = fleet
        self._make_gateway()
        self._make_automation()

    def _add(self, name, process):
        self.processes[name] = process
        self.kills_s[name] = []
        self.stack.callback(process.kill)

    def _process(self, name, host, argv):
        self._add(name, support.Process(self.hosts[host].command(argv), self.directory, name))

    def _folder(self, name):
        folder = self.directory / name
        folder.mkdir()
        return folder

    def _mosquitto(self, name, host, extra=""):
        config = self.directory / f"{name}.conf"
        config.write_text(BROKER.format(port=PORT, directory=self._folder(f"{name}.data")) + extra)
        program = shutil.which("mosquitto", path=netns.PATH) or "mosquitto"
        self._process(name, host, [program, "-c", config])

    def _make_centre(self):
        """The addresses of the centre's brokers."""
        if self._centre == "mosquitto":
            self._mosquitto("centre", "centre")
            return [self.hosts["centre"].address]
        nodes = [name for name in self.hosts if name.startswith("nats")]
        routes = ", ".join(f'"nats://{self.hosts[name].address}:6222"' for name in nodes)
        for name in nodes:
            config = self.directory / f"{name}.conf"
            folder = self._folder(f"{name}.data")
            config.write_text(NATS.format(name=name, directory=folder, port=PORT, routes=routes))
            program = shutil.which("nats-server", path=netns.PATH) or "nats-server"
            self._process(name, name, [program, "-c", config])
        return [self.hosts[name].address for name in nodes]

    def _make_site(self, centre):
        cluster = self._centre == "nats"
        bridge = BRIDGE.format(
            addresses=" ".join(f"{address}:{PORT}" for address in centre),
            version="mqttv311" if cluster else "mqttv50",
            private="false" if cluster else "true",
            site=SITE,
            root=ROOT,
        )
        profile = BRIDGE_PROFILE.read_text(encoding="utf-8").splitlines()
        ours = [line for line in profile if line.split(" ")[0] in BRIDGE_KEYS]
        assert len(ours) == len(BRIDGE_KEYS), f"{BRIDGE_PROFILE} has changed: {ours}"
        self._mosquitto("broker", "site", bridge + "\n".join(ours) + "\n")

    def _daemon(self, name, host, program, settings):
        path = self.directory / f"{name}.yaml"
        path.write_text(yaml.safe_dump(settings, sort_keys=False))
        self._process(name, host, [support.BIN_DIR / program, "run", "-c", path])

    def _make_gateway(self):
        settings = gateway_settings(self.hosts["site"].address, self.directory, self.bus, list(self.stores))
        self._daemon("gateway", "gateway", "edge-gateway", settings)

    def _make_automation(self):
        settings = automation_settings(self.hosts["site"].address, self.directory)
        self._daemon("automation", "automation", "automation-node", settings)

    def _start(self):
        self.echo.start()
        for name in [name for name in self.processes if name.startswith(("centre", "nats"))]:
            self.processes[name].start()
        if self._with_fleet_store:
            self.stores[FLEET_SINK].start()
        for name in ("broker", SINK, "gateway", "automation"):
            self.processes[name].start()
        for name in ("store", "gateway", "automation"):
            self.processes[name].wait_log("connected", timeout=START_S)
        self.bus.start()
        wait_until(lambda: self.store.newest_live_number() > 0, "reading at the centre")

    def kill(self, name):
        self.kills_s[name].append(time.monotonic())
        self.processes[name].kill()

    def restart(self, name):
        self.processes[name].start()

    def verify(self):
        """Ends the gateway in order and checks its log; what is wrong, or None."""
        self.processes["gateway"].stop()
        argv = [support.BIN_DIR / "edge-gateway", "verify", "--log", self.directory / "edge.db"]
        check = support.Process(argv, self.directory, "verify").start()
        return None if check.wait(START_S) == 0 else check.output + check.log

    def sanitizer_reports(self):
        for name, process in self.processes.items():
            if support.SANITIZER_REPORT.search(process.log):
                yield f"{name}: {process.log[-2000:]}"
