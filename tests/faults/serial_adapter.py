"""A serial CAN adapter (slcan) on a terminal of its own, with the interface that the kernel makes of it.

It needs a kernel with CAN and root: tests/can/can-kernel. What it says of its controller is up to the
test: frames, error states, bus-off, and bytes that no adapter should send.
"""

import contextlib
import fcntl
import os
import queue
import struct
import subprocess
import termios
import threading
import tty

import support_path  # noqa: F401
import can_pipe

N_SLCAN = 17
SIOCGIFNAME = 0x8910  # of a terminal with this line discipline: the name of its interface
BITRATE = 500_000
INTERFACE = "serial0"
AT_ONCE = 50  # frames between two looks whether they went through: a terminal's buffer is small

ACTIVE, WARNING, PASSIVE, BUS_OFF = b"sa000000", b"sw096000", b"sp128200", b"sb000255"


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def frame_line(can_id, data):
    return b"t%03X%X" % (can_id, len(data)) + data.hex().upper().encode()


def parse_frame(line):
    """(id, data) of what the driver sends to the bus, or None: a command such as O or S6."""
    if not line.startswith(b"t"):
        return None
    length = int(line[4:5], 16)
    return int(line[1:4], 16), bytes.fromhex(line[5 : 5 + 2 * length].decode())


class Adapter:
    def __init__(self):
        self._lock = threading.Lock()
        self.lines = queue.SimpleQueue()  # of the driver; None: there are no more
        self.interface = INTERFACE
        self._file = None  # its end of the terminal; None: it is not there
        self.is_on = True  # the controller takes part in the bus
        self.plug_in()

    def plug_in(self):
        file, terminal = os.openpty()
        tty.setraw(terminal)
        fcntl.ioctl(terminal, termios.TIOCSETD, struct.pack("i", N_SLCAN))
        name = fcntl.ioctl(terminal, SIOCGIFNAME, bytes(16)).split(b"\0")[0].decode()
        self._terminal = terminal
        ip("link", "set", name, "name", self.interface)  # the kernel's own differs from one plugging in to the next
        with self._lock:
            self._file = file
        threading.Thread(target=self._read, args=(file,), daemon=True).start()
        self.up()

    def up(self):
        ip("link", "set", self.interface, "type", "can", "bitrate", str(BITRATE))
        ip("link", "set", self.interface, "txqueuelen", "100", "up")
        self.is_on = True

    def down(self):
        self.is_on = False
        ip("link", "set", self.interface, "down")

    def pull_out(self):
        """The interface is gone, as when somebody takes the adapter out of its socket."""
        with self._lock:
            self.is_on = False
            if self._file is not None:
                self._file = None  # closed by its reader, which finds that nobody is at the other end
                os.close(self._terminal)

    def say(self, line):
        """To the driver; nothing when the adapter is not there."""
        with self._lock:
            if self._file is not None:
                os.write(self._file, line + b"\r")

    def bus_off(self):
        self.is_on = False
        self.say(BUS_OFF)

    def bus_on(self):
        self.say(ACTIVE)
        self.is_on = True

    def put(self, can_id, data):
        if self.is_on:
            self.say(frame_line(can_id, data))

    def _read(self, file):
        """What the driver says; without a reader its commands fail."""
        rest = b""
        with contextlib.suppress(OSError):  # nobody is at the other end any more
            while True:
                rest += os.read(file, 4096)
                *lines, rest = rest.split(b"\r")
                for line in lines:
                    self.lines.put(line)
        os.close(file)


class SerialBus(can_pipe.NumberedBus):
    def __init__(self, adapter, **options):
        super().__init__(**options)
        self.adapter = adapter

    def put(self, can_id, data):
        self.adapter.put(can_id, data)

    def send_burst(self, count):
        pause = threading.Event()
        for left in range(count, 0, -AT_ONCE):
            super().send_burst(min(AT_ONCE, left))
            pause.wait(0.002)

    def commands(self):
        for line in iter(self.adapter.lines.get, None):
            frame = parse_frame(line)
            if frame is not None:
                yield frame

    def end_commands(self):
        self.adapter.pull_out()
        self.adapter.lines.put(None)
