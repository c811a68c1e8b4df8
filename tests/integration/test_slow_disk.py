"""A disk that does not answer: live values go on, everybody is told, nothing is lost."""

import fcntl
import json
import subprocess
import time

import lanes_support
import support
from gateway_support import PROGRAM, ROOT

LIBRARY = support.TEST_BIN_DIR / "libslow_disk.so"
RECOVERY_S = 10


class Stopped(lanes_support.TestCase):
    def setUp(self):
        super().setUp()
        self.switch = (self.directory / "disk-switch").open("w")
        self.addCleanup(self.switch.close)
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe(f"{ROOT}/#")
        self.lanes = self.start_lanes(self.broker)
        self.feed = self.start_feed()
        self.path = self.write_configuration(self.settings(self.broker, self.feed))
        self.gateway = self.start_process(
            [
                "env",  # alone, so that nothing but the gateway gets the library
                f"LD_PRELOAD={LIBRARY}",
                f"EDGE_TEST_DISK_SWITCH={self.switch.name}",
                "ASAN_OPTIONS=verify_asan_link_order=0",
                PROGRAM, "run", "-c", self.path,
            ]
        )  # fmt: skip

    def start_stopwatch(self):
        """How long each reading takes to its consumer on the live lane, by its number."""
        delays = {}
        watch = support.Client(self.broker.port)
        self.addCleanup(watch.stop)

        def on_message(_client, _userdata, m):
            if not m.retain:
                number = json.loads(m.payload)["signals"]["Number"]
                delays[number] = time.monotonic() - self.feed.sent[number - 1]

        watch.paho.on_message = on_message
        watch.start().subscribe(f"{ROOT}/can/can0/Count")
        return delays

    def wait_alarm(self, state, **options):
        return self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/alarms/frame_log" and m.json["state"] == state, **options
        ).json

    def wait_event(self, word):
        return self.client.wait_for(lambda m: m.topic == f"{ROOT}/event" and m.json["event"] == word)

    def test_live_values_go_on_and_nothing_is_lost(self):
        delays = self.start_stopwatch()
        self.feed.send(100)
        self.lanes.wait_numbers([100])
        fcntl.flock(self.switch, fcntl.LOCK_EX)
        since = time.monotonic()
        self.feed.start(per_second=200)
        alarm = self.wait_alarm("active_unack")
        held_s = time.monotonic() - since
        self.assertEqual(alarm["text"], "the disk does not answer")
        self.wait_event("log_fault")
        self.gateway.wait_log("readings are not stored: the disk does not answer; live values go on")
        during = len(self.feed.sent)
        self.lanes.wait_numbers([during])
        fcntl.flock(self.switch, fcntl.LOCK_UN)
        self.wait_alarm("normal", timeout=RECOVERY_S)
        self.wait_event("log_recovered")
        self.feed.stop()
        worst = max(delays[number] for number in delays if 100 < number <= during)
        print(f"disk stopped for {held_s:.1f} s: live values came within {worst * 1000:.0f} ms", flush=True)
        self.assertGreaterEqual(held_s, 4)  # five seconds from when it looked
        self.assertLess(worst, held_s / 2)
        self.check_log()

    def check_log(self):
        self.lanes.wait_numbers(range(1, len(self.feed.sent) + 1))
        self.lanes.wait_complete()
        self.assert_consistent(self.lanes)
        self.assertEqual(self.lanes.gaps, {})
        self.gateway.stop()
        subprocess.run([PROGRAM, "verify", "-c", self.path], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    support.main()
