"""What strangers may send: topics, payloads, lines of a bus. All of it is to be refused, and counted."""

PAYLOADS = (
    b"", b"\0", b"\0" * 300, b"\xff\xfe\xfd", b"\xc0\x80", b'{"signals":' * 5000, b"[" * 100000, b'{"a":"\\ud800"}',
    b'{"signals":{"Heater":1e999}}', b'{"value":"' + b"A" * 70000 + b'"}', b"x" * (1 << 20), b"-" + b"9" * 400,
    b'{"signals":{"Heater":"On"},"transaction":"' + b"t" * 500 + b'"}', b"ON\0OFF", b"%s%n%x", b"\xf4\x90\x80\x80",
)  # fmt: skip

# Of a candump log: none is a frame.
LINES = (
    b"", b"(", b"()", b"(abc) can0 123#00", b"(1.0) can0 GGG#00", b"(1.0) can0 123#0", b"(1.0) can0 123#" + b"00" * 300,
    b"(1.0) can0 FFFFFFFFF#00", b"(1.0) can0", b"(1.0) can0 123##", b"(" + b"9" * 400 + b".0) can0 123#00", b"%s%n%x",
    b"(1.0) " + b"x" * 5000 + b" 123#00", b"-1", b"\x00" * 100, b"\xff\xfe\xfd",
)  # fmt: skip
# Of a serial adapter (slcan): none is a whole frame or state. The kernel's driver reads on where a line ends too early, in what
# is left of the line before: so the id is one that no DBC has.
SERIAL_LINES = (
    b"", b"t", b"t1", b"t12", b"t7FF", b"tZZZ8", b"t7FF9", b"t7FF8", b"t7FF811", b"t7FF8112233445566778", b"t7FFG", b"T", b"T1FFFFFFF",
    b"TGGGGGGGG0", b"r", b"r1", b"s", b"sx", b"sb", b"sb00", b"sa00000", b"e", b"e9", b"e1x", b"z", b"\a", b"\x00\xff", b"q" * 200,
)  # fmt: skip


def topics(gateway, node, site, device, command):
    """Of a gateway, an automation node and a site; command: <bus>/<message>. Some exist, some could, some are too long."""
    long = "a" * 300
    bus = command.split("/")[0]
    return [
        f"{gateway}/can/{command}/set", f"{gateway}/can/{bus}/{long}/set", f"{gateway}/can/{bus}/\u00e9\u4e2d/set",
        f"{gateway}/can/{bus}//set", f"{gateway}/request/history", f"{gateway}/request/{long}", f"{gateway}/alarms/no/set",
        f"{gateway}/alarms/{long}/set", f"{node}/request/explain", f"{node}/request/reload", f"{node}/rules/{long}/set",
        f"{site}/devices/{device}/set", f"{site}/devices/{long}/set", f"{node}/controllers/x/set", "edge/" + "x/" * 150 + "set",
        "homeassistant/status",
    ]  # fmt: skip


def _any_bytes(rng, without):
    return bytes(byte for byte in rng.randbytes(rng.randint(1, 60)) if byte not in without)


def line(rng):
    """One for a candump log, without its newline."""
    return rng.choice(LINES) if rng.random() < 0.7 else _any_bytes(rng, b"\n#")


def serial_line(rng):
    """One for a serial adapter, without its carriage return."""
    return rng.choice(SERIAL_LINES) if rng.random() < 0.7 else _any_bytes(rng, b"\r\atTrRsS")
