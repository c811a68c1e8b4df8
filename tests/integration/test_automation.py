"""The automation node on readings that this test publishes as a gateway would: it decides, commands, confirms, and says why."""

import json
import subprocess
import time

import support

SITE = "edge/test"
CLIMATE = f"{SITE}/gw1/can/can0/Climate"
ACTUATORS = f"{SITE}/gw1/can/can0/Actuators"
COMMAND = f"{SITE}/gw1/can/can0/HeaterCommand/set"
STATE = f"{SITE}/devices/heater/state"
WISH = f"{SITE}/devices/heater/set"

CONFIG = """
site: test
node: auto1
broker: {{ address: 127.0.0.1, port: {port}, retry_min: 20ms, retry_max: 100ms }}
metrics_interval: 200ms
inputs:
  temperature: {{ gateway: gw1, signal: can0/Climate/Temperature, unit: °C, stale_after: 2s }}
devices:
  heater:
    gateway: gw1
    command: can0/HeaterCommand/Heater
    feedback: can0/Actuators/Heater
    values: {{ "ON": "On", "OFF": "Off" }}
    fail_safe: "OFF"
    confirm_within: 300ms
    retries: 1
thermostats:
  air: {{ input: temperature, device: heater, setpoint: 21 °C, hysteresis: 0.5 °C }}
"""


RULES = """
conditions:
  damp: humidity > 80 %
rules:
  dry:
    while: damp and heater is OFF or temperature < 10 °C
    device: heater
    value: "ON"
"""
HUMIDITY = "  humidity: { gateway: gw1, signal: can0/Climate/Humidity, unit: \"%\", stale_after: 2s }\ndevices:\n"

FAULTY = """site: test
node: auto1
broker: { address: 127.0.0.1 }
inputs:
  temperature: { gateway: gw1, signal: can0/Climate/Temperature, unit: °C }
devices:
  heater: { gateway: gw1, command: can0/HeaterCommand/Heater, values: { "ON": "On", "OFF": "Off" } }
rules:
  quoted: { while: 'temperature > 25 °C and temprature < 80', device: heater, value: "ON" }
  folded:
    while: >
      temperature > 25 °C and
      temperature < 80 %
    device: heater
    value: "ON"
"""
FAULTS = """automation.yaml:9:45: error: nothing is called 'temprature' - did you mean 'temperature'?
    quoted: { while: 'temperature > 25 °C and temprature < 80', device: heater, value: "ON" }
                                              ^
automation.yaml:13:21: error: this is in %, but what it meets is in °C
        temperature < 80 %
                      ^
"""


IMPOSSIBLE = """site: test
node: auto1
broker: { address: 127.0.0.1 }
inputs:
  button: { gateway: gw1, signal: can0/Panel/Button }
  not: { gateway: gw1, signal: can0/Panel/Not }
conditions:
  button: button is On
devices:
  heater: { gateway: gw1, command: can0/A/A, values: { "ON": "1", "OFF": "0" }, fail_safe: "ON", max_on: 1s, min_on: 5s }
  fan: { gateway: gw1, command: can0/A/B, values: { "ON": "1", "OFF": "0" } }
interlocks:
  pair: { devices: [heater, fan] }
  alone: { devices: [fan] }
rules:
  instant: { while: button changed, device: fan, value: "ON" }
  nothing: { device: fan, value: "ON" }
  both: { while: button is On, device: fan, value: "ON", do: [{ delay: 1s }], when: button is On }
  late: { at: 25:00, do: [{ set: fan, value: UP }, { wait: button is On, payload: x }] }
"""
IMPOSSIBILITIES = (
    "6:3: error: the name 'not' cannot be used in conditions",
    "8:3: error: there is an input 'button' already",
    "10:106: error: device 'heater': max_on is shorter than min_on",
    "13:21: error: the fail_safe of device 'heater' must be off",
    "14:22: error: device 'fan' is in an interlock already",
    "14:3: error: interlock 'alone' needs two devices or more",
    "16:21: error: what 'changed' says holds for an instant only",
    "17:3: error: rule 'nothing' needs 'while', or 'input' with one of above and below",
    "18:3: error: rule 'both' has 'do', so 'when' says when",
    "19:15: error: '25:00' is not a time of day",
    "19:46: error: device 'fan' does not take 'UP' (unknown_value)",
    "19:52: error: a key of this action belongs to another one",
)


