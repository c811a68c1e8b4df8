#!/usr/bin/python3
"""Plays a serial CAN adapter (slcan): makes an interface of a terminal, and writes down what the driver asks for.

usage: slcan_adapter.py NAME_FILE ASKED_FILE     the interface's name; one command a line (S6, O, L, C, t1230)

Each line of its standard input is what the adapter says (t1230, sb000255).
"""

import fcntl
import os
import pathlib
import struct
import sys
import termios
import threading
import tty

N_SLCAN = 17
SIOCGIFNAME = 0x8910  # of a terminal with this line discipline: the name of its interface

adapter, terminal = os.openpty()
tty.setraw(terminal)
fcntl.ioctl(terminal, termios.TIOCSETD, struct.pack("i", N_SLCAN))
name = fcntl.ioctl(terminal, SIOCGIFNAME, bytes(16)).split(b"\0")[0].decode()
pathlib.Path(sys.argv[1]).write_text(name, encoding="ascii")


def say():
    for line in sys.stdin:
        os.write(adapter, line.strip().encode() + b"\r")


threading.Thread(target=say, daemon=True).start()
asked = b""
while True:
    asked += os.read(adapter, 256)
    *whole, asked = asked.split(b"\r")
    with open(sys.argv[2], "a", encoding="ascii") as file:
        file.writelines(command.decode() + "\n" for command in whole)
