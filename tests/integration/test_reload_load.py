"""Reloads under load: 50 edits at random, good and bad, while frames come and a consumer keeps account.

EDGE_RELOADS=100 makes it longer, EDGE_RELOAD_RATE=2000 brings more frames in a second, EDGE_TEST_SEED
repeats a run. Frames are numbered by themselves; every one has to arrive, once and in order.
"""

import copy
import os
import random
from pathlib import Path

import lanes_support
import support
from gateway_support import PROGRAM, ROOT

RELOADS = int(os.environ.get("EDGE_RELOADS", "50"))
RATE = int(os.environ.get("EDGE_RELOAD_RATE", "500"))
SEED = int(os.environ.get("EDGE_TEST_SEED", random.randrange(1 << 31)))
TIMEOUT_S = 120
COUNT, OTHER = 0x123, 0x124

DBC = """VERSION ""
BU_: Bench
BO_ 291 Count: 8 Bench
 SG_ Number : 0|32@1+ (1,0) [0|0] "" Bench
BO_ 292 Other: 8 Bench
 SG_ Raw : 0|32@1+ (1,0) [0|0] "" Bench
 SG_ Scaled : 0|32@1+ ({factor},0) [0|0] "" Bench
BO_ 293 {extra}: 8 Bench
 SG_ Value : 0|8@1+ (1,0) [0|0] "" Bench
"""


class Account(lanes_support.Lanes):
    """`Count` must be the same on both lanes; what `Other` means changes, its raw value does not."""

    def __init__(self, port):
        super().__init__(port)
        self.order = []  # numbers of Count on the live lane
        self.scales = []  # (raw, factor) of Other on the live lane
        self.live = True

    def _take(self, bus, message, item):
        if message == "Other":
            raw, scaled = item["signals"]["Raw"], item["signals"]["Scaled"]
            if self.live and raw > 0:
                self.scales.append((raw, round(scaled / raw, 3)))
            item["signals"] = {"Raw": raw}
        elif message == "Count" and self.live:
            self.order.append(item["signals"]["Number"])
        return super()._take(bus, message, item)

    def _on_lane(self, client, userdata, m):
        if not m.payload:
            return  # a topic of a configuration that was
        self.live = "/can/" in m.topic
        super()._on_lane(client, userdata, m)

    def check(self, test, numbers, last):
        """That each of these frames of Count came once and in order; `last` were sent."""
        test.assertEqual(self.conflicts, [], "a seq with two contents")
        test.assertEqual(self.missing(), [])
        test.assertEqual(self.gaps, {})
        wanted = set(numbers)
        counted = [number for number in self.numbers.values() if number in wanted]
        test.assertEqual(len(counted), len(numbers), "a frame under two seqs")
        by_seq = [self.numbers[seq] for seq in sorted(self.numbers)]
        test.assertEqual(by_seq, sorted(by_seq))
        test.assertEqual(self.order, sorted(set(self.order)))
        backfilled = len(set(self.backfilled))
        print(f"{last} frames, {len(self.order)} counted live, {backfilled} backfilled", flush=True)


class Editor:
    """The configuration, and what a hurried person does to it."""

    def __init__(self, test, settings):
        self.test = test
        self.random = random.Random(SEED)
        self.settings = settings
        self.factor = 1
        self.extra = "Extra"
        self.edits = [
            self.scale, self.rename, self.bus, self.alarm, self.policy, self.sections, self.nothing,
            self.store, self.commands,
        ]  # fmt: skip
        self.mistakes = [
            lambda s: s.update(site="elsewhere"),
            lambda s: s["store"].update(file="/nowhere/else.db"),
            lambda s: s["buses"]["can0"].update(dbc="nowhere.dbc"),
            lambda s: s["buses"]["can0"].setdefault("messages", {}).update(Nobody={"publish": "every"}),
            lambda s: s.update(nonsense=1),
            lambda s: s["broker"].update(prefix="other"),
        ]

    def write_dbc(self):
        self.test.dbc.write_text(DBC.format(factor=self.factor, extra=self.extra))

    def scale(self, _):
        self.factor = self.random.choice([1, 2, 3, 5, 7])

    def rename(self, _):
        self.extra = f"Extra{self.random.randrange(1000)}"

    def bus(self, settings):
        name = self.random.choice(["a1", "can1", "zz9"])
        buses = dict(settings["buses"])
        if buses.pop(name, None) is None:
            buses[name] = {
                "driver": "simulate",
                "dbc": str(support.SOURCE_DIR / "examples/greenhouse.dbc"),
                "simulate": {"seed": 1},
            }
        settings["buses"] = dict(self.random.sample(sorted(buses.items()), len(buses)))

    def alarm(self, settings):
        alarms = settings.setdefault("alarms", {})
        name = f"alarm{self.random.randrange(5)}"
        if alarms.pop(name, None) is None:
            alarms[name] = {
                "signal": "can0/Other/Raw",
                "high": self.random.randrange(1, 9) << 28,
                "text": "too many",
            }

    def policy(self, settings):
        other = {"min_interval": f"{self.random.randrange(3) * 10}ms", "publish": "change"}
        settings["buses"]["can0"]["messages"] = {"Other": other}

    def sections(self, settings):
        settings["home_assistant"] = {"enabled": self.random.random() < 0.5}
        settings["dash_cam"] = {
            "enabled": self.random.random() < 0.5,
            "directory": str(self.test.directory / "cam"),
        }

    def store(self, settings):
        settings["store"]["max_age"] = f"{self.random.randrange(1, 9)}h"
        settings["backfill"] = {"rate": self.random.choice([0, 100000])}

    def commands(self, settings):
        settings["buses"]["can0"]["commands"] = {} if self.random.random() < 0.5 else {"Other": {}}

    def nothing(self, _):
        pass

    def next(self):
        """(settings, whether they are to be taken over); the DBC file is written."""
        if self.random.random() < 0.25:
            wrong = copy.deepcopy(self.settings)
            self.random.choice(self.mistakes)(wrong)
            return wrong, False
        for edit in self.random.sample(self.edits, self.random.randrange(1, 4)):
            edit(self.settings)
        self.write_dbc()
        return self.settings, True


