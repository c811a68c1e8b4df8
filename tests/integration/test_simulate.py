"""automation-node simulate: what would the rules have done over a recorded day, and why."""

import json
import subprocess

import support

START = 1795420800  # 2026-11-23 09:00 in Berlin

CONFIG = """
site: test
node: auto1
broker: { address: 127.0.0.1 }
time: { zone: Europe/Berlin }
inputs:
  temperature: { gateway: gw1, signal: can0/Climate/Temperature, unit: °C, stale_after: 10min }
devices:
  heater:
    gateway: gw1
    command: can0/HeaterCommand/Heater
    feedback: can0/Actuators/Heater
    values: { "ON": "On", "OFF": "Off" }
    fail_safe: "OFF"
  fan: { gateway: gw1, command: can0/FanCommand/Fan, values: { "ON": "On", "OFF": "Off" }, rest: "OFF" }
thermostats:
  air: { input: temperature, device: heater, setpoint: 21 °C, hysteresis: 0.5 °C }
schedules:
  noon: { device: fan, blocks: [{ days: mon-sun, from: "12:00", to: "13:00", value: "ON" }] }
"""


def frame(second, **signals):
    return json.dumps(
        {
            "ts": START + second,
            "bus": "can0",
            "message": "Climate",
            "signals": {name: {"value": value} for name, value in signals.items()},
        }
    )


class Simulate(support.TestCase):
    def setUp(self):
        super().setUp()
        self.config = self.directory / "automation.yaml"
        self.config.write_text(CONFIG, encoding="utf-8")

    def simulate(self, *arguments, lines=(), status=0, config=None):
        result = subprocess.run(
            [support.BIN_DIR / "automation-node", "simulate", "-c", config or self.config, *arguments],
            input="\n".join(lines), capture_output=True, text=True, cwd=self.directory,
        )  # fmt: skip
        self.assertEqual(result.returncode, status, result.stderr)
        return result

    def records(self, *arguments, lines=()):
        output = self.simulate("--format", "ndjson", *arguments, lines=lines).stdout
        return [json.loads(line) for line in output.splitlines()]

    def a_day(self):
        """Cold from 10:00 to 11:00, then nothing to heat; a reading each five minutes until 21:00."""
        cold = range(3600, 7200)
        return [frame(s, Temperature=18 if s in cold else 22) for s in range(0, 12 * 3600 + 1, 300)]

    def decisions(self, records, device):
        return [(r["ts"] - START, r["target"], r["source"]) for r in records if r.get("device") == device and "ts" in r]

    def summary(self, records, kind, name):
        (found,) = [r for r in records if r.get("summary") == kind and r[kind] == name]
        return found

    def test_decisions_come_at_the_recorded_time_with_their_reason(self):
        records = self.records(lines=self.a_day())
        heater = self.decisions(records, "heater")
        self.assertEqual(heater[0], (0, "OFF", "fail_safe"))
        self.assertEqual(heater[1:], [(0, "OFF", "controller:air"), (3600, "ON", "controller:air"),
                                      (7200, "OFF", "controller:air")])  # fmt: skip
        (reason,) = [r["reason"] for r in records if r.get("target") == "ON" and r["device"] == "heater"]
        self.assertEqual(reason, "temperature 18 °C is below 20.5 °C (setpoint 21 °C)")
        self.assertIn((3 * 3600, "ON", "schedule:noon"), self.decisions(records, "fan"))

    def test_the_summary_counts_switches_and_hours(self):
        records = self.records("--limit", "temperature=20..25", lines=self.a_day())
        heater = self.summary(records, "device", "heater")
        self.assertEqual((heater["switches"], heater["starts"]), (2, 1))
        self.assertEqual((heater["on_s"], heater["longest_on_s"]), (3600, 3600))
        self.assertEqual(self.summary(records, "device", "fan")["on_s"], 3600)
        temperature = self.summary(records, "input", "temperature")
        self.assertEqual((temperature["min"], temperature["max"]), (18, 22))
        self.assertEqual(temperature["outside_s"], 3600)
        self.assertEqual(temperature["readings"], 145)

    def test_the_summary_counts_alarms_and_how_long_they_are_active(self):
        rules = """rules:
  cold: { when: temperature < 19 °C, do: [{ alarm: { raise: cold } }] }
  warm: { when: temperature > 21 °C, do: [{ alarm: { clear: cold } }] }
"""
        self.config.write_text(CONFIG + rules, encoding="utf-8")
        records = self.records("--quiet", "--repeat", "2", lines=self.a_day())
        cold = self.summary(records, "alarm", "cold")
        self.assertEqual((cold["raised"], cold["active_s"], cold["longest_s"]), (2, 7200, 3600))
        self.assertFalse(cold["active"])
        self.assertEqual(self.summary(records, "alarm", "device-heater")["raised"], 0)
        text = self.simulate("--quiet", lines=self.a_day()).stdout
        self.assertRegex(text, r"\ncold +1 +1\.000 h +1\.000 h\n")

    def test_a_sensor_that_goes_silent_is_seen(self):
        lines = [frame(0, Temperature=18), frame(3600, Temperature=18)]
        records = self.records(lines=lines)
        self.assertIn((600, "OFF", "fail_safe"), self.decisions(records, "heater"))
        self.assertEqual(self.summary(records, "input", "temperature")["lost_s"], 3000)
        self.assertEqual(self.summary(records, "device", "heater")["fail_safe_s"], 3000)

    def test_a_day_comes_again_at_the_same_time_of_day(self):
        once = self.records("--quiet", lines=self.a_day())
        week = self.records("--quiet", "--repeat", "7", lines=self.a_day())
        for key in ("starts", "on_s"):
            self.assertEqual(self.summary(week, "device", "heater")[key],
                             7 * self.summary(once, "device", "heater")[key])  # fmt: skip
        self.assertEqual(self.summary(week, "device", "fan")["starts"], 7)

    def test_a_candump_log_is_decoded_by_the_gateway(self):
        examples = support.SOURCE_DIR / "examples"
        text = self.simulate(
            "--log", examples / "greenhouse.log", "--dbc", examples / "greenhouse.dbc",
            config=examples / "automation.yaml",
        ).stdout  # fmt: skip
        self.assertIn("heater -> ON  (controller:air: temperature 18.53 °C is below 20.5 °C", text)
        self.assertRegex(text, r"\nheater +[0-9]+ +[0-9]+ +[0-9.]+ h")

    def test_what_is_wrong_is_told(self):
        nothing = self.simulate(lines=['{"ts":1,"bus":"can1"}', "rubbish"], status=1).stderr
        self.assertIn("1 lines are not what edge-gateway decode prints, the first of them line 2", nothing)
        self.assertIn("none of the inputs is in the recording", nothing)
        limit = self.simulate("--limit", "temprature=1..2", status=1).stderr
        self.assertIn("--limit temprature=1..2: write INPUT=LOW..HIGH", limit)
        missing = self.simulate("--log", "nowhere.log", "--dbc", "nowhere.dbc", status=1).stderr
        self.assertEqual(missing, "edge-gateway: nowhere.log: No such file or directory\n")
        self.simulate("--log", "only.log", status=2)


if __name__ == "__main__":
    support.main()
