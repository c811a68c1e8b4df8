"""Compares every frame that was sent with what came out: on both lanes, in the log, and in the counters. Pure.

Each frame is one of
  arrived      in the store under one seq, with the content that was sent
  unlogged     on the live lane without a seq: the log was at fault, which `without_seq` counts
  undelivered  sent while nothing could take it (the interface was away, the gateway was killed), up to the first
               frame that came after it
  unread       on its way into a gateway that was killed
  named        nowhere, but a counter or a gap says that so many were dropped
  lost         nowhere, and nobody says so: a violation
"""

from dataclasses import dataclass, field

import support_path  # noqa: F401
import judge

GAPS_EXPECTED = {"restart", "stalled"}
KERNEL_DROPPED_MAX = 1 << 31  # no campaign lasts so long
RETURN_S = 30.0  # from the end of an outage to the first frame that is taken


@dataclass
class Outage:
    """Nothing takes the frames of this bus from `begin_s`; `end_s` is when it was repaired (None: not yet)."""

    bus: str
    why: str
    begin_s: float
    end_s: float = None


@dataclass
class Counters:
    """What the gateway says was dropped, over all of its lives."""

    kernel_dropped: dict = field(default_factory=dict)  # by bus
    without_seq: int = 0
    left_log: int = 0  # acknowledged, and dropped or thinned when the disk was full
    dropped: dict = field(default_factory=dict)  # readings, by reason


@dataclass
class Verdict:
    sent: int = 0
    arrived: int = 0
    unlogged: int = 0
    undelivered: int = 0
    unread: int = 0
    named: int = 0
    lost: list = field(default_factory=list)  # (bus, number)
    duplicated: int = 0  # before removal by seq
    left: int = 0  # and after it
    recovered: int = 0  # came on the backfill lane
    in_history: int = 0
    left_log: int = 0  # arrived, and gone from the log since, as a counter says
    unexpected: list = field(default_factory=list)

    def violations(self):
        lost = [f"{len(self.lost)} frames are lost and nothing says so: {self.lost[:20]}"] * bool(self.lost)
        return lost + self.unexpected


def _number_of(where, bus, message, signals, sent, verdict):
    """Of the frame that this is a reading of; None: of none that was sent. What is wrong with it is unexpected."""
    number = signals.get("Number")
    if bus not in sent or not isinstance(number, int) or not 1 <= number <= len(sent[bus]):
        verdict.unexpected.append(f"{where}: nobody sent {bus} {message} {signals}")
        return None
    frame = sent[bus][number - 1]
    if message != frame.message or signals != judge.expected_signals(number, frame):
        verdict.unexpected.append(f"{where}: {bus} {message} {signals} is not what was sent")
    return number


def _numbers_of(rows, sent, verdict):
    """number -> seq, for each bus; what is wrong with a row goes to `unexpected`."""
    seq_of = {bus: {} for bus in sent}
    for row in sorted(rows, key=lambda row: row.seq):
        verdict.duplicated += row.copies
        verdict.recovered += row.lane == "backfill"
        bus, message, item = row.content
        if message == "event":
            continue
        number = _number_of(f"seq {row.seq}", bus, message, item.get("signals", {}), sent, verdict)
        if number is None:
            continue
        if number in seq_of[bus]:
            verdict.left += 1
            verdict.unexpected.append(f"{bus} frame {number} has the seqs {seq_of[bus][number]} and {row.seq}")
            continue
        seq_of[bus][number] = row.seq
    return seq_of


def _windows(bus, frames, came, outages, verdict):
    """(begin_s, end_s) of when frames had no way in: up to the first one that came after the repair."""
    found = []
    for outage in outages:
        if outage.bus != bus or outage.end_s is None:
            continue
        limit_s = outage.end_s + RETURN_S
        back_s = next((f.sent_s for n, f in enumerate(frames, 1) if n in came and f.sent_s >= outage.end_s), limit_s)
        if back_s >= limit_s and frames and frames[-1].sent_s > limit_s:
            verdict.unexpected.append(f"{bus}: nothing was taken for {RETURN_S:.0f} s after: {outage.why}")
        found.append((outage.begin_s, min(back_s, limit_s)))
    return found


