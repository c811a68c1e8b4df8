"""Both lanes of a gateway as a consumer sees them, and a bus whose frames count themselves."""

import json
import os
import threading
import time

import gateway_support
import support
from gateway_support import ROOT

DBC = """VERSION ""
BU_: Bench
BO_ 291 Count: 8 Bench
 SG_ Number : 0|32@1+ (1,0) [0|0] "" Bench
BO_ 292 Other: 8 Bench
 SG_ Number : 0|32@1+ (1,0) [0|0] "" Bench
"""


class Feed:
    """A bus by way of a named pipe: frames numbered 1, 2, 3 ..., each with the time it was sent.

    The pipe is kept open on both sides, so what is written while no gateway reads stays in it."""

    def __init__(self, path, can_ids=(0x123,)):
        """The ids take turns."""
        os.mkfifo(path)
        self.path = path
        self.can_ids = can_ids
        self.sent = []  # monotonic time of number i + 1
        self._pipe = os.open(path, os.O_RDWR)
        self._running = None
        self._thread = None

    def can_id_of(self, number):
        return self.can_ids[number % len(self.can_ids)]

    def send(self, count=1):
        for _ in range(count):
            number = len(self.sent) + 1
            self.sent.append(time.monotonic())
            self.write(self.can_id_of(number), number)

    def write(self, can_id, number):
        """One frame that is none of the numbered ones."""
        data = number.to_bytes(4, "little").hex().upper() + "00000000"
        os.write(self._pipe, f"({time.time():.6f}) can0 {can_id:03X}#{data}\n".encode())

    def start(self, per_second):
        """Sends on, in bursts of a hundredth of a second, until stop()."""
        self._running = threading.Event()

        def run():
            while not self._running.wait(0.01):
                self.send(max(1, per_second // 100))

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        return self

    def stop(self):
        if self._thread is not None:
            self._running.set()
            self._thread.join()
            self._thread = None

    def close(self):
        if self._thread is not None:
            self._running.set()
            os.set_blocking(self._pipe, False)
            while self._thread.is_alive():  # perhaps in a pipe that is full, and nobody reads any more
                self._drain()
                self._thread.join(0.01)
        os.close(self._pipe)

    def _drain(self):
        try:
            os.read(self._pipe, 65536)
        except BlockingIOError:
            pass

    def bus(self, dbc, **defaults):
        return {
            "driver": "replay",
            "replay": {"file": str(self.path), "speed": 1000000},
            "dbc": str(dbc),
            "defaults": {"publish": "every", **defaults},
        }


class Lanes(support.Client):
    """A consumer of both lanes with a session that outlives connections."""

    def __init__(self, port):
        super().__init__(port, client_id="lanes", session_expiry_s=600, clean_start=False)
        self.paho.on_message = self._on_lane
        self.content = {}  # seq -> text without what differs between the lanes
        self.numbers = {}  # seq -> the frame's own number
        self.gaps = {}  # (first, last) -> reason
        self.summaries = {}  # (message, first, last) -> what it says
        self.backfilled = []  # seqs, in the order of their arrival
        self.conflicts = []
        self.other = []  # topics that are none of these

    def start(self):
        super().start()
        for topic in ("can/+/+", "event", "alarms/event", "backfill/#"):
            self.subscribe(f"{ROOT}/{topic}")
        return self

    def _take(self, bus, message, item):
        seq = item.pop("seq", None)
        if seq is None:
            return None
        text = json.dumps([bus, message, item], sort_keys=True)
        if self.content.setdefault(seq, text) != text:
            self.conflicts.append((seq, self.content[seq], text))
        number = item.get("signals", {}).get("Number")
        if number is not None:
            self.numbers[seq] = number
        return seq

    def _take_summary(self, bus, message, summary):
        key = (message, summary["first"], summary["last"])
        if self.summaries.setdefault(key, summary) != summary:
            self.conflicts.append((key, self.summaries[key], summary))

    def _on_lane(self, _client, _userdata, m):
        with self._changed:
            levels = m.topic.removeprefix(ROOT + "/").split("/")
            match levels:
                case ["can", bus, message]:
                    if message != "state" and not m.retain and m.payload:  # else it is deleted
                        self._take(bus, message, json.loads(m.payload))
                case ["event"] | ["alarms", "event"]:
                    self._take(None, "event", json.loads(m.payload))
                case ["backfill", "gap"]:
                    gap = json.loads(m.payload)
                    for first, last in gap["ranges"]:
                        self.gaps[first, last] = gap["reason"]
                case ["backfill", "event"]:
                    self.backfilled.append(self._take(None, "event", json.loads(m.payload)))
                case ["backfill", "batch"]:
                    for item in json.loads(m.payload):
                        bus, message = item.pop("bus"), item.pop("message")
                        self.backfilled.append(self._take(bus, message, item))
                case ["backfill", bus, message, "summary"]:
                    self._take_summary(bus, message, json.loads(m.payload))
                case ["backfill", bus, message]:
                    self.backfilled.append(self._take(bus, message, json.loads(m.payload)))
                case _:
                    self.other.append(m.topic)
            self._changed.notify_all()

    def missing(self):
        """Ranges of seqs up to the highest one that neither came nor are in a gap."""
        with self._changed:  # reentrant
            known = sorted([(seq, seq) for seq in self.content] + list(self.gaps))
        holes, covered = [], 0
        for first, last in known:
            if first > covered + 1:
                holes.append((covered + 1, first - 1))
            covered = max(covered, last)
        return holes

    def wait_until(self, condition, what, timeout=support.TIMEOUT_S):
        """Like _wait(), for conditions that cost too much to ask after each message."""
        deadline = time.monotonic() + timeout
        while True:
            with self._changed:
                if condition():
                    return
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"no {what} in {timeout} s; holes: {self.missing()[:20]}")
                count = len(self.content)
                self._changed.wait_for(lambda: len(self.content) > count + 1000, min(left, 0.2))

    def wait_numbers(self, wanted, timeout=support.TIMEOUT_S):
        """Until every one of these frames came."""
        wanted = set(wanted)
        self.wait_until(lambda: wanted <= set(self.numbers.values()), "such frames", timeout)

    def wait_complete(self, timeout=support.TIMEOUT_S):
        self.wait_until(lambda: self.content and not self.missing(), "end of the holes", timeout)


class TestCase(gateway_support.TestCase):
    def setUp(self):
        super().setUp()
        self.dbc = self.directory / "count.dbc"
        self.dbc.write_text(DBC)

    def start_feed(self, **options):
        feed = Feed(self.directory / "frames", **options)
        self.addCleanup(feed.close)
        return feed

    def start_lanes(self, broker):
        lanes = Lanes(broker.port)
        self.addCleanup(lanes.stop)
        return lanes.start()

    def settings(self, broker, feed, store=None, backfill=None, **defaults):
        settings = gateway_support.configuration(broker.port, feed.bus(self.dbc, **defaults))
        settings["store"] = {"file": str(self.directory / "edge.db"), **(store or {})}
        settings["backfill"] = backfill or {}
        return settings

    def assert_consistent(self, lanes):
        self.assertEqual(lanes.conflicts, [], "a seq with two contents")
        self.assertEqual(lanes.other, [])
        self.assertEqual(lanes.missing(), [], "seqs that neither came nor are in a gap")
