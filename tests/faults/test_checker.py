"""The checker sees what is wrong: whatever is lost, doubled or changed here must be found. And a seed is an order."""

import random
import unittest
from collections import Counter

import support_path  # noqa: F401
import checker
import faults
import hostile
from can_pipe import Frame
from checker import Counters, Outage
from judge import Stored

BUS = "can0"
COUNT = 6


def frames(count=COUNT):
    return [Frame("CountA", n, n * 7 % 65536, float(n)) for n in range(1, count + 1)]


def row(number, seq=None, lane="live", copies=0, bus=BUS, **signals):
    content = {"Number": number, "Value": number, "Check": number * 7 % 65536, **signals}
    return Stored(seq or number, lane, [bus, "CountA", {"ts": 1.0, "signals": content}], copies)


def rows(*without):
    numbers = [n for n in range(1, COUNT + 1) if n not in without]
    return [row(n, seq) for seq, n in enumerate(numbers, 1)]


def logged(*without):
    return [(r.seq, BUS, "CountA", r.content[2]["signals"]) for r in rows(*without)]


class CheckerTest(unittest.TestCase):
    def judge(self, found, gaps=(), conflicts=(), sent=None, **options):
        return checker.judge_all(sent or {BUS: frames()}, found, gaps, conflicts, **options)

    def assert_good(self, verdict, **counts):
        self.assertEqual(verdict.violations(), [])
        for name, count in counts.items():
            self.assertEqual(getattr(verdict, name), count, name)

    def test_all_that_was_sent_came(self):
        verdict = self.judge(rows(), history=logged())
        self.assert_good(verdict, sent=COUNT, arrived=COUNT, in_history=COUNT, named=0)

    def test_a_loss_is_found_although_no_seq_is_missing(self):
        verdict = self.judge(rows(3))
        self.assertEqual(verdict.lost, [(BUS, 3)])
        self.assertTrue(verdict.violations())
        self.assertTrue(checker.is_incomplete(verdict))

    def test_a_counter_that_went_backwards_is_found(self):
        self.assertEqual(len(self.judge(rows(3), counters=Counters({BUS: (1 << 32) - 1})).unexpected), 1)

    def test_a_loss_that_a_counter_names_is_not_silent(self):
        self.assert_good(self.judge(rows(3), counters=Counters({BUS: 1})), named=1)
        self.assertEqual(len(self.judge(rows(3, 4), counters=Counters({BUS: 1})).lost), 1)
        self.assertEqual(len(self.judge(rows(3), counters=Counters({"other": 9})).lost), 1)
        self.assert_good(self.judge(rows(3), counters=Counters(without_seq=1)), named=1)

    def test_a_gap_names_as_many_as_it_has_seqs_but_that_of_a_restart_none(self):
        found = [row(1), row(2), row(4, 4), row(5, 5), row(6, 6)]
        self.assert_good(self.judge(found, [(3, 3, "stalled")]), named=1)
        self.assertEqual(self.judge(found, [(3, 3, "restart")]).lost, [(BUS, 3)])
        self.assertTrue(self.judge(found, [(3, 3, "corrupt")]).unexpected)

    def test_a_hole_is_found(self):
        self.assertTrue(self.judge([row(1), *[row(n, n + 1) for n in range(2, COUNT + 1)]]).unexpected)

    def test_what_came_without_a_seq_must_be_counted(self):
        verdict = self.judge(rows(3), unlogged={(BUS, 3)}, counters=Counters(without_seq=1))
        self.assert_good(verdict, unlogged=1, named=0)
        self.assertTrue(self.judge(rows(3), unlogged={(BUS, 3)}).violations())
        # It is counted once: not for another frame as well.
        self.assertEqual(len(self.judge(rows(3, 4), unlogged={(BUS, 3)}, counters=Counters(without_seq=1)).lost), 1)

    def test_an_outage_ends_with_the_first_frame_that_came_after_it(self):
        outage = Outage(BUS, "unplugged", 1.9, 2.5)
        self.assert_good(self.judge(rows(2, 3), outages=[outage]), undelivered=2)
        self.assertEqual(self.judge(rows(2, 4), outages=[outage]).lost, [(BUS, 4)])
        self.assertEqual(self.judge(rows(2), outages=[Outage("other", "", 1.9, 2.5)]).lost, [(BUS, 2)])

    def test_a_bus_that_does_not_come_back_is_found(self):
        sent = [Frame("CountA", n, n * 7, 10.0 * n) for n in range(1, COUNT + 1)]
        verdict = self.judge([row(1)], sent={BUS: sent}, outages=[Outage(BUS, "unplugged", 15, 21)])
        self.assertIn("nothing was taken", verdict.unexpected[0])
        self.assertTrue(verdict.lost)

    def test_what_nobody_had_read_before_a_kill_is_not_lost(self):
        self.assert_good(self.judge(rows(3), kills_s=[3.1]), unread=1)
        self.assertEqual(self.judge(rows(3), kills_s=[3.9]).lost, [(BUS, 3)])

    def test_copies_are_counted_and_two_seqs_for_one_frame_are_found(self):
        self.assert_good(self.judge([row(1, copies=2, lane="backfill"), *rows()[1:]]), duplicated=2, recovered=1, left=0)
        verdict = self.judge([*rows(), row(2, 7)])
        self.assertEqual(verdict.left, 1)
        self.assertTrue(verdict.violations())

    def test_other_content_than_was_sent_is_found(self):
        for wrong in (row(6, Value=5), row(6, Check=1), row(9, 6), row(6, bus="can9")):
            with self.subTest(wrong):
                self.assertTrue(self.judge([*rows(6), wrong]).unexpected)
        self.assertTrue(self.judge(rows(), conflicts=[(2, "other")]).unexpected)

    def test_another_order_is_found(self):
        self.assertTrue(self.judge([row(1), row(2, 3), row(3, 2), row(4), row(5), row(6)]).unexpected)

    def test_a_history_that_differs_from_the_lanes_is_found(self):
        changed = [(s, b, m, {**signals, "Value": 99}) for s, b, m, signals in logged()]
        moved = [(s + 1, b, m, signals) for s, b, m, signals in logged()]
        for history in (logged(4), changed, moved, [*logged(), (9, *logged()[0][1:])]):
            with self.subTest(history):
                self.assertTrue(self.judge(rows(), history=history).unexpected)
        self.assertTrue(self.judge(rows(4), counters=Counters({BUS: 1}), history=logged()).unexpected)

    def test_what_left_the_log_must_be_counted(self):
        self.assert_good(self.judge(rows(), history=logged()[1:], counters=Counters(left_log=1)), left_log=1)
        self.assertTrue(self.judge(rows(), history=logged()[2:], counters=Counters(left_log=1)).unexpected)

    def test_events_have_seqs_of_their_own(self):
        event = Stored(1, "live", [None, "event", {"event": "bus_state"}], 0)
        self.assert_good(self.judge([event, *[row(n, n + 1) for n in range(1, COUNT + 1)]]), arrived=COUNT)


class PlanTest(unittest.TestCase):
    TARGETS_OF = {"kill": ("a", "b"), "slow": ("b",), "full": ("disk",)}

    def plan(self, seed=1, count=40, **options):
        return faults.plan_of(seed, count, self.TARGETS_OF, **options)

    def test_a_seed_is_an_order_and_a_longer_campaign_begins_alike(self):
        self.assertEqual(self.plan(), self.plan())
        self.assertNotEqual(self.plan(), self.plan(seed=2))
        self.assertEqual(self.plan(count=40)[:20], self.plan(count=400)[:20])

    def test_every_kind_meets_each_of_its_targets_and_no_other(self):
        seen = Counter((f.kind, f.target) for incident in self.plan() for f in incident)
        self.assertEqual(set(seen), {("kill", "a"), ("kill", "b"), ("slow", "b"), ("full", "disk")})


class HostileTest(unittest.TestCase):
    def test_no_line_is_two_lines(self):
        rng = random.Random(1)
        for _ in range(2000):
            self.assertNotIn(b"\n", hostile.line(rng))
            self.assertNotIn(b"\r", hostile.serial_line(rng))


if __name__ == "__main__":
    unittest.main(verbosity=2)
