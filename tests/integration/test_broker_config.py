"""The broker profile of broker-config/, booted: what its comments promise."""

import contextlib
import os
import re
import subprocess
import time
import urllib.error
import urllib.request

import support

PACKET_BYTES = 2000000
QUEUE_BYTES = 67108864
LARGE = 262144  # bytes of a payload that fills a queue soon


def listening_addresses(pid):
    """(address, port) of every TCP socket on which a process listens, from /proc."""
    inodes = set()
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile: no listener
            target = os.readlink(f"/proc/{pid}/fd/{descriptor}")
            inodes.update(re.findall(r"^socket:\[(\d+)\]$", target))
    found = set()
    for table in ("tcp", "tcp6"):
        with open(f"/proc/net/{table}", encoding="ascii") as rows:
            for row in list(rows)[1:]:
                fields = row.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    address, port = fields[1].split(":")
                    found.add((address, int(port, 16)))
    return found


class Profile(support.TestCase):
    def test_loads_without_a_complaint(self):
        broker = self.start_broker()
        broker.stop()
        as_root = r"Warning: Mosquitto should not be run as root/administrator\."
        log = re.sub(as_root, "", broker.log)  # render's doing, where the tests run as root
        self.assertNotRegex(log, r"(?i)warning|error|deprecated|recommended")

    def test_listens_on_loopback_only_and_on_its_two_ports_only(self):
        broker = self.start_broker()
        loopback = "0100007F"
        self.assertEqual(
            listening_addresses(broker.process.pid),
            {(loopback, broker.port), (loopback, broker.websocket_port)},
        )

    def test_the_written_ports_are_the_customary_ones(self):
        render = support.SOURCE_DIR / "broker-config/render"
        text = subprocess.run([render], check=True, capture_output=True, text=True).stdout
        self.assertEqual(text, (render.parent / "mosquitto.conf").read_text(encoding="utf-8"))
        self.assertRegex(text, r"(?m)^listener 1883 127\.0\.0\.1$")
        self.assertRegex(text, r"(?m)^listener 9001 127\.0\.0\.1$")

    def test_two_copies_do_not_disturb_each_other(self):
        brokers = [self.start_broker(), self.start_broker()]
        clients = [self.start_client(broker, client_id="same") for broker in brokers]
        for i, client in enumerate(clients):
            client.subscribe("t")
            client.publish("t", str(i), retain=True)
        for i, client in enumerate(clients):
            client.publish("t", "end")
            client.wait_topic("t", "end")
            self.assertEqual([m.text for m in client.messages], [str(i), "end"])
        brokers[0].kill()
        clients[1].publish("t", "alive")
        clients[1].wait_topic("t", "alive")


class Page(support.TestCase):
    def get(self, broker, path):
        url = f"http://{support.HOST}:{broker.websocket_port}{path}"
        with urllib.request.urlopen(url, timeout=support.TIMEOUT_S) as answer:
            return answer.read()

    def test_is_delivered_whole(self):
        page = (support.SOURCE_DIR / "dashboard/dist/index.html").read_bytes()
        self.assertEqual(self.get(self.start_broker(), "/"), page)

    def test_nothing_outside_its_folder_is_delivered(self):
        with self.assertRaises(urllib.error.HTTPError):
            self.get(self.start_broker(), "/../broker-config/mosquitto.conf")


class Limits(support.TestCase):
    def test_are_announced_to_mqtt_5_clients(self):
        connack = self.start_client(self.start_broker(), keepalive_s=3600).connack
        self.assertEqual(connack.ReceiveMaximum, 100)
        self.assertEqual(connack.MaximumPacketSize, PACKET_BYTES)
        self.assertEqual(connack.ServerKeepAlive, 300)

    def test_the_publisher_of_an_oversize_packet_is_disconnected(self):
        broker = self.start_broker()
        watcher = self.start_client(broker).subscribe("#")
        client = self.start_client(broker)
        client.publish("size", b"y" * (PACKET_BYTES - 100))
        client.post("size", b"x" * PACKET_BYTES)
        broker.wait_log("oversize packet")
        client.stop()
        watcher.publish("end", "")
        watcher.wait_topic("end")
        self.assertEqual([m.topic for m in watcher.messages], ["size", "end"])

    def away_session(self, broker):
        durable = {"client_id": "away", "session_expiry_s": 3600}
        self.start_client(broker, **durable).subscribe("#").stop()
        return lambda: self.start_client(broker, clean_start=False, **durable)

    def test_an_offline_session_keeps_more_than_the_default_thousand(self):
        broker = self.start_broker()
        come_back = self.away_session(broker)
        publisher = self.start_client(broker)
        for i in range(2999):
            publisher.post("n", str(i))
        publisher.publish("n", "2999")
        received = come_back().wait_count(3000)
        self.assertEqual([int(m.text) for m in received], list(range(3000)))

    def test_an_offline_session_is_bounded_in_bytes(self):
        broker = self.start_broker()
        come_back = self.away_session(broker)
        publisher = self.start_client(broker)
        fitting = QUEUE_BYTES // LARGE
        for i in range(fitting + 100):
            publisher.publish("n", f"{i:06}".encode().ljust(LARGE))
        returned = come_back()
        returned.wait_count(fitting - 2)  # while the queue is full it takes no end
        publisher.publish("end", "", qos=1)
        returned.wait_topic("end")
        kept = [int(m.payload[:6]) for m in returned.messages if m.topic == "n"]
        self.assertEqual(kept, list(range(len(kept))))  # the oldest, in order
        self.assertAlmostEqual(len(kept), fitting, delta=2)


class Retained(support.TestCase):
    def test_survive_a_restart_of_the_broker(self):
        broker = self.start_broker()
        client = self.start_client(broker)
        client.publish("site/state", "kept", retain=True)
        broker.restart()
        later = self.start_client(broker).subscribe("site/#")
        self.assertTrue(later.wait_topic("site/state", "kept").retain)

    def test_a_killed_broker_comes_back_on_its_ports_and_clients_return(self):
        broker = self.start_broker()
        client = self.start_client(broker)
        broker.kill()
        client.wait_disconnected()
        broker.start()
        client.wait_connected()
        client.subscribe("t")
        client.publish("t", "again")
        client.wait_topic("t", "again")

    def test_expire_when_their_time_is_over(self):
        broker = self.start_broker()
        publisher = self.start_client(broker)
        publisher.publish("short", "1", retain=True, MessageExpiryInterval=2)
        first = self.start_client(broker).subscribe("short").wait_topic("short")
        self.assertLessEqual(first.properties.MessageExpiryInterval, 2)
        deadline = time.monotonic() + support.TIMEOUT_S
        while self.retained(broker, "short"):
            self.assertLess(time.monotonic(), deadline, "still there")

    def retained(self, broker, topic):
        """What a new subscriber gets at once: whatever arrives before its own marker."""
        client = support.Client(broker.port).start()
        try:
            client.subscribe(topic).subscribe("marker")
            client.publish("marker", "")
            client.wait_topic("marker")
            return [m for m in client.messages if m.topic == topic]
        finally:
            client.stop()


if __name__ == "__main__":
    support.main()
