"""Rules of the automation node that raise alarms and run branches; what people do with the alarms; how
long an input may be silent as the gateway's catalog says; and a reload that somebody asks for."""

import json
import pathlib
import sys
import time

import support

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from contract import Contract  # noqa: E402

CONTRACT = Contract(support.SOURCE_DIR)
SITE = "edge/test"
NODE = f"{SITE}/auto1"
CLIMATE = f"{SITE}/gw1/can/can0/Climate"
FROST = f"{NODE}/alarms/frost"
EVENTS = f"{NODE}/alarms/event"

CONFIG = """site: test
node: auto1
broker: {{ address: 127.0.0.1, port: {port}, retry_min: 20ms, retry_max: 100ms }}
metrics_interval: 200ms
store: {{ file: automation.db }}
inputs:
  temperature: {{ gateway: gw1, signal: can0/Climate/Temperature, unit: °C }}
devices:
  fan: {{ driver: simulated, delay: 1ms, rest: "OFF", fail_safe: "OFF" }}
  lamp: {{ driver: simulated, delay: 1ms, rest: "OFF", fail_safe: "OFF" }}
alarms:
  frost: {{ latch: yes, shelve_max: 2h }}
rules:
  cold:
    when: temperature < 3 °C
    do: [{{ alarm: {{ raise: frost, text: It freezes, priority: 1 }} }}]
  mild:
    when: temperature > 5 °C
    do: [{{ alarm: {{ clear: frost }} }}]
  both:
    messages: [{{ topic: elsewhere/start }}]
    do:
      - parallel:
          - do: [{{ set: fan, value: "ON" }}, {{ wait: temperature > 20 °C }}]
          - do: [{{ set: lamp, value: "ON" }}, {{ delay: 100ms }}, {{ publish: elsewhere/lamp }}]
      - publish: elsewhere/both
"""


