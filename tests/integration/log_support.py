"""Frame logs for the commands that read them: made by a gateway, and read while none runs."""

import subprocess

import gateway_support
import support
from gateway_support import PROGRAM, ROOT


class TestCase(gateway_support.TestCase):
    def edge(self, *arguments, expected=0):
        """Runs a command to its end; its stdout and stderr."""
        result = subprocess.run(
            [PROGRAM, *arguments], cwd=self.directory, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=support.TIMEOUT_S,
        )  # fmt: skip
        self.assertNotRegex(result.stderr, support.SANITIZER_REPORT)
        self.assertEqual(result.returncode, expected, result.stdout + result.stderr)
        return result.stdout, result.stderr

    def start_logging(self, bus=None, name="gateway", broker=None, **settings):
        """A gateway of `name`.yaml whose log is `name`.db, and a client that hears its metrics."""
        self.broker = broker or self.start_broker()
        self.client = self.start_client(self.broker).subscribe(f"{ROOT}/metrics")
        configuration = gateway_support.configuration(self.broker.port, bus)
        configuration["store"] = {"file": f"{name}.db", **settings}
        return self.start_gateway(configuration, name=name)

    def wait_logged(self, frames):
        """Until so many frames are in the log, on the disk, and the broker has them all."""

        def is_done(message):
            store, readings = message.json["store"], message.json["readings"]
            last_seq = frames + store["events"]  # theirs at most, in a new log
            is_logged = store["frames"] >= frames and store["committed_seq"] >= last_seq
            return is_logged and readings["pending"] == 0

        return self.client.wait_for(is_done).json

    def log_replay(self, log, dbc=gateway_support.GREENHOUSE_DBC, frames=1, name="gateway", **more):
        """Logs all of a candump log, and ends the gateway."""
        bus = gateway_support.replayed_bus(log, dbc)
        gateway = self.start_logging(bus, name, **more)
        metrics = self.wait_logged(frames)
        gateway.stop()
        return metrics
