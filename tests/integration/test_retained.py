"""No ghosts: what a configuration no longer has is deleted at the broker, at start and at reload."""

import copy
import signal
import subprocess

import gateway_support
import support
from gateway_support import BUS, ROOT

NODE_PROGRAM = support.BIN_DIR / "automation-node"
NODE_ROOT = "edge/demo/auto1"
LEDGER = "edge.db.topics"

SWITCHES = {
    "site": "demo",
    "node": "auto1",
    "inputs": {"door": {"topic": "house/door", "labels": ["open", "shut"], "stale_after": "0s"}},
    "devices": {
        "lamp": {"driver": "simulated", "fail_safe": "OFF"},
        "pump": {"driver": "simulated", "fail_safe": "OFF"},
    },
    "rules": {
        "light": {"while": "door is open", "device": "lamp", "value": "ON"},
        "water": {"while": "door is open", "device": "pump", "value": "ON"},
    },
}


class Retained(gateway_support.TestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()

    def listing(self):
        """What `mosquitto_sub --retained-only` shows: topics to payloads."""
        command = ["mosquitto_sub", "-h", support.HOST, "-p", str(self.broker.port)]
        command += ["-t", "#", "--retained-only", "-v", "-W", "2"]
        printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        lines = [line.partition(" ") for line in printed.splitlines()]
        return {topic: payload for topic, _, payload in lines}

    def retained(self, wanted):
        """The retained topics, once all of the wanted are among them."""
        for _ in range(int(support.TIMEOUT_S)):
            topics = set(self.listing())
            if wanted <= topics:
                return topics
        raise AssertionError(f"not retained: {sorted(wanted - topics)}")

    def await_cleared(self, client, root, count):
        client.wait_for(
            lambda m: m.topic == f"{root}/metrics" and m.json["retained"]["cleared"] >= count
        )

    # --- gateway

    def gateway_settings(self, bus="can0", node="gw1", **messages):
        settings = gateway_support.configuration(self.broker.port)
        settings["node"] = node
        plant = settings["buses"].pop("can0")
        settings["buses"][bus] = {**plant, "messages": messages}
        return settings

    def run_gateway(self, settings, topic):
        """Until that topic is retained."""
        client = self.start_client(self.broker).subscribe("edge/#")
        gateway = self.start_gateway(settings)
        client.wait_for(lambda m: m.topic == topic and not m.retain)
        return gateway, client

    def test_a_message_that_is_published_no_longer(self):
        gateway, client = self.run_gateway(self.gateway_settings(), f"{BUS}/Tank")
        client.wait_topic(f"{BUS}/Climate")
        gateway.stop()
        settings = self.gateway_settings(Tank={"publish": "never"})
        gateway, client = self.run_gateway(settings, f"{BUS}/Climate")
        self.await_cleared(client, ROOT, 1)
        topics = self.retained({f"{BUS}/Climate", f"{ROOT}/status"})
        self.assertNotIn(f"{BUS}/Tank", topics)

    def test_another_layout(self):
        gateway, client = self.run_gateway(self.gateway_settings(), f"{BUS}/Tank")
        gateway.stop()
        settings = self.gateway_settings(Tank={"layout": "signal"})
        gateway, client = self.run_gateway(settings, f"{BUS}/Tank/Level")
        self.await_cleared(client, ROOT, 1)
        self.assertNotIn(f"{BUS}/Tank", self.retained({f"{BUS}/Tank/Level"}))

    def test_a_bus_and_a_node_that_are_renamed(self):
        gateway, client = self.run_gateway(self.gateway_settings(), f"{BUS}/Tank")
        gateway.stop()
        self.assertIn(f"{ROOT}/catalog", self.retained({f"{BUS}/Tank"}))
        new = "edge/demo/boiler"
        gateway, client = self.run_gateway(
            self.gateway_settings(bus="plant", node="boiler"), f"{new}/can/plant/Tank"
        )
        self.await_cleared(client, new, 5)
        topics = self.retained({f"{new}/can/plant/Tank", f"{new}/status", f"{new}/catalog"})
        self.assertEqual([topic for topic in topics if topic.startswith(f"{ROOT}/")], [])

    def test_what_a_killed_gateway_has_left(self):
        gateway, client = self.run_gateway(self.gateway_settings(), f"{BUS}/Tank")
        client.wait_for(lambda m: m.topic == f"{ROOT}/metrics" and m.json["mqtt"]["published"] > 5)
        gateway.kill()
        settings = self.gateway_settings(Tank={"publish": "never"})
        gateway, client = self.run_gateway(settings, f"{BUS}/Climate")
        self.await_cleared(client, ROOT, 1)
        self.assertNotIn(f"{BUS}/Tank", self.retained({f"{BUS}/Climate"}))

    def test_what_others_retain_is_left_alone(self):
        client = self.start_client(self.broker)
        client.publish("edge/demo/other/status", "online", retain=True)
        client.publish(f"{ROOT}/note", "not of the gateway", retain=True)
        gateway, _ = self.run_gateway(self.gateway_settings(), f"{BUS}/Tank")
        gateway.stop()
        self.run_gateway(self.gateway_settings(bus="can1"), f"{ROOT}/can/can1/Tank")
        self.retained({"edge/demo/other/status", f"{ROOT}/note", f"{ROOT}/can/can1/Tank"})

    def test_a_second_gateway_does_not_share_the_ledger(self):
        gateway, client = self.run_gateway(self.gateway_settings(), f"{BUS}/Tank")
        client.wait_for(
            lambda m: m.topic == f"{ROOT}/metrics" and (self.directory / LEDGER).exists()
        )
        second = self.gateway_settings(node="gw2")
        second["store"] = {"enabled": False}
        process = self.start_gateway(second, name="second")
        process.wait_log(f"another program uses .*{LEDGER}.*broker.ledger")
        self.retained({f"{BUS}/Tank", "edge/demo/gw2/status"})

    # --- automation node

    def start_node(self, settings):
        settings["broker"] = gateway_support.configuration(self.broker.port)["broker"]
        settings["metrics_interval"] = "200ms"
        path = self.write_configuration(settings, "automation.yaml")
        client = self.start_client(self.broker).subscribe("edge/#")
        node = self.start_process([NODE_PROGRAM, "run", "-c", path])
        client.wait_for(lambda m: m.topic == f"{NODE_ROOT}/status" and m.text == "online")
        return node, client

    def without_the_pump(self):
        settings = copy.deepcopy(SWITCHES)
        del settings["devices"]["pump"], settings["rules"]["water"]
        return settings

    def assert_no_pump(self, client):
        self.await_cleared(client, NODE_ROOT, 3)
        topics = self.retained({"edge/demo/devices/lamp/state", f"{NODE_ROOT}/rules/light/state"})
        ghosts = [topic for topic in topics if "pump" in topic or "water" in topic]
        self.assertEqual(ghosts, [])

    def test_a_device_and_a_rule_that_are_gone_after_a_start(self):
        node, client = self.start_node(copy.deepcopy(SWITCHES))
        client.wait_topic("edge/demo/devices/pump/state")
        self.retained({"edge/demo/devices/pump/state", f"{NODE_ROOT}/rules/water/state"})
        node.stop()
        _, client = self.start_node(self.without_the_pump())
        self.assert_no_pump(client)

    def test_a_device_and_a_rule_that_are_gone_after_a_reload(self):
        node, client = self.start_node(copy.deepcopy(SWITCHES))
        client.wait_topic("edge/demo/devices/pump/state")
        settings = self.without_the_pump()
        settings["broker"] = gateway_support.configuration(self.broker.port)["broker"]
        settings["metrics_interval"] = "200ms"
        self.write_configuration(settings, "automation.yaml")
        node.send(signal.SIGHUP)
        self.assert_no_pump(client)


if __name__ == "__main__":
    support.main()
