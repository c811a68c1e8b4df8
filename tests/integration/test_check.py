"""automation-node check: signals against the DBC, conditions, rules and devices among themselves."""

import json
import subprocess

import support

DBC = support.SOURCE_DIR / "examples/greenhouse.dbc"

GOOD = """site: demo
node: auto1
broker: { address: 127.0.0.1 }
inputs:
  temperature: { gateway: gw1, signal: can0/Climate/Temperature, unit: °C }
devices:
  vent: { gateway: gw1, command: can0/VentCommand/Position, feedback: can0/Actuators/VentPosition, range: { min: 0, max: 100 }, fail_safe: 0 }
  pump: { gateway: gw1, command: can0/PumpCommand/Pump, feedback: can0/Actuators/Pump, values: { "ON": Running, "OFF": Stopped }, fail_safe: "OFF" }
rules:
  air: { while: temperature > 25 °C, device: vent, value: 100 }
"""


class Check(support.TestCase):
    def check(self, text, *arguments, status=None):
        (self.directory / "automation.yaml").write_text(text, encoding="utf-8")
        result = subprocess.run(
            [support.BIN_DIR / "automation-node", "check", "-c", "automation.yaml", *arguments],
            cwd=self.directory, capture_output=True, text=True,
        )  # fmt: skip
        if status is not None:
            self.assertEqual(result.returncode, status, result.stderr)
        return result

    def told(self, old, new, *arguments):
        """What is told of GOOD with one thing changed."""
        self.assertIn(old, GOOD)
        return self.check(GOOD.replace(old, new), *arguments).stderr

    def assert_told(self, message, old, new, *arguments):
        self.assertIn(message, self.told(old, new, *arguments or ("--dbc", DBC)))

    def test_what_is_right_is_not_complained_of(self):
        for arguments in ((), ("--dbc", DBC)):
            result = self.check(GOOD, *arguments, status=0)
            self.assertEqual(result.stderr, "")
            self.assertIn("1 rules, 0 warnings", result.stdout)

    def test_topics_that_clusters_do_not_take_are_told_where_the_broker_may_be_one(self):
        lamp = "inputs:\n  lamp: { topic: kitchen/lamp.1, stale_after: 1h }\n"
        warning = "warning: 'kitchen/lamp.1' has a '.' or a space"
        self.assertNotIn(warning, self.told("inputs:\n", lamp))
        text = GOOD.replace("inputs:\n", lamp).replace("address: 127.0.0.1", 'address: 127.0.0.1, version: "3.1.1"')
        self.assertIn(warning, self.check(text, status=0).stderr)

    def test_signals_that_nobody_publishes(self):
        self.assert_told(
            "automation.yaml:5:40: error: nobody publishes this: message 'Climate' has no signal 'Temprature' - "
            "did you mean 'Temperature'?",
            "can0/Climate/Temperature", "can0/Climate/Temprature",
        )  # fmt: skip
        self.assert_told(
            "error: nobody publishes this: bus 'can0' has no message 'Climat' - did you mean 'Climate'?",
            "can0/Climate/Temperature", "can0/Climat/Temperature",
        )  # fmt: skip
        self.assert_told("has no signal 'Positon'", "VentCommand/Position", "VentCommand/Positon")
        self.assert_told("has no signal 'VentPos'", "Actuators/VentPosition", "Actuators/VentPos")

    def test_units_labels_and_ranges_are_the_dbcs(self):
        self.assert_told("error: the signal is in °C, not in °F: a reading comes as it is", "unit: °C", "unit: °F")
        self.assert_told("error: the signal has no label 'Runing' - did you mean 'Running'?",
                         '"ON": Running', '"ON": Runing')  # fmt: skip
        self.assert_told("error: device 'vent' takes more than its signal, which goes from 0 to 100",
                         "max: 100", "max: 120")  # fmt: skip
        self.assert_told("warning: input 'temperature' is stale after 0.01 s, but the message comes every",
                         "unit: °C", "unit: °C, stale_after: 10ms")  # fmt: skip

    def test_conditions_that_never_or_always_hold(self):
        self.assert_told("11:17: warning: this can never hold, whatever its inputs show: temperature > 600 °C",
                         "  air: { while: temperature > 25 °C", "  x: { when: temperature > 30 °C, do: [{ set: vent, value: 1 }] }\n  air: { while: temperature > 600 °C")  # fmt: skip
        self.assert_told("this always holds, whatever its inputs show", "temperature > 25 °C", "temperature > -300 °C")
        self.assertNotIn("never hold", self.told("> 25 °C", "> 600 °C", "--strict"))  # nothing is known without a DBC
        self.assert_told("this can never hold", "temperature > 25 °C", "temperature > 25 °C and temperature < 20 °C",
                         "--strict")  # fmt: skip
        self.assert_told("this can never hold", "while: temperature > 25 °C, device: vent, value: 100",
                         "when: temperature > 600 °C, do: [{ set: vent, value: 1 }]")  # fmt: skip

    def test_rules_that_fight(self):
        rule = "  air: { while: temperature > 25 °C, device: vent, value: 100"
        other = "\n  cold: { while: temperature %s °C, device: vent, value: 0 }"
        self.assert_told("warning: rules 'air' and 'cold' can want different things of 'vent' at once",
                         rule + " }", rule + " }" + other % "< 30")  # fmt: skip
        self.assertNotIn("at once", self.told(rule + " }", rule + " }" + other % "< 20"))
        self.assert_told("warning: rule 'cold' never has its way with 'vent': rule 'air' comes before it",
                         rule + " }", rule + ", otherwise: 0 }" + other % "< 20")  # fmt: skip
        self.assert_told("two controllers drive 'pump'", "rules:", "thermostats:\n  a: { input: temperature, device: pump, setpoint: 20 }\n  b: { input: temperature, device: pump, setpoint: 20 }\nrules:")  # fmt: skip

    def test_what_heats_and_cools(self):
        base = 'mode: heat_cool, input: temperature, heat: { device: pump }, cool: { device: fan }'
        fan = 'fan: { gateway: gw1, command: can0/PumpCommand/Pump, feedback: can0/Actuators/Pump, values: { "ON": Running, "OFF": Stopped }, fail_safe: "OFF" }'
        good = GOOD.replace("rules:", f"  {fan}\nclimates:\n  room: {{ {base}, setpoint_low: 68 °F, setpoint_high: 24 °C }}\nrules:")
        self.assertEqual(self.check(good, "--dbc", DBC, status=0).stderr, "")

        def assert_told(message, old, new):
            self.assertIn(old, good)
            self.assertIn(message, self.check(good.replace(old, new)).stderr)

        assert_told("11:109: error: 'room' needs setpoint_low and setpoint_high, or setpoint and deadband",
                    ", setpoint_high: 24 °C", "")  # fmt: skip
        assert_told("needs setpoint_low and setpoint_high, or setpoint and deadband", "68 °F", "68 °F, setpoint: 3")
        assert_told("error: it would cool above 18 and heat below 20", "24 °C", "18 °C")
        assert_told("warning: it heats up to 20.5 and cools down to 20.2", "24 °C", "20.7 °C")
        assert_told("error: it cannot heat and cool with one device", "device: fan", "device: pump")
        assert_told("error: the fail_safe of device 'fan' must be off", fan, fan.replace('fail_safe: "OFF"', 'fail_safe: "ON"'))
        assert_told("error: device 'pump' is in interlock 'two' without the other one", "rules:",
                    "interlocks:\n  two: { devices: [pump, vent] }\nrules:")  # fmt: skip
        assert_told("error: the devices are in interlock 'two', whose dead_time is shorter than this", "rules:",
                    "interlocks:\n  two: { devices: [pump, fan] }\nrules:")  # fmt: skip
        assert_told("there is an interlock 'room'", "climates:",
                    '  lamp: { driver: simulated, fail_safe: "OFF" }\ninterlocks:\n  room: { devices: [vent, lamp] }\nclimates:')  # fmt: skip
        assert_told("there is a thermostat 'room' already", "rules:",
                    "thermostats:\n  room: { input: temperature, device: pump, setpoint: 20 }\nrules:")  # fmt: skip
        assert_told("two controllers drive 'pump'", "rules:",
                    "thermostats:\n  a: { input: temperature, device: pump, setpoint: 20 }\nrules:")  # fmt: skip
        self.assertNotIn("error", self.check(good.replace("rules:", "interlocks:\n  two: { devices: [pump, fan], dead_time: 5min }\nrules:")).stderr)  # fmt: skip

    def test_pulses_and_auto_tuning(self):
        line = "loop: { input: temperature, device: pump, setpoint: 20, kp: 1, pwm: { period: 10min }, autotune: { max_deviation: 3 °C } }"
        good = GOOD.replace("rules:", f"controllers:\n  {line}\nrules:")
        self.assertEqual(self.check(good, "--dbc", DBC, status=0).stderr, "")

        def assert_told(message, old, new):
            self.assertIn(old, good)
            self.assertIn(message, self.check(good.replace(old, new)).stderr)

        assert_told("device 'pump' takes no numbers - give it a range, or this pwm", "pwm: { period: 10min }, ", "")
        assert_told("10:81: error: the shortest time on and the shortest time off, 400 s and 300 s with the device's, do not fit",
                    'feedback: can0/Actuators/Pump, values', 'min_on: 400s, min_off: 5min, feedback: can0/Actuators/Pump, values')  # fmt: skip
        assert_told("error: with pwm the limits are % of the time", "kp: 1", "kp: 1, limits: { min: 0, max: 200 }")
        assert_told("device 'pump' does not take 'Open'", "10min }", "10min, on: Open }")
        assert_told("missing key 'max_deviation' in 'autotune'", "max_deviation: 3 °C", "apply: yes")
        assert_told("error: the hysteresis must be more than 0", "max_deviation: 3 °C", "max_deviation: 3 °C, hysteresis: 0")
        assert_told("error: this must be more than the hysteresis, 4", "3 °C", "3 °C, hysteresis: 4 °C")
        assert_told("error: the amplitude is more than twice the step, 0, and half of the output's range, 50, at most",
                    "3 °C", "3 °C, amplitude: 51")  # fmt: skip

    def test_cycles(self):
        rule = "while: temperature > 25 °C, device: vent, value: 100"
        told = "rule 'air' ends itself: once 'pump' shows what it wants, it does not hold any more"
        ends = "while: pump is OFF%s, device: pump, value: \"ON\""
        self.assert_told(told, rule, ends % "")
        self.assertNotIn("ends itself", self.told(rule, ends % " for 5min"))
        self.assertNotIn("ends itself", self.told(rule, "while: pump is ON, device: pump, value: \"ON\""))
        self.assert_told("rules 'air' and 'b' answer each other", rule + " }",
                         "while: pump is ON, device: vent, value: 0 }\n  b: { while: vent = 0, device: pump, value: \"OFF\" }")  # fmt: skip

    def test_a_cycle_of_many_is_named_from_end_to_end(self):
        devices = "".join(
            f"  {name}: {{ driver: mqtt, command_topic: x/{name}, state_topic: y/{name}, fail_safe: \"OFF\" }}\n"
            for name in ("one", "two", "three")
        )
        rules = """  a: {{ while: three is ON{damped}, device: one, value: "ON" }}
  b: {{ while: one_copy > 0, device: two, value: "ON" }}
  c: {{ when: two is ON, do: [{delay}{{ set: three, value: "OFF" }}] }}
"""
        copy = "  one_copy: { derive: time_in_state, of: [one], state: \"ON\", over: 1h }\n"
        good = GOOD.replace("devices:\n", copy + "devices:\n" + devices)

        def check(damped="", delay=""):
            return self.check(good + rules.format(damped=damped, delay=delay), status=0).stderr

        told = ("warning: rules 'a', 'b' and 'c' answer each other: 'a' drives 'one', which 'b' reads; 'b' drives "
                "'two', which 'c' reads; 'c' drives 'three', which 'a' reads - give one of them a 'for'")  # fmt: skip
        self.assertIn(told, check())
        self.assertNotIn("answer each other", check(damped=" for 1min"))
        self.assertNotIn("answer each other", check(delay="{ delay: 1min }, "))

    def test_alarms_that_nobody_raises_or_clears(self):
        rule = "  r: { when: temperature > 30 °C, do: [{ alarm: { %s: hot } }] }\n"
        self.assertIn("11:58: warning: no rule clears alarm 'hot'", self.check(GOOD + rule % "raise", status=0).stderr)
        self.assertIn("no rule raises alarm 'hot'", self.check(GOOD + rule % "clear", status=0).stderr)
        unused = GOOD.replace("rules:", "alarms:\n  cold: { latch: yes }\nrules:")
        self.assertIn("automation.yaml:10:3: warning: no rule raises alarm 'cold'", self.check(unused, status=0).stderr)

    def test_alarms_and_branches_that_cannot_be(self):
        rule = GOOD + "  r: { when: temperature > 30 °C, do: [{ %s }] }\n"
        for what, told in (
            ("alarm: { raise: a, clear: b }", "an alarm needs exactly one of 'raise' and 'clear'"),
            ("alarm: { text: x }", "an alarm needs exactly one of 'raise' and 'clear'"),
            ("alarm: { clear: a, text: x }", "'text' and 'priority' go with 'raise'"),
            ("alarm: { clear: device-pump }", "the alarm of a device is raised by the device alone"),
            ("alarm: { raise: device-x }", "an alarm cannot begin with 'device-'"),
            ("alarm: { raise: event }", "an alarm cannot be called 'event'"),
            ("alarm: { raise: a, priority: 5 }", "priority"),
            ("parallel: [{ do: [{ delay: 1s }] }]", "11:59: error: 'parallel' needs two branches or more"),
            ("parallel: [" + ", ".join(["{ do: [{ delay: 1s }] }"] * 33) + "]",
             "error: too many branches in one rule: 32 at most, those in branches included"),
            ("parallel: [{ do: [{ delay: 1s }] }, { do: [{ set: nobody, value: 1 }] }]", "no device 'nobody'"),
        ):  # fmt: skip
            self.assertIn(told, self.check(rule % what, status=1).stderr)

    def test_the_catalog_says_how_long_an_input_may_be_silent(self):
        self.assertIn("input 'temperature': stale_after 15.6s, from the catalog",
                      self.check(GOOD, "--dbc", DBC, status=0).stdout)  # fmt: skip
        configured = GOOD.replace("unit: °C", "unit: °C, stale_after: 1min")
        self.assertNotIn("from the catalog", self.check(configured, "--dbc", DBC, status=0).stdout)

    def test_a_gpio_line_belongs_to_one_device(self):
        lamps = "".join(
            f"  lamp{i}: {{ driver: gpio, chip: gpiochip0, line: {line} }}\n" for i, line in enumerate((4, 5, 4))
        )
        told = self.check(GOOD.replace("devices:\n", "devices:\n" + lamps), status=1).stderr
        self.assertIn("automation.yaml:9:49: error: device 'lamp0' has line 4 of chip 'gpiochip0' already", told)
        self.assertEqual(told.count("already"), 1)

    def test_devices_without_fail_safe_and_inputs_that_nobody_reads(self):
        self.assert_told("device 'vent' has no fail_safe", ", fail_safe: 0", "")
        self.assert_told("automation.yaml:5:3: warning: nobody reads input 'temperature'", "temperature > 25 °C", "pump is ON")

    def test_a_catalog_does_as_well_as_a_dbc(self):
        catalog = subprocess.run([support.BIN_DIR / "edge-gateway", "catalog", "--dbc", DBC],
                                 capture_output=True, text=True, check=True).stdout  # fmt: skip
        self.assertEqual(json.loads(catalog)["buses"][0]["name"], "can0")
        (self.directory / "catalog.json").write_text(catalog)
        self.assert_told("has no signal 'Temprature'", "can0/Climate/Temperature", "can0/Climate/Temprature",
                         "--catalog", "catalog.json")  # fmt: skip
        self.assert_told("bus 'can1' has no message 'Climate'", "can0/Climate/Temperature",
                         "can1/Climate/Temperature", "--catalog", "catalog.json")  # fmt: skip
        (self.directory / "catalog.json").write_text("{}")
        self.assertIn("no catalog", self.check(GOOD, "--catalog", "catalog.json", status=1).stderr)
        self.assertIn("nowhere.dbc", self.check(GOOD, "--dbc", "nowhere.dbc", status=1).stderr)


if __name__ == "__main__":
    support.main()
