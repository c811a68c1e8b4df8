"""Another broker, user or certificate at a reload: the daemons go there, and no frame is lost on the way."""

import getpass
import os
import shutil
import signal
import subprocess

import gateway_support
import lanes_support
import support
import tls_support
from gateway_support import ROOT

TIMEOUT_S = 120
RATE = int(os.environ.get("EDGE_RELOAD_RATE", "500"))  # frames a second
COUNT, OTHER = 0x123, 0x124
WINDOW = 100  # broker.max_outstanding
AUTO = "edge/demo/auto1"

AUTOMATION = {
    "site": "demo",
    "node": "auto1",
    "metrics_interval": "200ms",
    "devices": {"heater": {"driver": "simulated", "values": {"ON": "On", "OFF": "Off"}}},
}
GUARDED = """
user {user}
allow_anonymous false
password_file {passwords}
listener {port} 127.0.0.1
"""


class GuardedBroker(support.Process):
    """mosquitto with one user, whose password can change."""

    def __init__(self, directory, password):
        self.port = support.free_port()
        self.passwords = directory / "passwords"
        self.set_password(password)
        config = directory / "guarded.conf"
        config.write_text(GUARDED.format(user=getpass.getuser(), passwords=self.passwords, port=self.port))
        path = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin")
        super().__init__([path, "-v", "-c", config], directory, "guarded")

    def set_password(self, password):
        subprocess.run(["mosquitto_passwd", "-b", "-c", self.passwords, "gw1", password], check=True)

    def start(self):
        super().start()
        self.wait_log(r"mosquitto version .* running")
        return self


class TestCase(lanes_support.TestCase):
    def retained(self, broker, topic):
        """What a client that comes now is told is retained."""
        client = self.start_client(broker).subscribe(topic).subscribe("the/end")
        client.publish("the/end", "")
        client.wait_topic("the/end")
        found = [m.text for m in client.messages if m.topic == topic and m.retain]
        client.stop()
        return found

    def reload(self, process, settings, name, pattern=r"reloaded:"):
        """By a signal, and what the log says of it."""
        self.write_configuration(settings, f"{name}.yaml")
        mark = len(process.log.splitlines())
        process.send(signal.SIGHUP)
        process.wait_log(pattern, TIMEOUT_S, after=mark)
        return mark


def at(settings, broker, **more):
    section = {**settings["broker"], "port": broker.port, **more}
    return {**settings, "broker": section}


