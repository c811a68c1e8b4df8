"""What a cluster does to two gateways when its nodes die, are cut off and restarted; every frame is accounted for.

usage: cluster_run.py nats|rabbitmq [--tls] [--short] [--seed S] [--keep DIR] [--json FILE]

Kills the node that the direct gateway is connected to, the bridge's, the automation node's and the sink's; cuts
one off for some time; restarts each in turn. A fault ends when a frame sent after it has come live to the sink of
each gateway, and the automation has answered one. A restart in order lets its clients go before it ends: there
it counts how old the newest live value became.
"""

import argparse
import concurrent.futures
import json
import os
import random
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cluster_bed
import clusters
import netns

GIVE_UP_S = 180
POLL_S = 0.05
SETTLE_S = 180
ROLLING = "rolling restart"
AWAY_S = (2, 8)  # a killed node comes back after that
CUT_S = (15, 20)


@dataclass
class Phase:
    name: str
    node: str
    # By daemon, until what was sent after the fault came live: how long that took, and the oldest that the newest got.
    live_s: dict = field(default_factory=dict)
    age_s: dict = field(default_factory=dict)


@dataclass
class Report:
    engine: str
    seed: int
    tls: bool
    start_s: float = 0
    phases: list = field(default_factory=list)
    verdicts: dict = field(default_factory=dict)  # by gateway
    memory_kb: dict = field(default_factory=dict)
    late: list = field(default_factory=list)  # commands that the gateway should have refused
    helped: list = field(default_factory=list)  # nodes that did not come back by themselves after they were cut off

    @property
    def problems(self):
        for name, verdict in self.verdicts.items():
            if verdict.lost:
                yield f"{name}: {len(verdict.lost)} frames are lost: {verdict.lost[:20]}"
            yield from (f"{name}: {text}" for text in verdict.unexpected[:20])
        for phase in self.phases:
            for name, live_s in phase.live_s.items():
                if live_s is None:
                    yield f"{phase.name}: nothing live of {name} for {GIVE_UP_S} s"
        yield from self.late


class Run:
    def __init__(self, bed, report, say):
        self.bed, self.report, self.say = bed, report, say
        self._random = random.Random(report.seed)
        self._pause = threading.Event()  # never set: what waits with it can be interrupted

    def _look(self, phase):
        """When the newest was sent of what came live, by daemon."""
        newest_s = {daemon.name: daemon.newest_s() for daemon in self.bed.watched}
        now_s = time.monotonic()
        for name, sent_s in newest_s.items():
            phase.age_s[name] = max(now_s - sent_s, phase.age_s.get(name, 0))
        return newest_s

    def _await_live(self, phase, since_s):
        phase.live_s = {daemon.name: None for daemon in self.bed.watched}
        while time.monotonic() - since_s < GIVE_UP_S and None in phase.live_s.values():
            for name, sent_s in self._look(phase).items():
                if phase.live_s[name] is None and sent_s >= since_s:
                    phase.live_s[name] = time.monotonic() - since_s
            self._pause.wait(POLL_S)
        self.report.phases.append(phase)
        shown = ", ".join(f"{name} {live_s:.1f} s" for name, live_s in phase.live_s.items() if live_s is not None)
        oldest = ", ".join(f"{name} {age_s:.1f} s" for name, age_s in phase.age_s.items())
        self.say(f"{phase.name:<34} {phase.node}: live again after {shown}; newest value at most {oldest} old")

    def kill(self, what, host):
        node = self.bed.node_of(host) or cluster_bed.NODES[0]
        away_s = self._random.uniform(*AWAY_S)
        begun_s = time.monotonic()
        self.bed.cluster.kill(node)
        self._await_live(Phase(f"kill the node of {what}", node), begun_s)
        self._pause.wait(max(0, begun_s + away_s - time.monotonic()))
        self.bed.cluster.launch(node)
        self._wait_rejoined(node)

    def cut_off(self):
        node = self.bed.node_of(cluster_bed.DIRECT) or self._random.choice(cluster_bed.NODES)
        cut_s = self._random.uniform(*CUT_S)
        begun_s = time.monotonic()
        self.bed.hosts[node].drop()
        self._await_live(Phase(f"cut one off for {cut_s:.0f} s", node), begun_s)
        self._pause.wait(max(0, begun_s + cut_s - time.monotonic()))
        self.bed.hosts[node].heal()
        self._wait_rejoined(node)

    def _wait_whole(self, node):
        self.bed.cluster.wait_ready([node])
        self.bed.cluster.wait_healthy(node)

    def _wait_rejoined(self, node):
        """What hangs is restarted, as whoever watches it has to (docs/cluster.md); that is told."""
        try:
            self._wait_whole(node)
        except AssertionError as error:
            self.report.helped.append(node)
            self.say(f"{node} did not come back by itself: restarted ({str(error).splitlines()[0]})")
            self.bed.cluster.kill(node)
            self.bed.cluster.launch(node)
            self._wait_whole(node)

    def rolling_restart(self):
        for node in cluster_bed.NODES:
            phase = Phase(ROLLING, node)
            with concurrent.futures.ThreadPoolExecutor(1) as executor:
                stopped = executor.submit(self.bed.cluster.stop, node)
                while not stopped.done():
                    self._look(phase)
                    self._pause.wait(POLL_S)
            stopped.result()
            self._await_live(phase, time.monotonic())
            self.bed.cluster.launch(node)
            self._wait_rejoined(node)

    def settle(self):
        """No more frames; everything reaches the sinks, or time is up."""
        for gateway in self.bed.gateways:
            gateway.bus.stop()
        deadline_s = time.monotonic() + SETTLE_S
        for gateway in self.bed.gateways:
            while True:
                verdict = gateway.verdict()
                holes = any("neither here" in text for text in verdict.unexpected)
                if not (verdict.lost or holes) or time.monotonic() > deadline_s:
                    break
                self._pause.wait(0.5)
            self.report.verdicts[gateway.name] = verdict
        self.report.late = list(self.bed.direct.bus.strange)
        self.report.memory_kb = {node: self.bed.cluster.memory_kb(node) for node in cluster_bed.NODES}

    def all(self, short):
        self.kill("the direct gateway", cluster_bed.DIRECT)
        if not short:
            self.kill("the bridge", "site")
            self.kill("the automation", cluster_bed.AUTOMATION)
            self.kill("the sink", "far")
            self.cut_off()
            self.rolling_restart()
        self.settle()
        for daemon in self.bed.watched:
            daemon.process.stop()


