"""The store of a fleet against a real broker and a real PostgreSQL, with gateways that follow a script."""

import subprocess
import tempfile
import unittest
from pathlib import Path

import fleet_support
import support

LOG = "0f3c9a1122334455"
NEW_LOG = "0123456789abcdef"


class Scripted:
    """A gateway's side of the contract, seq by seq."""

    def __init__(self, client, name, site="demo", sink="fleet-store"):
        self.client = client
        self.root = f"edge/{site}/{name}"
        self.ack_topic = f"{self.root}/ack/{sink}"
        client.subscribe(self.ack_topic)

    def info(self, log=LOG, acknowledged=0, started=1795423000):
        info = {"program": "edge-gateway", "version": "0.1.0", "started": started, "buses": ["can0"],
                "devices": [], "capabilities": []}  # fmt: skip
        if log:
            info["log"] = {"id": log, "acknowledged": acknowledged}
        self.client.publish(f"{self.root}/info", info, retain=True)

    @staticmethod
    def reading(seq, ts=None, number=None):
        number = seq if number is None else number
        return {"ts": ts or 1795423160 + seq / 1000, "seq": seq, "signals": {"Number": number}}

    def live(self, *seqs, **content):
        for seq in seqs:
            self.client.publish(f"{self.root}/can/can0/Count", self.reading(seq, **content), retain=True)

    def backfill(self, *seqs):
        batch = [{"bus": "can0", "message": "Count", **self.reading(seq)} for seq in seqs]
        self.client.publish(f"{self.root}/backfill/batch", batch)

    def gap(self, *ranges, reason="restart"):
        self.client.publish(f"{self.root}/backfill/gap", {"ranges": ranges, "reason": reason})

    def send(self, tail, payload):
        self.client.publish(f"{self.root}/{tail}", payload)

    def wait_ack(self, seq, log=LOG):
        """Until it is acknowledged that far, of this log, and no further."""
        text = f"{seq} {log}" if log else str(seq)
        found = self.client.wait_newest(self.ack_topic, lambda m: m.text == text)
        assert not found.retain


cluster = None  # for all tests: it takes its time to make


def setUpModule():
    global cluster
    fleet_support.require()
    holder = tempfile.TemporaryDirectory(prefix="edge-test-")
    unittest.addModuleCleanup(holder.cleanup)
    directory = Path(holder.name) / "postgres"
    directory.mkdir()
    cluster = fleet_support.Postgres(directory, settings="fsync=off")
    unittest.addModuleCleanup(lambda: cluster.kill())
    cluster.initialise().start().wait()


class TestCase(fleet_support.TestCase):
    def setUp(self):
        super().setUp()
        self.postgres = cluster.wait()
        self.postgres.query("DROP SCHEMA IF EXISTS fleet CASCADE")
        self.migrate(self.postgres)
        self.postgres.query('DROP USER IF EXISTS "fleet-store"')
        self.postgres.query('CREATE USER "fleet-store" IN ROLE fleet_writer')
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker)

    def start_store(self, **store):
        self.configuration = self.fleet_configuration(self.broker, self.postgres, **store)
        self.store = self.start_fleet_store(self.configuration)
        self.store.wait_log("connected to the broker")

    def gateway(self, name="gw1", **options):
        return Scripted(self.client, name, **options)

    def numbers(self, log=LOG):
        rows = self.postgres.query(
            "SELECT seq, signals ->> 'Number' FROM fleet.reading JOIN fleet.log ON log.id = reading.log"
            f" WHERE name = '{log}' ORDER BY seq"
        )
        return {int(seq): int(number) for seq, number in rows}

    def gaps(self):
        rows = self.postgres.query("SELECT first, last, reason FROM fleet.gap ORDER BY first")
        return [(int(first), int(last), reason) for first, last, reason in rows]

    def metrics(self, predicate):
        self.client.subscribe("edge/centre/fleet-store/metrics")
        return self.client.wait_for(
            lambda m: m.topic.endswith("/metrics") and predicate(m.json["store"])
        ).json


