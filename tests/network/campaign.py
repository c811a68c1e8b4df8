"""Faults in random order on four hosts, and what became of every frame and of the reaction time.

usage: campaign.py [--faults N] [--seed S] [--max-seconds S] [--centre mosquitto|nats] [--fleet-store] [--keep DIR]
                   [--json FILE]

After each repair the control latency (a reading on the bus to the command that answers it, on the
same bus) has to be normal again within ten seconds: three answers in a row within three times what
was usual before, or 100 ms, times how much slower a bare echo between two untouched hosts has become.
"""

import argparse
import json
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import can_pipe
import faults
import judge
import netns
import testbed

CONTROL_LIMIT_S = 10  # from a repair to normal latency
CENTRE_LIMIT_S = 30  # from a repair to a live reading at the centre
GIVE_UP_S = 90
IN_A_ROW = 3
FLOOR_S = 0.1
TIMES_BEFORE = 3
WARM_UP_PROBES = 10
SETTLE_S = 180  # for the last backfill: ack_timeout, and what had to be sent again


@dataclass
class Incident:
    faults: list
    normal_s: float = None  # from the last repair to normal latency; None: not within GIVE_UP_S
    centre_s: float = None
    limit_ms: float = 0
    load: float = 1  # how much slower the bare echo was


@dataclass
class Report:
    seed: int
    centre: str
    incidents: list = field(default_factory=list)
    verdict: judge.Verdict = field(default_factory=judge.Verdict)
    fleet_store: judge.Verdict = None  # where that is a sink, too
    latency_ms: dict = field(default_factory=dict)
    unexpected: list = field(default_factory=list)  # beside those of the verdict

    @property
    def problems(self):
        found = list(self.unexpected)
        for name, verdict in (("", self.verdict), ("fleet-store: ", self.fleet_store)):
            if verdict is not None:
                lost = f"{len(verdict.lost)} frames are lost: {verdict.lost[:20]}"
                found += [f"{name}{what}" for what in [lost] * bool(verdict.lost) + verdict.unexpected]
        return found


class Campaign:
    def __init__(self, bed, say=print):
        self.bed = bed
        self.say = say
        self._pause = threading.Event()  # never set: what waits with it can be interrupted
        self._usual_s = []
        self._echo_s = None

    def _wait_until(self, at_s):
        self._pause.wait(max(0, at_s - time.monotonic()))

    def warm_up(self):
        def answered():
            return [p.latency_s for p in self.bed.bus.probes if p.latency_s is not None]

        testbed.wait_until(lambda: len(answered()) >= WARM_UP_PROBES, "answer on the bus")
        self._usual_s = answered()
        self._echo_s = statistics.median(self.bed.echo.round_trips())

    # --- one incident

    def _begin(self, fault):
        if fault.of_link:
            method, arguments = faults.LINK_FAULTS[fault.kind]
            getattr(self.bed.hosts[fault.target], method)(*arguments)
        elif fault.kind == faults.STOP:
            self.bed.processes[fault.target].send(signal.SIGSTOP)
        else:
            self.bed.kill(fault.target)

    def _repair(self, fault):
        if fault.of_link:
            self.bed.hosts[fault.target].heal()
        elif fault.kind == faults.STOP:
            self.bed.processes[fault.target].send(signal.SIGCONT)
        else:
            self.bed.restart(fault.target)

    def _limit(self):
        """What counts as normal, and how much slower the machine itself is than at the start."""
        usual_s = statistics.median(self._usual_s[-20:])
        load = max(1.0, statistics.median(self.bed.echo.round_trips(last=20)) / self._echo_s)
        return max(TIMES_BEFORE * usual_s, FLOOR_S) * load, load

    def _normal_since(self, repaired_s, limit_s):
        """When the latency was normal again, or None."""
        probes = [p for p in self.bed.bus.probes[-400:] if p.asked_s >= repaired_s]
        good = [p.latency_s is not None and p.latency_s <= limit_s for p in probes]
        for i in range(len(good) - IN_A_ROW + 1):
            if all(good[i : i + IN_A_ROW]):
                return probes[i].asked_s + probes[i].latency_s
        return None

    def _centre_is_live(self, repaired_s):
        number = self.bed.store.newest_live_number()
        return number > 0 and self.bed.bus.sent[number - 1].sent_s >= repaired_s

    def _await_recovery(self, incident, repaired_s):
        while time.monotonic() - repaired_s < GIVE_UP_S:
            limit_s, incident.load = self._limit()
            incident.limit_ms = limit_s * 1000
            if incident.normal_s is None:
                at_s = self._normal_since(repaired_s, limit_s)
                incident.normal_s = None if at_s is None else at_s - repaired_s
            if incident.centre_s is None and self._centre_is_live(repaired_s):
                incident.centre_s = time.monotonic() - repaired_s
            if incident.normal_s is not None and incident.centre_s is not None:
                break
            self._pause.wait(0.1)
        answered = [p for p in self.bed.bus.probes[-IN_A_ROW:] if p.latency_s is not None]
        self._usual_s += [p.latency_s for p in answered if p.latency_s <= limit_s]

    def run_incident(self, planned):
        incident = Incident([str(fault) for fault in planned])
        begun_s = time.monotonic()
        steps = [(f.delay_s, self._begin, f) for f in planned]
        steps += [(f.delay_s + f.duration_s, self._repair, f) for f in planned]
        for at_s, step, fault in sorted(steps, key=lambda s: s[0]):
            self._wait_until(begun_s + at_s)
            step(fault)
        self._await_recovery(incident, time.monotonic())
        return incident

    # --- all of it

    def settle(self):
        """No more frames; everything reaches the stores, or time is up. The verdict on each store."""
        self.bed.bus.stop()
        deadline_s = time.monotonic() + SETTLE_S
        while True:
            verdicts = {name: self._judge(store) for name, store in self.bed.stores.items()}
            if not any(judge.is_incomplete(verdict) for verdict in verdicts.values()):
                return verdicts
            if time.monotonic() > deadline_s:
                self.say(f"not everything came within {SETTLE_S} s")
                return verdicts
            self._pause.wait(0.5)

    def _judge(self, store):
        kills_s = self.bed.kills_s["gateway"]
        return judge.judge(self.bed.bus.sent, kills_s, store.rows(), store.gaps(), store.conflicts())

    def _complain(self, report):
        for i, incident in enumerate(report.incidents, 1):
            what = f"fault {i} ({' + '.join(incident.faults)})"
            for name, taken_s, limit_s in (
                ("control latency was not normal", incident.normal_s, CONTROL_LIMIT_S),
                ("no live reading at the centre", incident.centre_s, CENTRE_LIMIT_S),
            ):
                if taken_s is None or taken_s > limit_s * incident.load:
                    took = f"{GIVE_UP_S} s and more" if taken_s is None else f"{taken_s:.1f} s"
                    report.unexpected.append(f"{what}: {name} for {took}")
        report.unexpected += self.bed.bus.strange

    def run(self, incidents, report):
        self.warm_up()
        for i, planned in enumerate(incidents, 1):
            incident = self.run_incident(planned)
            report.incidents.append(incident)
            self.say(f"{i:4} {describe(incident)}")
        verdicts = self.settle()
        report.verdict = verdicts[testbed.SINK]
        report.fleet_store = verdicts.get(testbed.FLEET_SINK)
        self._complain(report)
        usual_ms = [1000 * s for s in self._usual_s]
        report.latency_ms = {
            "median": round(statistics.median(usual_ms), 1),
            "echo": round(1000 * self._echo_s, 3),
        }
        broken = self.bed.verify()
        report.unexpected += [f"the gateway's log: {broken}"] if broken else []
        report.unexpected += list(self.bed.sanitizer_reports())