class RuleAlarms(support.TestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe(f"{SITE}/#").subscribe("elsewhere/#")
        self.path = self.directory / "automation.yaml"
        self.seq = 0
        self.configure()
        self.node = self.start_process(
            [support.BIN_DIR / "automation-node", "run", "-c", self.path], name="automation-node"
        )
        self.client.wait_topic(f"{NODE}/status", "online")

    def configure(self, *change):
        text = CONFIG.format(port=self.broker.port)
        self.path.write_text(text.replace(*change) if change else text, encoding="utf-8")

    def show(self, temperature):
        self.seq += 1
        reading = {"ts": time.time(), "seq": self.seq, "signals": {"Temperature": temperature}}
        self.client.post(CLIMATE, json.dumps(reading), retain=True)

    def wait_alarm(self, state):
        return self.client.wait_newest(FROST, lambda m: m.payload and m.json["state"] == state).json

    def events(self):
        return [(m.json["event"], m.json.get("by")) for m in self.client.messages if m.topic == EVENTS]

    def wait_metrics(self, group, **expected):
        return self.client.wait_for(
            lambda m: m.topic == f"{NODE}/metrics"
            and all(m.json[group][key] == value for key, value in expected.items())
        )

    def wait_after(self, count, predicate):
        """The first such message after the first `count` ones."""
        return self.client.wait_for(lambda m: predicate(m) and m in self.client.messages[count:])

    def ask(self, verb, **question):
        asked = len(self.client.messages)
        self.client.post(f"{NODE}/request/{verb}", json.dumps(question))
        answer = self.wait_after(asked, lambda m: m.topic == f"{NODE}/response/{verb}")
        self.assertEqual(CONTRACT.violations(f"response_{verb}", answer.payload), [])
        return answer.json

    def raise_frost(self):
        self.wait_alarm("normal")
        self.show(10)
        self.client.wait_topic(f"{NODE}/rules/cold/state")
        self.show(1)
        return self.wait_alarm("active_unack")

    def test_a_rule_raises_an_alarm_and_people_deal_with_it(self):
        raised = self.raise_frost()
        self.assertEqual((raised["priority"], raised["text"], raised["by"]), (1, "It freezes", "rule:cold"))
        self.client.post(f"{FROST}/set", "reset")
        self.node.wait_log("frost: refused: it is still active and cannot be reset")
        self.client.post(f"{FROST}/set", '{"action":"ack","by":"Anna"}')
        self.assertEqual(self.wait_alarm("active_ack")["by"], "Anna")
        self.client.post(f"{FROST}/set", '{"shelve_s":7201}')
        self.client.post(f"{FROST}/set", '{"shelve_s":7200,"by":"Anna"}')
        shelved = self.wait_alarm("shelved")
        self.assertAlmostEqual(shelved["until"], time.time() + 7200, delta=60)
        self.client.post(f"{FROST}/set", "unshelve")
        self.wait_alarm("active_unack")  # it calls again
        self.client.post(f"{FROST}/set", "")
        self.client.post(f"{FROST}/set", "nonsense")
        self.client.post(f"{NODE}/alarms/nobody/set", "ack")
        self.show(9)
        self.wait_alarm("latched_unack")
        self.client.post(f"{FROST}/set", "ack")
        self.client.post(f"{FROST}/set", "reset")
        self.wait_alarm("normal")
        self.client.wait_for(lambda m: m.topic == EVENTS and m.json["event"] == "reset")
        self.assertEqual(
            self.events(),
            [("raise", "rule:cold"), ("ack", "Anna"), ("shelve", "Anna"), ("unshelve", None),
             ("clear", "rule:mild"), ("ack", None), ("reset", None)],
        )  # fmt: skip
        self.wait_metrics("alarms", raised=1, active=0, unacked=0, set_accepted=5, set_impossible=2,
                          set_unknown=1, set_malformed=2)  # fmt: skip
        for message in self.client.messages:
            if message.topic in (FROST, EVENTS):
                kind = "alarm" if message.topic == FROST else "alarm_event"
                self.assertEqual(CONTRACT.violations(kind, message.payload), [])

    def test_an_alarm_outlives_the_node(self):
        self.raise_frost()
        self.client.post(f"{FROST}/set", "ack")
        since = self.wait_alarm("active_ack")["since"]
        events = self.events()
        self.wait_metrics("alarms", unacked=0)
        self.node.stop()
        self.client.publish(f"{FROST}/set", "out_of_service", retain=True)  # would act at each connection
        seen = len(self.client.messages)
        self.node.start()
        self.wait_metrics("alarms", set_retained=1)
        self.client.post(f"{FROST}/set", "", retain=True)
        alarm = self.wait_after(seen, lambda m: m.topic == FROST).json
        self.assertEqual((alarm["state"], alarm["text"]), ("active_ack", "It freezes"))
        self.assertAlmostEqual(alarm["since"], since, delta=0.5 * support.PATIENCE)
        self.show(9)
        self.wait_alarm("latched_ack")
        self.assertEqual(self.events(), [*events, ("clear", "rule:mild")])

    def test_branches_run_at_the_same_time(self):
        self.show(10)
        self.client.wait_newest(f"{SITE}/devices/fan/state", lambda m: m.json["source"] == "rest")
        self.client.post("elsewhere/start", "now")
        self.client.wait_topic("elsewhere/lamp")
        for device in ("fan", "lamp"):
            self.client.wait_newest(f"{SITE}/devices/{device}/state", lambda m: m.json["value"] == "ON")
        self.assertNotIn("elsewhere/both", [m.topic for m in self.client.messages])
        self.show(21)
        self.client.wait_topic("elsewhere/both")
        trace = self.client.wait_topic(f"{NODE}/rules/both/trace")
        self.assertEqual(CONTRACT.violations("rule_trace", trace.payload), [])
        steps = [(s["step"], s.get("branch"), s["outcome"]) for s in trace.json["steps"]]
        self.assertIn(("set fan ON", 1, "done"), steps)
        self.assertIn(("delay", 2, "waits"), steps)
        self.assertEqual(steps[-2:], [("parallel", None, "done"), ("publish elsewhere/both", None, "done")])
        run = self.ask("dry_run", rule="both")["data"]
        self.assertIn({"step": "set lamp ON", "result": "it would", "branch": 2}, run["steps"])

    def test_the_catalog_says_how_long_an_input_may_be_silent(self):
        def stale():
            (reading,) = self.ask("explain", device="fan")["data"]["readings"]
            return reading["stale_after_s"], reading["stale_from"]

        def publish(**message):
            signals = [{"name": "Temperature", "unit": "°C"}]
            message = {"name": "Climate", "id": 291, "extended": False, "layout": "message",
                       "settable": False, "signals": signals, **message}  # fmt: skip
            catalog = {"ts": 1, "buses": [{"name": "can0", "messages": [message]}]}
            self.client.post(f"{SITE}/gw1/catalog", json.dumps(catalog), retain=True)

        def wait_stale(expected):
            deadline = time.monotonic() + support.TIMEOUT_S
            while stale() != expected:
                self.assertLess(time.monotonic(), deadline, stale())

        self.show(10)
        self.assertEqual(stale(), (30, "default"))
        publish(cycle_ms=1000, stale_ms=18000)
        wait_stale((18, "catalog"))
        publish(cycle_ms=1000)
        wait_stale((18, "catalog"))
        self.node.stop()
        seen = len(self.client.messages)
        self.node.start()
        self.wait_after(seen, lambda m: m.topic == f"{NODE}/status" and m.text == "online")
        wait_stale((18, "catalog"))
        self.configure("unit: °C }", "unit: °C, stale_after: 1min }")
        self.assertEqual(self.ask("reload")["status"], "ok")
        self.assertEqual(stale(), (60, "configuration"))

    def test_a_reload_that_is_asked_for_says_what_became_of_it(self):
        answer = self.ask("reload", transaction="r1")
        self.assertEqual((answer["transaction"], answer["data"]["changes"]), ("r1", []))
        self.configure("temperature > 5 °C", "temperature > 6 °C")
        data = self.ask("reload")["data"]
        self.assertEqual(data["changes"], [{"kind": "event", "id": "mild", "change": "changed"}])
        self.assertGreater(data["kept"], 5)
        self.configure('set: fan, value: "ON" }', 'set: fna, value: "ON" }')
        error = self.ask("reload", transaction="r3")
        self.assertEqual((error["status"], error["transaction"]), ("error", "r3"))
        self.assertRegex(error["error"], "automation.yaml:24:25: error: no device 'fna' - did you mean 'fan'")
        self.configure("site: ", "site: other-")
        self.assertIn("restart it", self.ask("reload")["error"])
        self.configure("devices:\n", "devices:\n  relay: { driver: gpio, chip: nochip, line: 1 }\n")
        self.assertIn("no chip 'nochip'", self.ask("reload")["error"])
        self.client.post(f"{NODE}/request/reload", '{"force":true}')
        self.client.wait_for(
            lambda m: m.topic == f"{NODE}/response/reload" and "force" in m.json.get("error", "")
        )
        self.configure()
        self.assertEqual(self.ask("reload")["data"]["changes"][0]["id"], "mild")
        self.node.stop()
        self.client.publish(f"{NODE}/request/reload", "{}", retain=True)
        self.node.start()
        self.node.wait_log("refused .retained.: retained requests would be asked again")


if __name__ == "__main__":
    support.main()
