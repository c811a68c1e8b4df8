"""Requests over MQTT: what a gateway logged, asked for in every way that docs/requests.md shows."""

import contextlib
import json
import pathlib
import re
import sqlite3
import struct
import subprocess
import sys

import gateway_support
import log_support
import support
from gateway_support import ROOT

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from contract import Contract  # noqa: E402

CONTRACT = Contract(support.SOURCE_DIR)
FRAMES = 16200
START_S = 1795423200  # a whole minute
STEP_US = 100_000
TEMPERATURE = "can0/Climate/Temperature"


def hundredths(index):
    """The temperature of a frame in hundredths of a degree: up to 40 and back, with one peak."""
    return 7900 if index == 7777 else abs(index % 8000 - 4000)


def climate_log():
    lines = []
    for index in range(FRAMES):
        data = struct.pack("<h", hundredths(index)) + bytes(6)
        stamp = START_S * 1_000_000 + index * STEP_US
        lines.append(f"({stamp // 1_000_000}.{stamp % 1_000_000:06d}) can0 101#{data.hex().upper()}\n")
    return "".join(lines)


class Asking(log_support.TestCase):
    """A gateway that has logged twenty minutes of readings, ten in a second."""

    def setUp(self):
        super().setUp()
        log = self.directory / "climate.log"
        log.write_text(climate_log())
        self.gateway = self.start_logging(gateway_support.replayed_bus(log))
        self.wait_logged(FRAMES)
        self.asker = self.start_client(self.broker).subscribe("answers/#")
        self.questions = 0

    def assert_valid(self, verb, payload):
        self.assertEqual(CONTRACT.violations(f"response_{verb}", payload), [])

    def chunks(self, topic, verb):
        """All chunks of the answer on a topic of its own, each as the contract says."""
        done = self.asker.wait_for(
            lambda m: m.topic == topic and (m.json["status"] == "error" or m.json.get("last", True))
        )
        self.assertFalse(done.retain)
        messages = [m for m in self.asker.messages if m.topic == topic]
        for number, message in enumerate(messages):
            self.assert_valid(verb, message.text)
            self.assertLessEqual(len(message.payload), 256 * 1024)
            if message.json["status"] == "ok":
                self.assertEqual(message.json["seq"], number)
        return messages

    def ask(self, verb, question, **properties):
        """The decoded chunks of the answer."""
        self.questions += 1
        topic = f"answers/{self.questions}"
        properties.setdefault("CorrelationData", b"question %d" % self.questions)
        self.asker.publish(f"{ROOT}/request/{verb}", question, ResponseTopic=topic, **properties)
        messages = self.chunks(topic, verb)
        for message in messages:
            self.assertEqual(message.properties.CorrelationData, properties["CorrelationData"])
        return [message.json for message in messages]

    def span(self, first=0, count=FRAMES):
        """`from` and `to` of some of the frames."""
        return {"from": START_S + first / 10, "to": START_S + (first + count) / 10}

    # --- the verbs

    def test_history_has_every_value(self):
        (answer,) = self.ask("history", {"signal": TEMPERATURE, **self.span(100, 500)})
        data = answer["data"]
        self.assertEqual((data["source"], data["count"], data["unit"]), ("frames", 500, "°C"))
        wanted = [[START_S + i / 10, hundredths(i) / 100] for i in range(100, 600)]
        self.assertEqual(data["points"], wanted)

    def test_a_history_of_few_points_keeps_the_extremes(self):
        (answer,) = self.ask("history", {"signal": TEMPERATURE, **self.span(), "max_points": 50})
        data = answer["data"]
        self.assertEqual(data["count"], FRAMES)
        self.assertLessEqual(len(data["points"]), 50)
        values = [value for _, value in data["points"]]
        self.assertEqual((min(values), max(values)), (0, 79))
        self.assertIn([START_S + 777.7, 79], data["points"])

    def test_a_long_history_comes_in_chunks(self):
        chunks = self.ask("history", {"signal": TEMPERATURE, **self.span(), "max_points": 20000})
        self.assertGreaterEqual(len(chunks), 2)
        points = [point for chunk in chunks for point in chunk["data"]["points"]]
        self.assertEqual([value for _, value in points], [hundredths(i) / 100 for i in range(FRAMES)])
        self.assertEqual([chunk["last"] for chunk in chunks], [False] * (len(chunks) - 1) + [True])

    def test_what_it_can_do_and_how_far_it_is_are_told(self):
        self.asker.subscribe(f"{ROOT}/info")
        self.assertIn("history", self.asker.wait_topic(f"{ROOT}/info").json["capabilities"])
        self.gateway.stop()  # writes all of its roll-ups
        (self.directory / "climate.log").write_text("")
        self.start_gateway_again()
        rollups = self.client.wait_for(
            lambda m: m.json["store"]["rollups"]["seq"] >= FRAMES
        ).json["store"]["rollups"]
        self.assertEqual((rollups["behind"], rollups["faults"]), (0, 0))
        self.assertGreater(rollups["bytes"], 0)

    def test_statistics_add_up(self):
        (answer,) = self.ask(
            "statistics", {"signal": TEMPERATURE, **self.span(), "bucket_s": 60, "transaction": "s"}
        )
        self.assertEqual(answer["transaction"], "s")
        buckets = answer["data"]["buckets"]
        self.assertEqual([bucket["ts"] for bucket in buckets], [START_S + 60 * i for i in range(FRAMES // 600)])
        for number, bucket in enumerate(buckets):
            values = [hundredths(i) / 100 for i in range(600 * number, 600 * number + 600)]
            self.assertEqual(bucket["count"], 600)
            self.assertEqual((bucket["min"], bucket["max"]), (min(values), max(values)))
            self.assertEqual(bucket["last"], values[-1])
            self.assertAlmostEqual(bucket["mean"], sum(values) / 600, places=9)
            self.assertAlmostEqual(bucket["weighted_mean"], sum(values) / 600, places=2)

    def test_each_signal_has_its_chunk(self):
        signals = [TEMPERATURE, "can0/Climate/Humidity"]
        chunks = self.ask("statistics", {"signals": signals, **self.span()})
        self.assertEqual([chunk["data"]["signal"] for chunk in chunks], signals)
        self.assertEqual([len(chunk["data"]["buckets"]) for chunk in chunks], [1, 1])

    def readings_after(self, seq):
        """At most 10000."""
        chunks = self.ask("messages", {**self.span(), "limit": 10000, "after_seq": seq})
        return [reading for chunk in chunks for reading in chunk["data"]["readings"]]

    def test_messages_come_in_chunks_and_pages(self):
        question = {"bus": "can0", "message": "Climate", **self.span(), "limit": 10000}
        first = self.ask("messages", question)
        self.assertGreater(len(first), 2)
        readings = [reading for chunk in first for reading in chunk["data"]["readings"]]
        self.assertEqual(len(readings), 10000)
        readings += self.readings_after(readings[-1]["seq"])
        self.assertEqual(len(readings), FRAMES)
        seqs = [reading["seq"] for reading in readings]
        self.assertEqual(seqs, sorted(set(seqs)))
        values = [reading["signals"]["Temperature"] for reading in readings]
        self.assertEqual(values, [hundredths(i) / 100 for i in range(FRAMES)])

    def test_the_catalog_is_that_of_its_topic(self):
        self.asker.subscribe(f"{ROOT}/catalog")
        retained = self.asker.wait_topic(f"{ROOT}/catalog").json
        (answer,) = self.ask("catalog", {})
        self.assertEqual(answer["data"]["buses"], retained["buses"])

    # --- damage

    def damage(self, change):
        """Spoils the segment of seq 5000; its first and last seq."""
        with contextlib.closing(sqlite3.connect(self.directory / "gateway.db")) as db, db:
            (first, last) = db.execute(
                "SELECT first_seq, last_seq FROM segments WHERE first_seq <= 5000"
                " ORDER BY first_seq DESC LIMIT 1"
            ).fetchone()
            db.execute(f"UPDATE segments SET {change} WHERE first_seq = {first}")
        return first, last

    def assert_damage_told(self, change):
        before = self.readings_after(0)
        before += self.readings_after(before[-1]["seq"])
        first, last = self.damage(change)
        in_it = sum(first <= reading["seq"] <= last for reading in before)  # beside events
        (history,) = self.ask("history", {"signal": TEMPERATURE, **self.span()})
        lost = FRAMES - history["data"]["count"]
        self.assertEqual((history["data"]["damaged"], lost), (1, in_it))
        (statistics,) = self.ask("statistics", {"signal": TEMPERATURE, **self.span()})
        self.assertEqual(statistics["data"]["damaged"], 1)
        chunks = self.ask("messages", {**self.span(), "limit": 10000})
        self.assertEqual(sum(chunk["data"].get("damaged", 0) for chunk in chunks), 1)
        seqs = [reading["seq"] for chunk in chunks for reading in chunk["data"]["readings"]]
        self.assertEqual([seq for seq in seqs if first <= seq <= last], [])

    def test_a_damaged_piece_of_the_log_is_told(self):
        self.assert_damage_told("records = zeroblob(length(records))")

    def test_a_piece_of_the_log_with_damaged_keys_is_told(self):
        self.assert_damage_told("keys = x'FFFFFFFFFFFFFFFFFFFF'")

    # --- the ways to ask

    def test_mosquitto_rr_asks_and_prints_the_answer(self):
        question = json.dumps({"signal": TEMPERATURE, **self.span(0, 600)})
        result = subprocess.run(
            ["mosquitto_rr", "-h", support.HOST, "-p", str(self.broker.port), "-q", "1",
             "-t", f"{ROOT}/request/statistics", "-e", "my/answers", "-m", question],
            capture_output=True, text=True, timeout=support.TIMEOUT_S,
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assert_valid("statistics", result.stdout)
        (bucket,) = json.loads(result.stdout)["data"]["buckets"]
        self.assertEqual(bucket["count"], 600)

    def test_a_client_of_3_1_1_asks_and_finds_its_answer_by_the_transaction(self):
        topic = f"{ROOT}/response/history"
        listener = self.start_client(self.broker).subscribe(topic)
        for transaction in ("one", "two"):
            question = {"signal": TEMPERATURE, **self.span(0, 100), "transaction": transaction}
            subprocess.run(
                ["mosquitto_pub", "-h", support.HOST, "-p", str(self.broker.port), "-V", "mqttv311",
                 "-q", "1", "-t", f"{ROOT}/request/history", "-m", json.dumps(question)],
                check=True, timeout=support.TIMEOUT_S,
            )  # fmt: skip
        answers = [message.text for message in listener.wait_count(2)]
        for answer in answers:
            self.assert_valid("history", answer)
        self.assertEqual({json.loads(a)["transaction"] for a in answers}, {"one", "two"})

    # --- what is wrong

    def assert_refused(self, verb, question, words, reason):
        (answer,) = self.ask(verb, question)
        self.assertEqual(answer["status"], "error")
        self.assertRegex(answer["error"], words)
        self.client.wait_for(lambda m: m.json["requests"]["refused"][reason] > 0)

    def test_wrong_requests_are_told_what_is_wrong(self):
        for verb, question, words, reason in (
            ("history", "not JSON", "JSON", "malformed"),
            ("history", {}, "'signal'", "malformed"),
            ("history", {"signal": TEMPERATURE, "last": 60}, "'last'", "malformed"),
            ("history", {"signal": "can0/Climate"}, "path", "malformed"),
            ("history", {"signal": TEMPERATURE, "max_points": 3}, "max_points", "malformed"),
            ("statistics", {"signal": TEMPERATURE, "bucket_s": 1}, "bucket_s", "malformed"),
            ("messages", {"limit": 10001}, "limit", "malformed"),
            ("history", {"signal": "can7/Climate/Temperature"}, "no bus 'can7'", "unknown"),
            ("history", {"signal": "can0/Climat/Temperature"}, "no message 'Climat'", "unknown"),
            ("messages", {"message": "Climat"}, "no message 'Climat'", "unknown"),
            ("history", {"signal": "can0/Climate/Was"}, "'Was' in the DBC files of today", "unknown"),
        ):
            with self.subTest(verb=verb, question=question):
                self.assert_refused(verb, question, words, reason)

    def test_an_unknown_verb_is_told_the_verbs(self):
        self.asker.publish(f"{ROOT}/request/histroy", {}, ResponseTopic="answers/verb")
        answer = self.asker.wait_topic("answers/verb").json
        self.assertEqual(answer["status"], "error")
        self.assertIn("history, statistics, messages, catalog", answer["error"])

    def test_a_retained_request_is_refused_also_when_it_comes_again(self):
        self.asker.publish(f"{ROOT}/request/catalog", {}, retain=True, ResponseTopic="answers/r")
        self.gateway.kill()
        self.start_gateway_again()
        answer = self.asker.wait_for(
            lambda m: m.topic == "answers/r" and m.json["status"] == "error"
        ).json
        self.assertRegex(answer["error"], "retained")

    def start_gateway_again(self):
        self.client.messages.clear()
        self.gateway = self.start_process(
            [gateway_support.PROGRAM, "run", "-c", self.directory / "gateway.yaml"], name="again"
        )
        self.client.wait_for(lambda m: m.topic == f"{ROOT}/metrics")

    def test_many_at_once_are_all_answered_and_accounted_for(self):
        self.asker.subscribe(f"{ROOT}/response/#")
        for number in range(60):
            question = {"signal": TEMPERATURE, **self.span(), "transaction": str(number)}
            self.asker.post(f"{ROOT}/request/statistics", question)
        self.asker.wait_for(lambda m: len(self.answered()) == 60)
        counted = self.client.wait_for(lambda m: self.is_done(m.json["requests"], 60)).json["requests"]
        self.assertEqual(counted["answered"] + counted["refused"]["busy"], 60)
        self.assertGreaterEqual(counted["answered"], 20)

    def answered(self):
        return {m.json["transaction"] for m in self.asker.messages if "/response/" in m.topic}

    @staticmethod
    def is_done(counted, received):
        refused = sum(counted["refused"].values())
        done = counted["answered"] + counted["abandoned"] + refused
        return counted["received"] == received == done

    def test_what_was_rolled_up_before_a_kill_counts_once(self):
        question = {"signal": TEMPERATURE, **self.span()}
        before = self.ask("statistics", question)
        self.gateway.kill()
        log = self.directory / "climate.log"
        log.write_text("")
        self.start_gateway_again()
        after = self.ask("statistics", question)
        self.assertEqual(before[0]["data"]["buckets"], after[0]["data"]["buckets"])


class WithoutALog(gateway_support.TestCase):
    def test_only_the_catalog_is_answered(self):
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe(f"{ROOT}/#")
        settings = gateway_support.configuration(self.broker.port)
        settings["store"] = {"enabled": False}
        self.start_gateway(settings)
        self.client.wait_topic(f"{ROOT}/status", "online")
        self.assertEqual(self.client.wait_topic(f"{ROOT}/info").json["capabilities"], ["set"])
        self.client.publish(f"{ROOT}/request/history", {"signal": TEMPERATURE})
        answer = self.client.wait_topic(f"{ROOT}/response/history")
        self.assertEqual(CONTRACT.violations("response_history", answer.text), [])
        self.assertTrue(re.search("does not log", answer.json["error"]))
        self.client.publish(f"{ROOT}/request/catalog", {})
        answer = self.client.wait_topic(f"{ROOT}/response/catalog")
        self.assertEqual(CONTRACT.violations("response_catalog", answer.text), [])
        self.assertTrue(answer.json["last"])


if __name__ == "__main__":
    support.main()
