"""A browser reads straight from the broker: MQTT frames over its WebSocket listener."""

import base64
import hashlib
import socket
import struct

import gateway_support
import support

PROGRAM = support.TEST_BIN_DIR / "ws_subscriber"


class Base(support.TestCase):
    def subscriber(self, port, topic, count, timeout_s=20):
        return self.start_process([PROGRAM, support.HOST, port, topic, count, timeout_s])


class FromTheBroker(Base):
    def setUp(self):
        super().setUp()
        self.broker = self.start_broker()
        self.publisher = self.start_client(self.broker)

    def subscribed(self, topic, count):
        process = self.subscriber(self.broker.websocket_port, topic, count)
        process.wait_log("^subscribed$")
        return process

    def test_live_readings_of_both_qualities_of_service(self):
        process = self.subscribed("edge/+/+/can/#", 2)
        self.publisher.publish("edge/s/gw/can/can0/Climate", '{"ts":1}', qos=0)
        self.publisher.publish("edge/s/gw/can/can0/Climate", '{"ts":2}', qos=1)
        self.publisher.publish("edge/s/gw/metrics", "not wanted")
        process.finish()
        self.assertEqual(
            process.output,
            'edge/s/gw/can/can0/Climate\t{"ts":1}\nedge/s/gw/can/can0/Climate\t{"ts":2}\n',
        )

    def test_a_retained_reading_arrives_at_once(self):
        self.publisher.publish("a/b", "21.5", retain=True, MessageExpiryInterval=60)
        process = self.subscriber(self.broker.websocket_port, "a/#", 1)
        process.finish()
        self.assertEqual(process.output, "a/b\t21.5\n")

    def test_a_payload_of_many_network_reads(self):
        process = self.subscribed("big", 1)
        payload = "".join(f"{i:07}\n" for i in range(20_000))
        self.publisher.publish("big", payload)
        process.finish()
        self.assertEqual(process.output, f"big\t{payload}\n")

    def test_more_messages_than_the_broker_lets_be_unacknowledged(self):
        process = self.subscribed("n", 1000)
        for i in range(1000):
            self.publisher.post("n", str(i))
        process.finish()
        self.assertEqual(process.output.split()[1::2], [str(i) for i in range(1000)])

    def test_too_few_messages_are_a_failure(self):
        process = self.subscriber(self.broker.websocket_port, "a", 1, timeout_s=0)
        process.finish(expected=1)
        self.assertIn("time is over", process.log)

    def test_no_broker_is_a_failure(self):
        process = self.subscriber(support.free_port(), "a", 1)
        process.finish(expected=1)
        self.assertIn("ws_subscriber:", process.log)

    def test_a_broker_that_dies_is_a_failure(self):
        process = self.subscribed("a", 1)
        self.broker.kill()
        process.finish(expected=1)
        self.assertIn("closed the connection", process.log)


class FromTheGateway(Base, gateway_support.TestCase):
    def test_live_readings_are_those_that_tcp_brings(self):
        """Through the browser's door and the front door: byte for byte the same readings."""
        self.broker = self.start_broker()
        client = self.start_client(self.broker).subscribe(f"{gateway_support.BUS}/+")
        process = self.subscriber(self.broker.websocket_port, f"{gateway_support.BUS}/+", 100)
        process.wait_log("^subscribed$")
        self.start_gateway(gateway_support.configuration(self.broker.port))
        process.finish()
        lines = [f"{m.topic}\t{m.text}" for m in client.wait_count(100)[:100]]
        self.assertEqual(process.output.splitlines(), lines)
        self.assertIn("Climate", process.output)

    def test_what_is_retained_greets_a_late_browser(self):
        self.start_plant()
        topic = f"{gateway_support.ROOT}/catalog"
        catalog = self.client.wait_topic(topic).text
        process = self.subscriber(self.broker.websocket_port, topic, 1)
        process.finish()
        self.assertEqual(process.output, f"{topic}\t{catalog}\n")


class Usage(Base):
    def test_bad_arguments(self):
        for arguments in ((), ("h", "70000", "t", "1", "1"), ("h", "1", "t", "0", "1")):
            with self.subTest(arguments):
                process = self.start_process([PROGRAM, *arguments])
                process.finish(expected=2)