def summary(report):
    watched = list(report.phases[0].live_s)
    lines = [f"{'':<36}" + "".join(f"{name:>12}" for name in watched)]
    rows = (
        ("frames sent", lambda v: v.sent),
        ("lost", lambda v: len(v.lost)),
        ("duplicated, before removal by seq", lambda v: v.duplicated),
        ("duplicated, after it", lambda v: v.left),
        ("recovered by backfill", lambda v: v.recovered),
        ("unexpected", lambda v: len(v.unexpected)),
    )
    lines += [f"{name:<36}" + "".join(f"{value(v):>12}" for v in report.verdicts.values()) for name, value in rows]
    for kind in dict.fromkeys(phase.name for phase in report.phases):
        phases = [phase for phase in report.phases if phase.name == kind]
        told, of = ("newest value", "age_s") if kind == ROLLING else ("live again", "live_s")
        longest = [max(getattr(phase, of)[name] or GIVE_UP_S for phase in phases) for name in watched]
        lines.append(f"{f'{kind}: {told}':<36}" + "".join(f"{s:>10.1f} s" for s in longest))
    lines.append(f"{'commands that came late':<36}{len(report.late):>12}")
    lines.append(f"{'restarted by hand':<36}{len(report.helped):>12}")
    memory = ", ".join(f"{kb // 1024} MB" for kb in report.memory_kb.values())
    return "\n".join([*lines, f"{'memory of the nodes':<36}  {memory}", f"{'start of three nodes':<36}  {report.start_s:.0f} s"])


def run(engine, seed, directory, short=False, tls=False, say=print):
    report = Report(engine, seed, tls)
    begun_s = time.monotonic()
    with cluster_bed.ClusterBed(directory, engine, tls) as bed:
        report.start_s = time.monotonic() - begun_s
        Run(bed, report, say).all(short)
    return report


def missing(engine):
    return netns.missing() or clusters.ENGINES[engine].missing()


def main():
    parser = argparse.ArgumentParser(prog="scripts/test-clusters")
    parser.add_argument("engine", choices=sorted(clusters.ENGINES))
    parser.add_argument("--tls", action="store_true", help="certificates on all sides, as docs/cluster.md sets it up")
    parser.add_argument("--short", action="store_true", help="one kill only")
    parser.add_argument("--seed", type=int, default=None, help="of the times; default: another one each time")
    parser.add_argument("--keep", help="new directory for configurations, logs and databases")
    parser.add_argument("--json", help="file for the result")
    chosen = parser.parse_args()
    reason = missing(chosen.engine)
    if reason is not None:
        print(f"skipped: {reason}")
        return 77
    seed = chosen.seed if chosen.seed is not None else int.from_bytes(os.urandom(4), "big")
    print(f"{chosen.engine} with seed {seed}{' and TLS' if chosen.tls else ''}", flush=True)
    with tempfile.TemporaryDirectory(prefix="edge-cluster-") as scratch:
        directory = Path(chosen.keep or scratch)
        directory.mkdir(exist_ok=True)
        report = run(chosen.engine, seed, directory, chosen.short, chosen.tls, say=lambda text: print(text, flush=True))
    print(summary(report))
    problems = list(report.problems)
    for problem in problems:
        print(f"  {problem}")
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(asdict(report), indent=1))
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
