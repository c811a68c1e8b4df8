"""A subscriber's half of MQTT 5 and 3.1.1 that answers PUBACK when its caller says so.

Common client libraries acknowledge a message when they hand it over. Here it is the caller who does,
once the message is on the disk: until then the broker keeps it, and sends it again after a crash of
either side. So what waits is bounded by the broker's window, and a slow disk holds the broker back.

One thread, no callbacks: read() returns what has come, acknowledge() and publish() put into a buffer
what write() sends. Anything unexpected is a `Lost` with a reason, after which the session is opened anew.
"""

import select
import socket
import ssl
import struct
import time
from dataclasses import dataclass
from typing import NamedTuple

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = (
    0x10, 0x20, 0x30, 0x40, 0x82, 0x90, 0xC0, 0xD0, 0xE0,
)  # fmt: skip
VERSION_5, VERSION_311 = 5, 4
WRONG_VERSION = (0x84, 1)  # a CONNACK's reason in 5, and in 3.1.1
RECEIVE_BYTES = 1 << 18


class Lost(Exception):
    """The connection is gone, or was refused; the text says why."""


class Message(NamedTuple):
    topic: bytes
    payload: bytes
    retain: bool
    packet_id: int  # 0: QoS 0, nothing to acknowledge


@dataclass(frozen=True)
class Options:
    addresses: list  # (host, port), tried in turn
    client_id: str
    subscriptions: list  # (filter, whether retained messages are wanted)
    will: tuple  # topic, payload; retained, QoS 1
    username: str = ""
    password: str = ""
    tls: ssl.SSLContext = None
    keepalive_s: int = 15
    session_expiry_s: int = 7 * 86400
    receive_maximum: int = 1000
    packet_max_bytes: int = 2_000_000
    timeout_s: float = 10


def _text(value):
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">H", len(data)) + data


def _packet(kind, body):
    length, size = bytearray(), len(body)
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    length.append(size)
    return bytes([kind]) + bytes(length) + body


def _number(data, at):
    """A variable byte integer and where it ends; None: the rest has not come yet."""
    value = 0
    for i in range(4):
        if at + i >= len(data):
            return None
        value |= (data[at + i] & 127) << (7 * i)
        if data[at + i] < 128:
            return value, at + i + 1
    raise Lost("the broker sent a length that is none")


