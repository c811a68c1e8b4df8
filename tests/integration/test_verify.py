"""`edge-gateway verify`: a good log holds, and every kind of fault is named."""

import contextlib
import json
import shutil
import sqlite3

import gateway_support
import log_support
import support

FRAMES = len(gateway_support.GREENHOUSE_LOG.read_text().splitlines())

# What is done to a log of greenhouse.log, the check that names it, and a part of what it says.
FAULTS = (
    ("UPDATE segments SET crc = crc + 1 WHERE first_seq = {second}",
     "checksums", "segment {second} to "),
    ("UPDATE segments SET records = zeroblob(length(records)) WHERE first_seq = {second}",
     "checksums", "segment {second} to "),
    ("UPDATE segments SET last_seq = last_seq - 1 WHERE first_seq = {second}",
     "contents", "segment {second} to "),
    ("DELETE FROM buses", "contents", "seq 3 is of bus 0, which has no name"),
    ("UPDATE segments SET from_us = from_us - 1 WHERE first_seq = {second}",
     "times", "segment {second} to "),
    ("UPDATE segments SET to_us = to_us + 1 WHERE first_seq = {second}",
     "times", "segment {second} to "),
    ("UPDATE segments SET base_us = base_us + 1000000 WHERE first_seq = {second}",
     "times", "segment {second} to "),
    ("DELETE FROM segments WHERE first_seq = {second}",
     "coverage", "seqs {second} to "),
    ("DELETE FROM segments WHERE first_seq = 1;"
     " UPDATE state SET value = 0 WHERE name = 'acknowledged_seq'", "coverage", "seqs 1 to "),
    ("INSERT INTO gaps VALUES ({second}, {second}, 'restart')",
     "coverage", "seqs {second} to {second} are there twice"),
    ("INSERT INTO gaps VALUES (1000000, 999999, 'restart')", "coverage", "a gap is from 1000000 to 999999"),
    ("INSERT INTO gaps VALUES (1000000, 1000009, 'mice');"
     " UPDATE state SET value = 1000009 WHERE name = 'reserved_seq'", "gaps", "is 'mice'"),
    ("UPDATE state SET value = value - 1 WHERE name = 'reserved_seq'", "reservation", "the newest seq is "),
    ("UPDATE state SET value = value + 1 WHERE name = 'acknowledged_seq'",
     "acknowledgement", "acknowledged are seqs up to "),
    ("UPDATE counters SET value = value + 1 WHERE name = 'frames.received'", "received", "received "),
    ("UPDATE counters SET value = value + 1 WHERE name = 'frames.live_only'", "accepted", "live_only 1"),
    ("UPDATE counters SET value = value + 1 WHERE name = 'readings.dropped.stalled'",
     "assured", "dropped 1"),
    ("UPDATE counters SET value = value + 1 WHERE name = 'readings.repeated'", "assured", "repeated 1"),
    ("DELETE FROM counters WHERE name = 'frames.held'", "received", "no counter 'frames.held'"),
)  # fmt: skip