def _judge_history(rows, sent, seq_of, counters, verdict):
    logged = {}
    for seq, bus, message, signals in rows:
        number = _number_of(f"history, seq {seq}", bus, message, signals, sent, verdict)
        if number is None:
            continue
        if (bus, number) in logged:
            verdict.unexpected.append(f"history: {bus} frame {number} has the seqs {logged[bus, number]} and {seq}")
        logged[bus, number] = seq
    verdict.in_history = len(logged)
    published = {(bus, number): seq for bus, found in seq_of.items() for number, seq in found.items()}
    gone = [key for key in published if key not in logged]
    verdict.left_log = min(len(gone), counters.left_log)
    if len(gone) > counters.left_log:
        verdict.unexpected.append(f"{len(gone)} frames are not in history, {counters.left_log} are counted: {gone[:10]}")
    for key, seq in logged.items():
        if published.get(key) != seq:
            verdict.unexpected.append(f"history, seq {seq}: frame {key} came on the lanes as {published.get(key)}")


def _named(missing, counters, gaps):
    """How many of the missing frames (by bus) counters and gaps account for."""
    by_kernel = sum(min(len(numbers), counters.kernel_dropped.get(bus, 0)) for bus, numbers in missing.items())
    by_log = counters.without_seq + sum(last - first + 1 for first, last, reason in gaps if reason != "restart")
    return by_kernel, by_log


def judge_all(sent, rows, gaps, conflicts=(), *, kills_s=(), outages=(), unlogged=(), counters=None, history=None):
    """`sent`: can_pipe.Frames by bus; `rows` judge.Stored; `gaps` (first, last, reason); `unlogged` (bus, number);
    `history` (seq, bus, message, signals), None: not compared."""
    counters = counters or Counters()
    verdict = Verdict(sent=sum(map(len, sent.values())))
    seq_of = _numbers_of(rows, sent, verdict)
    verdict.unexpected += [f"seq {seq} came with another content: {content}" for seq, content in conflicts]
    missing = {}
    for bus, frames in sent.items():
        came = set(seq_of[bus]) | {number for name, number in unlogged if name == bus}
        verdict.arrived += len(seq_of[bus])
        verdict.unlogged += len(came) - len(seq_of[bus])
        windows = _windows(bus, frames, came, outages, verdict)
        missing[bus] = _missing(frames, came, windows, kills_s, verdict)
        judge.judge_order(seq_of[bus], verdict)
    judge.judge_holes(rows, gaps, verdict, GAPS_EXPECTED)
    _settle_accounts(missing, counters, gaps, verdict)
    for bus, dropped in counters.kernel_dropped.items():
        if dropped > KERNEL_DROPPED_MAX:
            verdict.unexpected.append(f"{bus}: {dropped} frames are said to be dropped, far more than there were")
    if verdict.unlogged > counters.without_seq:
        verdict.unexpected.append(f"{verdict.unlogged} readings had no seq, {counters.without_seq} are counted")
    if history is not None:
        _judge_history(history, sent, seq_of, counters, verdict)
    return verdict


def _missing(frames, came, windows, kills_s, verdict):
    """Numbers that nothing excuses."""
    found = []
    for number, frame in enumerate(frames, 1):
        if number in came:
            continue
        if any(begin_s <= frame.sent_s <= end_s for begin_s, end_s in windows):
            verdict.undelivered += 1
        elif any(0 <= kill_s - frame.sent_s <= judge.UNREAD_S for kill_s in kills_s):
            verdict.unread += 1
        else:
            found.append(number)
    return found


def _settle_accounts(missing, counters, gaps, verdict):
    by_kernel, by_log = _named(missing, counters, gaps)
    left = [(bus, number) for bus, numbers in missing.items() for number in numbers]
    by_log = max(0, by_log - verdict.unlogged)
    verdict.named = min(len(left), by_kernel + by_log)
    verdict.lost = left[verdict.named :]


def is_incomplete(verdict):
    """Something may still be on its way."""
    return bool(verdict.lost) or any(what.endswith(judge.ON_ITS_WAY) for what in verdict.unexpected)
