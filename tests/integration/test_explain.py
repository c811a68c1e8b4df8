"""Questions to the automation node: why is it on, what would turn it off, what did the rules do."""

import json
import pathlib
import subprocess
import sys
import time

import support

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from contract import Contract  # noqa: E402

CONTRACT = Contract(support.SOURCE_DIR)
SITE = "edge/test"
REQUEST = f"{SITE}/auto1/request"
RESPONSE = f"{SITE}/auto1/response"
CLIMATE = f"{SITE}/gw1/can/can0/Climate"
ACTUATORS = f"{SITE}/gw1/can/can0/Actuators"

CONFIG = """
site: test
node: auto1
broker: {{ address: 127.0.0.1, port: {port}, retry_min: 20ms, retry_max: 100ms }}
metrics_interval: 200ms
time: {{ zone: Europe/Berlin, wait_for_sync: 0s }}
inputs:
  temperature: {{ gateway: gw1, signal: can0/Climate/Temperature, unit: °C, stale_after: 1h }}
devices:
  vent:
    gateway: gw1
    command: can0/VentCommand/Position
    feedback: can0/Actuators/VentPosition
    range: {{ min: 0, max: 100 }}
    fail_safe: 0
    confirm_within: 1min
schedules:
  morning: {{ device: vent, blocks: [{{ days: mon-sun, from: "00:00", to: "24:00", value: 30 }}], enabled: no }}
rules:
  air:
    while: temperature > 25 °C hysteresis 1 °C
    device: vent
    value: 100
    otherwise: 0
  pulse:
    when: temperature > 50 °C
    if: temperature > 25 °C
    do:
      - {{ set: vent, value: 20, for: 1h }}
      - {{ publish: test/log, payload: hot }}
      - {{ delay: 1h }}
"""