class Lanes(TestCase):
    def test_it_acknowledges_up_to_the_first_hole(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        gateway.live(1, 2, 5)
        gateway.wait_ack(2)
        gateway.backfill(3, 4)
        gateway.wait_ack(5)
        gateway.gap([6, 8], [9, 9])
        gateway.wait_ack(9)
        self.assertEqual(self.numbers(), {n: n for n in range(1, 6)})
        self.assertEqual(self.gaps(), [(6, 8, "restart"), (9, 9, "restart")])

    def test_what_comes_twice_is_stored_once_and_acknowledged_again(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        gateway.live(1, 2, 3)
        gateway.wait_ack(3)
        count = len(self.client.messages)
        gateway.backfill(1, 2, 3)
        self.client.wait_count(count + 1)
        self.assertEqual(self.client.messages[-1].text, f"3 {LOG}")
        self.assertEqual(len(self.numbers()), 3)
        self.metrics(lambda m: m["duplicates"] == 3)

    def test_events_alarms_and_summaries(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        gateway.send("event", {"ts": 1795423160.5, "seq": 1, "event": "started", "text": "x"})
        alarm = {"ts": 1795423161, "seq": 2, "alarm": "tank", "event": "raise", "state": "active_unack"}
        gateway.send("alarms/event", alarm)
        gateway.send("backfill/event", alarm)
        figures = {"min": 1, "max": 3.5, "mean": 2.25, "last": 3}
        summary = {"from": 1, "to": 2, "first": 3, "last": 5, "count": 3, "signals": {"Number": figures}}
        for _ in range(2):
            gateway.send("backfill/can0/Count/summary", summary)
        gateway.gap([3, 5], reason="thinned")
        gateway.wait_ack(5)
        events = self.postgres.query("SELECT seq, event, alarm, body ->> 'state' FROM fleet.event ORDER BY 1")
        self.assertEqual(events, [["1", "started", "", ""], ["2", "raise", "tank", "active_unack"]])
        rows = self.postgres.query("SELECT count, signals -> 'Number' ->> 'max' FROM fleet.summary")
        self.assertEqual(rows, [["3", "3.5"]])

    def test_many_sites_and_gateways_each_by_its_own_count(self):
        self.start_store()
        gateways = [self.gateway(f"gw{i}", site=f"site{i % 3}") for i in range(20)]
        for i, gateway in enumerate(gateways):
            gateway.info()
            gateway.backfill(*range(1, 10 + i))
        for i, gateway in enumerate(gateways):
            gateway.wait_ack(9 + i)
        rows = self.postgres.query("SELECT contiguous, missing FROM fleet.completeness ORDER BY 1")
        self.assertEqual(rows, [[str(9 + i), "0"] for i in range(20)])

    def test_content_that_comes_after_its_gap_leaves_the_gap(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        gateway.gap([1, 10])
        gateway.wait_ack(10)
        gateway.live(5, 10)
        self.metrics(lambda m: m["late"] == 2)
        self.wait_rows(self.postgres, "SELECT count(*) FROM fleet.reading", 2)
        self.assertEqual(self.gaps(), [(1, 4, "restart"), (6, 9, "restart")])

    def test_it_begins_after_what_is_done_with(self):
        self.start_store()
        gateway = self.gateway()
        gateway.live(1003)
        self.wait_rows(self.postgres, "SELECT count(*) FROM fleet.reading", 1)
        gateway.info(acknowledged=1000)
        gateway.live(1001)
        gateway.wait_ack(1001)
        gateway.backfill(1002)
        gateway.wait_ack(1003)

    def test_what_a_broker_retains_is_not_taken_for_new(self):
        gateway = self.gateway()
        gateway.info()
        gateway.live(7)
        self.start_store()
        gateway.live(1)
        gateway.wait_ack(1)
        self.assertEqual(self.numbers(), {1: 1})


class Logs(TestCase):
    def test_a_gateway_on_a_new_disk_is_not_taken_for_its_former_self(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        gateway.backfill(1, 2, 3)
        gateway.wait_ack(3)
        gateway.info(NEW_LOG, started=1795424000)
        gateway.live(2)  # an old one, that something on the way had kept
        gateway.live(1, ts=1795424001, number=101)
        gateway.wait_ack(1, NEW_LOG)
        gateway.live(2, ts=1795424002, number=102)
        gateway.wait_ack(2, NEW_LOG)
        self.assertEqual(self.numbers(), {1: 1, 2: 2, 3: 3})
        self.assertEqual(self.numbers(NEW_LOG), {1: 101, 2: 102})
        rows = self.postgres.query("SELECT log, is_current, contiguous FROM fleet.completeness ORDER BY 3")
        self.assertEqual(rows, [[NEW_LOG, "t", "2"], [LOG, "f", "3"]])

    def test_the_old_log_of_a_consumer_that_was_away_is_acknowledged_by_its_name(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        gateway.live(1)
        gateway.wait_ack(1)
        self.store.kill()
        gateway.live(2, 3)
        gateway.info(NEW_LOG, started=1795424000)
        gateway.live(1, ts=1795424001)
        self.store = self.start_fleet_store(self.configuration, "again")
        gateway.wait_ack(1, NEW_LOG)
        self.assertEqual(sorted(self.numbers()), [1, 2, 3])
        acks = {m.text for m in self.client.messages if m.topic == gateway.ack_topic}
        self.assertLessEqual(acks, {f"{n} {LOG}" for n in (0, 1, 2, 3)} | {f"{n} {NEW_LOG}" for n in (0, 1)})

    def test_one_that_names_no_log_is_stored_and_not_acknowledged(self):
        self.start_store()
        old, new = self.gateway("old"), self.gateway("new")
        old.info(log=None)
        old.live(1, 2)
        new.info()
        new.live(1)
        new.wait_ack(1)
        self.wait_rows(self.postgres, "SELECT count(*) FROM fleet.reading", 3)
        self.assertEqual([m for m in self.client.messages if m.topic == old.ack_topic], [])


class Hostile(TestCase):
    def test_what_cannot_be_read_is_set_aside_and_blocks_nothing(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        for payload in ("", "{", "[[", b"\xff\xfe\x00", "null", '{"ts":1}', "x" * 100000):
            gateway.send("can/can0/Count", payload)
            gateway.send("backfill/batch", payload)
            gateway.send("backfill/gap", payload)
            gateway.send("event", payload)
            gateway.send("info", payload)
            gateway.send("backfill/can0/Count/summary", payload)
        gateway.send("can/can0/Count", '{"ts":1795423160,"seq":1,"signals":{"A":{"B":1}}}')
        gateway.send("can/can0/Count", '{"ts":1795423160,"seq":2,"signals":{"A":"\\u0000"}}')
        gateway.send("backfill/batch", '[{"bus":"can0","message":"a b","ts":1,"seq":3,"signals":{}}]')
        gateway.live(4)
        gateway.wait_ack(4)
        self.assertEqual(self.gaps(), [(n, n, "unreadable") for n in (1, 2, 3)])
        self.assertEqual(self.numbers(), {4: 4})
        refused = self.postgres.number("SELECT count(*) FROM fleet.refused")
        self.assertGreater(refused, 35)
        self.assertEqual(self.postgres.number("SELECT max(length(payload)) FROM fleet.refused"), 4096)
        self.store.check_sanitizers()
        self.assertTrue(self.store.is_running)

    def test_a_hole_that_cannot_fill_is_given_up_in_the_end(self):
        self.start_store(give_up_s=1)
        gateway, other = self.gateway(), self.gateway("other")
        gateway.info()
        other.info()
        other.live(2)  # nothing of it was unreadable: it waits for ever
        gateway.live(1, 3)
        gateway.wait_ack(1)
        found = False
        while not found:
            gateway.send("can/can0/Count", "unreadable")
            other.live(2)
            gateway.live(3)
            found = self.gaps() != []
        gateway.wait_ack(3)
        self.assertEqual(self.gaps(), [(2, 2, "unreadable")])

    def test_what_the_gateway_will_not_send_again_is_given_up(self):
        self.start_store(give_up_s=1)
        gateway = self.gateway()
        gateway.info()
        gateway.live(1, 5)
        gateway.wait_ack(1)
        while not self.gaps():
            gateway.info(acknowledged=3)
        self.assertEqual(self.gaps(), [(2, 3, "not_sent")])
        gateway.wait_ack(3)

    def test_stamps_of_no_day_are_kept_apart_until_their_day_is_made(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        gateway.live(1, ts=86400 * 365)
        gateway.live(2, ts=253402300798)
        gateway.live(3)
        gateway.wait_ack(3)
        rows = self.postgres.query("SELECT seq FROM fleet.reading_other ORDER BY seq")
        self.assertEqual(rows, [["1"], ["2"]])
        self.postgres.query("SELECT fleet.make_day('1971-01-01')")
        self.assertEqual(self.postgres.query("SELECT seq FROM fleet.reading_other"), [["2"]])
        self.assertEqual(sorted(self.numbers()), [1, 2, 3])

    def test_rows_that_are_there_already_do_not_hold_up_the_others(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        gateway.live(1)
        gateway.wait_ack(1)
        self.postgres.query(
            "INSERT INTO fleet.reading SELECT 2, 'epoch'::timestamptz + interval '1795423160.002 s', log, series,"
            " '{\"Number\": 2}' FROM fleet.reading"
        )
        gateway.backfill(2, 3)
        gateway.wait_ack(3)
        self.assertEqual(self.numbers(), {1: 1, 2: 2, 3: 3})


class Database(TestCase):
    def test_while_it_is_away_nothing_is_acknowledged_and_nothing_lost(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        gateway.live(1)
        gateway.wait_ack(1)
        self.postgres.kill()
        gateway.live(*range(2, 200))
        self.store.wait_log("no database")
        self.assertEqual(self.client.messages[-1].text, f"1 {LOG}")
        self.postgres.start().wait()
        gateway.wait_ack(199)
        self.assertEqual(len(self.numbers()), 199)

    def test_it_waits_for_one_that_is_away_at_the_start(self):
        self.postgres.kill()
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        gateway.live(1)
        self.store.wait_log("no database")
        self.postgres.start().wait()
        gateway.wait_ack(1)

    def test_a_second_one_by_the_same_name_waits(self):
        self.start_store()
        second = self.start_fleet_store(self.configuration, "second")
        second.wait_log("another consumer is at work as 'fleet-store'")
        self.store.kill()
        second.wait_log("database: connected again")

    def test_its_role_may_add_and_nothing_else(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        gateway.live(1)
        gateway.wait_ack(1)
        for sql in ("DELETE FROM fleet.reading", "UPDATE fleet.reading SET seq = 2", "TRUNCATE fleet.reading",
                    "DROP TABLE fleet.gap", "CREATE TABLE fleet.mine (a int)", "DELETE FROM fleet.gap",
                    "UPDATE fleet.gap SET last = 1", "SELECT fleet.retain('1 day')"):  # fmt: skip
            with self.assertRaisesRegex(AssertionError, "permission denied|must be owner", msg=sql):
                self.postgres.query(sql, "fleet-store")
        self.postgres.query("DROP USER IF EXISTS anna")
        self.postgres.query("CREATE USER anna IN ROLE fleet_reader")
        self.assertEqual(self.postgres.query("SELECT message FROM fleet.latest", "anna"), [])
        self.assertEqual(self.postgres.query("SELECT missing FROM fleet.completeness", "anna"), [["0"]])
        with self.assertRaisesRegex(AssertionError, "permission denied"):
            self.postgres.query("INSERT INTO fleet.gap VALUES (1, 1, 1, 'x')", "anna")

    def test_migrating_again_changes_nothing(self):
        self.assertEqual(self.migrate(self.postgres), [])

    def test_views_and_retention(self):
        self.start_store()
        gateway = self.gateway()
        gateway.info()
        now = int(self.postgres.query("SELECT extract(epoch FROM date_trunc('minute', now()))::bigint")[0][0])
        for seq in range(1, 7):
            gateway.live(seq, ts=now - 30 + 10 * seq, number=seq)
        gateway.live(9, ts=now - 86400 * 100)
        gateway.wait_ack(6)
        self.wait_rows(self.postgres, "SELECT count(*) FROM fleet.reading", 7)
        rows = self.postgres.query("SELECT site, node, bus, message, signals ->> 'Number' FROM fleet.latest")
        self.assertEqual(rows, [["demo", "gw1", "can0", "Count", "6"]])
        rows = self.postgres.query(
            "SELECT count, min, max, mean::float FROM fleet.minutes('demo', 'gw1', 'can0', 'Count', 'Number',"
            f" to_timestamp({now - 60}), to_timestamp({now + 60}))"
        )
        self.assertEqual(rows, [["2", "1", "2", "1.5"], ["4", "3", "6", "4.5"]])
        self.assertEqual(self.postgres.query("SELECT first, last FROM fleet.hole"), [["7", "8"]])
        self.assertEqual(self.postgres.query("SELECT missing FROM fleet.completeness"), [["2"]])
        self.assertEqual(self.postgres.number("SELECT fleet.retain('90 days')"), 1)
        self.assertEqual(self.postgres.number("SELECT count(*) FROM fleet.reading"), 6)


class Node(TestCase):
    def test_it_is_a_node_like_any_other(self):
        self.client.subscribe("edge/centre/fleet-store/#")
        self.start_store()
        self.client.wait_topic("edge/centre/fleet-store/status", "online")
        info = self.client.wait_topic("edge/centre/fleet-store/info").json
        self.assertEqual((info["program"], info["capabilities"]), ("fleet-store", ["sink"]))
        self.client.wait_topic("edge/centre/fleet-store/metrics")
        self.check_contract()
        self.store.kill()
        self.client.wait_newest("edge/centre/fleet-store/status", lambda m: m.text == "offline")

    def check_contract(self):
        capture = self.directory / "capture.txt"
        capture.write_text("".join(f"{m.topic}\t{m.text}\n" for m in self.client.messages))
        program = support.SOURCE_DIR / "tests/integration/validate_capture.py"
        done = subprocess.run(
            ["/usr/bin/python3", "-B", program, "--require", "status,info,metrics", capture],
            capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_an_end_in_order_stores_what_is_in_memory(self):
        self.start_store(commit_ms=10000, commit_rows=100000)
        gateway = self.gateway()
        gateway.info()
        gateway.live(1, 2, 3)
        self.metrics(lambda m: m["readings"] == 3)
        self.store.stop()
        gateway.wait_ack(3)
        self.client.subscribe("edge/centre/fleet-store/status")
        self.client.wait_topic("edge/centre/fleet-store/status", "offline")
        self.assertIn("ended in order", self.store.log)

    def test_a_configuration_that_cannot_be_used_says_why(self):
        path = self.directory / "wrong.conf"
        for text, reason in (("[store]\ncommit_ms = soon\n", "'soon' is no number"), ("[store]\nx = 1\n", "no such key"),
                             ("[broker]\nca = /nothing\n", "No such file"), ("x", "no section headers")):  # fmt: skip
            path.write_text(text)
            done = subprocess.run(
                [fleet_support.FLEET_STORE, "check", "-c", path], capture_output=True, text=True
            )
            self.assertEqual(done.returncode, 1)
            self.assertIn(reason, done.stderr)
        done = subprocess.run([fleet_support.FLEET_STORE, "--print-defaults"], capture_output=True, text=True)
        path.write_text(done.stdout)
        subprocess.run([fleet_support.FLEET_STORE, "check", "-c", path], check=True)


if __name__ == "__main__":
    fleet_support.main()
