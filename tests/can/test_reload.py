#!/usr/bin/python3
"""Reloads by SIGHUP while frames come on a real CAN stack: the DBC file, the policy and the buses change, and no frame is
lost - none by the kernel, none by the gateway.

usage: can-kernel --timeout 250 sh -c "EDGE_RELOADS=200 exec $PWD/tests/can/test_reload.py"
       (defaults: EDGE_RELOADS=20, EDGE_RELOAD_RATE=300 frames in a second)
"""

import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
import lanes_support  # noqa: E402
import support  # noqa: E402
from gateway_support import PROGRAM, ROOT  # noqa: E402
from test_reload_load import COUNT, DBC, OTHER, Account  # noqa: E402

RELOADS = int(os.environ.get("EDGE_RELOADS", "20"))
RATE = int(os.environ.get("EDGE_RELOAD_RATE", "300"))
TIMEOUT_S = 120
EXTRA = 0x125


class VcanFeed(lanes_support.Feed):
    """Numbered frames on a virtual bus, made here."""

    def __init__(self, interface, can_ids):
        subprocess.run(["ip", "link", "add", interface, "type", "vcan"], check=True)
        subprocess.run(["ip", "link", "set", interface, "up"], check=True)
        self.can_ids = can_ids
        self.sent = []
        self._thread = None
        self._socket = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
        self._socket.bind((interface,))

    def write(self, can_id, number):
        self._socket.send(struct.pack("=IB3xI4x", can_id, 8, number))

    def bus(self, dbc, **defaults):
        return {"dbc": str(dbc), "defaults": {"publish": "every", **defaults}}

    def close(self):
        self.stop()
        self._socket.close()


class Reload(lanes_support.TestCase):
    def start_bus(self, interface, can_ids):
        feed = VcanFeed(interface, can_ids)
        self.addCleanup(feed.close)
        return feed

    def write_dbc(self, factor):
        self.dbc.write_text(DBC.format(factor=factor, extra="Extra"))

    def edit(self, n, settings):
        """Every time another factor; by turns another policy, and a bus that comes and goes."""
        factor = 2 + n % 5
        self.write_dbc(factor)
        other = {"publish": "change", "min_interval": f"{n % 3 * 10}ms"}
        settings["buses"]["can0"]["messages"] = {"Other": other} if n % 2 else {}
        settings["buses"].pop("can1", None)
        if n % 4 < 2:
            settings["buses"]["can1"] = self.second.bus(self.dbc)
        return factor

    def reload(self, settings):
        self.write_configuration(settings, "edge-gateway.yaml")
        before = len(self.gateway.log.splitlines())
        self.gateway.send(signal.SIGHUP)
        self.gateway.wait_log("reloaded: ", after=before, timeout=TIMEOUT_S)

    def wait_factor(self, account, sent, factor):
        """What was sent after the reload is by the new DBC file."""
        account.wait_until(lambda: account.scales and account.scales[-1][0] > sent, "a value", TIMEOUT_S)
        self.assertEqual([s for s in account.scales if s[0] > sent and s[1] != factor], [])

    def check_second(self, n):
        self.second.write(EXTRA, n + 1)
        topic = f"{ROOT}/can/can1/Extra"
        value = (n + 1) & 0xFF
        wanted = {"Value": value}
        self.watcher.wait_for(lambda m: m.topic == topic and m.payload and m.json["signals"] == wanted, timeout=TIMEOUT_S)

    def test_no_frame_is_lost(self):
        broker = self.start_broker()
        feed = self.start_bus("can0", (COUNT, OTHER))
        self.second = self.start_bus("can1", (EXTRA,))
        settings = self.settings(broker, feed)
        settings["log"] = {"rate": {"burst": 0}}  # each reload is told
        self.write_dbc(1)
        account = Account(broker.port)
        self.addCleanup(account.stop)
        account.start()
        self.watcher = self.start_client(broker).subscribe(f"{ROOT}/metrics").subscribe(f"{ROOT}/can/can1/Extra")
        path = self.write_configuration(settings, "edge-gateway.yaml")
        self.gateway = self.start_process([PROGRAM, "run", "-c", path], name="edge-gateway")
        self.watcher.wait_for(lambda m: m.topic == f"{ROOT}/metrics", timeout=TIMEOUT_S)
        feed.start(RATE)
        account.wait_until(lambda: len(account.order) > 10, "frames", TIMEOUT_S)
        for n in range(RELOADS):
            factor = self.edit(n, settings)
            self.reload(settings)
            self.wait_factor(account, len(feed.sent), factor)
            if "can1" in settings["buses"]:
                self.check_second(n)
        feed.stop()
        self.check_all(account, feed)

    def check_all(self, account, feed):
        last = len(feed.sent)
        numbers = [i for i in range(1, last + 1) if feed.can_id_of(i) == COUNT]
        account.wait_numbers(numbers, TIMEOUT_S)
        account.wait_complete(TIMEOUT_S)
        account.check(self, numbers, last)

        def has_all(message):
            bus = message.json["buses"]["can0"] if message.topic == f"{ROOT}/metrics" else None
            return bus is not None and bus["bus"]["received"] >= last

        bus = self.watcher.wait_for(has_all, timeout=TIMEOUT_S).json["buses"]["can0"]
        self.assertEqual(bus["bus"]["received"], last)
        self.assertEqual(bus["bus"]["kernel_dropped"], 0)
        print(f"{RELOADS} reloads, {last} frames, none lost", flush=True)
        self.gateway.stop(timeout=TIMEOUT_S)


if __name__ == "__main__":
    support.main()
