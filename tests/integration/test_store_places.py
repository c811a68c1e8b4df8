"""Store files in odd places: the gateway starts, says what is wrong, and goes on with live values."""

import contextlib
import os
import re
import sqlite3
import subprocess

import gateway_support
import support
from gateway_support import BUS, PROGRAM, ROOT

NOBODY = 65534


class Places(gateway_support.TestCase):
    """`self.place` is where the store's file shall be."""

    def setUp(self):
        super().setUp()
        self.place = self.directory / "place"
        self.place.mkdir()
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe(f"{ROOT}/#")

    def start_with(self, file, prefix=()):
        settings = gateway_support.configuration(self.broker.port)
        settings["store"] = {"file": str(file)}
        path = self.write_configuration(settings)
        self.gateway = self.start_process([*prefix, PROGRAM, "run", "-c", path])
        self.client.wait_topic(f"{ROOT}/status", "online")
        return self.gateway

    def as_nobody(self):
        """The words before a command; whoever is not root is nobody enough."""
        if os.geteuid() != 0:
            return []
        self.directory.chmod(0o755)
        words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
        if subprocess.run([*words, "test", "-x", PROGRAM], check=False).returncode != 0:
            self.skipTest(f"nobody may not run {PROGRAM}")
        return words

    def assert_live(self):
        """Readings come from now on, too."""
        self.client.messages.clear()
        self.client.wait_topic(f"{BUS}/Climate")

    def assert_logging(self):
        self.assert_live()
        self.wait_metrics(lambda m: m["store"]["open"] == 1 and m["store"]["committed_seq"] > 10)

    def assert_told(self, pattern):
        """Without a log: an error in the log, an alarm, an event, and live values all the same."""
        line = self.gateway.wait_log("readings are not stored")
        self.assertRegex(line, pattern)
        self.assertRegex(line, "live values go on")
        self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/alarms/frame_log" and m.json["state"] == "active_unack"
        )
        event = self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/event" and m.json["event"] == "log_fault"
        ).json
        self.assertRegex(event["text"], pattern)
        self.assert_live()
        self.wait_metrics(lambda m: m["store"]["without_seq"] > 0 and m["store"]["open"] == 0)

    def assert_recovers(self):
        self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/event" and m.json["event"] == "log_recovered"
        )
        self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/alarms/frame_log" and m.json["state"] == "normal"
        )
        self.assert_logging()

    def assert_set_aside(self, pattern):
        """A new one is in its place; where the old one is now."""
        line = self.gateway.wait_log("a new one was begun")
        self.assertRegex(line, pattern)
        kept = re.search("kept as (.*)$", line)[1]
        self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/event" and m.json["event"] == "log_set_aside"
        )
        self.assert_logging()
        return kept

    # --- it works

    def test_a_path_with_spaces_and_letters_of_every_kind(self):
        file = self.place / "Gewächs haus — 温室 #1 %20?.db"
        self.start_with(file)
        self.assert_logging()
        self.gateway.stop()
        self.assertTrue(file.is_file())

    def test_a_symbolic_link(self):
        elsewhere = self.directory / "elsewhere"
        elsewhere.mkdir()
        (self.place / "edge.db").symlink_to(elsewhere / "real.db")
        self.start_with(self.place / "edge.db")
        self.assert_logging()
        self.gateway.stop()
        self.assertTrue((self.place / "edge.db").is_symlink())
        self.assertTrue((elsewhere / "real.db").is_file())

    def test_a_second_gateway_in_the_same_file(self):
        file = self.place / "edge.db"
        self.start_with(file)
        self.assert_logging()
        first = self.gateway
        settings = gateway_support.configuration(self.broker.port)
        settings["node"], settings["store"] = "gw2", {"file": str(file)}
        second = self.start_gateway(settings, name="second")
        line = second.wait_log("readings are not stored: another gateway uses it")
        self.assertIn("let it end, or name another file", line)
        self.assert_logging()
        first.stop()
        second.wait_log("the frame log is written again")

    # --- it does not, until somebody does something about it

    def test_a_directory_that_is_not_there(self):
        file = self.place / "absent/edge.db"
        self.start_with(file)
        self.assert_told(re.escape(f"No such file or directory ({file}): make its directory"))
        file.parent.mkdir()
        self.assert_recovers()

    def test_a_directory_that_may_not_be_written(self):
        self.place.chmod(0o555)
        self.start_with(self.place / "edge.db", self.as_nobody())
        self.assert_told("Permission denied .*: let the gateway's user write there")
        self.place.chmod(0o777)
        self.assert_recovers()

    def test_a_file_that_may_not_be_written(self):
        file = self.place / "edge.db"
        file.touch()
        file.chmod(0o444)
        self.place.chmod(0o777)
        self.start_with(file, self.as_nobody())
        self.assert_told("cannot be written: Permission denied .*: let the gateway's user write")
        os.chown(file, NOBODY if os.geteuid() == 0 else -1, -1)
        file.chmod(0o644)
        self.assert_recovers()

    def test_a_directory_in_its_place(self):
        file = self.place / "edge.db"
        file.mkdir()
        self.start_with(file)
        self.assert_told("Is a directory .*: move it away")
        file.rmdir()
        self.assert_recovers()

    def test_a_link_to_nowhere(self):
        file = self.place / "edge.db"
        file.symlink_to(self.directory / "gone/edge.db")
        self.start_with(file)
        self.assert_told("No such file or directory .*: make its directory")
        (self.directory / "gone").mkdir()
        self.assert_recovers()

    # --- somebody else's

    def test_a_file_of_another_program(self):
        file = self.place / "edge.db"
        text = b"GIF89a" + bytes(range(256)) * 20
        file.write_bytes(text)
        self.start_with(file)
        kept = self.assert_set_aside("file is not a database")
        with open(kept, "rb") as aside:
            self.assertEqual(aside.read(), text)

    def test_a_database_of_another_program(self):
        file = self.place / "edge.db"
        with contextlib.closing(sqlite3.connect(file)) as db, db:
            db.execute("CREATE TABLE states (entity TEXT, state TEXT)")
            db.execute("INSERT INTO states VALUES ('light.kitchen', 'on')")
        self.start_with(file)
        kept = self.assert_set_aside("a database of something else")
        with contextlib.closing(sqlite3.connect(f"file:{kept}?mode=ro", uri=True)) as db:
            self.assertEqual(db.execute("SELECT * FROM states").fetchall(), [("light.kitchen", "on")])


if __name__ == "__main__":
    support.main()
