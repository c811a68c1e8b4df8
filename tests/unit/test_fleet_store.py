"""The pure parts of the store of a fleet: which seqs are stored, and what a payload is."""

import os
import random
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples/fleet-store"))
import decode  # noqa: E402
import ledger  # noqa: E402
from ledger import DUPLICATE, LATE, NEW, NO_ROOM, Ledger  # noqa: E402


class Seqs(unittest.TestCase):
    def test_in_order_there_is_no_range(self):
        known = Ledger()
        self.assertEqual([known.add(seq) for seq in (1, 2, 3)], [NEW] * 3)
        self.assertEqual((known.contiguous, known.highest, known.first_hole), (3, 3, None))

    def test_a_hole_holds_it_up_until_it_fills(self):
        known = Ledger(10)
        for seq in (12, 13, 15):
            self.assertEqual(known.add(seq), NEW)
        self.assertEqual((known.contiguous, known.first_hole, known.missing()), (10, (11, 11), 2))
        known.add(11)
        self.assertEqual((known.contiguous, known.first_hole), (13, (14, 14)))
        known.add(14)
        self.assertEqual((known.contiguous, known.first_hole, known.missing()), (15, None, 0))

    def test_a_gap_takes_only_what_is_not_there(self):
        known = Ledger()
        for seq in (1, 2, 5, 6, 9):
            known.add(seq)
        self.assertEqual(known.add_gap(2, 10), [(3, 4), (7, 8), (10, 10)])
        self.assertEqual(known.contiguous, 10)
        self.assertEqual(known.add_gap(1, 10), [])

    def test_content_is_worth_more_than_a_gap(self):
        known = Ledger()
        known.add_gap(1, 10)
        self.assertEqual(known.add(5), LATE)
        self.assertEqual(known.add(5), DUPLICATE)
        self.assertEqual([known.add(seq) for seq in (4, 6, 1, 10)], [LATE] * 4)
        self.assertEqual(known.contiguous, 10)

    def test_gaps_are_remembered_over_a_restart(self):
        known = Ledger(20, [(22, 25)], [(5, 6), (30, 40)])
        self.assertEqual((known.contiguous, known.highest), (20, 40))
        self.assertEqual([known.add(seq) for seq in (5, 7, 22, 35)], [LATE, DUPLICATE, DUPLICATE, LATE])

    def test_nothing_before_the_beginning_is_wanted(self):
        known = Ledger()
        for seq in (3, 7, 8, 12):
            known.add(seq)
        known.begin_after(6)
        self.assertEqual((known.contiguous, known.first_hole), (8, (9, 11)))

    def test_memory_is_bounded(self):
        known = Ledger()
        for i in range(ledger.RANGES_MAX):
            self.assertEqual(known.add(2 + 2 * i), NEW)
        self.assertEqual(known.add(10**9), NO_ROOM)
        self.assertEqual(known.add(3), NEW)  # it joins two
        self.assertEqual(known.add(10**9), NEW)

    def test_as_a_set_has_it(self):
        seed = int(os.environ.get("EDGE_TEST_SEED", random.randrange(2**32)))
        print(f"EDGE_TEST_SEED={seed}", flush=True)
        chance = random.Random(seed)
        for _ in range(300):
            known, content, gaps = Ledger(), set(), set()
            for _ in range(200):
                first = chance.randrange(1, 80)
                if chance.random() < 0.2:
                    last = first + chance.randrange(10)
                    new = set(range(first, last + 1)) - content - gaps
                    parts = known.add_gap(first, last)
                    self.assertEqual({s for a, b in parts for s in range(a, b + 1)}, new)
                    gaps |= new
                else:
                    expected = DUPLICATE if first in content else LATE if first in gaps else NEW
                    self.assertEqual(known.add(first), expected)
                    content.add(first)
                    gaps.discard(first)
                stored = content | gaps
                contiguous = next(n for n in range(0, 100) if n + 1 not in stored)
                self.assertEqual(known.contiguous, contiguous)
                self.assertEqual(known.highest, max(stored))
                self.assertEqual(known.missing(), max(stored) - len(stored))


class Topics(unittest.TestCase):
    def test_each_kind(self):
        cases = {
            "edge/s/n/can/can0/Climate": decode.READING,
            "edge/s/n/can/can0/state": decode.OTHER,
            "edge/s/n/can/can0/Climate/Temperature": decode.OTHER,
            "edge/s/n/backfill/can0/Climate": decode.READING,
            "edge/s/n/backfill/can0/Climate/summary": decode.SUMMARY,
            "edge/s/n/backfill/batch": decode.BATCH,
            "edge/s/n/backfill/gap": decode.GAP,
            "edge/s/n/backfill/event": decode.EVENT,
            "edge/s/n/event": decode.EVENT,
            "edge/s/n/alarms/event": decode.EVENT,
            "edge/s/n/info": decode.INFO,
            "edge/s/n/status": decode.OTHER,
            "edge/s/n/can/ca n0/Climate": decode.OTHER,
            "edge/s//info": decode.OTHER,
            "edge": decode.OTHER,
            "": decode.OTHER,
        }
        for topic, kind in cases.items():
            self.assertEqual(decode.route("edge", topic.encode()).kind, kind, topic)
        self.assertEqual(decode.route("edge", b"edge/s/n/can/\xff/x").kind, decode.OTHER)
        self.assertEqual(decode.route("a/b", b"a/b/s/n/info").node, "n")