class Moves(TestCase):
    def start(self):
        self.a, self.b = self.start_broker(), self.start_broker()
        self.feed = self.start_feed(can_ids=(COUNT, OTHER))
        self.lanes = [self.start_lanes(broker) for broker in (self.a, self.b)]
        self.settings = {**self.settings(self.a, self.feed), "home_assistant": {"enabled": True}}
        self.gateway = self.start_gateway(self.settings)

    def lane_has(self, lanes, count):
        lanes.wait_until(lambda: len(lanes.content) >= count, f"{count} readings", TIMEOUT_S)

    def check_account(self):
        """All that was sent came to one of the brokers."""
        self.feed.stop()
        wanted = set(range(1, len(self.feed.sent) + 1))
        a, b = self.lanes

        def numbers():
            return set(a.numbers.values()) | set(b.numbers.values())

        for lanes in self.lanes:
            self.assertEqual((lanes.conflicts, lanes.gaps), ([], {}))
        b.wait_until(lambda: wanted <= numbers(), "rest of the frames", TIMEOUT_S)
        seqs = set(a.content) | set(b.content)
        self.assertEqual(seqs, set(range(1, max(seqs) + 1)))
        both = set(a.content) & set(b.content)
        self.assertEqual([s for s in both if a.content[s] != b.content[s]], [], "a seq with two contents")
        print(
            f"{len(wanted)} frames: {len(a.content)} seqs at A, {len(b.content)} at B, {len(both)} at both, "
            f"{len(set(a.backfilled))} and {len(set(b.backfilled))} backfilled",
            flush=True,
        )
        return both

    def test_a_gateway_goes_from_one_broker_to_another_under_load(self):
        self.start()
        self.feed.start(RATE)
        a, b = self.lanes
        self.lane_has(a, 300)
        asker = self.start_client(self.a).subscribe("answers/reload")
        self.write_configuration(at(self.settings, self.b), "edge-gateway.yaml")
        asker.publish(f"{ROOT}/request/reload", {}, ResponseTopic="answers/reload", timeout=TIMEOUT_S)
        answer = asker.wait_topic("answers/reload", timeout=TIMEOUT_S).json  # where it was asked
        self.assertEqual(answer["data"]["changes"], [{"kind": "section", "id": "broker", "change": "changed"}])
        self.lane_has(b, 300)
        self.gateway.wait_log(rf"info +mqtt: leaving 127.0.0.1:{self.a.port}: the configuration has changed")
        self.assertEqual(self.retained(self.a, f"{ROOT}/status"), ["offline"])
        self.assertEqual(self.retained(self.b, f"{ROOT}/status"), ["online"])
        for topic in ("catalog", "info", "can/can0/Count", "can/can0/state", "alarms/frame_log"):
            self.assertEqual(len(self.retained(self.b, f"{ROOT}/{topic}")), 1, topic)
        discovery = self.start_client(self.b).subscribe("homeassistant/device/#")
        discovery.wait_for(lambda m: m.retain)
        # Requests are heard at the new broker; nothing was complained of.
        asker = self.start_client(self.b).subscribe("answers/catalog")
        asker.publish(f"{ROOT}/request/catalog", {}, ResponseTopic="answers/catalog", timeout=TIMEOUT_S)
        asker.wait_topic("answers/catalog", timeout=TIMEOUT_S)
        self.assertNotIn("no connection", self.gateway.log)
        both = self.check_account()
        # What A had was not sent again, but for the last value of each topic and what was on its way.
        self.assertLessEqual(len(both), WINDOW + 4)
        self.gateway.stop(timeout=TIMEOUT_S)
        done = subprocess.run(
            [gateway_support.PROGRAM, "verify", "--log", str(self.directory / "edge.db")],
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_wrong_address_is_mended_by_the_next_reload(self):
        self.start()
        self.feed.start(RATE)
        self.lane_has(self.lanes[0], 100)
        nowhere = {**self.settings, "broker": {**self.settings["broker"], "port": support.free_port()}}
        mark = self.reload(self.gateway, nowhere, "edge-gateway")
        self.gateway.wait_log("warning mqtt: no connection: .*refused", TIMEOUT_S, after=mark)
        self.assertEqual(self.retained(self.a, f"{ROOT}/status"), ["offline"])
        sent = len(self.feed.sent)
        self.lanes[0].wait_until(lambda: len(self.feed.sent) > sent + RATE, "frames in between", TIMEOUT_S)
        self.reload(self.gateway, at(self.settings, self.b), "edge-gateway", r"connected with MQTT 5")
        self.check_account()
        self.assertGreater(len(set(self.lanes[1].backfilled)), RATE // 2)

    def test_a_broker_that_stands_still_is_left(self):
        self.start()
        self.feed.start(RATE)
        self.lane_has(self.lanes[0], 100)
        self.a.send(signal.SIGSTOP)
        self.addCleanup(self.a.send, signal.SIGCONT)
        self.reload(self.gateway, at(self.settings, self.b), "edge-gateway", r"connected with MQTT 5")
        self.lane_has(self.lanes[1], 300)
        self.a.send(signal.SIGCONT)
        self.check_account()

    def test_limits_and_waits_change_on_the_connection_that_there_is(self):
        self.start()
        self.gateway.wait_log("connected with MQTT 5")
        asker = self.start_client(self.a).subscribe("answers/#")
        more = {"limits": {"payload": "256B", "wishes": 5}, "retry_max": "3s", "connect_timeout": "3s"}
        self.reload(self.gateway, at(self.settings, self.a, **more), "edge-gateway")
        long = {"from": "-1h", "note": "x" * 300}
        asker.publish(f"{ROOT}/request/history", long, ResponseTopic="answers/history", timeout=TIMEOUT_S)
        answer = asker.wait_topic("answers/history", timeout=TIMEOUT_S)
        self.assertEqual(answer.json["error"], "larger than broker.limits.payload")
        self.assertEqual(self.gateway.log.count("connected with MQTT 5"), 1)
        self.assertNotIn("leaving", self.gateway.log)


class Credentials(TestCase):
    def test_a_password_that_was_changed(self):
        broker = GuardedBroker(self.directory, "one")
        self.addCleanup(broker.kill)
        broker.start()
        secret = self.directory / "secret"
        secret.write_text("one\n")
        secret.chmod(0o600)
        settings = gateway_support.configuration(broker.port, username="gw1", password=f"file:{secret}")
        gateway = self.start_gateway(settings)
        gateway.wait_log("connected with MQTT 5")
        mark = self.reload(gateway, settings, "edge-gateway")  # the same password
        broker.set_password("two")
        broker.send(signal.SIGHUP)
        broker.wait_log("Reloading config")
        self.assertEqual(gateway.log.count("connected with MQTT 5"), 1)
        secret.write_text("wrong\n")
        mark = self.reload(gateway, settings, "edge-gateway")
        gateway.wait_log("warning mqtt: no connection: .*([Nn]ot authori[sz]ed|password)", after=mark)
        secret.write_text("two\n")
        self.reload(gateway, settings, "edge-gateway", "connected with MQTT 5")

    def test_certificates_of_another_authority(self):
        old, new = (tls_support.Authority(self.directory, name) for name in ("old", "new"))
        brokers = []
        for authority in (old, new):
            broker = tls_support.Broker(self.directory, authority, authority.issue("broker"))
            self.addCleanup(broker.kill)
            brokers.append(broker.start())
        tls = [{"tls": {"ca": str(authority.ca)}} for authority in (old, new)]
        for name, settings in (
            ("edge-gateway", {**gateway_support.configuration(0), "store": {"enabled": False}}),
            ("automation-node", {**AUTOMATION, "broker": gateway_support.configuration(0)["broker"]}),
        ):
            path = self.write_configuration(at(settings, brokers[0], **tls[0]), f"{name}.yaml")
            daemon = self.start_process([support.BIN_DIR / name, "run", "-c", path], name=name)
            daemon.wait_log(f"connected with MQTT 5 to 127.0.0.1:{brokers[0].port}")
            mark = self.reload(daemon, at(settings, brokers[1], **tls[0]), name)  # only half of it
            daemon.wait_log("warning mqtt: no connection: .*CA", after=mark)
            mark = self.reload(daemon, at(settings, brokers[1], **tls[1]), name)
            daemon.wait_log(f"connected with MQTT 5 to 127.0.0.1:{brokers[1].port}", after=mark)


class Automation(TestCase):
    def test_an_automation_node_goes_to_another_broker(self):
        a, b = self.start_broker(), self.start_broker()
        settings = {**AUTOMATION, "broker": gateway_support.configuration(a.port)["broker"]}
        path = self.write_configuration(settings, "automation-node.yaml")
        node = self.start_process([support.BIN_DIR / "automation-node", "run", "-c", path], name="automation-node")
        asker = self.start_client(a).subscribe(f"{AUTO}/#").subscribe("answers/#").subscribe("edge/demo/devices/#")
        asker.wait_topic(f"{AUTO}/status", "online")
        asker.publish("edge/demo/devices/heater/set", "ON")
        asker.wait_for(lambda m: m.topic == "edge/demo/devices/heater/state" and m.json["value"] == "ON")
        self.write_configuration(at(settings, b), "automation-node.yaml")
        asker.publish(f"{AUTO}/request/reload", {}, ResponseTopic="answers/reload", timeout=TIMEOUT_S)
        self.assertEqual(asker.wait_topic("answers/reload", timeout=TIMEOUT_S).json["status"], "ok")
        asker.wait_topic(f"{AUTO}/status", "offline", timeout=TIMEOUT_S)
        client = self.start_client(b).subscribe(f"{AUTO}/#").subscribe("edge/demo/devices/#")
        client.wait_topic(f"{AUTO}/status", "online", timeout=TIMEOUT_S)
        client.wait_for(lambda m: m.topic == "edge/demo/devices/heater/state" and m.json["value"] == "ON")
        client.publish("edge/demo/devices/heater/set", "OFF")
        client.wait_for(lambda m: m.topic == "edge/demo/devices/heater/state" and m.json["value"] == "OFF")
        self.assertNotIn("no connection", node.log)
        for key, value in (("prefix", "other"), ("ledger", "x"), ("max_outstanding", 50), ("client_id", "me")):
            self.reload(node, at(settings, b, **{key: value}), "automation-node", f"broker.{key} cannot change")


if __name__ == "__main__":
    support.main()
