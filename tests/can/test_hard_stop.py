#!/usr/bin/python3
"""Power cuts: what the frame log has committed is there after each, and no seq is used again.

A user-mode Linux with a disk of its own runs the gateway, and is killed as a whole at a random
moment: what only its page cache held is gone, what a flush of its disk covered is in the image. The
gateway says on the console, which is outside at once, up to which seq it has committed. The next
life of the machine shows what the disk holds before the gateway opens it again.

usage: test_hard_stop.py [CUTS]     (default: 3; EDGE_TEST_SEED repeats a run's random choices;
       EDGE_BUILD_DIR: build/release)
"""

import contextlib
import hashlib
import os
import random
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import frame_segment

HERE = Path(__file__).resolve().parent
CAN_KERNEL = HERE / "can-kernel"
TIMEOUT_S = 40
SKIPPED = 77

ID = 256
RATES = (1000, 4000, 12000)  # frames per second
LOG_FRAMES = 100_000  # more than a life can play
EVENTS_MAX = 1000  # the same, of events
LIFE_MAX_S = 2.5
IMAGE_BYTES = 256 << 20

DBC = f"""VERSION ""
BU_: X
BO_ {ID} Numbered: 8 X
 SG_ Life : 7|32@0+ (1,0) [0|0] "" X
 SG_ Number : 39|32@0+ (1,0) [0|0] "" X
"""


def configuration(life, rate):
    return f"""
site: test
node: gw1
log: {{level: debug, format: text}}
broker: {{address: 127.0.0.1}}
store: {{file: /run/disk/edge.db}}
buses:
  can0:
    driver: replay
    replay: {{file: {life}.log, speed: {rate / 1000}}}
    dbc: numbered.dbc
    defaults: {{publish: every}}
"""


def data(life, number):
    return life.to_bytes(4, "big") + number.to_bytes(4, "big")


def write_log(path, life):
    """One frame each millisecond of the log."""
    with path.open("w", encoding="ascii") as file:
        for number in range(1, LOG_FRAMES + 1):
            at = f"{1700000000 + number // 1000}.{number % 1000:03}000"
            file.write(f"({at}) can0 {ID:03X}#{data(life, number).hex().upper()}\n")