class CheckTest(support.TestCase):
    def check(self, configuration):
        (self.directory / "automation.yaml").write_text(configuration, encoding="utf-8")
        result = subprocess.run(
            [support.BIN_DIR / "automation-node", "check", "-c", "automation.yaml"],
            cwd=self.directory, capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual(result.returncode, 1)
        return result.stderr

    def test_faults_in_conditions_are_told_with_their_place(self):
        self.assertEqual(self.check(FAULTY), FAULTS)

    def test_what_cannot_be_meant_is_told(self):
        errors = self.check(IMPOSSIBLE)
        for told in IMPOSSIBILITIES:
            self.assertIn(f"automation.yaml:{told}", errors)


FAILING = """config automation.yaml
temperature 20
expect heater ON
expect heater OFF because controller:air
+1h
expect heater FULL
"""
FAILURES = """rules.test:3: error: expected heater ON, but it is OFF (controller:air: temperature 20 °C is below 21 °C (setpoint 21 °C))
rules.test:6: error: the device does not take 'FULL'
"""


class RuleTestTest(support.TestCase):
    def run_tests(self, *arguments):
        return subprocess.run(
            [support.BIN_DIR / "automation-node", "test", *arguments],
            cwd=self.directory, capture_output=True, text=True,
        )  # fmt: skip

    def test_the_examples_hold(self):
        examples = [support.SOURCE_DIR / "examples" / name for name in ("automation.test", "home.test", "climate.test")]
        result = self.run_tests(*examples)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, "^ok: 3 files, [0-9]+ expectations\n$")

    def test_what_does_not_hold_is_told_with_its_line(self):
        configuration = CONFIG.format(port=1).replace("hysteresis: 0.5", "hysteresis: 1.5")
        (self.directory / "automation.yaml").write_text(configuration, encoding="utf-8")
        (self.directory / "rules.test").write_text(FAILING, encoding="utf-8")
        result = self.run_tests("rules.test")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(result.stderr, FAILURES)

    def test_what_is_not_understood_is_told(self):
        (self.directory / "automation.yaml").write_text(CONFIG.format(port=1), encoding="utf-8")
        for line, told in (
            ("config nowhere.yaml", "cannot be read"),
            ("temperature 20", "the first line is: config FILE"),
            ("config automation.yaml\n06:00", "a time of day needs 'start DATE TIME' before: '06:00'"),
            ("config automation.yaml\nstart 2026-02-30 06:00", "write: start 2026-11-26 06:00"),
            ("config automation.yaml\nstart 9223372036854775807-01-01 06:00", "write: start 2026-11-26 06:00"),
            ("config automation.yaml\n+5", "not a duration: '+5'"),
            ("config automation.yaml\ntemprature 20", "neither an input, nor expect"),
            ("config automation.yaml\ntemperature 20 %", "this is not in a unit of the input"),
            ("config automation.yaml\nwish heater UP", "the wish is refused: 'unknown_value'"),
            ("config automation.yaml\nexpect rule x runs 1", "no rule 'x'"),
        ):
            with self.subTest(line):
                (self.directory / "a.test").write_text(line + "\n", encoding="utf-8")
                result = self.run_tests("a.test")
                self.assertEqual(result.returncode, 1)
                self.assertIn(told, result.stderr)

    def test_usage(self):
        self.assertEqual(self.run_tests().returncode, 2)
        self.assertIn("usage: automation-node test", self.run_tests("--help").stdout)


