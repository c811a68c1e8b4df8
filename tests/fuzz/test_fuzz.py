#!/usr/bin/env python3
"""That `scripts/fuzz --check` fails on a finding, shows it, and leaves nothing behind; and its arithmetic."""

import argparse
import base64
import importlib.machinery
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FUZZ = Path(__file__).resolve().parents[2] / "scripts/fuzz"


def load():
    """scripts/fuzz as a module; nothing is written beside it."""
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("fuzz", str(FUZZ))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("fuzz", loader))
    sys.modules["fuzz"] = module  # dataclasses look it up
    loader.exec_module(module)
    return module


class Check(unittest.TestCase):
    def test_a_finding_fails_and_is_shown(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = dict(os.environ, TMPDIR=folder, EDGE_TEST_SEED="7")
            done = subprocess.run(
                [sys.executable, FUZZ, "--check", "planted"],
                cwd=folder, env=environment, capture_output=True, text=True, check=False)  # fmt: skip
            if done.returncode == 77:
                sys.exit(77)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"planted: \d+ executions, \d+ edges, 1 findings")
            self.assertIn("INFO: Seed: 7\n", done.stdout)
            self.assertIn("fuzz_planted.c:6: does not hold:", done.stdout)
            text = re.search(r"for `base64 -d`:\n([A-Za-z0-9+/=\n]+)", done.stdout).group(1)
            self.assertTrue(base64.b64decode(text).startswith(b"bug"))
            self.assertEqual(list(Path(folder).iterdir()), [])

    def test_a_campaign_goes_on_where_the_last_one_ended(self):
        fuzz = load()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "results.json")
            results = fuzz.Results(path)
            log = "#9 DONE cov: 12 ft: 30\nstat::number_of_executed_units: 4000\n"
            results.add(fuzz.Result("dbc", 0, log, 2.0))
            results = fuzz.Results(path)
            results.add(fuzz.Result("dbc", 0, log.replace("4000", "6000"), 3.0))
            self.assertEqual(
                json.loads(path.read_text()),
                {"dbc": {"executions": 10000, "seconds": 5.0, "edges": 12, "findings": 0}},
            )
            self.assertRegex(results.table(["dbc", "payload"]), r"dbc +10,000 +2,000 +12 +0\npayload +0 +0 +0 +0")
        wanted = argparse.Namespace(executions=12000, hours=None, minutes=None)
        self.assertEqual(list(fuzz.bounds_of(wanted, 10000).arguments()), ["-runs=2000"])
        self.assertEqual(fuzz.bounds_of(wanted, 13000).executions, 0)
        wanted.minutes = 0.5
        self.assertEqual(list(fuzz.bounds_of(wanted, 0).arguments()), ["-max_total_time=30", "-runs=12000"])
        nothing = argparse.Namespace(executions=None, hours=None, minutes=None)
        self.assertEqual(list(fuzz.bounds_of(nothing, 0).arguments()), ["-max_total_time=600"])


if __name__ == "__main__":
    unittest.main()
