"""What strangers send: floods, hostile bytes. And what the daemons must not show: a listener, a secret."""

import os
import subprocess
from pathlib import Path

import gateway_support
import hostile
import support
from gateway_support import BUS, ROOT

NODE = "edge/demo/auto1"
AUTOMATION = {
    "site": "demo",
    "node": "auto1",
    "metrics_interval": "200ms",
    "devices": {"heater": {"driver": "simulated", "values": {"ON": "On", "OFF": "Off"}}},
}
SECRET = "kX9-planted-secret-5t"
BOTH = (("edge-gateway", ROOT), ("automation-node", NODE))


class TestCase(gateway_support.TestCase):
    def start_both(self, **broker):
        self.broker = self.start_broker()
        self.client = self.start_client(self.broker).subscribe("edge/#")
        self.start_daemons(**broker)

    def start_daemons(self, **broker):
        self.processes = {}
        for daemon, root in BOTH:
            path = self.write_configuration(self.settings(daemon, **broker), f"{daemon}.yaml")
            self.processes[daemon] = self.start_process([support.BIN_DIR / daemon, "run", "-c", path], name=daemon)
            self.client.wait_topic(f"{root}/status", "online")

    def settings(self, daemon, **broker):
        settings = gateway_support.configuration(self.broker.port, **broker)
        if daemon == "edge-gateway":
            return settings
        return {**AUTOMATION, "broker": settings["broker"]}

    def wait_intake(self, root, kind, count):
        """The metrics once so many messages of that kind were judged."""
        return self.client.wait_newest(
            f"{root}/metrics", lambda m: sum(m.json["intake"][kind].values()) >= count, timeout=120
        ).json["intake"]

    def resident_bytes(self, daemon):
        status = Path(f"/proc/{self.processes[daemon].process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024


class Floods(TestCase):
    COUNT = 10000

    def test_a_flood_is_refused_and_delays_no_reading(self):
        self.start_both(limits={"wishes_per_topic": 5, "requests": 5})  # few, for a machine that is slow
        before = {daemon: self.resident_bytes(daemon) for daemon, _ in BOTH}
        half = self.COUNT // 2
        answers = self.start_client(self.broker).subscribe("answers/#")
        for topics in (
            (f"{BUS}/HeaterCommand/set", f"{ROOT}/request/catalog"),
            ("edge/demo/devices/heater/set", f"{NODE}/request/devices"),
        ):
            for _ in range(half):
                self.client.post(topics[0], '{"signals":{"Heater":"On"}}', ResponseTopic="answers/wish")
                self.client.post(topics[1], "{}", ResponseTopic="answers/question")
        for daemon, root in BOTH:
            with self.subTest(daemon):
                self.wait_intake(root, "requests", half)
                intake = self.wait_intake(root, "wishes", half)
                self.assertGreater(intake["wishes"]["too_many_on_topic"], 0)
                self.assertGreater(intake["requests"]["too_many"], 0)
                self.assertGreater(intake["wishes"]["taken"], 0)
                self.assertGreater(intake["requests"]["taken"], 0)
                self.assertGreater(intake["unanswered"], 0)  # a flood of refusals is no flood of answers
                self.assertLess(self.resident_bytes(daemon) - before[daemon], 64 << 20)  # a sanitizer's quarantine
                self.assertLess(self.processes[daemon].log.count(" refused (too_many"), 20)
        answers.wait_for(lambda m: "too many" in m.text)
        self.assert_readings_went_on()

    def assert_readings_went_on(self):
        """All readings of a message came in their order, and one comes now."""
        topic = f"{BUS}/Climate"
        seqs = [m.json["seq"] for m in self.client.messages if m.topic == topic]
        self.assertEqual(seqs, sorted(set(seqs)))
        self.client.wait_newest(topic, lambda m: m.json["seq"] > seqs[-1])

    def test_the_limits_are_configuration(self):
        self.start_both(limits={"payload": "1KiB", "wishes_per_topic": 1, "requests": 1})
        for _ in range(20):
            self.client.publish(f"{NODE}/request/devices", "{}")
            self.client.publish("edge/demo/devices/heater/set", "ON")
        self.client.publish(f"{NODE}/request/devices", "x" * 1025)
        intake = self.wait_intake(NODE, "requests", 21)
        self.assertEqual(intake["requests"]["too_large"], 1)
        self.assertGreater(intake["requests"]["too_many"], 0)
        self.assertGreater(self.wait_intake(NODE, "wishes", 20)["wishes"]["too_many_on_topic"], 0)


class HostileBytes(TestCase):
    def test_any_bytes_on_any_topic_are_harmless(self):
        self.start_both()
        topics = hostile.topics(ROOT, NODE, "edge/demo", device="heater", command="can0/HeaterCommand")
        for topic in topics:
            for payload in hostile.PAYLOADS:
                self.client.post(topic, payload, ResponseTopic="edge/demo/gw1/status", CorrelationData=b"\0" * 2000)
        for topic in topics:
            self.client.publish(topic, b"\xff", retain=True)
        for _, root in BOTH:  # both still answer, to whom they may
            self.client.publish(f"{root}/request/{'catalog' if root == ROOT else 'devices'}", '{"transaction":"after"}')
            verb = "catalog" if root == ROOT else "devices"
            self.client.wait_for(lambda m, t=f"{root}/response/{verb}": m.topic == t and '"after"' in m.text, timeout=60)
        for topic in topics:
            self.client.publish(topic, b"", retain=True)
        for process in self.processes.values():
            process.stop()  # looks for reports of the sanitizers


def sockets_of(pid):
    """What it listens on or is bound to with UDP: (protocol, local address)."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[len("socket:[") : -1])
    found = []
    for protocol in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for line in Path(f"/proc/{pid}/net/{protocol}").read_text().splitlines()[1:]:
            words = line.split()
            if words[9] in inodes and (not protocol.startswith("tcp") or words[3] == "0A"):
                found.append((protocol, words[1]))
    return found


class Secrecy(TestCase):
    def test_neither_listens_anywhere(self):
        broker = self.start_broker()
        self.assertTrue(sockets_of(broker.process.pid))  # the look finds what there is
        self.start_both()
        for daemon, _ in BOTH:
            self.assertEqual(sockets_of(self.processes[daemon].process.pid), [], daemon)

    def test_a_secret_is_shown_nowhere(self):
        """By file and by environment; the daemons' logs, all they publish and answer, and check --print."""
        secret = self.directory / "secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)
        os.environ["PLANTED"] = SECRET
        self.addCleanup(os.environ.pop, "PLANTED")
        for written in (f"file:{secret}", "${PLANTED}"):
            with self.subTest(written):
                self.start_both(username="somebody", password=written)
                for daemon, root in BOTH:
                    for verb in ("catalog", "devices", "support"):
                        self.client.publish(f"{root}/request/{verb}", "{}")
                    self.client.wait_for(lambda m, t=f"{root}/info": m.topic == t)
                    self.client.wait_for(lambda m, t=f"{root}/response/": m.topic.startswith(t))
                    for options in ((), ("--print",)):
                        path = self.directory / f"{daemon}.yaml"
                        done = subprocess.run([support.BIN_DIR / daemon, "check", "-c", path, *options], capture_output=True)
                        self.assertEqual(done.returncode, 0)
                        self.assertNotIn(SECRET.encode(), done.stdout + done.stderr)
                        if options:
                            self.assertIn(b"password: ********", done.stdout.replace(b"'", b""))
                    self.processes[daemon].stop()
                    self.assertNotIn(SECRET, self.processes[daemon].log)
                    self.assertNotIn(SECRET, self.processes[daemon].output)
                for message in self.client.messages:
                    self.assertNotIn(SECRET.encode(), message.payload)


if __name__ == "__main__":
    support.main()
