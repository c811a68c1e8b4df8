"""can-kernel itself: what is the check's result, and what says that there is none."""

import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

CAN_KERNEL = Path(__file__).with_name("can-kernel")


class Harness(unittest.TestCase):
    def run_in(self, *command, environment=None, **options):
        return subprocess.run(
            [CAN_KERNEL, *command], capture_output=True, text=True, check=False, timeout=100,
            env={**os.environ, **(environment or {})}, **options,
        )  # fmt: skip

    def test_output_arguments_and_exit_code_are_the_programs(self):
        with tempfile.TemporaryDirectory(prefix="edge can ") as folder:
            Path(folder, "file").write_text("here", encoding="utf-8")
            script = 'echo "$1"; cat file; echo " $(pwd)" >&2; exit 3'
            result = self.run_in("sh", "-c", script, "x", "it's  'one'", cwd=folder)
            together = result.stdout + result.stderr
            self.assertEqual(result.returncode, 3, together)
            self.assertIn("it's  'one'\nhere", together)
            self.assertIn(f" {folder}\n", together)

    def test_a_check_that_does_not_end_is_told_apart(self):
        result = self.run_in("--timeout", "1", "sh", "-c", "echo so far; exec tail -f /dev/null")
        self.assertEqual(result.returncode, 124)
        self.assertIn("so far", result.stdout)
        self.assertIn("did not end within 1 s", result.stderr)

    def test_a_kernel_with_can_is_used_directly(self):
        with tempfile.TemporaryDirectory() as folder:
            can_do = Path(folder, "ip")
            can_do.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
            can_do.chmod(0o755)
            path = {"PATH": f"{folder}:{os.environ['PATH']}", "TMPDIR": folder}
            script = "mktemp; uname -r; exit 4"
            result = self.run_in("sh", "-c", script, environment=path)
            self.assertEqual(list(Path(folder).iterdir()), [can_do])
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertIn(os.uname().release, result.stdout)

    def test_a_kernel_that_dies_is_no_verdict(self):
        with tempfile.TemporaryDirectory() as folder:
            broken = Path(folder, "linux.uml")
            broken.write_text("#!/bin/sh\necho Kernel panic; exit 1\n", encoding="utf-8")
            broken.chmod(0o755)
            path = f"{folder}:{os.environ['PATH']}"
            result = self.run_in("true", environment={"PATH": path, "CAN_KERNEL": "uml"})
        self.assertEqual(result.returncode, 125)
        self.assertIn("Kernel panic", result.stderr)
        self.assertIn("the check did not run", result.stderr)

    def test_a_missing_package_skips_at_home_and_fails_in_ci(self):
        with tempfile.TemporaryDirectory() as folder:
            for tool in ("sh", "dirname", "id", "unshare", "mktemp", "rm"):
                os.symlink(f"/usr/bin/{tool}", f"{folder}/{tool}")
            bare = {"PATH": folder, "CAN_KERNEL": "uml"}
            self.assertEqual(self.run_in("true", environment={**bare, "CI": ""}).returncode, 77)
            result = self.run_in("true", environment={**bare, "CI": "true"})
        self.assertEqual(result.returncode, 125)
        self.assertIn("user-mode-linux", result.stderr)

    def test_a_stopped_harness_leaves_nothing_behind(self):
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen(
                [CAN_KERNEL, "tail", "-f", "/dev/null"], stderr=subprocess.DEVNULL,
                env={**os.environ, "TMPDIR": folder, "CAN_KERNEL": "uml"}, start_new_session=True,
            )  # fmt: skip
            while not list(Path(folder).glob("*/command")):
                self.assertIsNone(process.poll())
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            self.assertEqual(list(Path(folder).iterdir()), [])
            with self.assertRaises(ProcessLookupError):
                os.killpg(process.pid, 0)


if __name__ == "__main__":
    unittest.main()
