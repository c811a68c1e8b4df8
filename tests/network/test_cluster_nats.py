"""Daemons at a NATS cluster, with the configuration and the rights of broker-config/: everything works without MQTT 5.

The long form, with RabbitMQ too, is scripts/test-clusters.
"""

import contextlib
import ctypes
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import paho.mqtt.client as paho

import certificates
import cluster_run
import clusters
import netns
import support_path  # noqa: F401
import gateway_support
import support

WAIT_S = 90
CLONE_NEWNET = 0x40000000
ROOT = "edge/demo/gw1"
HEATER = "edge/demo/devices/heater/state"

AUTOMATION = """
site: demo
node: auto1
broker: {{ address: [{addresses}], port: 1883, username: auto1, password: {password}, keepalive: 5s }}
inputs:
  temperature: {{ gateway: gw1, signal: can0/Climate/Temperature, unit: °C, stale_after: 10s }}
devices:
  heater:
    gateway: gw1
    command: can0/HeaterCommand/Heater
    feedback: can0/Actuators/Heater
    values: {{ "ON": "On", "OFF": "Off" }}
    fail_safe: "OFF"
rules:
  warm: {{ while: temperature > -40 °C, device: heater, value: "ON" }}
"""


@contextlib.contextmanager
def inside(host):
    """This thread, and those that it starts, make their connections from that host."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net") as home, open(f"/proc/{host.pid}/ns/net") as there:
        if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            libc.setns(home.fileno(), CLONE_NEWNET)


class Client(support.Client):
    """As MQTT 3.1.1, from a host, with an account of the cluster."""

    def __init__(self, host, address, account, suffix="-test"):
        super().__init__(clusters.PORT)
        self._host, self._address = host, address
        self.paho = paho.Client(client_id=account.name + suffix, protocol=paho.MQTTv311)
        self.paho.username_pw_set(account.name, account.password)
        self.paho.on_connect = lambda c, u, f, code: self._note(code)
        self.paho.on_message = self._on_old_message
        self.paho.on_subscribe = lambda c, u, mid, codes: self._acknowledge(mid, codes)
        self.paho.on_publish = lambda c, u, mid: self._acknowledge(mid, None)

    def _note(self, code):
        with self._changed:
            self._connected = code == 0
            self._changed.notify_all()

    def _on_old_message(self, _client, _userdata, m):
        with self._changed:
            self.messages.append(support.Message(m.topic, m.payload, m.qos, bool(m.retain), None))
            self._changed.notify_all()

    def start(self):
        with inside(self._host):
            self.paho.connect(self._address, clusters.PORT, 30)
            self.paho.loop_start()
        self._wait(lambda: self._connected, "connection", WAIT_S)
        return self

    def subscribe(self, *topics):
        _, mid = self.paho.subscribe([(topic, 1) for topic in topics])
        self._wait(lambda: mid in self._acknowledged, f"SUBACK for {topics}", WAIT_S)
        codes = self._acknowledged.pop(mid)
        if 128 in codes:
            raise AssertionError(f"{topics} refused: {codes}")
        return self

    def send(self, topic, payload):
        self.paho.publish(topic, json.dumps(payload), 1)


class ClusterTest(gateway_support.TestCase):
    """One cluster for all of these tests."""

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = Path(cls.stack.enter_context(tempfile.TemporaryDirectory(prefix="edge-cluster-")))
        cls.network = cls.stack.enter_context(netns.Network())
        cls.hosts = {name: cls.network.host(name) for name in ("node1", "node2", "node3", "gateway", "office")}
        cls.members = {
            name: clusters.Member(name, role, "demo")
            for name, role in (
                ("gw1", "gateway"), ("auto1", "automation"), ("boss", "maintainer"), ("ha", "homeassistant"),
            )
        }  # fmt: skip
        nodes = {name: cls.hosts[name] for name in ("node1", "node2", "node3")}
        cls.cluster = clusters.Nats(cls.folder, nodes, list(cls.members.values()))
        cls.stack.callback(cls.cluster.close)
        cls.cluster.start()
        cls.cluster.wait_ready()

    def client(self, name, *topics, suffix="-test"):
        client = Client(self.hosts["office"], self.cluster.addresses[2], self.members[name], suffix)
        self.addCleanup(client.stop)
        return client.start().subscribe(*topics)

    def settings(self, **more):
        settings = gateway_support.configuration(1)
        account = self.members["gw1"]
        settings["broker"] = {
            "address": [f"{address}:{clusters.PORT}" for address in self.cluster.addresses],
            "username": account.name, "password": account.password, "keepalive": "5s",
        }  # fmt: skip
        return {**settings, "metrics_interval": "1s", "store": {"file": str(self.directory / "edge.db")}, **more}

    def start_at_cluster(self, program, path, name):
        argv = self.hosts["gateway"].command([support.BIN_DIR / program, "run", "-c", path])
        process = self.start_process(argv, name=name)
        process.wait_log("connected with MQTT 3.1.1", timeout=WAIT_S)
        return process

    def test_everything_works(self):
        watch = self.client("boss", f"{ROOT}/status", f"{ROOT}/can/+/+", f"{ROOT}/alarms/+", f"{ROOT}/catalog",
                            f"{ROOT}/response/+", f"{ROOT}/metrics", HEATER)  # fmt: skip
        home = self.client("ha", "homeassistant/device/+/+/config")
        warm = {"signal": "can0/Climate/Temperature", "high": "-40 °C", "text": "It is not cold"}
        gateway_path = self.write_configuration(self.settings(home_assistant={"enabled": True}, alarms={"warm": warm}))
        gateway = self.start_at_cluster("edge-gateway", gateway_path, "gateway")
        text = AUTOMATION.format(addresses=", ".join(self.cluster.addresses), password=self.members["auto1"].password)
        automation_path = self.directory / "automation.yaml"
        automation_path.write_text(text)
        automation = self.start_at_cluster("automation-node", automation_path, "automation")

        watch.wait_topic(f"{ROOT}/status", "online", timeout=WAIT_S)
        watch.wait_topic(f"{ROOT}/catalog", timeout=WAIT_S)
        watch.wait_for(lambda m: m.topic == f"{ROOT}/can/can0/Climate" and "Temperature" in m.json["signals"], WAIT_S)
        watch.wait_for(lambda m: m.topic == f"{ROOT}/alarms/warm" and m.json["state"] != "normal", WAIT_S)
        home.wait_for(lambda m: len(m.payload) > 0, WAIT_S)
        # Reading, decision, command, bus, feedback.
        watch.wait_for(lambda m: m.topic == HEATER and m.json["value"] == "ON" and m.json["quality"] == "good", WAIT_S)
        self.ask_history(watch)
        automation.stop()
        self.descriptions_are_deleted(gateway, watch)

    def ask_history(self, watch):
        watch.send(f"{ROOT}/request/history",
                   {"signals": ["can0/Climate/Temperature", "can0/Climate/Humidity"], "transaction": "t-1"})  # fmt: skip
        answer = f"{ROOT}/response/history"
        watch.wait_for(lambda m: m.topic == answer and m.json.get("last"), WAIT_S)
        chunks = [m.json for m in watch.messages if m.topic == answer]
        self.assertEqual([c["seq"] for c in chunks], list(range(len(chunks))))
        self.assertEqual({(c["transaction"], c["status"]) for c in chunks}, {("t-1", "ok")})
        self.assertGreater(sum(len(c["data"].get("points", ())) for c in chunks), 0)

    def descriptions_are_deleted(self, gateway, watch):
        """What is retained no more is deleted in the cluster, on every node."""
        gateway.stop()
        watch.wait_topic(f"{ROOT}/status", "offline", timeout=WAIT_S)
        before = len(watch.messages)
        path = self.write_configuration(self.settings())
        self.start_at_cluster("edge-gateway", path, "gateway-again")
        watch.wait_for(
            lambda m: m.topic == f"{ROOT}/metrics" and m.json["retained"]["cleared"] > 0
            and watch.messages.index(m) >= before, WAIT_S,
        )  # fmt: skip
        later = self.client("ha", "homeassistant/device/+/+/config", "edge/demo/+/status", suffix="-later")
        later.wait_topic(f"{ROOT}/status", "online", timeout=WAIT_S)
        self.assertEqual([m.topic for m in later.messages if m.topic.startswith("homeassistant")], [])

    def test_rights_are_those_of_the_roles(self):
        watch = self.client("boss", "edge/demo/+/status")
        node = self.client("gw1", "edge/demo/gw1/can/can0/HeaterCommand/set")
        for refused in ("edge/#", "edge/demo/gw2/request/+", "edge/demo/+/can/+/+/set"):
            with self.assertRaises(AssertionError):
                node.subscribe(refused)
        node.send("edge/demo/gw2/status", "online")
        node.send("edge/demo/gw1/status", "mine")
        watch.wait_topic("edge/demo/gw1/status", '"mine"', timeout=WAIT_S)
        self.assertNotIn("edge/demo/gw2/status", [m.topic for m in watch.messages])


class TlsTest(support.TestCase):
    """The profile as it is, with certificates of scripts/pki."""

    def test_nodes_and_clients_need_certificates(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        network = stack.enter_context(netns.Network())
        hosts = {name: network.host(name) for name in ("node1", "node2", "node3")}
        pki = certificates.Pki(self.directory)
        account = clusters.Member("gw1", "gateway", "demo")
        cluster = clusters.Nats(self.directory, hosts, [account], pki)
        stack.callback(cluster.close)
        cluster.start()

        def publish(*tls):
            argv = ["mosquitto_pub", "-V", "mqttv311", "-h", cluster.addresses[1], "-p", clusters.PORT, "-i", "demo-gw1",
                    "-u", "gw1", "-P", account.password, "-t", f"{ROOT}/status", "-m", "online", "-q", "1"]  # fmt: skip
            argv = hosts["node3"].command(["timeout", WAIT_S, *argv, *tls])
            return subprocess.run(argv, capture_output=True).returncode

        ca_file, certificate, key = pki.client("gw1")
        ca = ("--cafile", ca_file)
        mine = (*ca, "--cert", certificate, "--key", key)
        clusters.wait_until(lambda: publish(*mine) == 0, f"acknowledgement:\n{cluster.processes['node2'].log[-3000:]}")
        self.assertNotEqual(publish(*ca), 0, "a client without a certificate")
        self.assertNotEqual(publish(), 0, "a client without TLS")


class FailoverTest(support.TestCase):
    def test_nothing_is_lost_when_a_node_is_killed(self):
        report = cluster_run.run("nats", 1, self.directory, short=True)
        self.assertEqual(list(report.problems), [])
        for name, verdict in report.verdicts.items():
            self.assertGreater(verdict.sent, 100, name)


if __name__ == "__main__":
    reason = cluster_run.missing("nats")
    if reason is not None:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