class FakeBroker:
    """One WebSocket connection served by hand, to choose where frames begin and end."""

    def __init__(self):
        self.listener = socket.create_server((support.HOST, 0))
        self.listener.settimeout(support.TIMEOUT_S)
        self.port = self.listener.getsockname()[1]
        self.connection = self.stream = None

    def accept(self):
        self.hang_up()
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(support.TIMEOUT_S)
        self.stream = self.connection.makefile("rb")
        headers = {}
        while (line := self.stream.readline().strip()) != b"":
            name, _, value = line.partition(b": ")
            headers[name.lower()] = value
        key = headers[b"sec-websocket-key"] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key).digest())
        self.connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        return headers

    def receive(self):
        """The unmasked payload of one short frame, which must be binary and final."""
        first, length = self.stream.read(2)
        assert first == 0x82 and length & 0x80 and length & 0x7F < 126, (first, length)
        mask = self.stream.read(4)
        payload = self.stream.read(length & 0x7F)
        return bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))

    def send(self, payload, first=0x82):
        header = bytes([first, len(payload)])
        if len(payload) > 125:
            header = struct.pack(">BBH", first, 126, len(payload))
        self.connection.sendall(header + payload)

    def hang_up(self):
        for each in (self.stream, self.connection):
            if each is not None:
                each.close()

    def close(self):
        self.hang_up()
        self.listener.close()


class FrameBorders(Base):
    def setUp(self):
        super().setUp()
        self.fake = FakeBroker()
        self.addCleanup(self.fake.close)

    def connect(self, count):
        process = self.subscriber(self.fake.port, "f/#", count)
        headers = self.fake.accept()
        self.assertEqual(headers[b"sec-websocket-protocol"], b"mqtt")
        self.assertEqual(self.fake.receive(), b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x04\x00\x00")
        self.fake.send(b"\x20\x02\x00\x00")
        self.assertEqual(self.fake.receive(), b"\x82\x08\x00\x01\x00\x03f/#\x01")
        self.fake.send(b"\x90\x03\x00\x01\x01")
        return process

    def test_one_packet_in_many_frames(self):
        process = self.connect(1)
        for byte in b"\x30\x83\x01\x00\x03f/a" + b"x" * 126:
            self.fake.send(bytes([byte]))
        process.finish()
        self.assertEqual(process.output, "f/a\t" + "x" * 126 + "\n")

    def test_many_packets_in_one_frame_and_a_half(self):
        process = self.connect(3)
        packets = b"\x30\x06\x00\x03f/a1" + b"\x32\x08\x00\x03f/b\x01\x022" + b"\x30\x06\x00\x03f/c3"
        self.fake.send(packets[:20])
        self.assertEqual(self.fake.receive(), b"\x40\x02\x01\x02")
        self.fake.send(packets[20:])
        process.finish()
        self.assertEqual(process.output, "f/a\t1\nf/b\t2\nf/c\t3\n")

    def test_the_last_puback_is_sent_before_the_end(self):
        process = self.connect(1)
        self.fake.send(b"\x32\x08\x00\x03f/b\xab\xcd2")
        self.assertEqual(self.fake.receive(), b"\x40\x02\xab\xcd")
        process.finish()

    def test_an_idle_connection_is_kept_alive(self):
        process = self.connect(1)
        self.assertEqual(self.fake.receive(), b"\xc0\x00")
        self.fake.send(b"\xd0\x00")
        self.fake.send(b"\x30\x05\x00\x03f/a")
        process.finish()
        self.assertEqual(process.output, "f/a\t\n")

    def test_what_no_broker_may_send_is_a_failure(self):
        for name, first, payload in (
            ("a length of five bytes", 0x82, b"\x30\x80\x80\x80\x80\x01"),
            ("a topic longer than its packet", 0x82, b"\x30\x03\x00\x04f"),
            ("a refused subscription", 0x82, b"\x90\x03\x00\x01\x80"),
            ("a text frame", 0x81, b"\xd0\x00"),
        ):
            with self.subTest(name):
                process = self.connect(1)
                self.fake.send(payload, first)
                process.finish(expected=1)
                self.assertNotIn("time is over", process.log)


if __name__ == "__main__":
    support.main()
