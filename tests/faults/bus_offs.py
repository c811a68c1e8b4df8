#!/usr/bin/python3
"""A controller that leaves the bus again and again: the gateway tells each time that it went and that it is back, and reads on.

usage: bus_offs.py --bus-offs N      (in tests/can/can-kernel)

Of eight times, the controller comes back by itself six times; once somebody sets the interface down and up, and once
the adapter is pulled out and put in again. A hang is a state that is not told, or a frame that is not read,
within thirty seconds.
"""

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from pathlib import Path

import support_path  # noqa: F401
import support
import testbed
from can_pipe import DBC, check_of
from serial_adapter import Adapter
from witness import Witness

import yaml

HANG_S = 30.0
CAN_ID, NAME = 0x100, "CountA"


def self_return(adapter):
    adapter.bus_on()


def set_down_and_up(adapter):
    adapter.down()
    adapter.up()


def pulled_out_and_put_in(adapter):
    adapter.pull_out()
    adapter.plug_in()


WAYS = (*[self_return] * 6, set_down_and_up, pulled_out_and_put_in)


class Hang(Exception):
    pass


class Listener(Witness):
    """What the gateway says of the bus, in order."""

    def __init__(self, port, root):
        super().__init__(port, root)
        self.newest = 0

    def _take_reading(self, bus, m):
        if not m.retain and m.payload:
            self.newest = max(self.newest, support.json.loads(m.payload)["signals"]["Number"])

    def wait(self, condition, what):
        try:
            testbed.wait_until(condition, what, HANG_S)
        except AssertionError as error:
            raise Hang(str(error)) from None


class Bench:
    def __init__(self, directory):
        self.broker = support.Broker(directory).start()
        self.adapter = Adapter()
        self.number = 0
        (directory / "bench.dbc").write_text(DBC)
        can = {"dbc": str(directory / "bench.dbc"), "socketcan": {"interface": self.adapter.interface},
               "defaults": {"publish": "every"}}  # fmt: skip
        settings = {"site": testbed.SITE, "node": testbed.GATEWAY, "metrics_interval": "1s",
                    "broker": {"address": support.HOST, "port": self.broker.port}, "buses": {"can0": can}}  # fmt: skip
        path = directory / "gateway.yaml"
        path.write_text(yaml.safe_dump(settings, sort_keys=False))
        argv = [support.BIN_DIR / "edge-gateway", "run", "-c", path]
        self.gateway = support.Process(argv, directory, "gateway").start()
        self.listener = Listener(self.broker.port, testbed.ROOT).start()

    def send(self):
        self.number += 1
        data = self.number | 1 << 32 | check_of(CAN_ID, self.number, 1) << 48
        self.adapter.put(CAN_ID, data.to_bytes(8, "little"))

    def wait_reading(self):
        """Sends until one is read: before that, the kernel may still be bringing the interface up."""

        def came():
            self.send()
            return self.listener.newest > wanted

        wanted = self.number
        self.listener.wait(came, "frame that is read")

    def once(self, way):
        """From bus-off to the next frame that is read, in seconds."""
        begun_s = time.monotonic()
        self.adapter.bus_off()
        self.listener.wait(lambda: "bus_off" in self.listener.states_since("can0", begun_s), "word of the bus-off")
        back_s = time.monotonic()
        way(self.adapter)
        self.wait_reading()
        self.listener.wait(lambda: self.listener.states[-1][2] == "up", "word that the bus is up")
        return time.monotonic() - back_s

    def close(self):
        self.gateway.stop()
        self.adapter.pull_out()
        self.listener.stop()
        self.broker.kill()


def run(count, directory):
    """Seconds of each return; raises Hang."""
    bench = Bench(directory)
    bench.wait_reading()
    taken = []
    for i in range(count):
        taken.append(bench.once(WAYS[i % len(WAYS)]))
        if (i + 1) % 100 == 0:
            print(f"{i + 1} bus-offs", flush=True)
    told = sum(1 for state, _ in itertools.groupby(bench.listener.states, key=lambda s: s[2]) if state == "bus_off")
    bench.close()
    return taken, told


def main():
    parser = argparse.ArgumentParser(prog="scripts/faults")
    parser.add_argument("--bus-offs", type=int, required=True)
    count = parser.parse_args().bus_offs
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="edge-bus-offs-") as directory:
        try:
            taken, told = run(count, Path(directory))
        except Hang as error:
            sys.exit(f"HANG: {error}\n{(Path(directory) / 'gateway.log').read_text()[-3000:]}")
    if told < count:  # an interface that is set up may show its old state once more
        sys.exit(f"{count} bus-offs, but {told} were told")
    print(f"{count} bus-offs, {told} told, 0 hangs, in {time.monotonic() - begun_s:.0f} s; read again after "
          f"{1000 * statistics.median(taken):.0f} ms (median), {1000 * max(taken):.0f} ms (longest)")  # fmt: skip


if __name__ == "__main__":
    main()
