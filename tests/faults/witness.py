"""Listens to a gateway: what it says of itself (metrics, states), and readings that it could not log."""

import json
import threading
import time

import support_path  # noqa: F401
import support


class Witness(support.Client):
    """A subscriber that outlives its broker, and keeps little."""

    def __init__(self, port, root):
        super().__init__(port, client_id="witness", session_expiry_s=600, clean_start=False, keepalive_s=30)
        self._root = root
        self._numbers_lock = threading.Lock()
        self._ended_lives = []  # the last metrics of each life of the gateway
        self.metrics = None
        self.states = []  # (monotonic, bus, state)
        self.unlogged = set()  # (bus, number) of live readings without a seq
        self.last_heard_s = 0.0

    def _on_connect(self, client, *rest):
        super()._on_connect(client, *rest)
        client.subscribe(f"{self._root}/#", qos=1)  # each time: a broker that was killed knows no session any more

    def _on_message(self, _client, _userdata, m):
        levels = m.topic.removeprefix(self._root + "/").split("/")
        with self._numbers_lock:
            self.last_heard_s = time.monotonic()
            match levels:
                case ["metrics"]:
                    self._take_metrics(json.loads(m.payload))
                case ["can", bus, "state"]:
                    self.states.append((time.monotonic(), bus, json.loads(m.payload)["state"]))
                case ["can", bus, _]:
                    self._take_reading(bus, m)

    def _take_metrics(self, metrics):
        if self.metrics is not None and metrics["frames"]["received"] < self.metrics["frames"]["received"]:
            self._ended_lives.append(self.metrics)
        self.metrics = metrics

    def _take_reading(self, bus, m):
        if m.retain or not m.payload:
            return
        reading = json.loads(m.payload)
        if "seq" not in reading:
            self.unlogged.add((bus, reading["signals"]["Number"]))

    def lives(self):
        """The last metrics of each life of the gateway."""
        with self._numbers_lock:
            return [*self._ended_lives, *([self.metrics] if self.metrics else [])]

    def total(self, *path):
        """A counter, over all lives; 0 where a life does not have it."""

        def of(metrics):
            for key in path:
                metrics = metrics.get(key, {})
            return metrics or 0

        return sum(of(metrics) for metrics in self.lives())

    def states_since(self, bus, since_s):
        return [state for at_s, name, state in self.states if name == bus and at_s >= since_s]
