"""The whole product on one machine that may be ill-treated: buses, gateway, automation, broker, and a store that acknowledges.

It is only for a machine made for that, user-mode Linux (tests/can/can-kernel): its clock is set, its disk is filled.
What a fault may touch are the attributes.
"""

import contextlib
import copy
import fcntl
import json
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import yaml

import support_path  # noqa: F401
import can_pipe
import support
import testbed
from bed import Bed
from serial_adapter import Adapter, SerialBus
from witness import Witness

CAN, PIPE = "can0", "pipe0"
DISK_BYTES = "24m"
RECEIVE_BUFFER = "256KiB"  # a stop of some seconds fits, a burst does not
FRAMES_PER_SECOND = 20  # of each bus: the machine has one processor, and a slow one
START_S = 120
DISK_LIBRARY = support.TEST_BIN_DIR / "libslow_disk.so"
ZONE = "Europe/Berlin"  # of the daemons: it has a summer time

BROKER = """
listener {port} 127.0.0.1
allow_anonymous true
user root
acl_file {acl}
persistence true
persistence_location {directory}/
max_queued_messages 1000000
max_inflight_messages 100
set_tcp_nodelay true
log_dest stderr
"""
ALLOWED = "topic readwrite #\n"
# The automation and the store go on; what the gateway says is refused.
DENIED = f"topic readwrite {testbed.ROOT}/ack/#\ntopic read #\n"


def is_made_for_it():
    return "User Mode Linux" in Path("/proc/cpuinfo").read_text()


def write_outside(path, text):
    """Into the host's files, which are read-only here."""
    path = path.absolute()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "hostfs", "-o", path.parent, "none", folder], check=True)
        try:
            (Path(folder) / path.name).write_text(text)
        finally:
            subprocess.run(["umount", folder], check=True)


class Disk:
    """Where the gateway's log is: small, and it can be made to stand still, fail and be full."""

    def __init__(self, folder, switch):
        self.folder, self._switch_path = folder, switch
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder], check=True)
        self._switch = switch.open("w")
        self._junk = folder / "somebody-elses"

    def stall(self):
        fcntl.flock(self._switch, fcntl.LOCK_EX)

    def fail(self):
        self._switch_path.write_text("x")

    def fill(self):
        with self._junk.open("wb", buffering=0) as junk, contextlib.suppress(OSError):
            while True:
                junk.write(bytes(4096))

    def heal(self):
        self._junk.unlink(missing_ok=True)
        self._switch_path.write_text("")
        fcntl.flock(self._switch, fcntl.LOCK_UN)

    def close(self):
        self.heal()
        self._switch.close()
        subprocess.run(["umount", "-l", self.folder], check=False)


class Clock:
    """The machine's, and where it should be."""

    def __init__(self):
        self._offset_s = time.time() - time.monotonic()

    def jump_to(self, at_s):
        time.clock_settime(time.CLOCK_REALTIME, at_s)

    def jump(self, by_s):
        self.jump_to(time.time() + by_s)

    def right(self):
        self.jump_to(time.monotonic() + self._offset_s)


