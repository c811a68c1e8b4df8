"""Which faults there are, and the order in which a campaign makes them. Pure: a seed in, a plan out."""

import random
from dataclasses import dataclass

MIN_S, MAX_S = 1.0, 8.0  # how long a fault lasts
OVERLAP = 0.2  # how many of them find another one there

# Of a host's link: method of netns.Host and its arguments. All end with heal().
LINK_FAULTS = {
    "cable out": ("unplug", ()),
    "interface down": ("disable", ()),
    "10 % loss": ("drop", (0.1,)),
    "black hole": ("drop", ()),
    "TCP reset": ("reset", ()),
    "slow link": ("slow", ()),
}
# Of a process: it stands still and goes on, or it is killed and started again.
STOP, KILL = "SIGSTOP", "SIGKILL"


@dataclass(frozen=True)
class Fault:
    kind: str
    target: str  # a host, or a process
    delay_s: float  # after the incident began
    duration_s: float

    @property
    def of_link(self):
        return self.kind in LINK_FAULTS

    def __str__(self):
        return f"{self.kind} at {self.target} for {self.duration_s:.1f} s"


def _round(rng, targets_of):
    """Every fault once: kinds take turns, each with its targets in random order."""
    kinds = {kind: list(targets) for kind, targets in targets_of.items()}
    for targets in kinds.values():
        rng.shuffle(targets)
    order = list(kinds)
    rng.shuffle(order)
    while kinds:
        for kind in order:
            if kind in kinds:
                yield kind, kinds[kind].pop()
                if not kinds[kind]:
                    del kinds[kind]


def _endless(rng, targets_of):
    while True:
        yield from _round(rng, targets_of)


def plan_of(seed, count, targets_of, max_s=MAX_S, overlap=OVERLAP):
    """Incidents: lists of one or two faults, `count` faults in all. Two never meet at one target.
    `targets_of` has for each kind of fault what it can happen to."""
    rng = random.Random(seed)
    source = _endless(rng, targets_of)
    incidents = []
    while count > 0:
        incident, targets = [], set()
        wanted = min(count, 2 if rng.random() < overlap else 1)
        for kind, target in source:
            if target in targets:
                continue
            targets.add(target)
            delay_s = rng.uniform(0, MIN_S) if incident else 0.0
            incident.append(Fault(kind, target, delay_s, rng.uniform(MIN_S, max_s)))
            if len(incident) == wanted:
                break
        incidents.append(incident)
        count -= wanted
    return incidents


def plan(seed, count, hosts, processes, max_s=MAX_S, overlap=OVERLAP):
    """Every fault of a link at each host, and of a process at each of these."""
    targets_of = {kind: list(hosts) for kind in LINK_FAULTS}
    targets_of |= {kind: list(processes) for kind in (STOP, KILL)}
    return plan_of(seed, count, targets_of, max_s, overlap)
