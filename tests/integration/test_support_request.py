"""The request `support`: what a maintainer needs is in the answer, and no secret is, wherever it was planted."""

import json
import os
import subprocess

import gateway_support
import support
from gateway_support import BUS, ROOT

NODE = "edge/demo/auto1"
AUTOMATION = {
    "site": "demo",
    "node": "auto1",
    "metrics_interval": "200ms",
    "devices": {"heater": {"driver": "simulated", "values": {"ON": "On", "OFF": "Off"}}},
}
SCRIPT = support.SOURCE_DIR / "scripts/support"
IN_CONFIGURATION = "kX9-in-configuration"
IN_FILE = "kX9-in-a-file"
IN_ENVIRONMENT = "kX9-in-the-environment"
IN_URL = "kX9-in-a-URL"
UNUSED = "kX9-unused-variable"
MARK = "kX9"


def flat(group, path=()):
    for key, value in group.items():
        if isinstance(value, dict):
            yield from flat(value, (*path, key))
        else:
            yield ".".join((*path, key)), value


class TestCase(gateway_support.TestCase):
    def start(self, daemon, environment=None, **changes):
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe("edge/#")
        broker = {"username": "ann", **changes.pop("broker", {})}
        settings = gateway_support.configuration(self.broker.port, **broker)
        if daemon == "automation-node":
            settings = {**AUTOMATION, "broker": settings["broker"]}
        path = self.write_configuration({**settings, **changes}, f"{daemon}.yaml")
        self.root = ROOT if daemon == "edge-gateway" else NODE
        self.process = self.start_process(
            [support.BIN_DIR / daemon, "run", "-c", path], name=daemon, environment=environment
        )
        self.client.wait_topic(f"{self.root}/status", "online", timeout=120)  # a long configuration, a slow machine

    def ask(self):
        """All groups of the answer, what was told in several chunks together; and the chunks' payloads."""
        topic = f"edge/demo/answers/ann/{len(self.client.messages)}"
        self.client.post(f"{self.root}/request/support", '{"transaction":"7"}', ResponseTopic=topic)
        last = self.client.wait_for(lambda m: m.topic == topic and (m.json["status"] == "error" or m.json["last"]))
        self.assertEqual(last.json["status"], "ok", last.text)
        chunks = [m for m in self.client.messages if m.topic == topic]
        self.assertEqual([m.json["seq"] for m in chunks], list(range(len(chunks))))
        report = {}
        for chunk in chunks:
            self.assertEqual(chunk.json["transaction"], "7")
            for group, items in chunk.json["data"].items():
                if isinstance(items, list):
                    report.setdefault(group, []).extend(items)
                else:
                    report.setdefault(group, {}).update(items)
        return report, [m.payload for m in chunks]

    def assert_common(self, report, daemon, metrics):
        self.assertEqual(report["node"]["program"], daemon)
        self.assertEqual((report["node"]["site"], report["node"]["node"]), tuple(self.root.split("/")[1:3]))
        told = subprocess.run([support.BIN_DIR / daemon, "--version"], capture_output=True, text=True, check=True)
        for name, text in report["build"].items():
            self.assertIn(f"{daemon} {text}" if name == "version" else f"{name}: {text}", told.stdout)
        self.assertIn("SQLite", report["build"])
        self.assertEqual(report["system"]["kernel"], os.uname().release)
        self.assertIn("memory_available", report["system"])
        self.assertIn("clock_synchronized", report["system"])
        self.assertRegex(report["process"]["limit_files"], r"^\d+ \d+ files$")
        self.assertEqual(set(report["metrics"]), {name for name, _ in flat(metrics)} - {"ts", "uptime_s"})
        self.assertIn("site: demo", report["configuration"])
        self.assertTrue(any("runs as demo/" in line for line in report["log"]), report["log"])
        for line in report["log"]:
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warning|notice|info|debug) ")

    def newest_metrics(self):
        return self.client.wait_newest(f"{self.root}/metrics", lambda m: True).json


