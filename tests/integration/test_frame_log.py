"""Nothing is lost: what the broker missed comes on the backfill lane, whoever dies meanwhile."""

import bisect
import os
import random
import re
import signal
import sqlite3
import time

import lanes_support
import support
from gateway_support import ROOT

KILLS = int(os.environ.get("EDGE_TEST_KILLS", "8"))
# What a kill may cost: what came within a commit interval and the commit itself. A busy machine
# and the sanitizers make the latter long.
LATE_S = float(os.environ.get("EDGE_TEST_LATE_S", support.PATIENCE))


class Outage(lanes_support.TestCase):
    def outage(self, **options):
        broker = self.start_broker()
        lanes = self.start_lanes(broker)
        feed = self.start_feed()
        gateway = self.start_gateway(self.settings(broker, feed, **options))
        feed.send(50)
        lanes.wait_numbers([50])
        broker.stop()
        gateway.wait_log("no connection")
        feed.send(3000)
        self.wait_committed(3050)
        broker.start()
        feed.start(per_second=500)
        lanes.wait_numbers(range(1, 3051))
        feed.stop()
        lanes.wait_numbers([len(feed.sent)])
        lanes.wait_complete()
        self.assert_consistent(lanes)
        self.assertEqual(lanes.gaps, {})
        return lanes

    def assert_order(self, lanes):
        """Each seq after those before it; what a lost connection left unanswered may come again."""
        first_times = list(dict.fromkeys(lanes.backfilled))
        self.assertEqual(first_times, sorted(first_times), "order")

    def wait_committed(self, frames):
        """Until the database holds that many frames, as an onlooker sees it."""
        deadline = time.monotonic() + support.TIMEOUT_S
        path = self.directory / "edge.db"
        while time.monotonic() < deadline:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
                (last,) = db.execute("SELECT max(last_seq) FROM segments").fetchone()
            if last is not None and last >= frames:
                return
        self.fail(f"{last} of {frames} frames are committed")

    def test_every_frame_comes_with_its_own_seq_and_time(self):
        lanes = self.outage()
        self.assertGreater(len(lanes.backfilled), 2900)
        self.assert_order(lanes)
        numbers = [lanes.numbers[seq] for seq in sorted(lanes.numbers)]
        self.assertEqual(numbers, sorted(numbers))

    def test_in_batches(self):
        lanes = self.outage(backfill={"batch": 100})
        self.assert_order(lanes)

    def test_paced(self):
        lanes = self.outage(backfill={"rate": 5000})
        self.assertGreater(len(lanes.backfilled), 2900)

    def test_plain_values_are_not_sent_twice(self):
        broker = self.start_broker()
        feed = self.start_feed()
        client = self.start_client(broker).subscribe(f"{ROOT}/#")
        self.start_gateway(self.settings(broker, feed, layout="signal"))
        feed.send(20)
        client.wait_topic(f"{ROOT}/can/can0/Count/Number", "20")
        client.wait_for(
            lambda m: m.topic == f"{ROOT}/metrics"
            and m.json["readings"]["pending"] == 0
            and m.json["store"]["frames"] == 20
        )
        backfilled = [m for m in client.messages if m.topic == f"{ROOT}/backfill/can0/Count"]
        superseded = [m for m in client.messages if m.topic == f"{ROOT}/can/can0/Count/Number"]
        self.assertEqual(len(backfilled) + len(superseded), 20)


