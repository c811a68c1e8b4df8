"""The automation node is stopped, killed and reloaded: it goes on where it was, and does nothing twice.

`--count N` kills it N times; the seed is printed, EDGE_TEST_SEED repeats it.
"""

import json
import os
import random
import re
import signal
import sys
import time

import support

SITE = "edge/test"
CLIMATE = f"{SITE}/gw1/can/can0/Climate"
ACTUATORS = f"{SITE}/gw1/can/can0/Actuators"
COMMAND = f"{SITE}/gw1/can/can0/HeaterCommand/set"
HEATER = f"{SITE}/devices/heater"
RULES = f"{SITE}/auto1/rules"
AIR = f"{SITE}/auto1/controllers/air"
SHOWN = {"ON": "On", "OFF": "Off"}
KILLS = 8

CONFIG = """
site: test
node: auto1
broker: {{ address: 127.0.0.1, port: {port}, retry_min: 20ms, retry_max: 100ms }}
metrics_interval: 200ms
time: {{ zone: UTC0, wait_for_sync: 0s }}
store: {{ file: automation.db }}
inputs:
  temperature: {{ gateway: gw1, signal: can0/Climate/Temperature, unit: °C, stale_after: 1min }}
  door: {{ gateway: gw1, signal: can0/Climate/Door, labels: [Open, Closed], stale_after: 1min }}
devices:
  heater:
    gateway: gw1
    command: can0/HeaterCommand/Heater
    feedback: can0/Actuators/Heater
    values: {{ "ON": "On", "OFF": "Off" }}
    fail_safe: "OFF"
    confirm_within: 1s
    retries: 2
thermostats:
  air: {{ input: temperature, device: heater, setpoint: 21 °C, hysteresis: 0.5 °C }}
rules:
  opened: {{ when: door is Open, do: [{{ publish: elsewhere/opened }}, {{ delay: 2h }}, {{ publish: elsewhere/closed }}] }}
  changed: {{ when: door changed, do: [{{ publish: elsewhere/changed }}] }}
  hot: {{ when: temperature > 15 °C for 1s, do: [{{ publish: elsewhere/hot }}] }}
"""


# A device that this machine does not have: that is found out when everything else was made.
NO_CHIP = """devices:
  lamp: { driver: gpio, chip: nochip, line: 1 }
"""


class Plant(support.Client):
    """Does what the heater is told, and shows it, as a gateway would."""

    def _on_message(self, client, userdata, m):
        super()._on_message(client, userdata, m)
        if m.topic == COMMAND:
            self.show(ACTUATORS, **json.loads(m.payload)["signals"])

    def show(self, topic, **signals):
        reading = {"ts": time.time(), "seq": len(self.messages) + 1, "signals": signals}
        self.post(topic, json.dumps(reading), retain=True)

    def texts(self, topic):
        with self._changed:
            return [m.text for m in self.messages if m.topic == topic]

    def count(self):
        with self._changed:
            return len(self.messages)

    def wait_after(self, count, predicate):
        """The first such message after the first `count` ones."""

        def found():
            return any(predicate(m) for m in self.messages[count:])

        self._wait(found, "such new message")
        return next(m for m in self.messages[count:] if predicate(m))


