"""What `decode` prints of a log and what `run` publishes of it are the same, frame by frame."""

import gzip
import subprocess
import unittest
from decimal import Decimal

import gateway_support
import support
from gateway_support import BUS, ROOT, exact_json

REAL_LOGS = support.SOURCE_DIR / "../shared/vectors/real"  # not part of the repository


def decoded(log, dbc):
    """(ts, message, values) of each frame that the DBC knows. Values keep the text of their
    numbers; only times are compared as numbers, because decode pads them to six decimals."""
    command = [gateway_support.PROGRAM, "decode", "--dbc", dbc, log]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    frames = []
    for line in result.stdout.splitlines():
        frame = exact_json(line)
        values = {
            name: signal.get("label", signal["value"]) for name, signal in frame["signals"].items()
        }
        if values:  # a frame too short for any signal is no reading
            frames.append((Decimal(frame["ts"]), frame["message"], values))
    return frames


def candump_frames(log):
    """(microseconds since the first frame, id, FD flags or None, data) of each line of a candump log."""
    start = None
    for line in log.read_text(encoding="utf-8").splitlines():
        stamp, _, frame = line.split()
        micros = int(Decimal(stamp.strip("()")) * 1_000_000)
        start = micros if start is None else start
        can_id, _, data = frame.partition("#")
        flags = int(data[1], 16) if data.startswith("#") else None
        yield micros - start, can_id, flags, bytes.fromhex(data[2:] if data.startswith("#") else data)


def dlc(data):
    return (0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64).index(len(data))


def vector_ascii(log):
    yield "date Mon Nov 23 08:39:20 am 2026"  # 1795423160
    yield "base hex  timestamps absolute"
    for micros, can_id, flags, data in candump_frames(log):
        stamp, name = f"{micros / 1e6:11.6f}", can_id.lstrip("0") + ("x" if len(can_id) == 8 else "")
        if flags is None:
            yield f"{stamp} 1  {name:15} Rx   d {len(data):X} {data.hex(' ')}"
        else:
            yield f"{stamp} CANFD   1 Rx  {name:15} {flags & 1} {flags >> 1 & 1} {dlc(data):x} {len(data)} {data.hex(' ')}"


def peak_trace(log):
    yield from (";$FILEVERSION=2.1", ";$STARTTIME=46349.360648148148", ";$COLUMNS=N,O,T,B,I,d,R,L,D")
    for number, (micros, can_id, flags, data) in enumerate(candump_frames(log), 1):
        kind = "DT" if flags is None else ("FD", "FB", "FE", "BI")[flags & 3]
        yield f"{number:7} {micros / 1000:13.3f} {kind} 1 {can_id.rjust(4, '0'):>9} Rx -  {dlc(data):<4} {data.hex(' ').upper()}"


class Equality(gateway_support.TestCase):
    def replay(self, log, dbc, frames, timeout, **broker_settings):
        """The readings by seq, as (ts, message, values), and the seqs of the events."""
        broker = self.start_broker()
        client = self.start_client(broker)
        for topic in (f"{BUS}/+", f"{ROOT}/event", f"{ROOT}/backfill/#", f"{ROOT}/metrics"):
            client.subscribe(topic)
        bus = gateway_support.replayed_bus(log, dbc)
        self.start_gateway(gateway_support.configuration(broker.port, bus, **broker_settings))
        contents = {}

        def is_the_end(message):
            """Of the log, and of what is on its way to the broker, and from there to the client."""
            if message.topic != f"{ROOT}/metrics":
                return False
            store, pending = message.json["store"], message.json["readings"]["pending"]
            if store["frames"] < frames or pending > 0:
                return False
            contents.update(self.by_seq(client.messages))
            return len(contents) == store["frames"] + store["events"]

        client.wait_last(is_the_end, timeout)
        events = {seq for seq, (name, _) in contents.items() if name == "event"}
        readings = {
            seq: (Decimal(content["ts"]), name, content["signals"])
            for seq, (name, content) in contents.items()
            if name != "event"
        }
        return readings, events

    @staticmethod
    def by_seq(messages):
        """(last word of the topic, content), of what has a seq."""
        found = {}
        for message in messages:
            if message.topic not in (f"{BUS}/state", f"{ROOT}/metrics"):
                content = exact_json(message.text)
                found[int(content["seq"])] = (message.topic.rpartition("/")[2], content)
        return found

    def assert_equal(self, log, dbc, timeout=support.TIMEOUT_S, **broker_settings):
        expected = decoded(log, dbc)
        self.assertGreater(len(expected), 500)
        readings, events = self.replay(log, dbc, len(expected), timeout, **broker_settings)
        seqs = sorted(events | set(readings))
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)), "seq")
        for seq, frame in zip(sorted(readings), expected, strict=True):
            self.assertEqual(readings[seq], frame, f"seq {seq}")

    def test_the_greenhouse(self):
        self.assert_equal(gateway_support.GREENHOUSE_LOG, gateway_support.GREENHOUSE_DBC)

    def test_the_greenhouse_over_mqtt_3_1_1(self):
        self.assert_equal(
            gateway_support.GREENHOUSE_LOG, gateway_support.GREENHOUSE_DBC, version="3.1.1"
        )

    def test_the_greenhouse_with_few_messages_on_the_way(self):
        self.assert_equal(
            gateway_support.GREENHOUSE_LOG, gateway_support.GREENHOUSE_DBC, max_outstanding=20
        )

    def assert_equal_in_form(self, form, suffix):
        log = self.directory / f"greenhouse.{suffix}"
        lines = form(gateway_support.GREENHOUSE_LOG)
        log.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
        expected = decoded(gateway_support.GREENHOUSE_LOG, gateway_support.GREENHOUSE_DBC)
        self.assertEqual(decoded(log, gateway_support.GREENHOUSE_DBC), expected)
        self.assert_equal(log, gateway_support.GREENHOUSE_DBC)

    def test_the_greenhouse_as_a_vector_log(self):
        self.assert_equal_in_form(vector_ascii, "asc")

    def test_the_greenhouse_as_a_peak_trace(self):
        self.assert_equal_in_form(peak_trace, "trc")

    @unittest.skipUnless(REAL_LOGS.is_dir(), "the recorded logs are not here")
    def test_a_car(self):
        log = self.directory / "drive.log"
        log.write_bytes(gzip.decompress((REAL_LOGS / "tesla_model3.log.gz").read_bytes()))
        self.assert_equal(log, REAL_LOGS / "tesla_model3.dbc", timeout=90)


class Comparison(unittest.TestCase):
    def test_tells_numbers_by_their_text_and_from_labels(self):
        self.assertEqual(exact_json('{"a":1.50}'), exact_json('{"a":1.50}'))
        for other in ('{"a":1.5}', '{"a":"1.50"}', '{"a":1.500}', '{"b":1.50}'):
            self.assertNotEqual(exact_json('{"a":1.50}'), exact_json(other))


if __name__ == "__main__":
    support.main()
