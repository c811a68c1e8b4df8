#!/usr/bin/env python3
"""That `scripts/fuzz --check` fails on a finding, shows it, and leaves nothing behind."""

import base64
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FUZZ = Path(__file__).resolve().parents[2] / "scripts/fuzz"


class Check(unittest.TestCase):
    def test_a_finding_fails_and_is_shown(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = dict(os.environ, TMPDIR=folder)
            done = subprocess.run(
                [sys.executable, FUZZ, "--check", "planted"],
                cwd=folder, env=environment, capture_output=True, text=True, check=False)  # fmt: skip
            if done.returncode == 77:
                sys.exit(77)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"planted: \d+ executions, \d+ edges, 1 findings")
            self.assertIn("fuzz_planted.c:6: does not hold:", done.stdout)
            text = re.search(r"for `base64 -d`:\n([A-Za-z0-9+/=\n]+)", done.stdout).group(1)
            self.assertTrue(base64.b64decode(text).startswith(b"bug"))
            self.assertEqual(list(Path(folder).iterdir()), [])


if __name__ == "__main__":
    unittest.main()
