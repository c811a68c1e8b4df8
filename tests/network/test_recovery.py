"""How a node notices that its broker is out of reach, and how soon it is back."""

import sys
import unittest

import netns
import support_path  # noqa: F401
import gateway_support
import support

KEEPALIVE_S = 6


class RecoveryTest(gateway_support.TestCase):
    def setUp(self):
        super().setUp()
        self.network = netns.Network()
        self.addCleanup(self.network.close)
        self.near, self.far = self.network.host("gateway"), self.network.host("broker")
        config = self.directory / "mosquitto.conf"
        config.write_text("listener 1883 0.0.0.0\nallow_anonymous true\nuser root\n")
        self.start_process(self.far.command(["/usr/sbin/mosquitto", "-c", config]), name="broker")
        settings = gateway_support.configuration(1883)
        settings["broker"] |= {"address": self.far.address, "keepalive": f"{KEEPALIVE_S}s"}
        path = self.write_configuration(settings)
        argv = self.near.command([gateway_support.PROGRAM, "run", "-c", path])
        self.gateway = self.start_process(argv, name="gateway")
        self.gateway.wait_log("connected with MQTT 5")

    def test_what_nobody_acknowledges_for_a_keepalive_is_the_end_of_the_connection(self):
        """TCP alone would try for a quarter of an hour, in intervals that double: a link that has been
        away for a minute would then be found again after another one."""
        self.far.drop()
        ended = self.gateway.wait_log("no connection: ", timeout=60)
        self.assertIn("Connection timed out", ended)
        self.far.heal()
        self.gateway.wait_log("connected with MQTT 5", after=self.gateway.log.count("\n"))
        self.gateway.stop()


if __name__ == "__main__":
    reason = netns.missing()
    if reason is not None:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
