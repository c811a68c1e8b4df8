"""The store of a fleet against a broker that follows a script; it has no database."""

import json
import socket
import struct

import fleet_support
import mqtt5
import support

CONNECT, CONNACK, PUBLISH, SUBSCRIBE, SUBACK = 0x10, 0x20, 0x30, 0x82, 0x90
SUBSCRIPTIONS = 5  # for `sites = +`
GRANTED_QOS_1, NOT_AUTHORISED = 1, 0x87


class ScriptedBroker:
    """A broker's side of MQTT 5, packet by packet, for one client."""

    def __init__(self, case):
        self.case = case
        self.server = socket.create_server((support.HOST, 0))
        case.addCleanup(self.server.close)
        self.server.settimeout(support.TIMEOUT_S)
        self.port = self.server.getsockname()[1]

    def accept(self):
        """The packet ids of its subscriptions, which wait for their answer."""
        client = self.server.accept()[0]
        self.case.addCleanup(client.close)
        client.settimeout(support.TIMEOUT_S)
        self.client, self.file = client, client.makefile("rb")
        self.case.addCleanup(self.file.close)
        self.case.assertEqual(self.read()[0], CONNECT)
        client.sendall(bytes([CONNACK, 3, 0, 0, 0]))
        packets = [self.read() for _ in range(SUBSCRIPTIONS)]
        self.case.assertEqual({kind for kind, _ in packets}, {SUBSCRIBE})
        return [body[:2] for _, body in packets]

    def read(self):
        """The next packet's first byte and the rest; (None, b""): it hung up."""
        head = self.file.read(1)
        if not head:
            return None, b""
        size = shift = 0
        while True:
            digit = self.file.read(1)[0]
            size, shift = size | (digit & 127) << shift, shift + 7
            if digit < 128:
                return head[0], self.file.read(size)

    def answer(self, packet_ids, reason=GRANTED_QOS_1):
        for packet_id in packet_ids:
            self.client.sendall(bytes([SUBACK, 4]) + packet_id + bytes([0, reason]))

    def publish(self, topic, payload, packet_id):
        body = mqtt5.text(topic) + struct.pack(">HB", packet_id, 0) + payload
        self.client.sendall(bytes([PUBLISH | 2]) + mqtt5.number(len(body)) + body)


class NoDatabase:
    @staticmethod
    def dsn(user):
        return f"host=/nowhere user={user}"


class Subscriptions(fleet_support.TestCase):
    """What is published before they are granted is not kept for it: until then it is not there."""

    def setUp(self):
        super().setUp()
        self.broker = ScriptedBroker(self)
        self.store = self.start_fleet_store(self.fleet_configuration(self.broker, NoDatabase))

    def test_it_is_there_when_the_last_one_is_granted(self):
        first, *others = self.broker.accept()
        self.broker.answer(others)
        self.broker.publish("edge/demo/gw1/event", b"{}", 77)
        self.assertNotIn("connected to the broker", self.store.log)
        self.broker.answer([first])
        self.store.wait_log("connected to the broker")
        self.assertIn(b"edge/centre/fleet-store/status", self.broker.read()[1])
        while b"/metrics" not in (body := self.broker.read()[1]):
            self.assertTrue(body)
        metrics = json.loads(body[body.index(b"{") :])
        self.assertEqual(metrics["store"]["received"], 1)

    def test_without_one_it_is_not_there(self):
        *others, last = self.broker.accept()
        self.broker.answer(others)
        self.broker.answer([last], NOT_AUTHORISED)
        self.assertEqual(self.broker.read(), (None, b""))
        self.store.wait_log("no broker: the broker refuses a subscription")
        self.assertNotIn("connected to the broker", self.store.log)


if __name__ == "__main__":
    fleet_support.main()