def seconds(value):
    return f"{value:4.1f} s" if value is not None else "never"


def describe(incident):
    what = " + ".join(incident.faults)
    return f"{what:<58} latency normal after {seconds(incident.normal_s)}, centre live after {seconds(incident.centre_s)}"


def summary(report):
    v = report.verdict
    normal = [i.normal_s for i in report.incidents if i.normal_s is not None]
    f = report.fleet_store
    fleet = ()
    if f is not None:
        fleet = (
            ("in PostgreSQL: lost", len(f.lost)),
            ("in PostgreSQL: left twice", f.left),
            ("in PostgreSQL: unexpected", len(f.unexpected)),
        )
    rows = (
        ("faults", sum(len(i.faults) for i in report.incidents)),
        ("frames sent", v.sent),
        ("lost", len(v.lost)),
        ("unread", len(v.unread)),
        ("duplicated, before removal by seq", v.duplicated),
        ("duplicated, after it", v.left),
        ("recovered by backfill", v.recovered),
        *fleet,
        ("unexpected", len(v.unexpected) + len(report.unexpected)),
        ("control latency, median", f"{report.latency_ms['median']} ms"),
        ("normal again after, median", seconds(statistics.median(normal)) if normal else "never"),
        ("normal again after, longest", seconds(max(normal)) if normal else "never"),
    )
    return "\n".join(f"{name:<36}{value}" for name, value in rows)


def options(argv):
    parser = argparse.ArgumentParser(prog="scripts/test-network")
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None, help="of the order; default: another one each time")
    parser.add_argument("--max-seconds", type=float, default=faults.MAX_S, help="longest fault")
    parser.add_argument("--centre", choices=("mosquitto", "nats"), default="mosquitto")
    parser.add_argument("--fleet-store", action="store_true", help="examples/fleet-store is a sink, too")
    parser.add_argument("--keep", help="new directory for configurations, logs and databases")
    parser.add_argument("--json", help="file for the result")
    return parser.parse_args(argv)


def run(seed, count, centre, max_s, directory, say=print, fleet_store=False):
    """The report of one campaign."""
    report = Report(seed, centre)
    with testbed.Testbed(directory, centre, fleet_store) as bed:
        incidents = faults.plan(seed, count, bed.hosts, bed.processes, max_s)
        Campaign(bed, say).run(incidents, report)
    return report


def end_in_order(*_):
    raise KeyboardInterrupt


def main(argv=None):
    chosen = options(argv)
    reason = netns.missing()
    if reason is not None:
        print(f"skipped: {reason}")
        return 77
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_in_order)
    seed = chosen.seed if chosen.seed is not None else int.from_bytes(os.urandom(4), "big")
    print(f"{chosen.faults} faults with seed {seed}, centre {chosen.centre}", flush=True)
    with tempfile.TemporaryDirectory(prefix="edge-network-") as scratch:
        directory = Path(chosen.keep or scratch)
        directory.mkdir(exist_ok=True)
        report = run(seed, chosen.faults, chosen.centre, chosen.max_seconds, directory,
                     say=lambda text: print(text, flush=True), fleet_store=chosen.fleet_store)  # fmt: skip
    print(summary(report))
    for problem in report.problems:
        print(f"  {problem}")
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(asdict(report), indent=1))
    return 1 if report.problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
