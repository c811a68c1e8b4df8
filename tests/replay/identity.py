"""usage: identity.py EDGE_GATEWAY DBC

Random frames of every message, through decode and encode, come out as they went in. Every bit of a message
belongs to a signal of DBC; EDGE_TEST_SEED repeats a run.
"""
import os
import random
import subprocess
import sys
import time

# id, bytes
MESSAGES = (("064", 8), ("065", 8), ("066", 8), ("80000064", 24), ("068", 64), ("069", 8))
FRAMES = 3000
# What random bits seldom are: zeros, ones, and the floats that are no finite number or a negative zero.
EDGES = (b"\x00" * 8, b"\xFF" * 8, b"\x00\x00\x80\x7F", b"\x01\x00\x80\xFF", b"\x00\x00\x00\x80", b"\x7F\x80\x00\x01", b"\x80" + b"\x00" * 7)


def payload(noise, size):
    data = bytearray(noise.randbytes(size))
    for at in range(0, size, 4):
        if noise.random() < 0.2:
            edge = noise.choice(EDGES)[: size - at]
            data[at : at + len(edge)] = edge
    return data.hex().upper()


def main():
    gateway, dbc = sys.argv[1:]
    seed = int(os.environ.get("EDGE_TEST_SEED", time.time_ns()))
    print(f"EDGE_TEST_SEED={seed}")
    noise = random.Random(seed)
    frames = []
    for i in range(FRAMES):
        can_id, size = MESSAGES[i % len(MESSAGES)]
        can_id = f"{int(can_id, 16) & 0x1FFFFFFF:08X}" if len(can_id) == 8 else can_id
        frames.append(f"({1700000000 + i}.000000) can0 {can_id}#{'#0' if size > 8 else ''}{payload(noise, size)}\n")
    decoded = subprocess.run([gateway, "decode", "--dbc", dbc], input="".join(frames), capture_output=True, text=True, check=True)
    encoded = subprocess.run([gateway, "encode", "--dbc", dbc], input=decoded.stdout, capture_output=True, text=True, check=False)
    again = encoded.stdout.splitlines(keepends=True)
    wrong = [(a, b) for a, b in zip(frames, again) if a != b]
    for before, after in wrong[:5]:
        print(f"in:  {before}out: {after}", end="")
    print(f"{len(frames)} frames in, {len(again)} out, {len(wrong)} differ", encoded.stderr[:2000])
    return 1 if wrong or len(again) != len(frames) else 0


sys.exit(main())