class Kills(lanes_support.TestCase):
    """kill -9 of the gateway, again and again, while the broker answers or hangs."""

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("EDGE_TEST_SEED", random.randrange(2**32)))
        print(f"EDGE_TEST_SEED={seed}", flush=True)
        self.random = random.Random(seed)
        self.kills = []  # monotonic times

    def one_life(self, number, settings, broker, feed):
        gateway = self.start_gateway(settings, name=f"gateway-{number}")
        gateway.wait_log("runs as")
        hangs = self.random.random() < 0.5
        if hangs:
            broker.send(signal.SIGSTOP)
        target = len(feed.sent) + self.random.randrange(1, 400)
        while len(feed.sent) < target:
            time.sleep(0.001 * self.random.random())  # when, is what is random here
        gateway.kill()
        self.kills.append(time.monotonic())
        gateway.check_sanitizers()
        if hangs:
            broker.send(signal.SIGCONT)

    def test_loses_only_what_came_in_the_last_moment(self):
        broker = self.start_broker()
        lanes = self.start_lanes(broker)
        feed = self.start_feed().start(per_second=1000)
        settings = self.settings(broker, feed, backfill={"batch": 50})
        for number in range(KILLS):
            self.one_life(number, settings, broker, feed)
        self.start_gateway(settings, name="gateway-last")
        feed.stop()
        feed.send(1)
        lanes.wait_numbers([len(feed.sent)], timeout=60)
        lanes.wait_complete(timeout=60)
        self.assert_consistent(lanes)
        self.assertEqual(set(lanes.gaps.values()) - {"restart"}, set())
        self.check_losses(lanes, feed)

    def check_losses(self, lanes, feed):
        """What is lost came shortly before a kill; `worst` has the longest such time of each kill."""
        came = set(lanes.numbers.values())
        lost = [n for n in range(1, len(feed.sent) + 1) if n not in came]
        worst = [0.0] * len(self.kills)
        for number in lost:
            sent = feed.sent[number - 1]
            kill = bisect.bisect_left(self.kills, sent)
            self.assertLess(kill, len(self.kills), f"frame {number} is lost, and no kill came after")
            worst[kill] = max(worst[kill], self.kills[kill] - sent)
        worst.sort()
        middle, most, longest = (worst[int(q * (len(worst) - 1))] * 1000 for q in (0.5, 0.99, 1))
        print(
            f"{len(self.kills)} kills: {len(feed.sent)} frames sent, {len(lost)} lost, the earliest "
            f"{middle:.0f} ms before its kill (median), {most:.0f} (p99), {longest:.0f} (most); "
            f"{len(lanes.content)} seqs, {len(lanes.conflicts)} with two contents",
            flush=True,
        )
        self.assertLessEqual(longest, LATE_S * 1000)


