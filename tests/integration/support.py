"""What an integration test needs: a real broker, MQTT clients, daemons under test.

Everything is started through a `TestCase` and ends with it, whatever happens: children are their
own process groups, die with this process (PR_SET_PDEATHSIG) and are killed at clean-up. Nothing
waits for time: `wait_for`, `wait_log` and `wait_topic` wait for the event, and fail after a
deadline that is generous because a healthy test never reaches it.
"""

import fcntl
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

SOURCE_DIR = Path(__file__).resolve().parents[2]
BUILD_DIR = Path(os.environ.get("EDGE_BUILD_DIR", SOURCE_DIR / "build/debug"))
BIN_DIR = BUILD_DIR / "bin"  # the daemons
TEST_BIN_DIR = BUILD_DIR / "tests"  # helpers of the tests
PATIENCE = float(os.environ.get("EDGE_TEST_PATIENCE", "1"))  # more where valgrind slows everything down
TIMEOUT_S = 20 * PATIENCE
HOST = "127.0.0.1"

SANITIZER_REPORT = re.compile(
    r"ERROR: (?:Address|Leak|Thread|Memory)Sanitizer|WARNING: ThreadSanitizer|: runtime error: "
)


# --- ports

FIRST_PORT, LAST_PORT = 20000, 32000  # below the range that outgoing connections take theirs from
_port_locks = []  # descriptors, held until this process ends, so that parallel tests never share a port