class World(Bed):
    def __init__(self, directory, frames_per_second=FRAMES_PER_SECOND):
        self.directory = Path(directory)
        self.processes = {}  # by name: what may be stopped and killed
        self.outages = []  # checker.Outage
        self.kills_s = {}  # by name: when
        self._rate = frames_per_second
        super().__init__()

    def _make(self):
        self.clock = Clock()
        self.stack.callback(self.clock.right)
        self.disk = Disk(self.directory / "disk", self.directory / "disk-switch")
        self.stack.callback(self.disk.close)
        self.adapter = Adapter()
        folder = self.directory / PIPE
        folder.mkdir()
        self.buses = {CAN: SerialBus(self.adapter, frames_per_second=self._rate),
                      PIPE: can_pipe.Bus(folder, frames_per_second=self._rate, asks=False)}  # fmt: skip
        for bus in self.buses.values():
            self.stack.callback(bus.close)
        self._make_broker()
        self.store = testbed.StoreFile(self.directory / "central.db")
        central = [testbed.PYTHON, testbed.HERE / "central_store.py", self.directory / "central.db"]
        self._add("store", [*central, testbed.SINK, testbed.ROOT, support.HOST])
        self._make_gateway()
        self._daemon("automation", "automation-node", testbed.automation_settings(support.HOST, self.directory))
        self.witness = Witness(testbed.PORT, testbed.ROOT)
        self.stack.callback(self.witness.stop)

    def _add(self, name, argv, **options):
        self.processes[name] = support.Process(argv, self.directory, name, **options)
        self.kills_s[name] = []
        self.stack.callback(self.processes[name].kill)

    def _make_broker(self):
        folder = self.directory / "broker.data"
        folder.mkdir()
        self.acl = self.directory / "broker.acl"
        self.acl.write_text(ALLOWED)
        config = self.directory / "broker.conf"
        config.write_text(BROKER.format(port=testbed.PORT, acl=self.acl, directory=folder))
        self._add("broker", ["/usr/sbin/mosquitto", "-c", config])

    def _daemon(self, name, program, settings, prefix=()):
        path = self.directory / f"{name}.yaml"
        path.write_text(yaml.safe_dump(settings, sort_keys=False))
        argv = [*prefix, support.BIN_DIR / program, "run", "-c", path]
        self._add(name, argv, environment={"TZ": ZONE})

    def _make_gateway(self):
        settings = testbed.gateway_settings(support.HOST, self.directory, self.buses[PIPE], [testbed.SINK])
        pipe = settings["buses"].pop("can0")
        settings["store"]["file"] = str(self.disk.folder / "edge.db")
        settings["metrics_interval"] = "200ms"
        settings["broker"] |= {"keepalive": "10s", "retry_min": "50ms", "retry_max": "500ms"}
        settings["backfill"]["ack_timeout"] = "10s"
        can = copy.deepcopy({key: pipe[key] for key in ("dbc", "defaults", "commands")})
        can |= {"driver": "socketcan",
                "socketcan": {"interface": self.adapter.interface, "receive_buffer": RECEIVE_BUFFER}}  # fmt: skip
        settings["buses"] = {CAN: can, PIPE: {key: pipe[key] for key in pipe if key != "commands"}}
        del settings["buses"][PIPE]["replay"]["sent"]
        preload = ["env", f"LD_PRELOAD={DISK_LIBRARY}", f"EDGE_TEST_DISK_SWITCH={self.directory / 'disk-switch'}"]
        self._daemon("gateway", "edge-gateway", settings, preload)

    def _start(self):
        for name in ("broker", "store", "gateway", "automation"):
            self.processes[name].start()
        for name in ("store", "gateway", "automation"):
            self.processes[name].wait_log("connected", timeout=START_S)
        self.witness.start()
        for bus in self.buses.values():
            bus.start()
        for name in self.buses:
            testbed.wait_until(lambda name=name: self.newest_live(name) > 0, f"reading of {name} in the store", START_S, 0.3)
        testbed.wait_until(lambda: self.newest_answer() is not None, "answer on the bus", START_S, 0.3)

    # --- what is seen

    def newest_live(self, bus):
        """The number of the newest frame of a bus that the store has from the live lane; 0: none."""
        return self.store.newest_live_number(bus)

    def newest_answer(self):
        """The newest probe that was answered."""
        return next((p for p in reversed(self.buses[CAN].probes) if p.latency_s is not None), None)

    # --- what is done to it

    def send(self, name, number):
        self.processes[name].send(number)

    def kill(self, name, number=signal.SIGKILL):
        """Does not wait for its end, which may want what another fault keeps away."""
        self.kills_s[name].append(time.monotonic())
        self.send(name, number)

    def await_end(self, name, status):
        self.processes[name].finish(status, timeout=START_S)

    def restart(self, name):
        self.processes[name].start()

    def deny(self, text):
        self.acl.write_text(text)
        self.send("broker", signal.SIGHUP)

    def dead(self):
        """Names of processes that should run, and do not."""
        return [name for name, process in self.processes.items() if not process.is_running]

    def last_words(self, lines=12):
        """The ends of the logs."""
        return "\n".join(f"--- {name}\n" + "\n".join(p.log.split("\n")[-lines:]) for name, p in self.processes.items())

    # --- at the end

    def stop_feeding(self):
        for bus in self.buses.values():
            bus.stop()

    def _edge(self, *words):
        argv = [support.BIN_DIR / "edge-gateway", *words]
        return subprocess.run(argv, capture_output=True, text=True, check=False)

    def verify(self):
        """Ends the gateway in order and checks its log; what is wrong, or None."""
        self.processes["gateway"].stop(timeout=START_S)
        done = self._edge("verify", "--log", self.disk.folder / "edge.db")
        return None if done.returncode == 0 else done.stdout + done.stderr

    def history(self):
        """Every reading in the log: (seq, bus, message, {signal: value})."""
        done = self._edge("history", "-c", self.directory / "gateway.yaml")
        if done.returncode != 0:
            raise AssertionError(f"edge-gateway history: {done.stderr}")
        for line in done.stdout.splitlines():
            row = json.loads(line)
            if "signals" in row:
                yield row["seq"], row["bus"], row["message"], {k: v["value"] for k, v in row["signals"].items()}

    def sanitizer_reports(self):
        for name, process in self.processes.items():
            if support.SANITIZER_REPORT.search(process.log):
                yield f"{name}: {process.log[-2000:]}"