class Sinks(lanes_support.TestCase):
    """With `ack: sink` the log waits for the store behind the broker."""

    def acknowledge(self, client, lanes):
        holes = lanes.missing()
        upto = holes[0][0] - 1 if holes else max([0, *lanes.content])
        client.publish(f"{ROOT}/ack/store", str(upto))
        return upto

    def start(self, ack_timeout="1s"):
        self.broker = self.start_broker()
        self.lanes = self.start_lanes(self.broker)
        self.feed = self.start_feed()
        backfill = {"ack": "sink", "sinks": ["store"], "ack_timeout": ack_timeout}
        self.gateway_settings = self.settings(self.broker, self.feed, backfill=backfill)
        self.gateway = self.start_gateway(self.gateway_settings)

    def metrics(self, client, predicate):
        return client.wait_for(
            lambda m: m.topic == f"{ROOT}/metrics" and predicate(m.json)
        ).json

    def test_a_broker_that_loses_its_memory_loses_nothing(self):
        self.start()
        self.feed.send(100)
        self.lanes.wait_numbers([100])
        # The broker dies with acknowledged messages that no consumer has: the consumer is away.
        self.lanes.stop()
        probe = self.start_client(self.broker).subscribe(f"{ROOT}/can/#")
        self.feed.send(500)
        probe.wait_for(lambda m: b'"Number":600}' in m.payload)
        self.broker.kill()
        self.broker.start()
        self.lanes.start()
        self.lanes.wait_numbers(range(1, 601))
        self.lanes.wait_complete()
        self.assert_consistent(self.lanes)

    def test_a_sink_has_its_time_from_the_start_on(self):
        self.start(ack_timeout="1min")
        client = self.start_client(self.broker).subscribe(f"{ROOT}/metrics")
        self.feed.send(50)
        self.lanes.wait_numbers([50])
        seen = len(client.messages)
        client.wait_for(lambda _: len(client.messages) >= seen + 10)  # two seconds of metrics
        self.assertNotIn("sending again", self.gateway.log)
        self.assertEqual(len(self.lanes.backfilled), len(set(self.lanes.backfilled)))

    def test_who_does_not_acknowledge_is_sent_the_same_less_and_less_often(self):
        """What is slow would otherwise be given more to do than it can, again and again."""
        self.start(ack_timeout="1s")
        self.feed.send(50)
        again = r"^(\d+):(\d+):([\d.]+) warning log: .*sending again"
        self.gateway.wait_log(again)

        def times():
            found = re.findall(again, self.gateway.log, re.MULTILINE)
            return [int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in found]

        self.lanes.wait_until(lambda: len(times()) >= 3, "third time", timeout=60)
        first, second, third = times()[:3]
        self.assertGreaterEqual(second - first, 1.9)
        self.assertGreaterEqual(third - second, 3.9)

    def test_the_cursor_moves_by_the_sink_alone(self):
        self.start()
        client = self.start_client(self.broker).subscribe(f"{ROOT}/#")
        self.feed.send(50)
        self.lanes.wait_numbers([50])
        self.lanes.wait_complete()
        metrics = self.metrics(client, lambda m: m["readings"]["newest_seq"] >= 50)
        self.assertEqual(metrics["readings"]["acknowledged_seq"], 0)
        upto = self.acknowledge(client, self.lanes)
        self.assertGreaterEqual(upto, 50)
        self.metrics(client, lambda m: m["readings"]["acknowledged_seq"] == upto)

    def test_silence_of_the_sink_makes_it_send_again(self):
        self.start()
        client = self.start_client(self.broker).subscribe(f"{ROOT}/#")
        self.feed.send(10)
        self.lanes.wait_numbers([10])
        metrics = self.metrics(client, lambda m: m["readings"]["repeated"] >= 10)
        self.assertEqual(metrics["readings"]["acknowledged_seq"], 0)
        self.assert_consistent(self.lanes)

    def test_wrong_acknowledgements_are_refused_and_counted(self):
        self.start()
        client = self.start_client(self.broker).subscribe(f"{ROOT}/#")
        self.metrics(client, lambda m: m["mqtt"]["connects"] == 1)
        wrong = (("store", "x"), ("store", "99999999"), ("other", "1"), ("store", ""))
        for sink, payload in (*wrong, ("store", "1 00000000000000ab")):
            client.publish(f"{ROOT}/ack/{sink}", payload)
        self.metrics(client, lambda m: m["acks"] == {"received": 5, "refused": 5})
        self.gateway.wait_log("no such sink")
        self.gateway.wait_log("of another log than this one")

    def test_the_log_has_a_name_which_an_acknowledgement_may_say(self):
        self.start()
        client = self.start_client(self.broker).subscribe(f"{ROOT}/#")
        first = client.wait_topic(f"{ROOT}/info").json["log"]
        self.assertEqual(first["acknowledged"], 0)
        self.feed.send(20)
        self.lanes.wait_numbers([20])
        client.publish(f"{ROOT}/ack/store", f"20 {first['id']}")
        self.metrics(client, lambda m: m["readings"]["acknowledged_seq"] == 20)
        self.gateway.stop()
        self.start_gateway(self.gateway_settings, name="again")
        again = client.wait_newest(
            f"{ROOT}/info", lambda m: m.json["log"]["acknowledged"] >= 20
        ).json["log"]
        self.assertEqual(again["id"], first["id"])


class Quota(lanes_support.TestCase):
    def test_what_a_full_log_drops_is_named_in_gaps(self):
        broker = self.start_broker()
        lanes = self.start_lanes(broker)
        feed = self.start_feed()
        store = {"max_size": "1MiB", "ballast": "0B"}
        gateway = self.start_gateway(
            self.settings(broker, feed, store=store, backfill={"batch": 500})
        )
        feed.send(10)
        lanes.wait_numbers([10])
        broker.stop()
        gateway.wait_log("no connection")
        feed.send(120000)
        gateway.wait_log("readings were dropped .quota_bytes")
        broker.start()
        lanes.wait_numbers([len(feed.sent)])
        lanes.wait_complete(timeout=60)
        self.assert_consistent(lanes)
        self.assertEqual(set(lanes.gaps.values()), {"quota_bytes"})
        dropped = sum(last - first + 1 for first, last in lanes.gaps)
        self.assertEqual(len(lanes.content) + dropped, max(lanes.content))


if __name__ == "__main__":
    support.main()