class Explain(support.TestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe(f"{SITE}/#")
        self.asker = self.start_client(self.broker).subscribe("answers/#")
        path = self.directory / "automation.yaml"
        path.write_text(CONFIG.format(port=self.broker.port), encoding="utf-8")
        self.node = self.start_process(
            [support.BIN_DIR / "automation-node", "run", "-c", path], name="automation-node"
        )
        self.client.wait_topic(f"{SITE}/auto1/status", "online")
        self.seq = 0
        self.questions = 0

    def read(self, topic, **signals):
        self.seq += 1
        self.stamp = round(time.time(), 3)
        payload = {"ts": self.stamp, "seq": self.seq, "signals": signals}
        self.client.publish(topic, json.dumps(payload))
        return self.seq

    def wait_state(self, **wanted):
        return self.client.wait_for(
            lambda m: m.topic == f"{SITE}/devices/vent/state"
            and all(m.json.get(key) == value for key, value in wanted.items())
        ).json

    def ask(self, verb, question):
        self.questions += 1
        topic = f"answers/{self.questions}"
        self.asker.publish(
            f"{REQUEST}/{verb}", json.dumps(question), ResponseTopic=topic,
            CorrelationData=b"%d" % self.questions,
        )  # fmt: skip
        answer = self.asker.wait_for(lambda m: m.topic == topic)
        self.assertEqual(answer.properties.CorrelationData, b"%d" % self.questions)
        self.assertEqual(CONTRACT.violations(f"response_{verb}", answer.text), [])
        return answer.json

    def data(self, verb, **question):
        answer = self.ask(verb, question)
        self.assertEqual((answer["status"], answer["seq"], answer["last"]), ("ok", 0, True), answer)
        return answer["data"]

    def open_vent(self):
        """A hot reading opens the vent, and its feedback shows that."""
        self.read(ACTUATORS, VentPosition=0)
        self.wait_state(value=0)
        hot = self.read(CLIMATE, Temperature=26.5)
        stamp = self.stamp
        self.wait_state(target=100)
        proof = self.read(ACTUATORS, VentPosition=100)
        self.wait_state(value=100)
        return hot, stamp, proof

    def test_the_chain_from_the_reading_to_the_command(self):
        hot, stamp, proof = self.open_vent()
        self.read(CLIMATE, Temperature=26.1)
        self.node.wait_log("vent -> 100")
        self.client.wait_for(lambda m: m.topic == CLIMATE and m.json["seq"] == self.seq)
        why = self.data("explain", device="vent")
        decision = why["decision"]
        self.assertEqual((decision["source"], decision["priority"]), ("rule:air", "rule"))
        self.assertEqual(
            decision["reading"],
            {
                "input": "temperature",
                "topic": CLIMATE,
                "signal": "can0/Climate/Temperature",
                "seq": hot,
                "ts": stamp,
            },
        )
        self.assertEqual(why["state"]["reason"],
                         "temperature > 25 °C hysteresis 1 °C (temperature is 26.5 °C)")  # fmt: skip
        command = why["command"]
        self.assertEqual((command["value"], command["attempt"]), (100, 1))
        self.assertEqual(command["phase"], "confirmed")
        self.assertEqual(command["feedback"]["topic"], ACTUATORS)
        self.assertEqual(command["feedback"]["seq"], proof)
        self.assertLessEqual(command["sent"], command["confirmed"])
        self.assertEqual(why["readings"][0]["value"], 26.1)
        self.assertIn("temperature <= 24 °C (now 26.1 °C): then 0",
                      [change["what"] for change in why["changes"]])  # fmt: skip
        self.assertIn(f"[temperature, reading {hot}]", why["text"])
        self.assertIn("It changes when temperature <= 24 °C", why["text"])

    def test_what_it_says_would_change_it_does(self):
        self.open_vent()
        self.read(CLIMATE, Temperature=24.1)
        self.read(CLIMATE, Temperature=24)
        self.wait_state(target=0)

    def test_who_lost_and_until_when(self):
        self.open_vent()
        self.client.publish(f"{SITE}/devices/vent/set", '{"value":40,"for_s":3600}')
        self.wait_state(target=40)
        why = self.data("explain", device="vent")
        claims = [(c["source"], c["value"], c["wins"], c.get("lost_to")) for c in why["claims"]]
        self.assertEqual(claims, [("manual", 40, True, None), ("rule:air", 100, False, "manual")])
        self.assertEqual(why["changes"][0]["what"], "the wish ends, or is taken back: then 100")
        self.assertAlmostEqual(why["changes"][0]["at"], time.time() + 3600, delta=60)
        self.assertIn("rule:air wants 100, but is below (rule).", why["text"])
        self.assertNotIn("confirmed", why["command"])
        self.assertEqual(why["command"]["phase"], "pending")

    def test_a_lost_sensor_is_named(self):
        why = self.data("explain", device="vent")
        self.assertEqual(why["decision"]["priority"], "safety")
        self.assertEqual(why["changes"][0]["what"], "temperature is good again")
        self.assertIn("never seen", why["text"])

    def test_devices_and_rules(self):
        self.open_vent()
        devices = self.data("devices")["devices"]
        self.assertEqual([(d["device"], d["state"]["value"]) for d in devices], [("vent", 100)])
        air, pulse = self.data("rules")["rules"]
        self.assertEqual((air["rule"], air["kind"], air["state"]["active"]), ("air", "while", 1))
        self.assertTrue(air["why"].startswith("it holds: temperature > 25 °C"), air)
        self.assertEqual(pulse["why"], "nothing has triggered it yet")
        self.assertNotIn("trace", pulse)
        self.client.publish(f"{SITE}/auto1/rules/pulse/set", "run")
        self.client.wait_topic("edge/test/auto1/rules/pulse/state")
        self.client.wait_for(lambda m: m.topic.endswith("pulse/state") and m.json["active"] == 1)
        (pulse,) = self.data("rules", rule="pulse")["rules"]
        self.assertEqual(pulse["why"], "it runs: asked for")
        self.assertEqual([s["step"] for s in pulse["trace"]["steps"]],
                         ["set vent 20", "publish test/log", "delay"])  # fmt: skip
        self.client.publish(f"{SITE}/auto1/rules/air/set", "disable")
        self.client.wait_for(lambda m: m.topic.endswith("air/state") and not m.json["enabled"])
        (air,) = self.data("rules", rule="air")["rules"]
        self.assertEqual(air["why"], "it is disabled")

    def test_a_dry_run_does_nothing(self):
        self.open_vent()
        before = len(self.client.messages)
        run = self.data("dry_run", rule="pulse")
        self.assertEqual((run["holds"], run["runs"]), ("true", True))
        self.assertEqual(run["steps"][0]["step"], "set vent 20")
        self.assertEqual(run["steps"][0]["result"], "it would, but rule:air wants 100 and is above")
        self.assertEqual(run["steps"][-1], {"step": "delay", "result": "waits"})
        run = self.data("dry_run", rule="air")
        self.assertEqual(run["steps"], [{"step": "set vent 100", "result": "it would"}])
        changed = [m.topic for m in self.client.messages[before:]
                   if "/request/" not in m.topic and not m.topic.endswith("metrics")]  # fmt: skip
        self.assertEqual(changed, [])

    def test_history_comes_from_the_records(self):
        self.open_vent()
        self.client.publish(f"{SITE}/devices/vent/set", "40")
        self.wait_state(target=40)
        deadline = time.monotonic() + support.TIMEOUT_S
        decisions = []
        while [d["target"] for d in decisions] != ["40", "100", "0"]:
            self.assertLess(time.monotonic(), deadline, decisions)
            answer = self.ask("history", {"device": "vent"})
            decisions = answer["data"]["decisions"] if answer["status"] == "ok" else []
        self.assertEqual([d["source"] for d in decisions], ["manual", "rule:air", "fail_safe"])
        newest = self.data("history", device="vent", limit=1)["decisions"]
        self.assertEqual(newest, decisions[:1])
        old = self.data("history", **{"from": 100, "to": 200})["decisions"]
        self.assertEqual(old, [])

    def test_wrong_questions_are_told_what_is_wrong(self):
        for verb, question, words in (
            ("explain", {}, "'device' must be there"),
            ("explain", {"device": "vnt"}, "there is no device 'vnt' - did you mean 'vent'?"),
            ("explain", {"device": "vent", "why": 1}, "'why'"),
            ("dry_run", {"rule": "aire"}, "did you mean 'air'?"),
            ("history", {"limit": 0}, "limit"),
        ):
            answer = self.ask(verb, question)
            self.assertEqual(answer["status"], "error")
            self.assertIn(words, answer["error"])
        metrics = self.client.wait_for(
            lambda m: m.topic.endswith("auto1/metrics")
            and m.json["requests"]["refused"]["malformed"] == 3
        ).json["requests"]
        self.assertEqual(metrics["refused"]["unknown"], 2)
        self.assertEqual(metrics["received"], 5)

    def test_unknown_verbs_and_retained_questions(self):
        self.asker.publish(f"{REQUEST}/explane", "{}", ResponseTopic="answers/verb")
        answer = self.asker.wait_for(lambda m: m.topic == "answers/verb").json
        self.assertEqual(
            answer["error"],
            "there is no verb 'explane'; there are explain, devices, rules, history, dry_run, reload, handover, support",
        )
        self.node.stop()
        self.asker.publish(f"{REQUEST}/devices", "{}", retain=True, ResponseTopic="answers/kept")
        self.node.start()
        answer = self.asker.wait_for(lambda m: m.topic == "answers/kept").json
        self.assertIn("retained", answer["error"])

    def test_without_a_response_topic_the_transaction_comes_back(self):
        self.client.publish(f"{REQUEST}/devices", '{"transaction":"kitchen-17"}')
        answer = self.client.wait_for(lambda m: m.topic == f"{RESPONSE}/devices").json
        self.assertEqual(answer["transaction"], "kitchen-17")

    def test_mosquitto_rr_asks(self):
        result = subprocess.run(
            ["mosquitto_rr", "-p", str(self.broker.port), "-q", "1", "-t", f"{REQUEST}/explain",
             "-e", "my/answers", "-m", '{"device":"vent"}', "-W", "20"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        self.assertEqual(json.loads(result.stdout)["data"]["device"], "vent")


if __name__ == "__main__":
    support.main()