class NodeTest(support.TestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe(f"{SITE}/#")
        path = self.directory / "automation.yaml"
        path.write_text(self.configuration(CONFIG.format(port=self.broker.port)), encoding="utf-8")
        self.node = self.start_process(
            [support.BIN_DIR / "automation-node", "run", "-c", path], name="automation-node"
        )
        self.client.wait_topic(f"{SITE}/auto1/status", "online")

    def configuration(self, text):
        return text

    def read(self, topic, **signals):
        self.client.post(topic, json.dumps({"ts": time.time(), "seq": 1, "signals": signals}))

    def wait_command(self, value, after=0):
        def matches(m):
            return m.topic == COMMAND and m.json["signals"] == {"Heater": value}

        return self.client.wait_for(lambda m: matches(m) and self.client.messages.index(m) >= after)

    def wait_state(self, **expected):
        return self.client.wait_newest(
            STATE, lambda m: all(m.json.get(k) == v for k, v in expected.items())
        )


class AutomationTest(NodeTest):
    def test_the_loop_closes_and_says_why(self):
        self.read(CLIMATE, Temperature=18.5)
        command = self.wait_command("On")
        self.assertGreater(command.json["ttl_ms"], 0)
        age_ms = time.clock_gettime(time.CLOCK_BOOTTIME) * 1000 - command.json["sent"]["ms"]
        self.assertTrue(0 <= age_ms < 60_000, age_ms)
        self.read(ACTUATORS, Heater="On")
        state = self.wait_state(value="ON", target="ON", quality="good").json
        self.assertEqual(state["source"], "controller:air")
        self.assertIn("below 20.5", state["reason"])
        count = len(self.client.messages)
        self.read(CLIMATE, Temperature=21.6)
        self.wait_command("Off", after=count)
        self.read(ACTUATORS, Heater="Off")
        self.wait_state(value="OFF", target="OFF", quality="good")

    def test_a_dead_sensor_switches_off(self):
        self.read(CLIMATE, Temperature=18.5)
        self.wait_command("On")
        self.read(ACTUATORS, Heater="On")
        self.wait_state(value="ON")
        state = self.wait_state(target="OFF", source="fail_safe").json
        self.assertIn("stale", state["reason"])

    def test_a_gateway_that_goes_offline_is_a_dead_sensor_at_once(self):
        self.read(CLIMATE, Temperature=18.5)
        self.wait_state(target="ON")
        self.client.post(f"{SITE}/gw1/status", "offline")
        self.wait_state(target="OFF", source="fail_safe")

    def test_a_reading_that_was_long_on_its_way_is_no_news(self):
        """It was live when it was sent: then the link was away, or this node stood still."""
        taken_s = time.time()

        def read(seq, after_s, temperature):
            reading = {"ts": taken_s + after_s, "seq": seq, "signals": {"Temperature": temperature}}
            self.client.post(CLIMATE, json.dumps(reading))

        read(1, 0, 23)
        self.wait_state(target="OFF", source="controller:air")
        self.wait_state(target="OFF", source="fail_safe")  # two seconds later
        count = len(self.client.messages)
        read(2, 0, 18.5)
        read(3, time.time() - taken_s, 22)
        self.wait_state(target="OFF", source="controller:air")
        told = [m.text for m in self.client.messages[count:] if m.topic == COMMAND and "On" in m.text]
        self.assertEqual(told, [])

    def test_a_person_overrides_for_a_time_and_gives_back(self):
        self.read(CLIMATE, Temperature=23)
        self.wait_state(target="OFF", source="controller:air")
        self.client.post(WISH, '{"value":"ON","for_s":600,"transaction":"t1"}')
        command = self.wait_command("On")
        self.assertEqual(command.json["transaction"], "t1")
        state = self.wait_state(target="ON", source="manual").json
        self.assertAlmostEqual(state["until"], time.time() + 600, delta=10)
        self.client.post(WISH, '{"value":null}')
        self.wait_state(target="OFF", source="controller:air")

    def test_a_device_that_does_not_obey_is_told_again_and_then_reported(self):
        self.read(ACTUATORS, Heater="Off")
        self.read(CLIMATE, Temperature=18.5)
        self.client.wait_for(
            lambda _: sum(1 for m in self.client.messages if m.topic == COMMAND and "On" in m.text) >= 2
        )
        self.wait_state(value="OFF", target="ON", quality="not_available")
        alarm = f"{SITE}/auto1/alarms/device-heater"
        raised = self.client.wait_for(lambda m: m.topic == alarm and m.json["state"] == "active_unack")
        self.assertEqual(raised.json["text"], "does not obey: shall be ON, shows OFF")
        self.read(ACTUATORS, Heater="On")
        self.client.wait_for(
            lambda m: m.topic == f"{SITE}/auto1/alarms/event"
            and (m.json["alarm"], m.json["event"]) == ("device-heater", "clear")
        )

    def test_impossible_wishes_are_refused_and_counted(self):
        self.client.post(WISH, "PURPLE")
        self.client.post(WISH, '{"value":"ON","forever":true}')
        self.client.publish(WISH, "ON", retain=True)
        self.start_process_again()

        def counted(m):
            if m.topic != f"{SITE}/auto1/metrics":
                return False
            wishes = m.json["wishes"]
            return wishes["refused"]["retained"] == 1 and wishes["received"] == wishes["accepted"] + sum(
                wishes["refused"].values()
            )

        self.client.wait_last(counted)
        self.client.publish(WISH, "", retain=True)

    def start_process_again(self):
        self.node.stop()
        count = len(self.client.messages)
        self.node.start()
        self.client.wait_for(
            lambda m: m.topic == f"{SITE}/auto1/status"
            and m.text == "online"
            and self.client.messages.index(m) >= count
        )

    def test_metrics_add_up_and_a_stop_is_clean(self):
        self.read(CLIMATE, Temperature=18.5)
        self.wait_command("On")

        def adds_up(m):
            if m.topic != f"{SITE}/auto1/metrics":
                return False
            c = m.json["commands"]
            ends = c["confirmed"] + c["assumed"] + c["timed_out"] + c["superseded"] + c["pending"]
            return c["sent"] > 0 and c["sent"] == ends

        self.client.wait_last(adds_up)
        self.node.stop()
        self.client.wait_topic(f"{SITE}/auto1/status", "offline")


class ConditionTest(NodeTest):
    def configuration(self, text):
        text = text[: text.index("thermostats:")].replace("devices:\n", HUMIDITY)
        return text + RULES

    def test_a_rule_holds_while_its_condition_does(self):
        self.read(ACTUATORS, Heater="Off")
        self.read(CLIMATE, Temperature=18.5, Humidity=75)
        self.wait_state(target="OFF", source="rest")
        self.read(CLIMATE, Temperature=18.5, Humidity=85)
        self.wait_command("On")
        state = self.wait_state(target="ON", source="rule:dry").json
        self.assertEqual(
            state["reason"],
            "damp and heater is OFF or temperature < 10 °C"
            " (humidity is 85 %, heater.feedback is Off, temperature is 18.5 °C)",
        )


ACTIONS = """
time: {{ zone: UTC0, wait_for_sync: 0s }}
schedules:
  always:
    device: heater
    blocks: [{{ to: "12:00", value: "ON" }}, {{ from: "12:00", value: "ON" }}]
    exceptions: [{{ date: 02-29, nothing: yes }}]
    enabled: no
rules:
  boost:
    when: temperature > 25 °C
    if: heater is OFF
    do:
      - {{ set: heater, value: "ON", for: 1min }}
      - {{ wait: heater is ON, timeout: 10s }}
      - {{ publish: elsewhere/log, payload: boosted }}
      - {{ release: heater }}
  hourly: {{ cron: "0 * * * *", enabled: no, do: [{{ publish: elsewhere/log, payload: hour }}] }}
""".format()
BOOST = f"{SITE}/auto1/rules/boost"
ALWAYS = f"{SITE}/auto1/schedules/always"
HOURLY = f"{SITE}/auto1/rules/hourly"


class ActionTest(NodeTest):
    def configuration(self, text):
        return text[: text.index("thermostats:")] + ACTIONS

    def wait_rule(self, topic, **expected):
        return self.client.wait_for(
            lambda m: m.topic == topic and all(m.json.get(k) == v for k, v in expected.items())
        )

    def test_a_rule_runs_step_by_step_and_tells_each(self):
        self.client.subscribe("elsewhere/#")
        self.read(ACTUATORS, Heater="Off")
        self.read(CLIMATE, Temperature=20)
        self.read(CLIMATE, Temperature=26)
        self.wait_command("On")
        self.wait_rule(f"{BOOST}/state", active=1, runs=1)
        self.read(ACTUATORS, Heater="On")
        self.client.wait_topic("elsewhere/log", "boosted")
        trace = self.wait_rule(f"{BOOST}/trace", result="done").json
        self.assertEqual(trace["reason"], "temperature > 25 °C (temperature is 26 °C)")
        self.assertEqual(
            [(step["step"], step["outcome"]) for step in trace["steps"]],
            [
                ("set heater ON", "done"),
                ("wait heater is ON", "waits"),
                ("wait heater is ON", "done"),
                ("publish elsewhere/log", "done"),
                ("release heater", "done"),
            ],
        )
        state = self.wait_rule(f"{BOOST}/state", active=0, runs=1).json
        self.assertTrue(state["enabled"])

    def test_a_schedule_is_enabled_and_tells_what_it_says(self):
        self.read(CLIMATE, Temperature=20)
        self.wait_rule(f"{ALWAYS}/state", enabled=False, value=None)
        self.client.post(f"{ALWAYS}/set", "enable")
        state = self.wait_rule(f"{ALWAYS}/state", enabled=True, value="ON").json
        self.assertRegex(state["reason"], "^mon-sun (00:00 to 12:00|12:00 to 24:00)$")
        self.wait_state(target="ON", source="schedule:always")
        self.client.post(f"{ALWAYS}/set", "disable")
        self.client.wait_for(
            lambda m: m.topic == f"{SITE}/devices/heater/state"
            and m.json.get("source") == "rest"
            and m.json["target"] == "ON"
        )

    def test_a_rule_is_enabled_disabled_and_run_by_a_person(self):
        self.client.subscribe("elsewhere/#")
        self.wait_rule(f"{HOURLY}/state", enabled=False)
        self.client.post(f"{HOURLY}/set", "run")  # refused: it is disabled
        self.client.post(f"{HOURLY}/set", "enable")
        self.wait_rule(f"{HOURLY}/state", enabled=True)
        self.client.post(f"{HOURLY}/set", '{"action":"run"}')
        self.client.wait_topic("elsewhere/log", "hour")
        self.wait_rule(f"{HOURLY}/state", runs=1, reason="asked for")
        self.client.post(f"{HOURLY}/set", "perhaps")
        self.client.post(f"{SITE}/auto1/rules/nobody/set", "run")

        def counted(m):
            rules = m.json["rules"] if m.topic == f"{SITE}/auto1/metrics" else {}
            return rules.get("set_received") == 5 and (
                rules["set_accepted"],
                rules["set_impossible"],
                rules["set_malformed"],
                rules["set_unknown"],
            ) == (2, 1, 1, 1)

        self.client.wait_for(counted)


CONTROLLERS = """
    presets: {{ night: 62.6 °F }}
controllers:
  airing: {{ input: temperature, device: vent, setpoint: 25 °C, kp: 10, cools: yes }}
""".format()
VENT = """  vent:
    gateway: gw1
    command: can0/VentCommand/Position
    range: { min: 0, max: 100 }
    fail_safe: 0
thermostats:
"""
AIR = f"{SITE}/auto1/controllers/air"
AIRING = f"{SITE}/auto1/controllers/airing"


class ControllerTest(NodeTest):
    def configuration(self, text):
        text = text.replace("thermostats:\n", VENT)
        line = "  air: { input: temperature, device: heater, setpoint: 21 °C, hysteresis: 0.5 °C }\n"
        block = "  air:\n    input: temperature\n    device: heater\n    setpoint: 21 °C"
        return text.replace(line, block) + CONTROLLERS

    def wait_controller(self, topic, **expected):
        return self.client.wait_for(
            lambda m: m.topic == topic and all(m.json.get(k) == v for k, v in expected.items())
        ).json

    def test_set_points_presets_and_modes(self):
        self.read(CLIMATE, Temperature=19)
        self.wait_controller(f"{AIR}/state", mode="auto", setpoint=21, value=19, output="ON")
        self.client.post(f"{AIR}/set", '{"preset":"night"}')
        self.wait_controller(f"{AIR}/state", setpoint=17, output="OFF")
        self.client.post(f"{AIR}/set", "22.5")
        self.wait_controller(f"{AIR}/state", setpoint=22.5, output="ON")
        self.client.post(f"{AIR}/set", '{"mode":"off"}')
        self.wait_controller(f"{AIR}/state", mode="off", output=None)
        for refused in ('{"mode":"manual"}', '{"preset":"noon"}', "warm"):
            self.client.post(f"{AIR}/set", refused)

        def counted(m):
            c = m.json["controllers"] if m.topic == f"{SITE}/auto1/metrics" else {}
            kinds = ("set_accepted", "set_impossible", "set_unknown", "set_malformed")
            return [c.get(kind) for kind in kinds] == [3, 1, 1, 1]

        self.client.wait_for(counted)

    def test_a_pid_controller_tells_its_terms_and_takes_an_output(self):
        self.read(CLIMATE, Temperature=27)
        state = self.wait_controller(f"{AIRING}/state", output=20)
        self.assertEqual(state["terms"], {"p": 20, "i": 0, "d": 0})
        self.client.post(f"{AIRING}/set", '{"mode":"manual","output":55}')
        self.wait_controller(f"{AIRING}/state", mode="manual", output=55)
        self.client.wait_for(
            lambda m: m.topic == f"{SITE}/devices/vent/state" and m.json["target"] == 55
        )


INTERLOCK = """  pump:
    gateway: gw1
    command: can0/PumpCommand/Pump
    feedback: can0/Actuators/Pump
    values: { "ON": Running, "OFF": Stopped }
interlocks:
  power: { devices: [heater, pump], dead_time: 200ms }
"""
PUMP = f"{SITE}/devices/pump"


class InterlockTest(NodeTest):
    def configuration(self, text):
        return text[: text.index("thermostats:")] + INTERLOCK

    def is_told(self, value):
        return any(
            m.topic == f"{SITE}/gw1/can/can0/PumpCommand/set"
            and m.json["signals"] == {"Pump": value}
            for m in self.client.messages
        )

    def read_until_pump_is_told(self, value, **signals):
        """As a gateway does: it repeats what it reads."""
        deadline = time.monotonic() + support.TIMEOUT_S
        while not self.is_told(value):
            self.assertLess(time.monotonic(), deadline, f"the pump is not told {value}")
            self.read(ACTUATORS, **signals)
            self.client.wait_count(len(self.client.messages) + 1)

    def test_another_device_starts_when_the_first_was_seen_off(self):
        self.read(ACTUATORS, Heater="Off", Pump="Stopped")
        self.client.post(WISH, "ON")
        self.wait_command("On")
        self.read(ACTUATORS, Heater="On", Pump="Stopped")
        self.client.post(f"{PUMP}/set", "ON")
        self.client.wait_for(
            lambda m: m.topic == f"{PUMP}/state" and m.json.get("source") == "interlock:power"
        )
        count = len(self.client.messages)
        self.client.post(WISH, '{"value":"OFF"}')
        self.wait_command("Off", after=count)
        self.read_until_pump_is_told("Running", Heater="Off", Pump="Stopped")


CLIMATES = """devices:
  radiator: { driver: simulated, fail_safe: "OFF" }
  aircon: { driver: simulated, fail_safe: "OFF" }
  valve: { driver: simulated, range: { min: 0, max: 100 }, fail_safe: 0 }
climates:
  room:
    input: temperature
    heat: { device: radiator }
    cool: { device: aircon }
    setpoint: 22 °C
    deadband: 4 K
    change_over: 100ms
    presets: { night: { low: 16 °C, high: 28 °C } }
controllers:
  floor:
    { input: temperature, device: valve, setpoint: 21 °C, kp: 10, autotune: { max_deviation: 3 °C } }
"""
ROOM = f"{SITE}/auto1/controllers/room"
FLOOR = f"{SITE}/auto1/controllers/floor"


class ClimateTest(NodeTest):
    def configuration(self, text):
        return text[: text.index("devices:")].replace("stale_after: 2s", "stale_after: 10min") + CLIMATES

    def wait_told(self, topic, **expected):
        return self.client.wait_newest(
            f"{topic}/state", lambda m: all(m.json.get(k) == v for k, v in expected.items())
        ).json

    def wait_device(self, device, **expected):
        return self.wait_told(f"{SITE}/devices/{device}", **expected)

    def wait_counted(self, accepted, impossible):
        def counted(m):
            c = m.json["controllers"] if m.topic == f"{SITE}/auto1/metrics" else {}
            return (c.get("set_accepted"), c.get("set_impossible")) == (accepted, impossible)

        self.client.wait_for(counted)

    def test_one_controller_heats_and_cools(self):
        self.read(CLIMATE, Temperature=19)
        self.wait_told(ROOM, mode="heat_cool", setpoint=22, setpoint_low=20, setpoint_high=24,
                       value=19, output="ON", action="heating")  # fmt: skip
        self.wait_device("radiator", value="ON", source="controller:room")
        self.client.post(f"{ROOM}/set", '{"setpoint_low":14,"setpoint_high":17}')
        self.wait_told(ROOM, action="cooling", setpoint=15.5)
        self.wait_device("radiator", value="OFF")
        self.wait_device("aircon", value="ON", source="controller:room")
        self.client.post(f"{ROOM}/set", '{"preset":"night"}')
        self.wait_told(ROOM, action="idle", setpoint_low=16, setpoint_high=28)
        self.client.post(f"{ROOM}/set", "30")
        self.wait_told(ROOM, action="heating", setpoint_low=24, setpoint_high=36)
        self.client.post(f"{ROOM}/set", '{"mode":"cool"}')
        self.wait_told(ROOM, mode="cool", action="idle", output="OFF")
        for refused in ('{"mode":"manual"}', '{"setpoint_low":40,"setpoint_high":30}',
                        '{"autotune":true}'):
            self.client.post(f"{ROOM}/set", refused)
        self.wait_counted(4, 3)
        self.client.post(f"{ROOM}/set", '{"mode":"off"}')
        self.wait_told(ROOM, mode="off", action="off", output=None)

    def test_auto_tuning_begins_and_ends_when_asked(self):
        self.read(CLIMATE, Temperature=25)
        self.wait_told(FLOOR, value=25)
        self.client.post(f"{FLOOR}/set", '{"autotune":true}')
        self.wait_counted(0, 1)  # too far from the set point
        self.read(CLIMATE, Temperature=20.5)
        self.wait_told(FLOOR, value=20.5, output=45)
        self.client.post(f"{FLOOR}/set", '{"autotune":true}')
        state = self.wait_told(FLOOR, output=100)
        self.assertEqual(state["autotune"], {"state": "running", "cycles": 0, "rule": "tyreus_luyben_pi"})
        self.assertIn("autotune, cycle 1: 50 + 50", state["reason"])
        self.wait_device("valve", value=100)
        self.read(CLIMATE, Temperature=21.5)
        self.wait_told(FLOOR, output=0)
        self.client.post(f"{FLOOR}/set", '{"autotune":false}')
        self.client.wait_newest(
            f"{FLOOR}/state", lambda m: m.json["autotune"]["state"] == "cancelled"
        )
        self.client.post(f"{FLOOR}/set", '{"autotune":"apply"}')
        self.wait_counted(2, 2)  # nothing was found


if __name__ == "__main__":
    support.main()
