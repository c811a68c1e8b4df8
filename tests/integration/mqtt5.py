"""A small MQTT 5 client on a socket: it says every reason code, and comes with TLS and a will as a test wants."""

import socket
import struct
import time

import support

DENIED = 135  # not authorised
FAILURE = 128  # reasons from here on are errors
PROPERTY_ASSIGNED_ID = 0x12
IN_FLIGHT = 50  # below the Receive Maximum of the profiles

# Of the properties in a CONNACK: how long each is; None is a string, "pair" are two.
PROPERTY_SIZES = {
    0x11: 4, 0x12: None, 0x13: 2, 0x15: None, 0x16: None, 0x1A: None, 0x1C: None, 0x1F: None, 0x21: 2,
    0x22: 2, 0x24: 1, 0x25: 1, 0x26: "pair", 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1,
}  # fmt: skip


def number(value):
    """A variable byte integer."""
    text = b""
    while True:
        value, digit = divmod(value, 128)
        text += bytes([digit | (0x80 if value else 0)])
        if not value:
            return text


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(data)) + data


def read_number(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if not byte & 0x80:
            return value, at


def read_text(data, at):
    end = at + 2 + struct.unpack_from(">H", data, at)[0]
    return data[at + 2 : end], end


class Refused(Exception):
    """The broker's CONNACK was no success; `reason` is its code."""

    def __init__(self, reason):
        super().__init__(f"refused with {reason}")
        self.reason = reason


class Client:
    def __init__(self, port, client_id="", username=None, password=None, tls=None, will=None):
        """`tls` is an ssl.SSLContext; `will` a topic."""
        self.received = []  # (topic, payload)
        self.assigned_id = None
        self._mid = 0
        self._buffer = b""
        self._socket = socket.create_connection((support.HOST, port), timeout=support.TIMEOUT_S)
        try:
            if tls is not None:
                self._socket = tls.wrap_socket(self._socket, server_hostname="localhost")
            self._connect(client_id, username, password, will)
        except BaseException:
            self.close()
            raise

    def close(self):
        """Without a word, so that the broker publishes the will."""
        self._socket.close()

    def _send(self, kind, body):
        self._socket.sendall(bytes([kind]) + number(len(body)) + body)

    def _connect(self, client_id, username, password, will):
        flags = 0x02  # clean start
        payload = text(client_id)
        if will is not None:
            flags |= 0x04
            payload += b"\x00" + text(will) + text("will")
        if username is not None:
            flags |= 0x80
            payload += text(username)
        if password is not None:
            flags |= 0x40
            payload += text(password)
        self._send(0x10, text("MQTT") + bytes([5, flags]) + struct.pack(">H", 60) + b"\x00" + payload)
        kind, body = self._packet()
        if kind != 0x20:
            raise AssertionError(f"no CONNACK but {kind:#x}")
        if body[1] >= FAILURE:
            raise Refused(body[1])
        self._read_connack(body)

    def _read_connack(self, body):
        length, at = read_number(body, 2)
        end = at + length
        while at < end:
            name, size = body[at], PROPERTY_SIZES[body[at]]
            at += 1
            if size is None:
                value, at = read_text(body, at)
                if name == PROPERTY_ASSIGNED_ID:
                    self.assigned_id = value.decode()
            else:
                at += size

    def _fill(self, size):
        while len(self._buffer) < size:
            more = self._socket.recv(65536)
            if not more:
                raise ConnectionError("the broker has closed the connection")
            self._buffer += more

    def _packet(self):
        """The next (kind, body)."""
        self._fill(2)
        while True:
            try:
                length, at = read_number(self._buffer, 1)
                break
            except IndexError:
                self._fill(len(self._buffer) + 1)
        self._fill(at + length)
        kind, body = self._buffer[0], self._buffer[at : at + length]
        self._buffer = self._buffer[at + length :]
        return kind, body

    def _take(self):
        """One packet: a PUBLISH is recorded and acknowledged, of others (kind, packet id, reasons) comes back."""
        kind, body = self._packet()
        if kind & 0xF0 != 0x30:
            mid = struct.unpack_from(">H", body)[0] if len(body) >= 2 else 0
            return kind, mid, body
        topic, at = read_text(body, 0)
        if kind & 0x06:
            self._send(0x40, body[at : at + 2])
            at += 2
        length, at = read_number(body, at)
        self.received.append((topic.decode(), bytes(body[at + length :])))
        return None

    def _wait(self, wanted, mid):
        deadline = time.monotonic() + support.TIMEOUT_S
        while time.monotonic() < deadline:
            packet = self._take()
            if packet is not None and packet[:2] == (wanted, mid):
                return packet[2]
        raise AssertionError(f"no packet {wanted:#x} for {mid}")

    def _next_mid(self):
        self._mid += 1
        return self._mid

    def subscribe(self, topic, qos=1):
        """The reason of the SUBACK."""
        mid = self._next_mid()
        self._send(0x82, struct.pack(">H", mid) + b"\x00" + text(topic) + bytes([qos]))
        return self._wait(0x90, mid)[-1]

    def publish(self, topic, payload=b"", retain=False, response_topic=None):
        """The reason of the PUBACK."""
        return self.publish_all([(topic, payload)], retain, response_topic)[0]

    def publish_all(self, messages, retain=False, response_topic=None):
        """The reasons of the PUBACKs of (topic, payload), in order."""
        properties = b"" if response_topic is None else b"\x08" + text(response_topic)
        properties = number(len(properties)) + properties
        reasons, pending = {}, []
        for topic, payload in messages:
            mid = self._next_mid()
            self._send(0x33 if retain else 0x32, text(topic) + struct.pack(">H", mid) + properties + payload)
            pending.append(mid)
            if len(pending) - len(reasons) >= IN_FLIGHT:
                self._collect(reasons)
        while len(reasons) < len(pending):
            self._collect(reasons)
        return [reasons[mid] for mid in pending]

    def _collect(self, reasons):
        packet = self._take()
        if packet is not None and packet[0] == 0x40:
            reasons[packet[1]] = packet[2][2] if len(packet[2]) > 2 else 0

    def hears(self, predicate, timeout=support.TIMEOUT_S):
        """The first message (topic, payload) for which it holds; None if there is none in that time."""
        deadline = time.monotonic() + timeout
        seen = 0
        while True:
            for message in self.received[seen:]:
                if predicate(*message):
                    return message
            seen = len(self.received)
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            try:
                self._socket.settimeout(left)
                self._take()
            except TimeoutError:
                return None
            finally:
                self._socket.settimeout(support.TIMEOUT_S)

    def wait_for(self, predicate):
        """The same, but one has to come."""
        message = self.hears(predicate)
        if message is None:
            last = [(topic, payload[:200]) for topic, payload in self.received[-5:]]
            raise AssertionError(f"no such message; received {last}")
        return message