def free_port():
    """A port of 127.0.0.1 that no other test takes while this process lives."""
    folder = Path(tempfile.gettempdir()) / f"edge-test-ports.{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for port in random.sample(range(FIRST_PORT, LAST_PORT), 200):
        lock = os.open(folder / str(port), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((HOST, port))
        except OSError:
            os.close(lock)
            continue
        _port_locks.append(lock)
        return port
    raise RuntimeError("no free port")


# --- processes


class Process:
    """A child in its own process group; its stderr goes to a file and can be waited for."""

    def __init__(self, argv, directory, name=None, environment=None):
        self.argv = [str(word) for word in argv]
        self.name = name or Path(self.argv[0]).name
        self.directory = Path(directory)
        self.log_path = self.directory / f"{self.name}.log"
        # What would outlive a gateway that is killed lies with all the rest.
        own = {"RUNTIME_DIRECTORY": str(directory)}
        self.environment = {**os.environ, **own, **(environment or {})}
        self.process = None
        self._lines = []
        self._changed = threading.Condition()
        self._reader = None

    def start(self):
        command = [shutil.which("setpriv"), "--pdeathsig", "KILL", "--", *self.argv]
        with (self.directory / f"{self.name}.out").open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read, args=(self.process.stderr,), daemon=True)
        self._reader.start()
        return self

    def _read(self, stream):
        with stream, self.log_path.open("ab", buffering=0) as log:
            for line in stream:
                log.write(line)
                with self._changed:
                    self._lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                    self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def log(self):
        with self._changed:
            return "\n".join(self._lines)

    @property
    def output(self):
        """What it wrote to stdout so far."""
        return (self.directory / f"{self.name}.out").read_text(encoding="utf-8", errors="replace")

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait_log(self, pattern, timeout=TIMEOUT_S, after=0):
        """The first line from index `after` on that matches; fails when the process ends first."""
        deadline = time.monotonic() + timeout
        expression = re.compile(pattern)
        with self._changed:
            while True:
                for line in self._lines[after:]:
                    if expression.search(line):
                        return line
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    why = "ended" if not self._reader.is_alive() else f"{timeout} s passed"
                    text = "\n".join(self._lines)
                    raise AssertionError(f"{self.name}: {why} without {pattern!r}:\n{text}")
                self._changed.wait(min(left, 1))

    def send(self, signal_number):
        os.killpg(self.process.pid, signal_number)

    def wait(self, timeout=TIMEOUT_S):
        """Its exit code (negative: the signal); kills it and fails when it does not end."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            message = f"{self.name} did not end within {timeout} s:\n{self.log}"
            raise AssertionError(message) from None
        self._reader.join(TIMEOUT_S)
        return code

    def stop(self, expected=0, timeout=TIMEOUT_S):
        """SIGTERM, then the exit code and the absence of sanitizer reports are checked."""
        if self.is_running:
            self.send(signal.SIGTERM)
        self.finish(expected, timeout)

    def finish(self, expected=0, timeout=TIMEOUT_S):
        """Waits until it ends by itself, with the checks of stop()."""
        code = self.wait(timeout)
        self.check_sanitizers()
        if code != expected:
            raise AssertionError(f"{self.name} ended with {code}, not {expected}:\n{self.log}")

    def kill(self):
        """SIGKILL to the whole group; no check. Harmless when it is gone."""
        if self.process is None:
            return
        try:
            self.send(signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self._reader.join(TIMEOUT_S)

    def check_sanitizers(self):
        if SANITIZER_REPORT.search(self.log):
            raise AssertionError(f"{self.name}: sanitizer report:\n{self.log}")


# --- broker


class Broker(Process):
    """mosquitto with the profile of broker-config/, on ports and in a folder of its own."""

    def __init__(self, directory, http_dir=SOURCE_DIR / "dashboard/dist", extra=""):
        path = os.environ["PATH"] + ":/usr/sbin"
        program = shutil.which("mosquitto", path=path) or "mosquitto"
        self.port, self.websocket_port = free_port(), free_port()
        config = Path(directory) / "mosquitto.conf"
        command = [SOURCE_DIR / "broker-config/render"]
        command += ["--port", str(self.port), "--websocket-port", str(self.websocket_port)]
        command += ["--directory", str(directory), "--http-dir", str(http_dir)]
        rendered = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        config.write_text(rendered + extra, encoding="utf-8")
        super().__init__([program, "-c", config], directory, name="mosquitto")

    def start(self):
        super().start()
        deadline = time.monotonic() + TIMEOUT_S
        self._connect(self.websocket_port, deadline).close()
        # It listens before it has its signal handlers: only an answer shows that it runs.
        with self._connect(self.port, deadline) as probe:
            probe.sendall(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00")
            if probe.recv(4) != b"\x20\x02\x00\x00":
                raise AssertionError(f"mosquitto does not answer:\n{self.log}")
        return self

    def _connect(self, port, deadline):
        while True:
            try:
                return socket.create_connection((HOST, port), timeout=TIMEOUT_S)
            except ConnectionRefusedError:
                pass
            try:
                self.process.wait(0.02)  # returns at once when the broker dies
            except subprocess.TimeoutExpired:
                if time.monotonic() < deadline:
                    continue
            raise AssertionError(f"mosquitto does not listen on {port}:\n{self.log}")

    def restart(self):
        """Stops it in order (its database is saved) and starts it on the same ports."""
        self.stop()
        return self.start()


# --- clients


@dataclass(frozen=True)
class Message:
    topic: str
    payload: bytes
    qos: int
    retain: bool
    properties: object  # paho.mqtt.properties.Properties

    @property
    def text(self):
        return self.payload.decode()

    @property
    def json(self):
        return json.loads(self.payload)


class Client:
    """An MQTT 5 client that records what it receives. Every call waits for its acknowledgement."""

    def __init__(self, port, client_id="", session_expiry_s=0, clean_start=True, keepalive_s=60):
        self.port = port
        self.messages = []
        self.connack = None  # the CONNACK's properties
        self._changed = threading.Condition()
        self._acknowledged = {}  # mid -> granted reason codes, or None for a PUBACK
        self._connected = False
        self._keepalive_s = keepalive_s
        self._clean_start = clean_start
        self._session = Properties(PacketTypes.CONNECT)
        self._session.SessionExpiryInterval = session_expiry_s
        self.paho = paho.Client(client_id=client_id, protocol=paho.MQTTv5)
        self.paho.reconnect_delay_set(0.1, 0.5)
        self.paho.max_queued_messages_set(0)
        self.paho.on_connect = self._on_connect
        self.paho.on_disconnect = self._on_disconnect
        self.paho.on_message = self._on_message
        self.paho.on_subscribe = lambda c, u, mid, codes, p: self._acknowledge(mid, codes)
        self.paho.on_publish = lambda c, u, mid: self._acknowledge(mid, None)

    def will(self, topic, payload, qos=1, retain=True):
        self.paho.will_set(topic, payload, qos, retain)
        return self

    def start(self):
        self.paho.connect(
            HOST, self.port, self._keepalive_s,
            clean_start=self._clean_start, properties=self._session,
        )  # fmt: skip
        self.paho.loop_start()
        self.wait_connected()
        return self

    def stop(self):
        self.paho.disconnect()
        self.paho.loop_stop()
        self._connected = False

    def _on_connect(self, _client, _userdata, _flags, reason, properties):
        with self._changed:
            self._connected = reason.value == 0
            self.connack = properties
            self._changed.notify_all()

    def _on_disconnect(self, *_):
        with self._changed:
            self._connected = False
            self._changed.notify_all()

    def _on_message(self, _client, _userdata, m):
        with self._changed:
            message = Message(m.topic, m.payload, m.qos, bool(m.retain), m.properties)
            self.messages.append(message)
            self._changed.notify_all()

    def _acknowledge(self, mid, codes):
        with self._changed:
            self._acknowledged[mid] = codes
            self._changed.notify_all()

    def _wait(self, condition, what, timeout=TIMEOUT_S):
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                last = "\n".join(f"{m.topic} {m.payload[:200]!r}" for m in self.messages[-20:])
                raise AssertionError(
                    f"no {what} within {timeout} s; {len(self.messages)} messages, the last:\n{last}"
                )

    def wait_connected(self, timeout=TIMEOUT_S):
        self._wait(lambda: self._connected, "connection", timeout)

    def wait_disconnected(self, timeout=TIMEOUT_S):
        self._wait(lambda: not self._connected, "disconnection", timeout)

    def subscribe(self, topic, qos=1, **options):
        """Waits for the SUBACK; options are those of paho's SubscribeOptions (noLocal, ...)."""
        _, mid = self.paho.subscribe(topic, options=SubscribeOptions(qos=qos, **options))
        self._wait(lambda: mid in self._acknowledged, f"SUBACK for {topic}")
        codes = self._acknowledged.pop(mid)
        if any(code.value >= 128 for code in codes):
            raise AssertionError(f"subscription to {topic} refused: {codes}")
        return self

    def publish(self, topic, payload, qos=1, retain=False, timeout=TIMEOUT_S, **properties):
        """Waits for the PUBACK (QoS 0: for the write); properties by their paho names."""
        mid = self.post(topic, payload, qos, retain, **properties)
        self._wait(lambda: mid in self._acknowledged, f"PUBACK for {topic}", timeout)
        self._acknowledged.pop(mid)

    def post(self, topic, payload, qos=1, retain=False, **properties):
        """Publishes without waiting; returns the packet id."""
        chosen = Properties(PacketTypes.PUBLISH)
        for name, value in properties.items():
            setattr(chosen, name, value)
        if isinstance(payload, (dict, list)):
            payload = json.dumps(payload)
        return self.paho.publish(topic, payload, qos, retain, properties=chosen).mid

    def wait_for(self, predicate, timeout=TIMEOUT_S):
        """The first recorded message for which predicate(message) holds."""
        self._wait(lambda: any(map(predicate, self.messages)), "such message", timeout)
        return next(filter(predicate, self.messages))

    def wait_topic(self, topic, payload=None, timeout=TIMEOUT_S):
        """The first message on exactly this topic (with this text)."""
        return self.wait_for(
            lambda m: m.topic == topic and (payload is None or m.text == payload), timeout
        )

    def wait_last(self, predicate, timeout=TIMEOUT_S):
        """Until the newest message satisfies it: cheap where there are very many."""
        self._wait(
            lambda: self.messages and predicate(self.messages[-1]), "such last message", timeout
        )
        return self.messages[-1]

    def wait_newest(self, topic, predicate, timeout=TIMEOUT_S):
        """Until the newest message on this topic satisfies it, whatever else has come since."""
        found = []

        def holds():
            newest = next((m for m in reversed(self.messages) if m.topic == topic), None)
            found[:] = [newest] if newest is not None and predicate(newest) else []
            return bool(found)

        self._wait(holds, f"such message on {topic}", timeout)
        return found[0]

    def wait_count(self, count, timeout=TIMEOUT_S):
        self._wait(lambda: len(self.messages) >= count, f"{count} messages", timeout)
        return self.messages


# --- test case


class TestCase(unittest.TestCase):
    """Starts things for a test and ends them after it. `self.directory` is the test's own."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="edge-test-")
        self.addCleanup(holder.cleanup)
        self.directory = Path(holder.name)

    def start_broker(self, **options):
        folder = Path(tempfile.mkdtemp(prefix="broker-", dir=self.directory))
        broker = Broker(folder, **options)
        self.addCleanup(broker.kill)
        return broker.start()

    def start_client(self, broker, **options):
        client = Client(broker.port, **options)
        self.addCleanup(client.stop)
        return client.start()

    def start_process(self, argv, **options):
        """A program under test. At clean-up it is killed, and must have left no sanitizer report."""
        process = Process(argv, self.directory, **options)
        self.addCleanup(process.check_sanitizers)
        self.addCleanup(process.kill)
        return process.start()


def main():
    unittest.main(verbosity=2)