class Session:
    """At most one connection at a time; the broker keeps the session between them."""

    def __init__(self, options):
        self.options = options
        self.version = VERSION_5
        self.session_present = False
        self._turn = 0
        self._socket = None
        self._reset()

    def _reset(self):
        self._in = b""
        self._out = bytearray()
        self._packet_id = 0
        self._subscriptions_asked = 0  # and not answered yet
        self._heard = self._said = time.monotonic()

    @property
    def is_up(self):
        return self._socket is not None

    def fileno(self):
        return self._socket.fileno()

    # --- beginning and end

    def open(self):
        """Connects to the next address and subscribes; the messages that came before all was granted.

        Blocks for `timeout_s` at each of the two at most; or Lost.
        """
        host, port = self.options.addresses[self._turn % len(self.options.addresses)]
        self._turn += 1
        self._reset()
        try:
            raw = socket.create_connection((host, port), self.options.timeout_s)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            tls = self.options.tls
            self._socket = tls.wrap_socket(raw, server_hostname=host) if tls else raw
            self._socket.sendall(self._connect_packet())
            self._take_connack()
            self._socket.setblocking(False)
        except (OSError, struct.error, IndexError) as error:
            self.close()
            self._fall_back(isinstance(error, ConnectionError))
            raise Lost(f"{host}:{port}: {error}") from None
        except Lost:
            self.close()
            raise
        self._said = self._heard = time.monotonic()
        self._subscribe()
        try:
            return self._wait_granted()
        except Lost:
            self.close()
            raise

    def _fall_back(self, hung_up):
        """A broker that knows 5 not at all may just hang up; the next attempt asks for the other."""
        if hung_up:
            self.version = VERSION_311 if self.version == VERSION_5 else VERSION_5
            self._turn -= 1

    def close(self):
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def leave(self):
        """Says goodbye, so that the will is not published, and closes."""
        if self.is_up:
            self._out += _packet(DISCONNECT, b"")
            deadline = time.monotonic() + 1
            try:
                while self._out and time.monotonic() < deadline:
                    select.select([], [self._socket], [], 0.1)
                    self.write()
            except Lost:
                pass
        self.close()

    def _connect_packet(self):
        o, is_5 = self.options, self.version == VERSION_5
        flags = 0x04 | 0x08 | 0x20  # a will with QoS 1, retained; no clean start
        flags |= (0x80 if o.username else 0) | (0x40 if o.password else 0)
        body = _text("MQTT") + bytes([self.version, flags]) + struct.pack(">H", o.keepalive_s)
        if is_5:
            properties = struct.pack(
                ">BIBHBI",
                0x11, o.session_expiry_s, 0x21, o.receive_maximum, 0x27, o.packet_max_bytes,
            )  # fmt: skip
            body += bytes([len(properties)]) + properties
        body += _text(o.client_id) + (b"\0" if is_5 else b"")
        body += _text(o.will[0]) + _text(o.will[1])
        body += _text(o.username) if o.username else b""
        body += _text(o.password) if o.password else b""
        return _packet(CONNECT, body)

    def _receive_exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self._socket.recv(count - len(data))
            if not piece:
                raise ConnectionResetError("the broker hung up")
            data += piece
        return data

    def _take_connack(self):
        head = self._receive_exactly(2)
        body = self._receive_exactly(head[1] & 127)  # longer ones do not occur: it has no room
        if head[0] != CONNACK or head[1] > 127:
            raise Lost("the broker does not speak MQTT")
        if body[1] in WRONG_VERSION and self.version == VERSION_5:
            self.version = VERSION_311
            self._turn -= 1
            raise Lost("the broker does not know MQTT 5: trying 3.1.1")
        if body[1] != 0:
            raise Lost(f"the broker refuses the connection: reason {body[1]}")
        self.session_present = bool(body[0] & 1)

    def _subscribe(self):
        for topic_filter, retained in self.options.subscriptions:
            options = 1
            if self.version == VERSION_5:
                options |= 0 if retained else 0x20  # retain handling: never send retained ones
            body = struct.pack(">H", self._next_id())
            body += b"\0" if self.version == VERSION_5 else b""
            self._out += _packet(SUBSCRIBE, body + _text(topic_filter) + bytes([options]))
            self._subscriptions_asked += 1

    def _wait_granted(self):
        """Only from then on does the broker keep for this session what is published."""
        messages = []
        deadline = time.monotonic() + self.options.timeout_s
        while self._subscriptions_asked > 0:
            left_s = deadline - time.monotonic()
            ready = left_s > 0 and select.select([self._socket], [self._socket] if self._out else [], [], left_s)
            if not ready or not (ready[0] or ready[1]):
                raise Lost("the broker does not answer a subscription")
            self.write()
            messages += self.read()
        return messages

    # --- what goes out

    def _next_id(self):
        self._packet_id = self._packet_id % 65535 + 1
        return self._packet_id

    def publish(self, topic, payload, retain=False, qos=1):
        if self.is_up:
            body = _text(topic) + (struct.pack(">H", self._next_id()) if qos else b"")
            body += b"\0" if self.version == VERSION_5 else b""
            kind = PUBLISH | qos << 1 | (1 if retain else 0)
            self._out += _packet(kind, body + payload.encode())

    def acknowledge(self, packet_ids):
        self._out += b"".join(b"\x40\x02" + struct.pack(">H", i) for i in packet_ids)

    @property
    def wants_write(self):
        return bool(self._out)

    def write(self):
        """Sends what the socket takes."""
        try:
            while self._out:
                del self._out[: self._socket.send(self._out)]
                self._said = time.monotonic()
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            pass
        except OSError as error:
            raise Lost(str(error)) from None

    def keep_alive(self, now, is_reading):
        """Call it every second or so. `is_reading`: else silence of the broker is no sign."""
        if now - self._said >= self.options.keepalive_s / 2:
            self._out += _packet(PINGREQ, b"")
            self.write()
            self._said = now
        if is_reading and now - self._heard > 2 * self.options.keepalive_s:
            raise Lost("the broker is silent")

    # --- what comes in

    def read(self):
        """The messages that have come; perhaps none."""
        pieces = [self._in]
        try:
            pieces.append(self._socket.recv(RECEIVE_BYTES))
            if not pieces[-1]:
                raise Lost("the broker hung up")
            while isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
                pieces.append(self._socket.recv(RECEIVE_BYTES))
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError as error:
            raise Lost(str(error)) from None
        self._heard = time.monotonic()
        try:
            return self._parse(b"".join(pieces))
        except (IndexError, struct.error):
            raise Lost("the broker sent a packet that contradicts itself") from None

    def _parse(self, data):
        messages, at = [], 0
        while at + 2 <= len(data):
            length = _number(data, at + 1)
            if length is None or length[1] + length[0] > len(data):
                break
            begin, end = length[1], length[1] + length[0]
            if data[at] & 0xF0 == PUBLISH:
                messages.append(self._message(data, at, begin, end))
            else:
                self._take_other(data[at], data[begin:end])
            at = end
        self._in = data[at:]
        return messages

    def _message(self, data, head, at, end):
        size = data[at] << 8 | data[at + 1]
        topic = data[at + 2 : at + 2 + size]
        at += 2 + size
        packet_id = 0
        if data[head] & 0x06:
            packet_id = data[at] << 8 | data[at + 1]
            at += 2
        if self.version == VERSION_5:
            properties, at = _number(data, at)
            at += properties
        if at > end:
            raise Lost("the broker sent a packet that contradicts itself")
        return Message(topic, data[at:end], bool(data[head] & 1), packet_id)

    def _take_other(self, kind, body):
        if kind == SUBACK and body[-1] >= 0x80:
            raise Lost(f"the broker refuses a subscription (reason {body[-1]}): check its access rules")
        if kind == DISCONNECT:
            raise Lost(f"the broker disconnects: reason {body[0] if body else 0}")
        if kind == SUBACK:
            self._subscriptions_asked -= 1
        if kind not in (SUBACK, PUBACK, PINGRESP):
            raise Lost(f"the broker sent a packet of kind {kind:#x}")
