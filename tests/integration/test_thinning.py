"""A log that gets full makes summaries of old readings before it drops any."""

import socket
import sqlite3
import time

import lanes_support
import support
from gateway_support import ROOT

HIGH, LOW = 0x123, 0x124  # the messages Count and Other
PER_TURN = 16  # of these frames, one is high
STORE = {
    "max_size": "1MiB",
    "thin_from": "1 %",
    "thin_older_than": "1s",
    "thin_interval": "1s",
    "commit_interval": "80ms",  # each of them thins some more
}


def accept_gateway(server):
    """Its connection; the consumer, which tries too, is turned away."""
    while True:
        connection, _ = server.accept()
        connection.settimeout(support.TIMEOUT_S)
        if b"lanes" not in connection.recv(65536):
            return connection
        connection.close()


def lose_first_summary(port):
    """A broker that acknowledges nothing and goes when it was sent a summary."""
    with socket.create_server((support.HOST, port)) as server:
        server.settimeout(support.TIMEOUT_S)
        with accept_gateway(server) as connection:
            connection.sendall(bytes([0x20, 3, 0, 0, 0]))  # CONNACK of MQTT 5, no properties
            seen = b""
            while b"/summary" not in seen:
                received = connection.recv(65536)
                if not received:
                    raise AssertionError("the gateway went before it sent a summary")
                seen = seen[-16:] + received


class Thinning(lanes_support.TestCase):
    """The broker is away until the log has thinned what it could."""

    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.lanes = self.start_lanes(self.broker)
        self.feed = self.start_feed(can_ids=[HIGH] + [LOW] * (PER_TURN - 1))

    def start(self, **options):
        settings = self.settings(self.broker, self.feed, store=STORE, **options)
        settings["buses"]["can0"]["replay"]["speed"] = 1  # stamps as in the log: age counts here
        settings["buses"]["can0"]["messages"] = {
            "Count": {"priority": "high"},
            "Other": {"priority": "low"},
        }
        gateway = self.start_gateway(settings)
        self.feed.send(50)
        self.lanes.wait_numbers([50])
        self.fresh_metrics(lambda m: m["store"]["frames"] == 50 and m["readings"]["pending"] == 0)
        self.broker.stop()
        gateway.wait_log("no connection")
        return gateway

    def fresh_metrics(self, condition):
        client = self.start_client(self.broker).subscribe(f"{ROOT}/metrics")
        metrics = client.wait_for(lambda m: condition(m.json)).json
        client.stop()  # nobody but the gateway and the consumer comes to the next broker
        return metrics

    def query(self, sql):
        with sqlite3.connect(f"file:{self.directory / 'edge.db'}?mode=ro", uri=True) as db:
            return db.execute(sql).fetchone()

    def wait_thinned(self, readings):
        """Until so many became part of summaries, as an onlooker sees it."""
        deadline = time.monotonic() + support.TIMEOUT_S
        thinned = None
        while time.monotonic() < deadline:
            (thinned,) = self.query("SELECT sum(count) FROM summaries")
            if thinned is not None and thinned >= readings:
                return
        self.fail(f"{thinned} of {readings} readings are thinned")

    def fill(self, gateway):
        self.feed.start(per_second=6000)
        gateway.wait_log("old readings became summaries")
        self.feed.stop()
        low = len(self.feed.sent) * (PER_TURN - 1) // PER_TURN
        self.feed.start(per_second=200)  # each commit thins some more
        self.wait_thinned(low)
        self.feed.stop()

    # ---- what the consumer has to have --------------------------------------------------------

    def numbers_by_seq(self):
        """Which frame each seq is; the others are events, and those came."""
        newest = max([seq for seq in self.lanes.content] + [last for _, last in self.lanes.gaps])
        numbers, number = {}, 0
        for seq in range(1, newest + 1):
            if seq not in self.lanes.content or seq in self.lanes.numbers:
                number += 1
                numbers[seq] = number
        self.assertEqual(number, len(self.feed.sent))
        return numbers

    def assert_summary(self, summary, numbers):
        low = [
            numbers[seq]
            for seq in range(summary["first"], summary["last"] + 1)
            if seq in numbers and self.feed.can_id_of(numbers[seq]) == LOW
        ]
        self.assertEqual(summary["count"], len(low))
        self.assertEqual(
            summary["signals"],
            {"Number": {"min": low[0], "max": low[-1], "mean": sum(low) / len(low), "last": low[-1]}},
        )
        self.assertLess(summary["from"], summary["to"])
        self.assertLessEqual(summary["to"] - summary["from"], 1.1)

    def assert_thinned(self):
        """Every seq has its place, and every reading that was thinned its summary."""
        lanes = self.lanes
        self.assert_consistent(lanes)
        self.assertEqual(set(lanes.gaps.values()), {"thinned"})
        numbers = self.numbers_by_seq()
        for seq, number in lanes.numbers.items():
            self.assertEqual(number, numbers[seq])
        missing = set(range(1, len(self.feed.sent) + 1)) - set(lanes.numbers.values())
        self.assertEqual({self.feed.can_id_of(number) for number in missing}, {LOW})
        summarized = set()
        for (message, first, last), summary in lanes.summaries.items():
            self.assertEqual(message, "Other")
            self.assert_summary(summary, numbers)
            summarized |= {numbers[seq] for seq in range(first, last + 1) if seq in numbers}
        self.assertEqual(missing - summarized, set(), "thinned, and in no summary")

    def test_high_priority_comes_whole_and_low_as_summaries(self):
        gateway = self.start()
        self.fill(gateway)
        self.assertEqual(self.query("SELECT count(*) FROM gaps"), (0,))
        self.broker.start()
        self.lanes.wait_numbers([len(self.feed.sent)])
        self.lanes.wait_complete()
        self.assert_thinned()
        self.assertGreater(len(self.lanes.summaries), 2)
        metrics = self.fresh_metrics(lambda m: m["readings"]["pending"] == 0)
        readings = metrics["readings"]
        self.assertGreater(readings["thinned"], 5000)
        self.assertGreaterEqual(metrics["store"]["thinned"], readings["thinned"])
        self.assertEqual(set(readings["dropped"].values()), {0})
        self.assertEqual(
            readings["assured"] + readings["repeated"],
            readings["acknowledged"] + readings["pending"] + readings["thinned"],
        )
        self.assertEqual(metrics["backfill"]["summaries_refused"], 0)

    def test_a_summary_lost_with_the_connection_comes_again_before_its_gap(self):
        gateway = self.start(backfill={"in_flight": 1})
        self.fill(gateway)
        lose_first_summary(self.broker.port)
        self.broker.start()
        self.lanes.wait_numbers([len(self.feed.sent)])
        self.lanes.wait_complete()
        self.assert_thinned()

    def test_a_gap_costs_the_rate_one_message_whatever_it_stands_for(self):
        gateway = self.start(backfill={"rate": 300})
        self.fill(gateway)
        self.broker.start()
        self.lanes.wait_numbers([len(self.feed.sent)])
        self.lanes.wait_complete()
        self.assert_thinned()


if __name__ == "__main__":
    support.main()
