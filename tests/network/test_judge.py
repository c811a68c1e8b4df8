"""The judge sees what is wrong, and the plan of faults is the same for the same seed."""

import unittest
from collections import Counter

import faults
import judge
from can_pipe import Frame
from judge import Stored

HOSTS = ("gateway", "site", "automation", "centre")
PROCESSES = ("broker", "centre", "store", "gateway", "automation")


def frames(count, every_s=1.0):
    return [Frame("CountA", n, n * 7 % 65536, n * every_s) for n in range(1, count + 1)]


def row(number, seq=None, lane="live", copies=0, **signals):
    content = {"Number": number, "Value": number, "Check": number * 7 % 65536, **signals}
    item = {"ts": 1.0, "signals": content}
    return Stored(seq or number, lane, ["can0", "CountA", item], copies)


class JudgeTest(unittest.TestCase):
    def judge(self, rows, count=4, kills_s=(), gaps=(), conflicts=()):
        return judge.judge(frames(count), kills_s, rows, gaps, conflicts)

    def test_all_that_was_sent_is_there(self):
        verdict = self.judge([row(n) for n in (4, 2, 1, 3)])
        self.assertEqual((verdict.lost, verdict.unexpected, verdict.left), ([], [], 0))

    def test_a_frame_that_is_not_there_is_lost_although_no_seq_is_missing(self):
        verdict = self.judge([row(1), row(2), row(4, seq=3)])
        self.assertEqual(verdict.lost, [3])
        self.assertEqual(verdict.unexpected, [])

    def test_what_nobody_had_accepted_before_a_kill_is_not_lost(self):
        verdict = self.judge([row(1), row(3, seq=2), row(4, seq=3)], kills_s=[2.1])
        self.assertEqual((verdict.lost, verdict.unread), ([], [2]))
        verdict = self.judge([row(1), row(3, seq=2), row(4, seq=3)], kills_s=[2.9])
        self.assertEqual((verdict.lost, verdict.unread), ([2], []))

    def test_copies_and_the_backfill_lane_are_counted(self):
        verdict = self.judge([row(1, copies=2), row(2, lane="backfill"), row(3), row(4)])
        self.assertEqual((verdict.duplicated, verdict.recovered, verdict.left), (2, 1, 0))
        self.assertEqual(verdict.unexpected, [])

    def test_a_frame_under_two_seqs_is_left_twice(self):
        verdict = self.judge([row(1), row(2), row(3), row(4), row(2, seq=5)])
        self.assertEqual(verdict.left, 1)
        self.assertTrue(verdict.unexpected)

    def test_a_hole_is_unexpected_unless_a_gap_with_a_good_reason_names_it(self):
        rows = [row(1), row(2), row(3, seq=10), row(4, seq=11)]
        self.assertTrue(self.judge(rows).unexpected)
        self.assertEqual(self.judge(rows, gaps=[(3, 9, "restart")]).unexpected, [])
        self.assertTrue(self.judge(rows, gaps=[(3, 9, "quota_bytes")]).unexpected)

    def test_what_differs_from_what_was_sent_is_unexpected(self):
        good = [row(1), row(2), row(3)]
        for wrong in (row(4, Value=5), row(4, Check=1), row(9, seq=4)):
            with self.subTest(wrong):
                self.assertTrue(self.judge([*good, wrong]).unexpected)
        self.assertTrue(self.judge([*good, row(4)], conflicts=[(2, "other")]).unexpected)

    def test_the_order_of_seqs_is_that_of_the_bus(self):
        rows = [row(1), row(2, seq=3), row(3, seq=2), row(4)]
        self.assertTrue(self.judge(rows).unexpected)

    def test_events_have_seqs_of_their_own(self):
        event = Stored(1, "live", [None, "event", {"event": "bus_state"}], 0)
        verdict = self.judge([event, row(1, 2), row(2, 3), row(3, 4), row(4, 5)])
        self.assertEqual((verdict.lost, verdict.unexpected), ([], []))


class PlanTest(unittest.TestCase):
    def plan(self, seed=1, count=100, **options):
        return faults.plan(seed, count, HOSTS, PROCESSES, **options)

    def test_a_seed_is_an_order(self):
        self.assertEqual(self.plan(), self.plan())
        self.assertNotEqual(self.plan(), self.plan(seed=2))

    def test_it_has_as_many_faults_as_were_asked_for_and_every_one_of_them(self):
        planned = [fault for incident in self.plan() for fault in incident]
        self.assertEqual(len(planned), 100)
        seen = Counter((fault.kind, fault.target) for fault in planned)
        every = {(kind, host) for kind in faults.LINK_FAULTS for host in HOSTS}
        every |= {(kind, name) for kind in (faults.STOP, faults.KILL) for name in PROCESSES}
        self.assertEqual(set(seen), every)

    def test_a_short_one_has_every_kind(self):
        planned = [fault for incident in self.plan(count=8) for fault in incident]
        self.assertEqual(len({fault.kind for fault in planned}), 8)

    def test_two_at_once_have_different_targets(self):
        pairs = [incident for incident in self.plan(overlap=1.0) if len(incident) == 2]
        self.assertTrue(pairs)
        for first, second in pairs:
            self.assertNotEqual(first.target, second.target)


if __name__ == "__main__":
    unittest.main(verbosity=2)