class ReloadLoad(lanes_support.TestCase):
    def reload(self, settings):
        self.write_configuration(settings, "edge-gateway.yaml")
        mark = len(self.asker.messages)
        self.asker.publish(f"{ROOT}/request/reload", {}, ResponseTopic="answers/reload", timeout=TIMEOUT_S)
        self.asker._wait(
            lambda: any(m.json["status"] == "error" or m.json["last"] for m in self.asker.messages[mark:]),
            "answer",
            TIMEOUT_S,
        )
        return self.asker.messages[mark].json

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.gateway.process.pid}/fd"))

    def resident_kib(self):
        status = Path(f"/proc/{self.gateway.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def test_no_frame_is_lost_and_none_doubled(self):
        print(f"seed {SEED}, {RELOADS} reloads, {RATE} frames/s", flush=True)
        broker = self.start_broker()
        feed = self.start_feed(can_ids=(COUNT, OTHER))
        settings = self.settings(broker, feed)
        editor = Editor(self, settings)
        editor.write_dbc()
        self.asker = self.start_client(broker).subscribe("answers/reload")
        account = Account(broker.port)
        self.addCleanup(account.stop)
        account.start()
        path = self.write_configuration(settings, "edge-gateway.yaml")
        self.gateway = self.start_process(
            [PROGRAM, "run", "-c", path],
            name="edge-gateway",
            environment={"ASAN_OPTIONS": "quarantine_size_mb=4:thread_local_quarantine_size_kb=64"},
        )
        feed.start(RATE)
        account.wait_until(lambda: len(account.order) > 1000, "frames", TIMEOUT_S)
        sizes, done = [], 0
        for n in range(RELOADS):
            wanted, good = editor.next()
            answer = self.reload(wanted)
            self.assertEqual(answer["status"], "ok" if good else "error", answer)
            done += good
            if good:  # from the answer on, values are those of the new DBC file
                raw = len(feed.sent)
                account.wait_until(
                    lambda raw=raw: account.scales and account.scales[-1][0] > raw, "a value", TIMEOUT_S
                )
                wrong = [s for s in account.scales if s[0] > raw and s[1] != editor.factor]
                self.assertEqual(wrong, [])
            if n >= RELOADS // 5:
                sizes.append((self.descriptors(), self.resident_kib()))
        # Back to what it was, so that nothing but the counted bus is left.
        editor.settings["buses"] = {"can0": editor.settings["buses"]["can0"]}
        editor.settings["buses"]["can0"].pop("messages", None)
        editor.settings.update(alarms={}, home_assistant={"enabled": False}, dash_cam={"enabled": False})
        self.assertEqual(self.reload(editor.settings)["status"], "ok")
        feed.stop()
        last = len(feed.sent)
        numbers = [i for i in range(1, last + 1) if feed.can_id_of(i) == COUNT]
        account.wait_numbers(numbers, TIMEOUT_S)
        account.wait_complete(TIMEOUT_S)
        account.check(self, numbers, last)
        self.check_growth(sizes, done)
        self.check_retained(broker, editor)
        self.gateway.stop(timeout=TIMEOUT_S)
        verified = support.subprocess.run(
            [PROGRAM, "verify", "--log", str(self.directory / "edge.db")], capture_output=True, text=True
        )
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def check_growth(self, sizes, done):
        third = len(sizes) // 3
        fds = [max(s[0] for s in sizes[:third]), max(s[0] for s in sizes[-third:])]
        kib = [max(s[1] for s in sizes[:third]), max(s[1] for s in sizes[-third:])]
        print(f"{done} taken over; descriptors {fds}, resident KiB {kib}", flush=True)
        self.assertLessEqual(fds[1], fds[0] + 4)  # as many buses and threads as the edits made
        self.assertLess(kib[1], kib[0] + 64 * 1024)

    def check_retained(self, broker, editor):
        """No ghosts: only topics of the last configuration."""
        names = {"Count", "Other", editor.extra}

        def ghosts():
            client = self.start_client(broker).subscribe(f"{ROOT}/#").subscribe("homeassistant/#")
            client.subscribe("the/end")
            client.publish("the/end", "")
            client.wait_topic("the/end")
            topics = [m.topic.removeprefix(ROOT + "/") for m in client.messages if m.retain]
            client.stop()
            return [
                t for t in topics
                if t.startswith(("can/", "homeassistant")) and not (
                    t.startswith("can/can0/") and t.split("/")[2] in names | {"state"}
                )
                or (t.startswith("alarms/") and not t.split("/")[1].startswith(("can0-", "frame_log")))
            ]  # fmt: skip

        for _ in range(20):
            found = ghosts()
            if not found:
                return
        self.fail(f"retained for ever: {found}")


if __name__ == "__main__":
    support.main()
