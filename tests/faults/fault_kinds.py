"""What can be done to a world, and undone. Each kind has targets: two faults at once never have the same one."""

import calendar
import signal
import threading
import time

import support_path  # noqa: F401
import hostile
import support
import testbed
from checker import Outage
from serial_adapter import PASSIVE, WARNING
from world import ALLOWED, CAN, DENIED, PIPE

YEAR_S = 365.2425 * 86400
BURST = 3000  # more than the receive buffer holds
SLOW_ON_S, SLOW_OFF_S = 0.05, 0.25
# Summer time begins in Europe at 01:00 UTC on the last Sunday of March, and ends so in October.
CHANGES = tuple(calendar.timegm(day) for day in ((2026, 3, 29, 1, 0, 0), (2026, 10, 25, 1, 0, 0)))
BEFORE_CHANGE_S = 1.0
UNPLUG_BEGIN_S = 0.1  # what a driver may hold when its interface goes


class Fault:
    """What begins and ends; `rng` is for what is left to chance, and the same for the same seed."""

    def __init__(self, world, target, rng):
        self.world, self.target, self.rng = world, target, rng

    def begin(self):
        raise NotImplementedError

    def end(self):
        pass


class Kill(Fault):
    number, status = signal.SIGKILL, -signal.SIGKILL

    def begin(self):
        self.world.kill(self.target, self.number)
        if self.target == "gateway":
            self.outage = Outage(CAN, f"{type(self).__name__} of the gateway", self.world.kills_s["gateway"][-1] - 0.3)
            self.world.outages.append(self.outage)

    def end(self):
        self.world.await_end(self.target, self.status)
        self.world.restart(self.target)
        if self.target == "gateway":
            self.outage.end_s = time.monotonic()


class Restart(Kill):
    number, status = signal.SIGTERM, 0


class Stop(Fault):
    def begin(self):
        self.world.send(self.target, signal.SIGSTOP)

    def end(self):
        self.world.send(self.target, signal.SIGCONT)


class Slow(Fault):
    """The broker has a sixth of its time, in slices."""

    def begin(self):
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.ending.is_set():
            self.world.send(self.target, signal.SIGSTOP)
            self.ending.wait(SLOW_OFF_S)
            self.world.send(self.target, signal.SIGCONT)
            self.ending.wait(SLOW_ON_S)

    def end(self):
        self.ending.set()
        self.thread.join()


class Deny(Fault):
    def begin(self):
        self.world.deny(DENIED)

    def end(self):
        self.world.deny(ALLOWED)


class DuplicateId(Fault):
    """Somebody else connects with the id of the gateway, again and again."""

    CLIENT_ID = f"{testbed.SITE}-{testbed.GATEWAY}"

    def begin(self):
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.ending.is_set():
            twin = support.Client(testbed.PORT, client_id=self.CLIENT_ID)
            try:
                twin.start()
            except (OSError, AssertionError):
                pass  # the broker is away as well
            twin.stop()
            self.ending.wait(self.rng.uniform(0.1, 0.6))

    def end(self):
        self.ending.set()
        self.thread.join()


class DiskFault(Fault):
    def end(self):
        self.world.disk.heal()


class DiskFull(DiskFault):
    def begin(self):
        self.world.disk.fill()


class DiskStall(DiskFault):
    def begin(self):
        self.world.disk.stall()


class DiskError(DiskFault):
    def begin(self):
        self.world.disk.fail()


class ClockFault(Fault):
    def end(self):
        self.world.clock.right()


class ClockBack(ClockFault):
    def begin(self):
        self.world.clock.jump(-56 * YEAR_S)


class ClockAhead(ClockFault):
    def begin(self):
        self.world.clock.jump(4 * YEAR_S)


class SummerTime(ClockFault):
    """The clock comes to a change to or from summer time, and goes over it."""

    def begin(self):
        self.world.clock.jump_to(self.rng.choice(CHANGES) - BEFORE_CHANGE_S)


class BusFault(Fault):
    def begin(self):
        self.outage = Outage(CAN, type(self).__name__, time.monotonic() - UNPLUG_BEGIN_S)
        self.world.outages.append(self.outage)
        self.cut()

    def end(self):
        self.mend()
        self.outage.end_s = time.monotonic()

    def cut(self):
        raise NotImplementedError

    def mend(self):
        raise NotImplementedError


class BusOff(BusFault):
    """By way of the two states before it. Somebody restarts the controller: the driver of a serial adapter cannot."""

    def cut(self):
        for state in (WARNING, PASSIVE):
            self.world.adapter.say(state)
        self.world.adapter.bus_off()

    def mend(self):
        self.world.adapter.down()
        self.world.adapter.up()


class InterfaceDown(BusFault):
    def cut(self):
        self.world.adapter.down()

    def mend(self):
        self.world.adapter.up()


class Unplug(BusFault):
    def cut(self):
        self.world.adapter.pull_out()

    def mend(self):
        self.world.adapter.plug_in()


class Overrun(Stop):
    """More frames than the socket of a gateway that stands still can hold."""

    def begin(self):
        super().begin()
        self.world.buses[CAN].send_burst(BURST)


class HostileMessages(Fault):
    def begin(self):
        stranger = support.Client(testbed.PORT)
        stranger.start()
        roots = (testbed.ROOT, f"edge/{testbed.SITE}/{testbed.AUTOMATION}", f"edge/{testbed.SITE}")
        topics = hostile.topics(*roots, device="echo", command=f"{CAN}/EchoCommand")
        for payload in (*hostile.PAYLOADS, *(self.rng.randbytes(self.rng.randint(1, 4000)) for _ in range(20))):
            stranger.post(self.rng.choice(topics), payload, retain=self.rng.random() < 0.2)
        stranger.publish(topics[0], b"\xff")
        for topic in topics:  # nothing of it shall stay
            stranger.publish(topic, b"", retain=True)
        stranger.stop()


class HostileLines(Fault):
    """On both buses, between frames that are good."""

    def begin(self):
        for _ in range(30):
            self.world.buses[PIPE].put_line(hostile.line(self.rng))
            self.world.adapter.say(hostile.serial_line(self.rng))


# Kind -> what it is called for, and its targets.
KINDS = {
    "kill -9": (Kill, ("gateway", "automation", "broker", "store")),
    "restart": (Restart, ("gateway", "automation", "broker")),
    "SIGSTOP": (Stop, ("gateway", "automation", "broker", "store")),
    "slow": (Slow, ("broker",)),
    "ACL denial": (Deny, ("broker",)),
    "duplicate client id": (DuplicateId, ("gateway",)),
    "disk full": (DiskFull, ("disk",)),
    "disk stalls": (DiskStall, ("disk",)),
    "I/O errors": (DiskError, ("disk",)),
    "clock -56 years": (ClockBack, ("clock",)),
    "clock +4 years": (ClockAhead, ("clock",)),
    "clock at DST change": (SummerTime, ("clock",)),
    "bus-off": (BusOff, ("can0",)),
    "interface down": (InterfaceDown, ("can0",)),
    "adapter unplugged": (Unplug, ("can0",)),
    "FIFO overrun": (Overrun, ("gateway",)),
    "hostile MQTT": (HostileMessages, ("broker",)),
    "hostile lines": (HostileLines, ("can0",)),
}
TARGETS_OF = {kind: targets for kind, (_, targets) in KINDS.items()}
