"""The arithmetic of scripts/soak sees what grows; and a run of some seconds has all of its figures."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
import soak  # noqa: E402

FRAMES = 20_000
CONSUMER = {"missing": 0, "gaps": 0, "conflicts": 0, "repeated": 0}


def sample(at_s, rss_kb=1000.0, descriptors=9, wal_bytes=0, received=0):
    figures = {"rss_kb": rss_kb, "descriptors": descriptors}
    gateway = {"received": received, "pending": 1, "wal_bytes": wal_bytes, "waiting_bytes": 5}
    processes = {"gateway": figures, "automation": {**figures, "rss_kb": 1000.0}}
    return {"at_s": at_s, "answer_ms": 2.0, "gateway": gateway, "processes": processes}


def steady(hours, kb_per_h=0.0, **more):
    return [sample(60.0 * minute, 1000 + kb_per_h * minute / 60, **more) for minute in range(60 * hours + 1)]


class ArithmeticTest(unittest.TestCase):
    def result(self, samples, warm_up_s=600, **consumer):
        return soak.summarise(samples, warm_up_s, {**CONSUMER, **consumer}, samples[-1]["at_s"])

    def test_the_slope_is_that_of_the_line(self):
        self.assertAlmostEqual(soak.slope([(x, 3 * x + 7) for x in range(10)]), 3)
        self.assertAlmostEqual(soak.slope([(0, 0), (1, 3), (2, 0)]), 0)
        self.assertAlmostEqual(soak.slope([(0, 1), (1, 2), (2, 2)]), 0.5)
        self.assertIsNone(soak.slope([(1, 1)]))
        self.assertIsNone(soak.slope([(1, 1), (1, 2)]))

    def test_what_is_flat_holds(self):
        self.assertEqual(soak.verdicts(self.result(steady(2))), [])

    def test_memory_that_grows_is_found(self):
        result = self.result(steady(2, kb_per_h=5))
        self.assertAlmostEqual(result["processes"]["gateway"]["rss_kb_per_h"], 5, places=1)
        self.assertEqual(soak.verdicts(result), ["gateway grows by 5.0 kB an hour"])

    def test_growth_of_the_warm_up_does_not_count(self):
        samples = [sample(s["at_s"], 100.0) if s["at_s"] < 600 else s for s in steady(2)]
        self.assertEqual(soak.verdicts(self.result(samples)), [])

    def test_too_short_a_run_says_nothing_of_memory(self):
        self.assertEqual(soak.verdicts(self.result(steady(1, kb_per_h=5))), [])

    def test_a_descriptor_that_stays_open_is_found(self):
        samples = [*steady(2)[:-1], sample(7200.0, descriptors=10)]
        self.assertIn("descriptors", soak.verdicts(self.result(samples))[0])

    def test_a_wal_without_bounds_is_found(self):
        self.assertIn("WAL", soak.verdicts(self.result(steady(2, wal_bytes=1 << 30)))[0])

    def test_a_lost_frame_and_a_gap_are_found(self):
        self.assertEqual(soak.verdicts(self.result(steady(2), missing=1)), ["lost: 1"])
        self.assertEqual(soak.verdicts(self.result(steady(2), gaps=2)), ["lost: 2"])
        self.assertEqual(soak.verdicts(self.result(steady(2), conflicts=1)), ["conflicts: 1"])


class RunTest(unittest.TestCase):
    def test_a_short_run_loses_nothing_and_has_its_figures(self):
        build = os.environ.get("EDGE_BUILD_DIR", str(ROOT / "build/debug"))
        with tempfile.TemporaryDirectory(prefix="edge-soak-test-") as name:
            files = [Path(name) / "result.json", Path(name) / "samples.ndjson"]
            command = [ROOT / "scripts/soak", "--frames", str(FRAMES), "--sample-s", "1", "--build", build]
            done = subprocess.run([*command, "--json", files[0], "--samples", files[1]], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            result = json.loads(files[0].read_text())["result"]
            samples = [json.loads(line) for line in files[1].read_text().splitlines()]
        self.assertEqual((result["frames"], result["lost"]), (FRAMES, 0))
        self.assertEqual(set(samples[-1]["processes"]), {"gateway", "automation", "broker", "consumer"})
        self.assertIn(f"| {FRAMES:,} |", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
