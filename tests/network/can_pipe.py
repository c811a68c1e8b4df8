"""The bus of a gateway, played by the test: here through two named pipes, elsewhere by an adapter of its own.

It sends numbered frames that nobody can mistake, asks the automation for something twice a second
(a Probe with a level), and stamps the answer (an EchoCommand with the same level) with the same clock.
"""

import fcntl
import os
import threading
import time
import zlib
from dataclasses import dataclass, field

COUNT_IDS = (0x100, 0x101, 0x102, 0x103)
PROBE_ID, COMMAND_ID, STATE_ID = 0x200, 0x201, 0x202
NAMES = {0x100: "CountA", 0x101: "CountB", 0x102: "CountC", 0x103: "CountD",
         PROBE_ID: "Probe", STATE_ID: "EchoState"}  # fmt: skip
LEVELS = 50  # then they begin again: a command is known for its probe for so many of them
OLD_S = 10.0  # a command for a reading before that is dangerous: twice its time to live
FAIL_SAFE = 99  # what the automation asks for when it does not know the level

PROBE_INTERVAL_S = 0.5
TICK_S = 0.025
PIPE_BYTES = 1 << 20  # minutes of frames, should the gateway stand still

_NUMBERED = """BO_ {id} {name}: 8 Bench
 SG_ Number : 0|32@1+ (1,0) [0|0] "" Bench
 SG_ Value : 32|16@1+ (1,0) [0|0] "" Bench
 SG_ Check : 48|16@1+ (1,0) [0|0] "" Bench
"""
DBC = 'VERSION ""\nBU_: Bench\n'
DBC += "".join(_NUMBERED.format(id=can_id, name=name) for can_id, name in NAMES.items())
DBC += f'BO_ {COMMAND_ID} EchoCommand: 1 Bench\n SG_ Value : 0|8@1+ (1,0) [0|100] "" Bench\n'


@dataclass
class Probe:
    level: int
    asked_s: float  # monotonic
    latency_s: float = None  # None: no answer (yet)


@dataclass
class Frame:
    """As it was sent; its number is its place in `Bus.sent`, from 1."""

    message: str
    value: int
    check: int
    sent_s: float = field(compare=False)


def check_of(can_id, number, value):
    return zlib.crc32(f"{can_id}/{number}/{value}".encode()) & 0xFFFF


class NumberedBus:
    """How frames get on the bus, and commands from it, is a subclass's: put(), commands() and end_commands()."""

    def __init__(self, frames_per_second=40, asks=True):
        self.asks = asks  # whether it sends probes
        self.sent = []  # Frames
        self.probes = []
        self.strange = []  # commands that should not have come any more
        self._tick_s = max(TICK_S, 1 / frames_per_second)
        self._per_tick = round(frames_per_second * self._tick_s)
        self._lock = threading.Lock()
        self._state = FAIL_SAFE
        self._turn = 0
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=run, daemon=True) for run in (self._feed, self._obey)
        ]

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        """No more frames; commands are still taken."""
        self._ending.set()
        self._threads[0].join()

    def close(self):
        self._ending.set()
        self.end_commands()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def send_burst(self, count):
        """So many of the numbered ones, now."""
        for _ in range(count):
            self._send_numbered()

    def _send_numbered(self):
        self._turn += 1
        self._send(COUNT_IDS[self._turn % len(COUNT_IDS)])

    def _send(self, can_id, value=None):
        with self._lock:
            number = len(self.sent) + 1
            value = number % 50000 if value is None else value
            check = check_of(can_id, number, value)
            self.sent.append(Frame(NAMES[can_id], value, check, time.monotonic()))
            self.put(can_id, (number | value << 32 | check << 48).to_bytes(8, "little"))

    def _feed(self):
        next_probe_s, next_state_s = time.monotonic(), 0.0
        while not self._ending.wait(self._tick_s):
            now_s = time.monotonic()
            for _ in range(self._per_tick):
                self._send_numbered()
            if not self.asks:
                continue
            if now_s >= next_probe_s:
                next_probe_s += PROBE_INTERVAL_S * max(1, (now_s - next_probe_s) // PROBE_INTERVAL_S)
                probe = Probe(len(self.probes) % LEVELS, time.monotonic())
                self.probes.append(probe)
                self._send(PROBE_ID, probe.level)
            if now_s >= next_state_s:
                next_state_s = now_s + 1
                self._send(STATE_ID, self._state)

    def _obey(self):
        for can_id, data in self.commands():
            now_s = time.monotonic()
            if can_id == COMMAND_ID:
                self._on_command(data[0], now_s)

    def _on_command(self, level, now_s):
        self._state = level
        self._send(STATE_ID, level)
        if level == FAIL_SAFE:
            return
        probe = next((p for p in reversed(self.probes[-LEVELS:]) if p.level == level), None)
        if probe is None:
            self.strange.append(f"a command for level {level}, which was never shown")
            return
        age_s = now_s - probe.asked_s
        if age_s > OLD_S:
            self.strange.append(f"a command {age_s:.1f} s after the reading that it answers")
        if probe.latency_s is None:
            probe.latency_s = age_s


class Bus(NumberedBus):
    def __init__(self, directory, **options):
        super().__init__(**options)
        self.frames_path, self.sent_path = directory / "bus.frames", directory / "bus.sent"
        for path in (self.frames_path, self.sent_path):
            os.mkfifo(path)
        # Open on both sides, so that nothing ends when the gateway does.
        self._frames = os.open(self.frames_path, os.O_RDWR)
        self._commands = os.open(self.sent_path, os.O_RDWR)
        fcntl.fcntl(self._frames, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        # A log whose time jumps is played with a pause there, so it does not follow a clock that is set.
        self._offset_s = time.time() - time.monotonic()

    def put(self, can_id, data):
        self.put_line(f"({self._offset_s + time.monotonic():.6f}) can0 {can_id:03X}#{data.hex().upper()}".encode())

    def put_line(self, line):
        """Whatever it is; bytes without a newline."""
        os.write(self._frames, line + b"\n")

    def commands(self):
        with os.fdopen(os.dup(self._commands), "r", encoding="ascii") as lines:
            for line in lines:
                if line == "end\n":
                    return
                can_id, data = line.split()[2].split("#")
                yield int(can_id, 16), bytes.fromhex(data)

    def end_commands(self):
        os.write(self._commands, b"end\n")

    def close(self):
        super().close()
        os.close(self._frames)
        os.close(self._commands)
