#!/usr/bin/python3
"""Faults of every kind in random order, and what became of every frame. Started by scripts/faults, in a machine made for it.

usage: campaign.py [--minutes N] [--faults N] [--seed S] [--kinds NAME,NAME] [--max-seconds S] [--json FILE]

What it prints first, and each step as it is done, repeats it: the same seed makes the same faults in the same order.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

import support_path  # noqa: F401
import checker
import faults
import testbed
import world as worlds
from fault_kinds import KINDS, TARGETS_OF

RETURN_S = 90.0  # from the last repair until all lanes are live and the automation answers; times the machine's slowness
LOOK_S = 0.3  # between two looks: what a look costs, the product lacks
SETTLE_S = 180.0  # for the last backfill
PLANNED = 100_000  # more than a campaign by time gets done
DEFAULT_FAULTS = 60


@dataclass
class Incident:
    faults: list  # texts
    kinds: list
    begun_s: float  # since the campaign began
    back_s: float = None  # from the last repair until everything works; None: it did not


@dataclass
class Report:
    seed: int
    incidents: list = field(default_factory=list)
    seconds: float = 0
    verdict: checker.Verdict = field(default_factory=checker.Verdict)
    counters: checker.Counters = field(default_factory=checker.Counters)
    unexpected: list = field(default_factory=list)  # beside those of the verdict

    @property
    def problems(self):
        return self.unexpected + self.verdict.violations()


def rng_of(seed, incident, kind):
    """What a fault leaves to chance: the same for the same place in the same campaign."""
    return random.Random(zlib.crc32(f"{seed}/{incident}/{kind}".encode()))


class Campaign:
    def __init__(self, world, report, say):
        self.world, self.report, self.say = world, report, say
        self._begun_s = time.monotonic()

    # --- one incident

    def run_incident(self, number, planned):
        incident = Incident([str(f) for f in planned], [f.kind for f in planned], time.monotonic() - self._begun_s)
        self.report.incidents.append(incident)
        self.say(f"{number:4} {incident.begun_s:7.1f} s  {' + '.join(incident.faults)}")
        done = [KINDS[f.kind][0](self.world, f.target, rng_of(self.report.seed, number, f.kind)) for f in planned]
        steps = [(f.delay_s, fault.begin) for f, fault in zip(planned, done)]
        steps += [(f.delay_s + f.duration_s, fault.end) for f, fault in zip(planned, done)]
        begun_s = time.monotonic()
        for at_s, step in sorted(steps, key=lambda s: s[0]):
            time.sleep(max(0.0, begun_s + at_s - time.monotonic()))  # how long a fault lasts, is what is wanted here
            try:
                step()
            except AssertionError as error:
                self._complain(number, incident, str(error))
        self._await_return(number, incident)

    def _await_return(self, number, incident):
        repaired_s = time.monotonic()
        try:
            testbed.wait_until(lambda: not self._not_back(repaired_s), "return", RETURN_S, LOOK_S)
        except AssertionError:
            self._complain(number, incident, f"not back after {RETURN_S:.0f} s: {', '.join(self._not_back(repaired_s))}")
            self.say(self.world.last_words())
        else:
            incident.back_s = time.monotonic() - repaired_s
        strange = self.world.buses[worlds.CAN].strange
        for what in strange:
            self._complain(number, incident, what)
        strange.clear()
        for name in self.world.dead():
            self._complain(number, incident, f"{name} has died:\n{self.world.processes[name].log[-2000:]}")
            self.world.restart(name)

    def _complain(self, number, incident, what):
        self.report.unexpected.append(f"step {number} ({' + '.join(incident.faults)}): {what}")
        self.say(f"     {what}")

    def _not_back(self, repaired_s):
        """What does not work (yet), in words."""
        found = [f"{name} does not run" for name in self.world.dead()]
        for name, bus in self.world.buses.items():
            newest = self.world.newest_live(name)
            if not 1 <= newest <= len(bus.sent) or bus.sent[newest - 1].sent_s < repaired_s:
                found.append(f"no live reading of {name} is stored")
        answer = self.world.newest_answer()
        if answer is None or answer.asked_s < repaired_s:
            found.append("the automation does not answer")
        return found

    # --- all of it

    def counters(self):
        witness = self.world.witness
        dropped = {}
        for metrics in witness.lives():
            for reason, count in metrics["readings"]["dropped"].items():
                dropped[reason] = dropped.get(reason, 0) + count
        kernel = {bus: witness.total("buses", bus, "bus", "kernel_dropped") for bus in self.world.buses}
        left_log = witness.total("store", "expired") + witness.total("store", "thinned")
        return checker.Counters(kernel, witness.total("store", "without_seq"), left_log, dropped)

    def judge(self, history=None):
        world, store = self.world, self.world.store
        sent = {name: bus.sent for name, bus in world.buses.items()}
        return checker.judge_all(
            sent, store.rows(), store.gaps(), store.conflicts(), kills_s=world.kills_s["gateway"], outages=world.outages,
            unlogged=world.witness.unlogged, counters=self.counters(), history=history,
        )  # fmt: skip

    def settle(self):
        """No more frames; everything reaches the store, or time is up. The last verdict."""
        self.world.stop_feeding()
        heard_s = time.monotonic()
        try:
            testbed.wait_until(lambda: self.world.witness.last_heard_s > heard_s, "last metrics", SETTLE_S)
            testbed.wait_until(lambda: not checker.is_incomplete(self.judge()), "end of what is under way", SETTLE_S, 2.0)
        except AssertionError as error:
            self.say(str(error))
        self.report.counters = self.counters()
        broken = self.world.verify()
        self.report.unexpected += [f"the gateway's log: {broken}"] if broken else []
        self.report.verdict = self.judge(list(self.world.history()))
        self.report.unexpected += list(self.world.sanitizer_reports())

    def run(self, incidents, end_s):
        for number, planned in enumerate(incidents, 1):
            if end_s is not None and time.monotonic() > end_s:
                break
            self.run_incident(number, planned)
        self.report.seconds = time.monotonic() - self._begun_s
        self.settle()


def by_kind(report):
    """A line for each kind: how often, how often all was back, how soon."""
    found = {}
    for incident in report.incidents:
        for kind in incident.kinds:
            found.setdefault(kind, []).append(incident.back_s)
    for kind, backs in sorted(found.items()):
        times = [back_s for back_s in backs if back_s is not None]
        middle = f"{statistics.median(times):.1f}" if times else "-"
        longest = f"{max(times):.1f}" if times else "-"
        yield kind, len(backs), len(times), middle, longest


def table(rows, heads):
    widths = [max(len(str(row[i])) for row in (heads, *rows)) for i in range(len(heads))]
    return "\n".join("  ".join(f"{str(cell):<{width}}" for cell, width in zip(row, widths)).rstrip() for row in (heads, *rows))


def summary(report):
    v, counters = report.verdict, report.counters
    rows = [
        ("frames sent", v.sent),
        ("arrived, under one seq each", v.arrived),
        ("  by backfill (recovered)", v.recovered),
        ("live only, the log at fault", f"{v.unlogged} ({counters.without_seq} counted)"),
        ("no way in (bus off, unplugged, no gateway)", v.undelivered),
        ("unread when the gateway was killed", v.unread),
        ("dropped, and named by a counter or gap", f"{v.named} (kernel {sum(counters.kernel_dropped.values())})"),
        ("lost in silence", len(v.lost)),
        ("duplicated, before and after removal by seq", f"{v.duplicated}, {v.left}"),
        ("in the history", f"{v.in_history} ({v.left_log} left it when the disk was full)"),
        ("unexpected", len(v.unexpected) + len(report.unexpected)),
    ]
    kinds = table(list(by_kind(report)), ("fault", "times", "all back", "after, median s", "longest s"))
    return f"{kinds}\n\n" + "\n".join(f"{name:<46}{value}" for name, value in rows)


def options(argv):
    parser = argparse.ArgumentParser(prog="scripts/faults")
    parser.add_argument("--minutes", type=float, help="as many faults as fit; default: --faults")
    parser.add_argument("--faults", type=int, default=None, help=f"default: {DEFAULT_FAULTS}")
    parser.add_argument("--seed", type=int, help="of the order and of all chance; default: another one each time")
    parser.add_argument("--kinds", help="only these: " + ", ".join(KINDS))
    parser.add_argument("--max-seconds", type=float, default=5.0, help="longest fault")
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args(argv)
    for kind in chosen.kinds.split(",") if chosen.kinds else ():
        if kind not in KINDS:
            parser.error(f"there is no fault {kind}; there are: {', '.join(KINDS)}")
    return chosen


def run(chosen, directory, say):
    """The report of one campaign."""
    seed = chosen.seed if chosen.seed is not None else int.from_bytes(os.urandom(4), "big")
    count = chosen.faults or (PLANNED if chosen.minutes else DEFAULT_FAULTS)
    targets_of = {k: TARGETS_OF[k] for k in (chosen.kinds.split(",") if chosen.kinds else TARGETS_OF)}
    report = Report(seed)
    say(f"seed {seed}")
    with worlds.World(directory) as world:
        incidents = faults.plan_of(seed, count, targets_of, chosen.max_seconds)
        end_s = time.monotonic() + 60 * chosen.minutes if chosen.minutes else None
        Campaign(world, report, say).run(incidents, end_s)
    return report


def main(argv=None):
    chosen = options(argv)
    if not worlds.is_made_for_it():
        sys.exit("campaign.py sets the clock and fills disks: scripts/faults runs it in a user-mode Linux")
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="edge-faults-") as directory:
        report = run(chosen, directory, lambda text: print(text, flush=True))
    print(f"\n{len(report.incidents)} steps in {report.seconds:.0f} s, {time.monotonic() - begun_s:.0f} s with start and end\n")
    print(summary(report))
    for problem in report.problems:
        print(f"VIOLATION: {problem}")
    if report.problems:
        print(f"to repeat it: scripts/faults --seed {report.seed} --faults {sum(len(i.faults) for i in report.incidents)}")
    if chosen.json:
        text = json.dumps({**asdict(report), "problems": report.problems}, indent=1)
        worlds.write_outside(chosen.json, text)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
