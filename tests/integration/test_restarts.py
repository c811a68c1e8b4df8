"""Whoever dies, however, in whatever order: the others carry on, and all find each other again."""

import itertools
import os
import random
import signal
import time

import gateway_support
import support
import yaml
from gateway_support import BUS, ROOT

NODE_PROGRAM = support.BIN_DIR / "automation-node"
TURNS = 10
HEATER = "edge/demo/devices/heater"
OPPOSITE = {"Running": "Stopped", "Stopped": "Running", "ON": "OFF", "OFF": "ON"}


class LastingClient(support.Client):
    """Comes back by itself, and subscribes again then, as every serious client does."""

    connects = 0

    def _on_connect(self, client, userdata, flags, reason, properties):
        super()._on_connect(client, userdata, flags, reason, properties)
        client.subscribe("edge/#", qos=1)
        with self._changed:
            self.connects += 1
            self._changed.notify_all()

    def wait_connects(self, count):
        self._wait(lambda: self.connects >= count, "new connection")


class Broker:
    def __init__(self, process):
        self.process = process

    def end(self, how):
        if how == signal.SIGKILL:
            self.process.kill()
        else:
            self.process.stop()

    def start(self):
        self.process.start()


class Daemon:
    """One of our programs: each of its lives is a process of its own."""

    def __init__(self, test, name, command):
        self.test, self.name, self.command = test, name, command
        self.lives = itertools.count(1)
        self.start()

    def start(self):
        name = f"{self.name}-{next(self.lives)}"
        self.process = self.test.start_process(self.command, name=name)

    def end(self, how):
        if how == signal.SIGKILL:
            self.process.kill()
            self.process.check_sanitizers()
        else:
            self.process.stop()


class Restarts(gateway_support.TestCase):
    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("EDGE_TEST_SEED", random.randrange(2**32)))
        print(f"EDGE_TEST_SEED={seed}", flush=True)
        self.random = random.Random(seed)
        broker = self.start_broker()
        self.client = LastingClient(broker.port)
        self.addCleanup(self.client.stop)
        self.client.start()
        self.parts = {"broker": Broker(broker), "gateway": self.new_gateway(broker.port)}
        if NODE_PROGRAM.exists():
            self.parts["node"] = self.new_node(broker.port)

    def new_gateway(self, port):
        bus = gateway_support.simulated_bus()
        bus["commands"] = {"PumpCommand": {}, "HeaterCommand": {}, "VentCommand": {}}
        path = self.write_configuration(gateway_support.configuration(port, bus))
        return Daemon(self, "gateway", [gateway_support.PROGRAM, "run", "-c", path])

    def new_node(self, port):
        settings = yaml.safe_load((gateway_support.EXAMPLES / "automation.yaml").read_text())
        settings["broker"] = gateway_support.configuration(port)["broker"]
        path = self.write_configuration(settings, "automation.yaml")
        return Daemon(self, "node", [NODE_PROGRAM, "run", "-c", path])

    def test_any_order_ends_in_a_working_system(self):
        self.assert_all_work()
        for turn in range(TURNS):
            count = self.random.randint(1, len(self.parts))
            victims = self.random.sample(sorted(self.parts), count)
            hows = [self.random.choice((signal.SIGKILL, signal.SIGTERM)) for _ in victims]
            returns = self.random.sample(victims, len(victims))
            ends = ", ".join(f"{how.name} {name}" for name, how in zip(victims, hows))
            what = f"turn {turn}: {ends}; start {', '.join(returns)}"
            print(what, flush=True)
            try:
                self.restart(zip(victims, hows), returns)
                self.assert_all_work()
            except AssertionError as error:
                logs = "\n".join(f"--- {n}\n{p.process.log}" for n, p in self.parts.items())
                raise AssertionError(f"{what}: {error}\n{logs}") from None

    def restart(self, ends, returns):
        connects = self.client.connects
        for name, how in ends:
            self.parts[name].end(how)
        for name in returns:
            self.parts[name].start()
        if "broker" in returns:
            self.client.wait_connects(connects + 1)

    def assert_all_work(self):
        self.client.messages.clear()
        self.client.subscribe("edge/#")  # again, for what is retained
        self.client.wait_topic(f"{ROOT}/status", "online")
        self.assert_pump_follows()
        if "node" in self.parts:
            self.assert_heater_follows()
        for name, part in self.parts.items():
            self.assertTrue(part.process.is_running, f"{name} died")

    def assert_pump_follows(self):
        wanted = OPPOSITE[self.fresh_actuators().json["signals"]["Pump"]]
        self.insist(
            lambda: self.client.post(f"{BUS}/PumpCommand/set", {"signals": {"Pump": wanted}}),
            lambda: self.fresh_actuators(wanted, timeout=2),
        )

    def fresh_actuators(self, pump=None, **options):
        """A reading that was taken from now on (and shows the pump so)."""
        now = time.time()
        return self.client.wait_for(
            lambda m: m.topic == f"{BUS}/Actuators"
            and m.json["ts"] > now
            and pump in (None, m.json["signals"]["Pump"]),
            **options,
        )

    def assert_heater_follows(self):
        self.client.wait_topic("edge/demo/auto1/status", "online")
        state = self.client.wait_for(
            lambda m: m.topic == f"{HEATER}/state" and m.json["quality"] == "good"
        )
        wanted = OPPOSITE[state.json["value"]]
        self.client.messages.clear()
        self.insist(
            lambda: self.client.post(f"{HEATER}/set", wanted),
            lambda: self.client.wait_for(
                lambda m: m.topic == f"{HEATER}/state" and m.json["value"] == wanted, timeout=5
            ),
        )

    def insist(self, ask, see):
        """Asks again when nothing happens: a retained `online` may be older than the broker's
        restart, and a wish that nobody hears is gone, as it must be."""
        deadline = time.monotonic() + support.TIMEOUT_S
        while True:
            ask()
            try:
                return see()
            except AssertionError:
                if time.monotonic() > deadline:
                    raise


if __name__ == "__main__":
    support.main()
