"""Reads the blobs of a frame log's segment; edge-gateway/framelog/segment.h draws their layout.

Written from that drawing and apart from the C code, so that the two check each other.
"""

import struct
from dataclasses import dataclass

COLUMNS = "first_seq, last_seq, base_us, from_us, to_us, crc, keys, records"
KEY, HEAD = struct.Struct(">BBBxI"), struct.Struct(">I")
SEALED = struct.Struct(">QQqq")  # what the CRC covers beside the blobs
EVENT, VOID = 0xFFE, 0xFFF
ESCAPE, TIME_BYTES, REMOTE = (1 << 20) - 1, 8, 0x02


def _crc_entry(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_CRC_TABLE = [_crc_entry(byte) for byte in range(256)]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC_TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


@dataclass(frozen=True)
class Segment:
    """A row of the table `segments`: Segment(*row), of COLUMNS."""

    first_seq: int
    last_seq: int
    base_us: int
    from_us: int
    to_us: int
    crc: int
    keys: bytes
    blob: bytes

    def is_intact(self):
        count = self.last_seq - self.first_seq + 1
        times = self.from_us - self.base_us, self.to_us - self.base_us
        return crc32c(self.keys + self.blob + SEALED.pack(self.first_seq, count, *times)) == self.crc

    def records(self):
        """Each as (kind, content): ("frame", (arbitration id, data)), ("event", text) or ("void", count)."""
        return _records(self.keys, self.blob)


def _records(keys, blob):
    known = list(KEY.iter_unpack(keys))
    at = 0
    while at < len(blob):
        (head,) = HEAD.unpack_from(blob, at)
        at += HEAD.size
        key = head >> 20
        if key == VOID:
            yield "void", int.from_bytes(blob[at + 1 : at + 5], "big")
            at += 5
            continue
        if head & ESCAPE == ESCAPE:
            at += TIME_BYTES
        if key == EVENT:
            length = int.from_bytes(blob[at : at + 2], "big")
            yield "event", blob[at + 2 : at + 2 + length]
            at += 2 + length
            continue
        _bus, flags, length, can_id = known[key]
        length = 0 if flags & REMOTE else length
        yield "frame", (can_id, blob[at : at + length])
        at += length
    if at != len(blob):
        raise ValueError("the last record is cut")