def processes():
    """(pid, parent, session) of all that run."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent, _group, session = stat.read_text().rpartition(")")[2].split()[:4]
            if state != "Z":
                yield int(stat.parent.name), int(parent), int(session)


def sessions_of(root):
    """Those of a process and its descendants: user-mode Linux begins one of its own."""
    family, sessions, size = {root}, {root}, 0
    while size < len(family):
        size = len(family)
        for pid, parent, session in processes():
            if parent in family:
                family.add(pid)
                sessions.add(session)
    return sessions


class Machine:
    """One life of it, from power on to power cut."""

    def __init__(self, directory, image, life, rate):
        self.exchange_parent = directory / f"life-{life}"
        self.exchange_parent.mkdir()
        write_log(directory / f"{life}.log", life)
        (directory / f"{life}.yaml").write_text(configuration(life, rate))
        self.output = (directory / f"{life}.output").open("w+")
        argv = [CAN_KERNEL, "--disk", image, HERE / "hard_stop_guest", f"{life}.yaml"]
        self.process = subprocess.Popen(
            argv, cwd=directory, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output,
            env={**os.environ, "TMPDIR": str(self.exchange_parent)}, start_new_session=True,
        )  # fmt: skip

    def exchange(self, name):
        return next(self.exchange_parent.glob(f"*/{name}"), None)

    def console(self):
        boot = self.exchange("boot")
        return boot.read_text(errors="replace") if boot else ""

    def wait_console(self, pattern):
        deadline = time.monotonic() + TIMEOUT_S
        while not re.search(pattern, self.console()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.output.seek(0)
                sys.exit(f"FAILED: no {pattern!r} in\n{self.console()}\n{self.output.read()}")
            time.sleep(0.02)

    def cut(self):
        sessions = sessions_of(self.process.pid)
        while members := [pid for pid, _, session in processes() if session in sessions]:
            for pid in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.output.close()

    def committed(self):
        """The last seq that it said is on the disk; whole lines only."""
        return max(map(int, re.findall(r"committed seq (\d+)\r?\n", self.console())), default=0)


class Life(NamedTuple):
    """What is known of one life after its end."""

    number: int
    committed: int  # seq


class Examiner:
    """Checks what the disk holds; remembers what was there before."""

    def __init__(self):
        self.lives = 0
        self.upto = 0  # everything up to this seq was examined ...
        self.digest = hashlib.sha256()  # ... and had this content
        self.begin = 0  # first seq of the life before
        self.checked = self.beyond = 0  # seqs: said to be committed; more than that
        self.faults = []

    def fault(self, life, text):
        self.faults.append(f"life {life.number}: {text}")

    def examine(self, folder, life):
        self.lives += 1
        try:
            with contextlib.closing(sqlite3.connect(folder / "edge.db")) as db:
                verdict = db.execute("PRAGMA integrity_check").fetchone()[0]
                if verdict != "ok":
                    self.fault(life, verdict)
                self.examine_old(db, life)
                self.examine_new(db, life)
                self.examine_gaps(db, life)
        except (sqlite3.Error, struct.error, ValueError, IndexError) as error:
            self.fault(life, f"corrupt: {error}")

    def segments(self, db, comparison):
        """Those that begin before or after what was examined; all go into the digest."""
        rows = db.execute(
            f"SELECT {frame_segment.COLUMNS} FROM segments WHERE first_seq {comparison} ? ORDER BY first_seq",
            (self.upto,),
        )
        for row in rows:
            self.digest.update(repr(row).encode())
            yield frame_segment.Segment(*row)

    def examine_old(self, db, life):
        before, self.digest = self.digest, hashlib.sha256()
        for _ in self.segments(db, "<="):
            pass
        if self.digest.digest() != before.digest():
            self.fault(life, "corrupt: what was logged before it is not the same")

    def examine_new(self, db, life):
        number = 0
        first = end = None
        for segment in self.segments(db, ">"):
            if first is None:
                first = end = segment.first_seq
            if segment.first_seq != end:
                self.fault(life, f"lost: seq {end} to {segment.first_seq - 1}")
            if not segment.is_intact():
                self.fault(life, f"corrupt: the CRC of the segment at seq {segment.first_seq}")
            end = segment.first_seq
            for kind, content in segment.records():
                number += kind == "frame"
                if kind == "void" or (kind == "frame" and content != (ID, data(life.number, number))):
                    self.fault(life, f"corrupt: seq {end} is {kind} {content}")
                end += 1
            if segment.last_seq != end - 1:
                self.fault(life, f"corrupt: the records end at {end - 1}, not {segment.last_seq}")
        self.account(life, first or 0, end or 0)

    def account(self, life, first, end):
        """`end`: the first seq that is not on the disk."""
        if end <= life.committed:
            self.fault(life, f"lost: seq {end} to {life.committed}")
        # What it could have given out at most; it reserves more than that.
        if self.begin > 0 and first <= self.begin + LOG_FRAMES + EVENTS_MAX:
            self.fault(life, f"reused: begins at seq {first}, the life before at {self.begin}")
        self.checked += life.committed - first + 1
        self.beyond += end - 1 - life.committed
        self.begin, self.upto = first, end - 1

    def examine_gaps(self, db, life):
        overlaps = db.execute(
            "SELECT count(*) FROM segments s JOIN gaps g"
            " ON g.first_seq <= s.last_seq AND s.first_seq <= g.last_seq"
        ).fetchone()[0]
        if overlaps > 0:
            self.fault(life, f"reused: {overlaps} segments lie in gaps")


def new_image(path):
    with path.open("wb") as file:
        file.truncate(IMAGE_BYTES)
    mkfs = shutil.which("mkfs.ext4", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    subprocess.run([mkfs or "mkfs.ext4", "-q", path], check=True)


def require_kernel(image):
    """Ends the test here where there is no such kernel, with can-kernel's own word for it."""
    code = subprocess.run([CAN_KERNEL, "--disk", image, "true"], check=False).returncode
    if code != 0:
        sys.exit(code)


def test(directory, cuts, noise):
    image = directory / "disk.img"
    new_image(image)
    (directory / "numbered.dbc").write_text(DBC)
    require_kernel(image)
    examiner, life = Examiner(), None
    for number in range(1, cuts + 2):  # the last one only shows the disk
        machine = Machine(directory, image, number, noise.choice(RATES))
        try:
            machine.wait_console("the disk was shown")
            if life is not None:
                examiner.examine(machine.exchange("found"), life)
                if examiner.faults:
                    break
            if number <= cuts:
                machine.wait_console(r"committed seq \d+\r?\n")
                time.sleep(noise.uniform(0, LIFE_MAX_S))  # when, is what is random here
        finally:
            machine.cut()
        life = Life(number, machine.committed())
        shutil.rmtree(machine.exchange_parent)
        (directory / f"{number}.log").unlink()
    return examiner


def main():
    cuts = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    seed = int(os.environ.get("EDGE_TEST_SEED", random.randrange(2**32)))
    print(f"EDGE_TEST_SEED={seed}", flush=True)
    build = Path(os.environ.get("EDGE_BUILD_DIR", HERE.parents[1] / "build/release")).resolve()
    if not (build / "bin/edge-gateway").exists():
        sys.exit(f"{build}/bin/edge-gateway: no such file; build it (cmake --build --preset release), or set EDGE_BUILD_DIR")
    os.environ["EDGE_BUILD_DIR"] = str(build)  # the guest works in a folder of its own
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="edge-hard-stop-") as name:
        found = test(Path(name), cuts, random.Random(seed))
    print(
        f"{found.lives} power cuts in {time.monotonic() - begin:.0f} s: {found.checked} seqs checked that "
        f"the gateway called committed, {found.beyond} more; {len(found.faults)} faults"
    )
    if found.faults:
        sys.exit("FAILED:\n" + "\n".join(found.faults[:20]))


if __name__ == "__main__":
    main()