class Payloads(unittest.TestCase):
    def reading(self, text):
        return decode.reading(decode.parse(text if isinstance(text, bytes) else text.encode()))

    def test_a_reading_keeps_each_digit(self):
        found = self.reading(
            '{"ts":1795423160.495983,"seq":1234,"signals":'
            '{"T":21.50,"N":18446744073709551615.25,"L":"Läuft \\"\\n","X":null},"q":{"X":"stale"}}'
        )
        self.assertEqual((found.seq, found.ts_us), (1234, 1795423160495983))
        self.assertEqual(
            found.signals.decode(),
            '{"T":21.50,"N":18446744073709551615.25,"L":"Läuft \\"\\n","X":null}',
        )
        self.assertEqual(found.quality, b'{"X":"stale"}')

    def test_one_that_is_not_logged_has_no_seq(self):
        self.assertIsNone(self.reading('{"ts":1,"signals":{}}'))

    def test_what_is_refused(self):
        with_seq = {
            '{"ts":1,"seq":7}': "signals is no object",
            '{"ts":"1","seq":7,"signals":{}}': "ts is no number",
            '{"ts":-1,"seq":7,"signals":{}}': "ts is not a time",
            '{"ts":1e99,"seq":7,"signals":{}}': "ts is not a time",
            '{"ts":1,"seq":7,"signals":[]}': "signals is no object",
            '{"ts":1,"seq":7,"signals":{"A":true}}': "neither a number",
            '{"ts":1,"seq":7,"signals":{"A":{}}}': "neither a number",
            '{"ts":1,"seq":7,"signals":{"A":"\\u0000"}}': "neither a number",
            '{"ts":1,"seq":7,"signals":{"\\u0000":1}}': "a name",
            '{"ts":1,"seq":7,"signals":{"A":"\\ud800"}}': "not Unicode",
            '{"ts":1,"seq":7,"signals":{"A":1e999999}}': "too large",
            '{"ts":1,"seq":7,"signals":{"A":' + "9" * 500 + "}}": "too large",
            '{"ts":1,"seq":7,"signals":{},"q":1}': "q is no object",
        }
        for text, reason in with_seq.items():
            with self.assertRaisesRegex(decode.Refused, reason) as caught:
                self.reading(text)
            self.assertEqual(caught.exception.seq, 7, text)
        without_seq = [
            "", "nothing", "[]", "null", '"x"', "{", '{"ts":1,"seq":0,"signals":{}}',
            '{"ts":1,"seq":-1,"signals":{}}', '{"ts":1,"seq":1.5,"signals":{}}',
            '{"ts":1,"seq":"7","signals":{}}', '{"ts":1,"seq":true,"signals":{}}',
            '{"ts":1,"seq":9007199254740993,"signals":{}}', '{"seq":NaN}', '{"seq":Infinity}',
            b"\xff\xfe", "[" * 100000, '{"seq":' + "9" * 10000 + "}",
        ]  # fmt: skip
        for text in without_seq:
            with self.assertRaises(decode.Refused) as caught:
                self.reading(text)
            self.assertIsNone(caught.exception.seq)

    def test_gaps(self):
        parse = lambda text: decode.gap(decode.parse(text.encode()))  # noqa: E731
        self.assertEqual(parse('{"ranges":[[1,5],[7,7]],"reason":"restart"}'), ("restart", [(1, 5), (7, 7)]))
        for text in ('{"ranges":[[5,1]],"reason":"restart"}', '{"ranges":[[1]],"reason":"restart"}',
                     '{"ranges":1,"reason":"restart"}', '{"ranges":[[1,2]]}', "[]", "7",
                     '{"ranges":[[0,2]],"reason":"restart"}', '{"ranges":[[1,2]],"reason":"a b"}'):  # fmt: skip
            with self.assertRaises(decode.Refused):
                parse(text)

    def test_events_keep_their_members(self):
        parse = lambda text: decode.event(decode.parse(text.encode()))  # noqa: E731
        self.assertEqual(
            parse('{"ts":1.5,"seq":3,"event":"recorded","text":"x","bytes":12,"cut":true}'),
            (3, 1500000, "recorded", "", b'{"text":"x","bytes":12,"cut":true}'),
        )
        self.assertEqual(parse('{"ts":1,"seq":3,"event":"raise","alarm":"a"}')[3], "a")
        self.assertIsNone(parse('{"ts":1,"event":"started","text":"x"}'))
        for text in ('{"ts":1,"seq":3}', '{"ts":1,"seq":3,"event":"x","y":[]}'):
            with self.assertRaises(decode.Refused):
                parse(text)

    def test_info_says_whose_seqs_they_are(self):
        parse = lambda text: decode.info(decode.parse(text.encode()))  # noqa: E731
        self.assertEqual(
            parse('{"started":1.5,"log":{"id":"0f3c9a1122334455","acknowledged":12}}'),
            ("0f3c9a1122334455", 12, 1500000),
        )
        self.assertEqual(parse('{"started":1.5}'), ("", 0, 1500000))
        for text in ("[]", '{"log":1}', '{"log":{"id":"x","acknowledged":1}}',
                     '{"log":{"id":"0f3c9a1122334455"}}'):  # fmt: skip
            with self.assertRaises(decode.Refused):
                parse(text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