class Verify(log_support.TestCase):
    def verify(self, *arguments, expected=0):
        """The findings by name, as (ok, text)."""
        output, _ = self.edge("verify", *arguments, "--json", expected=expected)
        report = json.loads(output)
        self.assertEqual(report["holds"], expected == 0)
        return {check["name"]: (check["ok"], check["text"]) for check in report["checks"]}

    def faults(self, path):
        return {
            name: text for name, (ok, text) in self.verify("--log", path, expected=1).items() if not ok
        }

    def query(self, statement):
        """The first value of the log's answer."""
        with contextlib.closing(sqlite3.connect(self.directory / "gateway.db")) as db:
            return db.execute(statement).fetchone()[0]

    def damage(self, statements):
        """A copy of the log to which that was done."""
        path = self.directory / "damaged.db"
        shutil.copy(self.directory / "gateway.db", path)
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.executescript(statements)
        return path

    def test_a_good_log_holds(self):
        self.log_replay(gateway_support.GREENHOUSE_LOG, frames=FRAMES)
        output, errors = self.edge("verify", "-c", "gateway.yaml")
        self.assertEqual(errors, "")
        lines = output.splitlines()
        self.assertEqual(lines[-1], "the log holds")
        self.assertEqual(len(lines), 16)
        for line in lines[:-1]:
            self.assertRegex(line, r"^ok    [a-z]+ +\S")
        figures = json.loads(self.edge("verify", "--log", "gateway.db", "--json")[0])["figures"]
        seqs = figures["frames"] + figures["events"]
        self.assertEqual((figures["oldest_seq"], figures["newest_seq"]), (1, seqs))
        self.assertEqual((figures["reserved_seq"], figures["gaps"], figures["voids"]), (seqs, {}, {}))
        self.assertEqual(figures["frames"], FRAMES)

    def test_each_fault_is_named(self):
        self.log_replay(gateway_support.GREENHOUSE_LOG, frames=FRAMES)
        # Of the second of three runs: others lie before and behind it, however many each makes.
        second = self.query("SELECT max(last_seq) + 1 FROM segments")
        for _ in range(2):
            self.log_replay(gateway_support.GREENHOUSE_LOG, frames=FRAMES, broker=self.broker)
        for statements, name, text in FAULTS:
            with self.subTest(statements):
                faults = self.faults(self.damage(statements.format(second=second)))
                self.assertIn(name, faults)
                self.assertIn(text.format(second=second), faults[name])

    def test_damage_of_the_file_is_named(self):
        self.log_replay(gateway_support.GREENHOUSE_LOG, frames=FRAMES)
        path = self.damage("")
        page = self.query("SELECT rootpage FROM sqlite_schema WHERE name = 'segments'")
        with path.open("r+b") as file:
            file.seek((page - 1) * self.query("PRAGMA page_size"))
            file.write(b"x" * 1024)
        self.assertIn("reading", self.faults(path))
        output, _ = self.edge("verify", "--log", path, expected=1)
        self.assertRegex(output, r"^FAULT +database +SQLite's quick_check: .*Page \d+")
        self.assertRegex(output, r"the log does not hold: \d+ of \d+ checks failed\n$")

    def test_a_log_at_work_holds(self):
        bus = gateway_support.simulated_bus()
        bus["simulate"]["time_factor"] = 300
        bus["messages"] = {"PlantDiagnostics": {"delivery": "live"}}
        self.start_logging(bus)
        self.wait_logged(100)
        self.broker.kill()
        for _ in range(5):
            checks = self.verify("-c", "gateway.yaml")
            self.assertIn("coverage", checks)
        self.broker.start()

    def test_a_log_whose_gateway_was_killed_holds(self):
        gateway = self.start_logging()
        for number in range(3):
            self.wait_logged(50)
            gateway.kill()
            self.verify("--log", "gateway.db")
            gateway = self.start_logging(broker=self.broker)
        self.wait_logged(50)
        gateway.stop()
        checks = self.verify("--log", "gateway.db")
        self.assertNotIn("counters", checks)
        self.assertRegex(checks["gaps"][1], r"^[1-9]\d+ seqs ")

    def test_the_counters_are_those_of_the_metrics(self):
        metrics = self.log_replay(gateway_support.GREENHOUSE_LOG, frames=FRAMES)
        _, text = self.verify("--log", "gateway.db")["received"]
        frames = metrics["frames"]
        self.assertEqual(
            text,
            f"received {frames['received']} = unknown 0 + malformed 0 + accepted {frames['accepted']}"
            f" + suppressed 0 + held 0",
        )

    def test_what_is_no_log_is_a_fault(self):
        (self.directory / "text.db").write_text("Dear diary,\n")
        with contextlib.closing(sqlite3.connect(self.directory / "other.db")) as db:
            db.execute("CREATE TABLE schema_versions (component TEXT, version INTEGER)")
        for name, why in (
            ("none.db", "No such file"),
            ("text.db", "file is not a database"),
            ("other.db", "there is no frame log in it"),
        ):
            with self.subTest(name):
                output, errors = self.edge("verify", "--log", name, expected=1)
                self.assertIn(why, errors)
                self.assertEqual(output, "")

    def test_wrong_usage(self):
        for arguments in ([], ["--log"], ["--log", "a", "b"], ["--dance"]):
            output, errors = self.edge("verify", *arguments, expected=2)
            self.assertIn("verify", errors)
            self.assertEqual(output, "")
        self.assertIn("usage: edge-gateway verify", self.edge("verify", "--help")[0])


if __name__ == "__main__":
    support.main()