class RestoreTest(support.TestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.plant = Plant(self.broker.port)
        self.addCleanup(self.plant.stop)
        self.plant.start().subscribe("edge/#").subscribe("elsewhere/#")
        self.path = self.directory / "automation.yaml"
        self.configure(lambda text: text)
        self.node = self.start_process(
            [support.BIN_DIR / "automation-node", "run", "-c", self.path], name="automation-node"
        )
        self.plant.wait_topic(f"{SITE}/auto1/status", "online")

    def configure(self, change):
        self.path.write_text(change(CONFIG.format(port=self.broker.port)), encoding="utf-8")

    def begin(self):
        """The door opens, once; and it is warm enough."""
        self.plant.show(ACTUATORS, Heater="Off")
        self.plant.show(CLIMATE, Temperature=23, Door="Closed")
        self.wait_state(0, source="controller:air", target="OFF")
        self.plant.show(CLIMATE, Temperature=23, Door="Open")
        self.plant.wait_topic("elsewhere/opened")
        self.plant.wait_topic("elsewhere/changed")
        self.plant.wait_topic("elsewhere/hot")

    def wait_json(self, topic, after, **expected):
        return self.plant.wait_after(
            after,
            lambda m: m.topic == topic and m.payload
            and all(m.json.get(k) == v for k, v in expected.items()),
        ).json  # fmt: skip

    def wait_state(self, after, **expected):
        return self.wait_json(f"{HEATER}/state", after, **expected)

    def start_again(self):
        count = self.plant.count()
        self.node.start()
        self.plant.wait_after(
            count, lambda m: m.topic == f"{SITE}/auto1/status" and m.text == "online"
        )
        return count

    def restart(self):
        self.node.stop()
        return self.start_again()

    def reload(self, pattern="reloaded"):
        lines = len(self.node.log.splitlines())
        self.node.send(signal.SIGHUP)
        self.node.wait_log(pattern, after=lines)

    def assert_nothing_fired_again(self):
        for topic in ("opened", "changed", "hot"):
            self.assertEqual(len(self.plant.texts(f"elsewhere/{topic}")), 1, topic)
        self.assertEqual(self.plant.texts("elsewhere/closed"), [])

    def test_a_restart_goes_on_where_it_was(self):
        self.begin()
        self.plant.post(f"{HEATER}/set", '{"value":"ON","for_s":600,"transaction":"t1"}')
        until = self.wait_state(0, value="ON", source="manual")["until"]
        self.plant.post(f"{AIR}/set", "24.5")
        self.wait_json(f"{AIR}/state", 0, setpoint=24.5)
        commands = len(self.plant.texts(COMMAND))
        count = self.restart()
        state = self.wait_state(count, value="ON", quality="good", source="manual")
        self.assertAlmostEqual(state["until"], until, delta=0.5)
        self.wait_json(f"{RULES}/opened/state", count, active=1, runs=1)
        self.wait_json(f"{AIR}/state", count, setpoint=24.5, mode="auto", value=23)
        self.plant.post(f"{RULES}/changed/set", "disable")
        self.wait_json(f"{RULES}/changed/state", count, enabled=False)
        count = self.restart()
        self.wait_json(f"{RULES}/changed/state", count, enabled=False)
        self.assertEqual(len(self.plant.texts(COMMAND)), commands)
        self.assert_nothing_fired_again()
        self.assertRegex(self.node.log, "restored: [0-9]+ things go on as they were, 0 changed")

    def test_what_was_configured_otherwise_meanwhile_begins_anew(self):
        self.begin()
        self.node.stop()
        self.configure(lambda text: text.replace("delay: 2h", "delay: 3h").replace("for 1s", "for 2s"))
        count = self.start_again()
        self.wait_json(f"{RULES}/opened/state", count, active=0, runs=0)
        self.node.wait_log("restored: [0-9]+ things go on as they were, 2 changed, 0 removed, 0 new")

    def test_a_reload_changes_what_was_changed_and_nothing_else(self):
        self.begin()
        self.plant.post(f"{HEATER}/set", '{"value":"ON","for_s":600,"transaction":"t1"}')
        until = self.wait_state(0, value="ON", source="manual")["until"]
        commands = len(self.plant.texts(COMMAND))
        self.reload("reloaded: [0-9]+ things go on as they were, 0 changed, 0 removed, 0 new")
        count = self.plant.count()
        self.configure(
            lambda text: text.replace("  changed:", "  renamed:").replace("for 1s", "for 2s")
            + "  far: { when: pressure > 5, do: [{ publish: elsewhere/far }] }\n"
        )
        self.add_input("pressure: { gateway: gw2, signal: can0/Hydraulics/Pressure }")
        self.reload("reloaded: [0-9]+ things go on as they were, 1 changed, 1 removed, 3 new")
        for line in ("rule 'changed' is gone", "event 'changed' is gone"):
            if line in self.node.log:
                break
        else:
            self.fail("it does not say what is gone")
        self.assertIn("event 'hot' is configured otherwise", self.node.log)
        self.plant.wait_after(
            count, lambda m: m.topic == f"{RULES}/changed/state" and m.payload == b""
        )
        self.wait_json(f"{RULES}/opened/state", count, active=1, runs=1)
        state = self.wait_state(count, value="ON", source="manual")
        self.assertAlmostEqual(state["until"], until, delta=0.5)
        self.assertNotIn("device 'heater'", self.node.log)
        hydraulics = f"{SITE}/gw2/can/can0/Hydraulics"
        self.plant.show(hydraulics, Pressure=1)
        self.plant.show(hydraulics, Pressure=9)
        self.plant.wait_topic("elsewhere/far")
        self.plant.post(f"{HEATER}/set", '{"value":null}')
        self.wait_state(count, value="OFF", source="controller:air")
        self.assertEqual(len(self.plant.texts(COMMAND)), commands + 1)
        self.assertEqual(self.plant.texts(f"{SITE}/auto1/status"), ["online"])
        self.assert_nothing_fired_again()
        self.node.stop()

    def add_input(self, line):
        text = self.path.read_text(encoding="utf-8")
        self.path.write_text(text.replace("devices:\n", f"  {line}\ndevices:\n"), encoding="utf-8")

    def test_a_reload_that_is_not_possible_changes_nothing(self):
        self.begin()
        for change, told in (
            (lambda text: text.replace("door is Open", "dor is Open"), "goes on with the old one"),
            (lambda text: text.replace("node: auto1", "node: auto2"), ": node cannot change while the node runs: restart it"),
            (lambda text: text.replace("file: automation", "file: other"), "store.file cannot change"),
            (lambda text: text.replace("retry_min", "prefix: other, retry_min"), "broker.prefix cannot change"),
            (lambda text: text + "standby: { group: pair, rank: 1 }\n", "standby cannot change"),
            (lambda text: text.replace("devices:\n", NO_CHIP), "not reloaded"),
        ):
            self.configure(change)
            self.reload(told)
        count = self.plant.count()
        self.plant.show(CLIMATE, Temperature=20, Door="Open")
        self.wait_state(count, target="ON", source="controller:air")
        self.node.stop()

    def test_it_may_be_killed_at_any_instant(self):
        chance = random.Random(int(os.environ.get("EDGE_TEST_SEED", seed)))
        self.begin()
        self.wait_json(f"{RULES}/opened/state", 0, active=1, runs=1)
        time_of_wish, survivor, lost = {}, 0, 0
        self.wait_saved()
        for turn in range(1, kills + 1):
            count = self.plant.count()
            value = chance.choice(("ON", "OFF"))
            time_of_wish[turn] = (time.time(), value)
            wish = {"value": value, "for_s": 3600 + 100 * turn, "transaction": f"wish-{turn}"}
            self.plant.post(f"{HEATER}/set", json.dumps(wish))
            self.plant.wait_after(count, lambda m: m.topic == f"{HEATER}/set")
            self.let_pass(chance.choice((0, chance.uniform(0, 0.02), chance.uniform(0, 0.3))))
            self.node.kill()
            count = self.start_again()
            self.plant.show(CLIMATE, Temperature=23, Door="Open")
            state = self.plant.wait_after(count, self.is_settled).json
            survivor = self.find_wish(state, time_of_wish, survivor)
            lost += survivor != turn
            self.wait_json(f"{RULES}/opened/state", count, active=1, runs=1)
        self.assert_nothing_fired_again()
        self.assert_no_wish_comes_twice()
        print(f"{kills} kills, {lost} wishes forgotten, {len(self.plant.texts(COMMAND))} commands")

    def let_pass(self, seconds):
        """The instant of the kill is random; nothing is waited for."""
        time.sleep(seconds)

    def wait_saved(self):
        self.plant.wait_for(
            lambda m: m.topic == f"{SITE}/auto1/metrics" and m.json["store"]["records"] > 0
        )
        count = self.plant.count()
        self.plant.wait_after(count, lambda m: m.topic == f"{SITE}/auto1/metrics")

    def is_settled(self, message):
        if message.topic != f"{HEATER}/state" or not message.payload:
            return False
        state = message.json
        return state["quality"] == "good" and state["value"] == state["target"]

    def find_wish(self, state, wishes, last):
        """Which wish is in force; its time goes on. An earlier one than that before never comes back."""
        if state["source"] != "manual":
            self.assertEqual((last, state["target"]), (0, "OFF"))
            return 0
        for turn, (wished, value) in wishes.items():
            if abs(state["until"] - wished - 3600 - 100 * turn) < 5:
                self.assertEqual(state["target"], value)
                self.assertGreaterEqual(turn, last)
                return turn
        self.fail(f"nobody wished that: {state}")

    def assert_no_wish_comes_twice(self):
        """A command is repeated until it is confirmed, but never after one for a later wish."""
        newest = 0
        for text in self.plant.texts(COMMAND):
            command = json.loads(text)
            self.assertIn(command["signals"]["Heater"], SHOWN.values())
            match = re.fullmatch("wish-([0-9]+)", command["transaction"])
            if match:
                self.assertGreaterEqual(int(match[1]), newest)
                newest = int(match[1])


seed = int(time.time())
kills = KILLS
if __name__ == "__main__":
    if "--count" in sys.argv:
        at = sys.argv.index("--count")
        kills = int(sys.argv[at + 1])
        del sys.argv[at : at + 2]
    print(f"seed {os.environ.get('EDGE_TEST_SEED', seed)}")
    support.main()