class Report(TestCase):
    def test_of_a_gateway(self):
        self.start("edge-gateway", alarms={"hot": {"signal": "can0/Climate/Temperature", "high": 90}})
        metrics = self.newest_metrics()
        report, _ = self.ask()
        self.assert_common(report, "edge-gateway", metrics)
        self.assertEqual(report["buses"], {"can0": "up"})
        self.assertIn("hot", report["alarms"])
        self.assertIn("log", report["store"])

    def test_of_an_automation_node(self):
        self.start("automation-node")
        metrics = self.newest_metrics()
        report, _ = self.ask()
        self.assert_common(report, "automation-node", metrics)
        self.assertEqual(set(report["devices"]), {"heater"})

    def test_one_that_is_too_long_for_a_message_comes_in_chunks(self):
        condition = " or ".join(["heater is ON"] * 16)
        conditions = {f"condition_{i:04}": condition for i in range(1100)}
        self.start("automation-node", conditions=conditions)
        report, chunks = self.ask()
        self.assertGreater(len(chunks), 1)
        for name in conditions:
            self.assertTrue(any(name in line for line in report["configuration"]), name)

    def test_the_script_makes_a_file_of_it(self):
        self.start("edge-gateway")
        port = ["-h", "127.0.0.1", "-p", str(self.broker.port)]
        asked = subprocess.run(
            [SCRIPT, "demo/gw1", *port], capture_output=True, text=True, check=False, timeout=support.TIMEOUT_S
        )
        self.assertEqual(asked.returncode, 0, asked.stderr)
        lines = [json.loads(line) for line in asked.stdout.splitlines()]
        self.assertTrue(lines[-1]["last"])
        self.assertEqual(lines[0]["data"]["node"]["node"], "gw1")

    def test_the_script_says_when_nobody_answers(self):
        self.broker = self.start_broker()
        port = ["-h", "127.0.0.1", "-p", str(self.broker.port)]
        asked = subprocess.run(
            [SCRIPT, "demo/nobody", *port], capture_output=True, text=True, check=False,
            env={**os.environ, "EDGE_TIMEOUT": "1"}, timeout=support.TIMEOUT_S,
        )  # fmt: skip
        self.assertEqual(asked.returncode, 1)
        self.assertIn("no whole answer from edge/demo/nobody", asked.stderr)


class Secrets(TestCase):
    """Each is there for the daemon, and in no chunk."""

    def assert_hidden(self, chunks):
        for chunk in chunks:
            self.assertNotIn(MARK.encode(), chunk)

    def log_line_with(self, secret):
        """Whoever names a message like a secret gets it logged."""
        self.client.post(f"{BUS}/{secret}/set", '{"signals":{"Heater":"On"}}')
        self.process.wait_log(f"{secret} refused")

    def test_of_the_configuration_and_in_a_url(self):
        self.start(
            "edge-gateway",
            broker={"password": IN_CONFIGURATION},
            home_assistant={"name": f"http://ann:{IN_URL}@host/"},
        )
        self.log_line_with(IN_CONFIGURATION)
        report, chunks = self.ask()
        self.assert_hidden(chunks)
        self.assertTrue(any('name: "http://********@host/"' in line for line in report["configuration"]))
        self.assertTrue(any("******** refused" in line for line in report["log"]), report["log"])

    def test_of_the_environment(self):
        environment = {**os.environ, "EDGE_SECRET": IN_ENVIRONMENT, "OTHER_TOKEN": UNUSED}
        self.start("edge-gateway", environment=environment, broker={"password": "${EDGE_SECRET}"})
        self.log_line_with(IN_ENVIRONMENT)
        _, chunks = self.ask()
        self.assert_hidden(chunks)

    def test_of_a_file(self):
        path = f"{self.directory}/secret"
        with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(IN_FILE)
        self.start("edge-gateway", broker={"password": f"file:{path}"})
        self.log_line_with(IN_FILE)
        report, chunks = self.ask()
        self.assert_hidden(chunks)
        self.assertTrue(any(line.strip() == "password: '********'" for line in report["configuration"]))

    def test_of_an_automation_node(self):
        self.start("automation-node", broker={"password": IN_CONFIGURATION})
        _, chunks = self.ask()
        self.assert_hidden(chunks)


if __name__ == "__main__":
    support.main()
