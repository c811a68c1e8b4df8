"""The counters as a file for Prometheus: by the format's grammar, and the same as on the topic `metrics`."""

import math
import pathlib
import re
import shutil
import stat
import subprocess
import time
import unittest

import gateway_support
import prometheus_text
import support
from gateway_support import ROOT

NODE = "edge/demo/auto1"
AUTOMATION = {
    "site": "demo",
    "node": "auto1",
    "metrics_interval": "200ms",
    "devices": {"heater": {"driver": "simulated", "values": {"ON": "On", "OFF": "Off"}}},
}
# What promtool finds odd and we keep, since names and units are those of the topic.
KEPT = re.compile(r"use base unit|should not contain abbreviated units")


def flat(group, path=()):
    """Every number of a metrics payload by its path."""
    for key, value in group.items():
        if isinstance(value, dict):
            yield from flat(value, (*path, key))
        else:
            yield (*path, key), value


class MetricsFile(gateway_support.TestCase):
    def start(self, daemon, **metrics):
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe("edge/#")
        self.path = pathlib.Path(self.directory) / "edge.prom"
        settings = gateway_support.configuration(self.broker.port)
        if daemon == "automation-node":
            settings = {**AUTOMATION, "broker": settings["broker"]}
        settings["metrics"] = {"textfile": str(self.path), **metrics}
        path = self.write_configuration(settings, f"{daemon}.yaml")
        self.process = self.start_process([support.BIN_DIR / daemon, "run", "-c", path], name=daemon)

    def wait_both(self, topic):
        """A file and the message of the same moment."""
        deadline = time.monotonic() + support.TIMEOUT_S
        while time.monotonic() < deadline:
            message = self.client.wait_newest(topic, lambda m: True)
            if not self.path.exists():
                continue
            samples, types = prometheus_text.parse(self.path.read_text())
            ts = next(value for (name, _), value in samples.items() if name == "edge_ts")
            for message in reversed(self.client.messages):
                if message.topic == topic and math.isclose(message.json["ts"], ts, rel_tol=0, abs_tol=2e-6):
                    return samples, types, message.json
        self.fail("no file and message of the same moment")

    def assert_equal(self, samples, payload):
        """Every number of the payload has its sample, and no sample is beside that."""
        left = dict(samples)
        for path, value in flat(payload):
            found = [key for key in left if self.is_of(key, path)]
            self.assertEqual(len(found), 1, f"{path}: {found}")
            sample = left.pop(found[0])
            if value is None:
                self.assertFalse(math.isfinite(sample), path)
            else:
                self.assertTrue(math.isclose(sample, value, rel_tol=1e-9), f"{path}: {sample} {value}")
        self.assertEqual(left, {})

    def is_of(self, key, path):
        """Parts of the path are in the name, in order, or are a label."""
        name, labels = key
        values = [value for label, value in labels if label not in ("site", "node")]
        rest = [part for part in path if part not in values]
        expected = "edge_" + "_".join(rest)
        return len(rest) + len(values) == len(path) and name in (expected, expected + "_total")

    def check(self, daemon, root):
        self.start(daemon)
        samples, types, payload = self.wait_both(f"{root}/metrics")
        self.assert_equal(samples, payload)
        node = root.split("/")[-1]
        for _, labels in samples:
            self.assertEqual(dict(labels)["site"], "demo")
            self.assertEqual(dict(labels)["node"], node)
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o644)
        self.assertIn("counter", types.values())
        self.assertIn("gauge", types.values())
        self.process.stop()
        self.assertEqual([p.name for p in self.path.parent.glob("edge.prom*")], ["edge.prom"])
        return samples, types

    def test_the_file_of_a_gateway_equals_its_metrics(self):
        samples, types = self.check("edge-gateway", ROOT)
        by_name = {name: dict(labels) for name, labels in samples}
        self.assertEqual(by_name["edge_buses_frames_received_total"]["bus"], "can0")
        self.assertIn("reason", by_name["edge_commands_refused_total"])
        self.assertEqual(types["edge_live_pending"], "gauge")

    def test_the_file_of_an_automation_node_equals_its_metrics(self):
        samples, _ = self.check("automation-node", NODE)
        self.assertIn("edge_wishes_refused_total", {name for name, _ in samples})

    def test_a_folder_that_is_not_there_is_told_once_and_counted(self):
        self.start("edge-gateway", textfile="nowhere/edge.prom")
        self.client.wait_newest(f"{ROOT}/metrics", lambda m: m.json["textfile"]["failed"] > 2)
        log = self.process.log
        self.assertEqual(len(re.findall(r"nowhere/edge\.prom cannot be written: No such file", log)), 1, log)

    @unittest.skipUnless(shutil.which("promtool"), "promtool (Debian: prometheus) is not installed")
    def test_promtool_reads_it(self):
        self.start("edge-gateway")
        self.wait_both(f"{ROOT}/metrics")
        checked = subprocess.run(
            ["promtool", "check", "metrics"], input=self.path.read_bytes(), capture_output=True, check=False
        )
        complaints = checked.stderr.decode().splitlines()
        self.assertIn(checked.returncode, (0, 3), complaints)  # 3: only what it finds odd
        self.assertEqual([line for line in complaints if not KEPT.search(line)], [])


if __name__ == "__main__":
    support.main()
