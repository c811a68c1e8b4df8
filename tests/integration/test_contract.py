"""Everything the daemons publish while they are busy is what topics/asyncapi.yaml promises."""

import subprocess
import sys

import gateway_support
import support
import yaml
from gateway_support import BUS, ROOT

VALIDATOR = support.SOURCE_DIR / "tests/integration/validate_capture.py"
NODE_PROGRAM = support.BIN_DIR / "automation-node"
NODE_ROOT = "edge/demo/auto1"
HEATER = "edge/demo/devices/heater"
GATEWAY_KINDS = {
    "status", "info", "catalog", "metrics", "bus_state", "alarm", "reading", "signal", "message_set",
    "response",
}  # fmt: skip

ODD_DBC = """VERSION ""
BO_ 1 Odd: 8 Vector__XXX
 SG_ Single : 0|32@1- (1,0) [-100|100] "" Vector__XXX
 SG_ Small : 32|8@1- (0.001,0) [-0.05|0.05] "µm" Vector__XXX
 SG_ Label : 40|8@1+ (1,0) [0|3] "" Vector__XXX
BO_ 2 Wide: 8 Vector__XXX
 SG_ All : 0|64@1+ (1,0) [0|0] "" Vector__XXX
BO_ 3 Double: 8 Vector__XXX
 SG_ Real : 0|64@1- (1,0) [0|0] "" Vector__XXX
VAL_ 1 Label 0 "a \\ b" 1 "äöü" 2 "<&>" ;
SIG_VALTYPE_ 1 Single : 1;
SIG_VALTYPE_ 3 Real : 2;
"""
ODD_LOG = """(1.000000) can0 001#0000803F00000000
(1.100000) can0 001#0000C07F7F010000
(1.200000) can0 001#0000807F80020000
(1.300000) can0 001#FFFF7F7F01030000
(1.400000) can0 002#FFFFFFFFFFFFFFFF
(1.500000) can0 003#FFFFFFFFFFFFEF7F
(1.600000) can0 003#0100000000000000
(1.700000) can0 003#000000000000F87F
(1.800000) can0 001#0000
"""


class Contract(gateway_support.TestCase):
    def assert_valid(self, messages, required):
        capture = self.directory / "capture.txt"
        with capture.open("wb") as file:
            for message in messages:
                file.write(message.topic.encode() + b"\t" + message.payload + b"\n")
        command = [sys.executable, VALIDATOR, "--require", ",".join(sorted(required)), capture]
        result = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def assert_rules_of_the_topics(self, messages):
        """What the tree says about retain: a `set` never is, nor an answer."""
        for message in messages:
            if message.topic.endswith("/set") or "/response/" in message.topic:
                self.assertFalse(message.retain, message.topic)

    def answered(self, message, payload):
        """Sets, and waits for the answer that every wish with a transaction gets."""
        transaction = payload["transaction"]
        self.client.publish(f"{BUS}/{message}/set", payload)
        self.client.wait_for(
            lambda m: m.topic == f"{ROOT}/response/set" and m.json["transaction"] == transaction
        )

    def test_a_busy_gateway(self):
        bus = gateway_support.simulated_bus()
        bus["messages"] = {
            "Actuators": {"layout": "signal"},
            "PlantDiagnostics": {"delivery": "live"},
        }
        self.start_plant(bus=bus)
        self.answered("HeaterCommand", {"signals": {"Heater": "On"}, "transaction": "on"})
        self.answered("HeaterCommand", {"signals": {"Heater": 9}, "transaction": "range"})
        self.answered("HeaterCommand", {"signals": {'X"\\\n€': 9}, "transaction": "name"})
        self.answered("HeaterCommand", {"signals": {"Heater": '"€"'}, "transaction": '"€"'})
        self.answered("PumpCommand", {"signals": {"Pump": 1}, "transaction": "allow"})
        self.answered("VentCommand", {"signals": {"Position": 50.5}, "transaction": "vent"})
        self.wait_metrics(lambda m: m["readings"]["acknowledged"] > 60)
        self.gateway.stop()
        self.client.wait_topic(f"{ROOT}/status", "offline")
        self.assert_valid(self.client.messages, GATEWAY_KINDS)
        self.assert_rules_of_the_topics(self.client.messages)

    def test_values_that_json_cannot_say(self):
        """NaN, infinity, 64 bits, out of range, unnamed values, text that needs escapes."""
        dbc, log = self.directory / "odd.dbc", self.directory / "odd.log"
        dbc.write_text(ODD_DBC, encoding="utf-8")
        log.write_text(ODD_LOG, encoding="utf-8")
        self.start_plant(bus=gateway_support.replayed_bus(log, dbc))
        self.client.wait_for(lambda m: m.topic == f"{BUS}/state" and m.json["state"] == "down")
        self.assert_valid(self.client.messages, {"catalog", "reading", "bus_state"})
        readings = [m for m in self.client.messages if m.topic == f"{BUS}/Odd"]
        self.assertEqual(
            [m.json.get("q", {}).get("Single") for m in readings],
            [None, "not_available", "not_available", "out_of_range"],
        )

    def test_a_busy_automation_node(self):
        if not NODE_PROGRAM.exists():
            self.skipTest("there is no automation node")
        self.start_plant()
        settings = yaml.safe_load((gateway_support.EXAMPLES / "automation.yaml").read_text())
        settings["broker"] = gateway_support.configuration(self.broker.port)["broker"]
        path = self.write_configuration(settings, "automation.yaml")
        node = self.start_process([NODE_PROGRAM, "run", "-c", path])
        self.client.wait_topic(f"{NODE_ROOT}/status", "online")
        for wish in ("ON", "nonsense"):
            self.client.publish(f"{HEATER}/set", wish)
        self.client.wait_for(lambda m: m.topic == f"{HEATER}/state" and m.json["value"] == "ON")
        node.stop()
        self.client.wait_topic(f"{NODE_ROOT}/status", "offline")
        kinds = (GATEWAY_KINDS - {"response", "signal"}) | {"device_set", "device_state"}
        self.assert_valid(self.client.messages, kinds)


if __name__ == "__main__":
    support.main()
