"""The automations of docs/replace.md in place of the automation node: on the real gateway and its simulated plant."""

import os
import pathlib
import sys

import gateway_support
import support
from gateway_support import BUS, ROOT

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from contract import Contract  # noqa: E402

CONTRACT = Contract(support.SOURCE_DIR)
SITE = "edge/demo"
STATE = f"{SITE}/devices/heater/state"
WISH = f"{SITE}/devices/heater/set"
COMMAND = f"{BUS}/HeaterCommand/set"


class Replacement:
    """What any automation of the greenhouse has to do."""

    def setUp(self):
        super().setUp()
        self.start_plant()
        self.client.wait_topic(f"{BUS}/Climate")
        environment = {
            **os.environ, "MQTT_ADDRESS": support.HOST, "MQTT_PORT": str(self.broker.port), "STALE_S": "4",
            "ON_BELOW": "20.5", "OFF_ABOVE": "21",
        }  # fmt: skip
        self.automation = self.start_process(
            [self.PROGRAM], name="automation", environment=environment
        )
        self.client.wait_topic(f"{SITE}/auto1/status", "online")

    def wait_state(self, **wanted):
        message = self.client.wait_last(
            lambda m: m.topic == STATE and all(m.json[key] == value for key, value in wanted.items())
        )
        self.assertEqual(CONTRACT.violations("device_state", message.text), [])
        return message.json

    def test_it_keeps_the_greenhouse_warm(self):
        self.wait_state(value="ON", source="script")
        command = self.client.wait_topic(COMMAND)
        self.assertEqual(CONTRACT.violations("message_set", command.text), [])
        self.assertFalse(command.retain)
        self.wait_state(value="OFF", target="OFF", source="script")  # it got warm
        self.wait_state(value="ON", source="script")  # and cold again
        metrics = self.wait_metrics(lambda m: m["commands"]["sent"] >= 3)
        self.assertEqual(metrics["commands"]["refused"]["malformed"], 0)

    def test_a_person_overrides_and_gives_back(self):
        self.wait_state(source="script")
        self.client.publish(WISH, '{"value":"OFF","for_s":600}')
        self.wait_state(value="OFF", target="OFF", source="manual")
        self.client.publish(WISH, '{"value":null}')
        self.wait_state(source="script")
        self.client.publish(WISH, '{"value":"ON","for_s":1}')
        self.wait_state(target="ON", source="manual")
        self.wait_state(source="script")

    def test_a_gateway_that_dies_leaves_the_heater_off(self):
        self.wait_state(source="script")
        self.gateway.kill()
        self.client.wait_topic(f"{ROOT}/status", "offline")
        self.wait_state(target="OFF", source="fail_safe")

    def test_it_says_when_it_is_gone(self):
        self.wait_state(source="script")
        self.automation.kill()
        self.client.wait_topic(f"{SITE}/auto1/status", "offline")


class Shell(Replacement, gateway_support.TestCase):
    PROGRAM = support.SOURCE_DIR / "examples/greenhouse.sh"


class Python(Replacement, gateway_support.TestCase):
    PROGRAM = support.SOURCE_DIR / "examples/greenhouse.py"


if __name__ == "__main__":
    support.main()
