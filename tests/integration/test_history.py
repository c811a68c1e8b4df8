"""`edge-gateway history`: what was logged comes back, in every format, and can be replayed."""

import contextlib
import csv
import io
import json
import sqlite3
import subprocess

import gateway_support
import log_support
import support
from gateway_support import GREENHOUSE_DBC, GREENHOUSE_LOG, PROGRAM, exact_json

FRAMES = len(GREENHOUSE_LOG.read_text().splitlines())
DBC = ("--dbc", GREENHOUSE_DBC)


def objects(output):
    return [exact_json(line) for line in output.splitlines()]


def readings(output):
    """(ts, bus, message, signals) of each, with the texts of the numbers."""
    return [(o["ts"], o["bus"], o["message"], o["signals"]) for o in objects(output) if "signals" in o]


def seqs(output):
    return [json.loads(line)["seq"] for line in output.splitlines()]


class Logged(log_support.TestCase):
    """A log of greenhouse.log."""

    def setUp(self):
        super().setUp()
        self.log_replay(GREENHOUSE_LOG, frames=FRAMES)

    def history(self, *arguments, **options):
        return self.edge("history", "--log", "gateway.db", *arguments, **options)

    def test_ndjson_is_what_decode_prints_with_seq_and_events(self):
        output, errors = self.history(*DBC)
        self.assertEqual(errors, "")
        decoded, _ = self.edge("decode", *DBC, GREENHOUSE_LOG)
        self.assertEqual(readings(output), readings(decoded))
        self.assertEqual(seqs(output), list(range(1, len(output.splitlines()) + 1)))
        events = [o for o in objects(output) if "event" in o]
        self.assertEqual(
            [event["event"] for event in events], ["started", "bus_state", "bus_state", "stopped"]
        )
        self.assertEqual(events[1]["bus"], "can0")

    def test_candump_is_the_log_itself(self):
        output, errors = self.history("--format", "candump")
        self.assertEqual(output, GREENHOUSE_LOG.read_text())
        self.assertEqual(errors, "edge-gateway: 4 events left out; ndjson has them\n")

    def test_the_configuration_gives_the_log_and_the_dbc_files(self):
        with_configuration, _ = self.edge("history", "-c", "gateway.yaml")
        self.assertEqual(with_configuration, self.history(*DBC)[0])

    def test_csv_has_a_row_for_each_value(self):
        output, _ = self.history("--format", "csv", *DBC)
        rows = list(csv.DictReader(io.StringIO(output)))
        expected = [
            {
                "ts": o["ts"], "seq": o["seq"], "bus": o["bus"], "message": o["message"],
                "signal": name, "value": value["value"], "unit": value.get("unit", ""),
            }
            for o in objects(self.history(*DBC)[0]) if "signals" in o
            for name, value in o["signals"].items()
        ]  # fmt: skip
        self.assertEqual(rows, [{k: str(v) for k, v in row.items()} for row in expected])

    def test_csv_of_one_message_has_a_column_for_each_signal(self):
        for name in ("Climate", "Soil"):  # Soil is multiplexed: a reading has some of its signals
            output, _ = self.history("--format", "csv", "--message", name, *DBC)
            rows = list(csv.DictReader(io.StringIO(output)))
            found = [o for o in objects(self.history(*DBC)[0]) if o.get("message") == name]
            self.assertEqual(len(rows), len(found))
            for row, o in zip(rows, found):
                values = {signal: str(value["value"]) for signal, value in o["signals"].items()}
                expected = {"ts": str(o["ts"]), "seq": str(o["seq"]), "bus": "can0", **values}
                self.assertEqual({k: v for k, v in row.items() if v != ""}, expected)

    def test_csv_of_one_signal(self):
        output, _ = self.history("--format", "csv", "--message", "Climate", "--signal", "CO2", *DBC)
        self.assertEqual(output.splitlines()[0], "ts,seq,bus,CO2")

    def test_filters(self):
        everything = objects(self.history(*DBC)[0])
        frames = [o for o in everything if "signals" in o]
        by_bus = objects(self.history("--bus", "can0", *DBC)[0])
        self.assertEqual(by_bus, frames)
        by_message = objects(self.history("--message", "Climate", *DBC)[0])
        self.assertEqual(by_message, [o for o in frames if o["message"] == "Climate"])
        by_signal = objects(self.history("--signal", "Temperature", *DBC)[0])
        expected = [
            {**o, "signals": {"Temperature": o["signals"]["Temperature"]}}
            for o in frames if "Temperature" in o["signals"]
        ]  # fmt: skip
        self.assertEqual(by_signal, expected)
        candump, _ = self.history("--format", "candump", "--message", "Climate", *DBC)
        self.assertEqual(len(candump.splitlines()), len(by_message))

    def test_a_time_from_and_to(self):
        everything = [json.loads(line) for line in self.history("--bus", "can0", *DBC)[0].splitlines()]
        first, last = everything[100]["ts"], everything[300]["ts"]
        output, _ = self.history("--bus", "can0", "--from", f"{first:.6f}", "--to", f"{last:.6f}", *DBC)
        self.assertEqual(
            [json.loads(line) for line in output.splitlines()],
            [o for o in everything if first <= o["ts"] < last],
        )
        self.assertEqual(self.history("--to", "1990-01-01", *DBC)[0], "")
        self.assertEqual(self.history("--from", "+1h", *DBC)[0], "")
        self.assertEqual(len(self.history("--from", "1990-01-01T00:00Z", *DBC)[0].splitlines()), FRAMES + 4)

    def test_pages_are_the_whole(self):
        whole, _ = self.history(*DBC)
        pages, after = "", 0
        while True:
            page, _ = self.history("--limit", "250", "--after-seq", str(after), *DBC)
            if page == "":
                break
            self.assertLessEqual(len(page.splitlines()), 250)
            after = seqs(page)[-1]
            pages += page
        self.assertEqual(pages, whole)

    def test_frames_that_no_dbc_knows_are_counted(self):
        dbc = self.directory / "one.dbc"
        dbc.write_text('VERSION ""\nBO_ 257 Climate: 8 X\n SG_ A : 0|8@1+ (1,0) [0|0] "" X\n')
        output, errors = self.history("--dbc", dbc)
        known = len(readings(output))
        self.assertIn(f"edge-gateway: {FRAMES - known} frames unknown to the DBC\n", errors)
        output, _ = self.history("--dbc", dbc, "--unknown")
        self.assertEqual(len(output.splitlines()), FRAMES + 4)
        self.assertEqual(sum('"message":null' in line for line in output.splitlines()), FRAMES - known)

    def test_a_damaged_segment_is_told_and_the_rest_is_printed(self):
        whole, _ = self.history(*DBC)
        with contextlib.closing(sqlite3.connect(self.directory / "gateway.db", isolation_level=None)) as db:
            (first, last), _ = db.execute(  # one that another follows, which says where it ends
                "SELECT first_seq, last_seq FROM segments ORDER BY first_seq LIMIT 2"
            )
            for change in ("records = zeroblob(length(records))", "last_seq = 1 << 60"):
                with self.subTest(change):
                    db.execute(f"UPDATE segments SET {change} WHERE first_seq = {first}")
                    output, errors = self.history("--gaps", *DBC, expected=1)
                    lost = range(first, last + 1)
                    lines = [line for line in whole.splitlines() if json.loads(line)["seq"] not in lost]
                    gap = f'{{"ranges":[[{first},{last}]],"reason":"corrupt"}}'
                    lines.insert(first - 1, gap)
                    self.assertEqual(output.splitlines(), lines)
                    self.assertIn(f"seqs that did not come: {len(lost)} corrupt\n", errors)
                    self.assertIn("1 segments of the log are damaged", errors)

    def test_a_damaged_last_segment_ends_with_what_was_given_out(self):
        with contextlib.closing(sqlite3.connect(self.directory / "gateway.db", isolation_level=None)) as db:
            (reserved,) = db.execute("SELECT value FROM state WHERE name = 'reserved_seq'").fetchone()
            (first,) = db.execute("SELECT max(first_seq) FROM segments").fetchone()
            db.execute(f"UPDATE segments SET last_seq = 1 << 60 WHERE first_seq = {first}")
        output, errors = self.history("--gaps", *DBC, expected=1)
        gap = f'{{"ranges":[[{first},{reserved}]],"reason":"corrupt"}}'
        self.assertEqual(output.splitlines()[-1], gap)
        self.assertIn(f"seqs that did not come: {reserved - first + 1} corrupt\n", errors)

    def test_a_reader_that_goes_away_ends_it_quietly(self):
        command = [PROGRAM, "history", "--log", "gateway.db", *DBC]
        with subprocess.Popen(
            command, cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            process.stdout.close()
            errors = process.stderr.read()
            self.assertEqual(process.wait(support.TIMEOUT_S), 1)
        self.assertEqual(errors, "")

    def test_mistakes_are_told(self):
        for arguments, expected, told in (
            ([], 2, "to decode it needs --dbc or -c"),
            (["--format", "xml", *DBC], 2, "'xml' is not ndjson, candump or csv"),
            (["--from", "tomorrow", *DBC], 2, "--from: 'tomorrow' is not a time"),
            (["--to", "2026-02-30", *DBC], 2, "--to: '2026-02-30' is not a time"),
            (["--limit", "-1", *DBC], 2, "--limit: '-1' is not a number"),
            (["--after-seq", "x", *DBC], 2, "--after-seq: 'x' is not a number"),
            (["--format", "csv", "--gaps", *DBC], 2, "--gaps has no place in this format"),
            (["--format", "csv", "--unknown", *DBC], 2, "--unknown has no place in this format"),
            (["--format", "candump", "--message", "Climate"], 2, "--message and --signal need --dbc"),
            (["--dance"], 2, "unrecognized option '--dance'"),
            ([*DBC, "more"], 2, "usage: edge-gateway history"),
            (["--bus", "can1", *DBC], 1, "no bus 'can1' in the log - did you mean 'can0'?"),
            (["--message", "Climat", *DBC], 1, "no message 'Climat' in the DBC files - did you mean 'Climate'?"),
            (["--message", "Climate", "--signal", "CO", *DBC], 1, "no signal 'CO' in that message - did you mean 'CO2'?"),
            (["--signal", "Temperatur", *DBC], 1, "no signal 'Temperatur' in the DBC files - did you mean 'Temperature'?"),
            (["--dbc", "none.dbc"], 1, "none.dbc"),
        ):  # fmt: skip
            with self.subTest(arguments):
                output, errors = self.history(*arguments, expected=expected)
                self.assertIn(told, errors)
                self.assertEqual(output, "")
        self.assertIn("Give --log or -c", self.edge("history", expected=2)[1])
        self.assertIn("usage: edge-gateway history", self.edge("history", "--help")[0])


class Replay(log_support.TestCase):
    def test_a_logged_day_replayed_gives_the_same_readings(self):
        gateway = self.start_logging(name="first")
        self.wait_logged(100)
        gateway.stop()
        candump, _ = self.edge("history", "--log", "first.db", "--format", "candump")
        (self.directory / "day.log").write_text(candump)
        self.log_replay(
            self.directory / "day.log", frames=len(candump.splitlines()), name="second", broker=self.broker
        )
        first, _ = self.edge("history", "-c", "first.yaml")
        second, _ = self.edge("history", "-c", "second.yaml")
        self.assertGreaterEqual(len(readings(first)), 100)
        self.assertEqual(readings(second), readings(first))


class Kills(log_support.TestCase):
    def test_gaps_are_told(self):
        gateway = self.start_logging()
        self.wait_logged(30)
        gateway.kill()
        gateway = self.start_logging(broker=self.broker)
        self.wait_logged(30)
        gateway.stop()
        output, errors = self.edge("history", "-c", "gateway.yaml", "--gaps")
        lines = [json.loads(line) for line in output.splitlines()]
        (gap,) = [line for line in lines if "ranges" in line]
        self.assertEqual(gap["reason"], "restart")
        ((first, last),) = gap["ranges"]
        covered = [line["seq"] for line in lines if "seq" in line] + list(range(first, last + 1))
        self.assertEqual(sorted(covered), list(range(1, len(covered) + 1)))
        self.assertEqual(lines.index(gap), first - 1, "order")
        self.assertEqual(errors, f"edge-gateway: seqs that did not come: {last - first + 1} restart\n")
        with_gaps, _ = self.edge("history", "--log", "gateway.db", "--format", "candump", "--gaps")
        without, _ = self.edge("history", "--log", "gateway.db", "--format", "candump")
        self.assertEqual(
            [line for line in with_gaps.splitlines() if line not in without.splitlines()],
            [f"# seq {first} to {last}: restart"],
        )

    def test_it_reads_while_the_gateway_writes(self):
        gateway = self.start_logging()
        last = 0
        for _ in range(5):
            self.wait_logged(last + 20)
            output, _ = self.edge("history", "-c", "gateway.yaml")
            numbers = seqs(output)
            self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
            self.assertGreater(len(numbers), last)
            last = len(numbers)
        gateway.stop()


if __name__ == "__main__":
    support.main()
