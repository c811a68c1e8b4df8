"""Compares what was sent on the bus with what the centre has, seq by seq. Pure.

lost        sent, and not at the centre
unread      in the pipe or in the gateway's hands when that was killed, and never accepted (docs/frame-log.md
            promises what was accepted; this is what a controller's buffer loses then)
duplicated  arrived more than once, before they are removed by seq; `left` is what is still twice after it
recovered   came on the backfill lane, because the live lane could not carry them
unexpected  everything that must not be: other content, unknown or repeated seqs, wrong order, holes
"""

import json
from dataclasses import dataclass, field

UNREAD_S = 0.3  # before a kill: what the gateway may have read from the pipe and not yet accepted
GAPS_EXPECTED = {"restart"}
ON_ITS_WAY = "are neither here nor in a gap"


@dataclass
class Stored:
    """One row of the central store."""

    seq: int
    lane: str
    content: list  # [bus, message, {"ts":..., "signals":{...}}]
    copies: int


@dataclass
class Verdict:
    sent: int = 0
    stored: int = 0
    lost: list = field(default_factory=list)
    unread: list = field(default_factory=list)
    duplicated: int = 0
    left: int = 0
    recovered: int = 0
    unexpected: list = field(default_factory=list)


def expected_signals(number, frame):
    return {"Number": number, "Value": frame.value, "Check": frame.check}


def _judge_row(row, sent, verdict, seq_of):
    """A reading's number, if it has one; what is wrong with it goes to `unexpected`."""
    _, message, item = row.content
    if message == "event":
        return
    signals = item.get("signals", {})
    number = signals.get("Number")
    if not isinstance(number, int) or not 1 <= number <= len(sent):
        verdict.unexpected.append(f"seq {row.seq}: nobody sent {message} {json.dumps(signals)}")
        return
    frame = sent[number - 1]
    if message != frame.message or signals != expected_signals(number, frame):
        verdict.unexpected.append(f"seq {row.seq}: {message} {json.dumps(signals)} is not what was sent")
    if number in seq_of:
        verdict.left += 1
        verdict.unexpected.append(f"frame {number} has the seqs {seq_of[number]} and {row.seq}")
        return
    seq_of[number] = row.seq


def judge_order(seq_of, verdict):
    last = 0
    for number in sorted(seq_of):
        if seq_of[number] < last:
            verdict.unexpected.append(f"frame {number} has seq {seq_of[number]}, one before it {last}")
        last = max(last, seq_of[number])


def judge_holes(rows, gaps, verdict, reasons=GAPS_EXPECTED):
    """Every seq is a reading, an event or in a gap, and that for one of these reasons."""
    spans = sorted([(row.seq, row.seq) for row in rows] + [(first, last) for first, last, _ in gaps])
    covered = 0
    for first, last in spans:
        if first > covered + 1:
            verdict.unexpected.append(f"seqs {covered + 1} to {first - 1} {ON_ITS_WAY}")
        covered = max(covered, last)
    for first, last, reason in gaps:
        if reason not in reasons:
            verdict.unexpected.append(f"seqs {first} to {last} will not come: {reason}")


def is_incomplete(verdict):
    """Something may still be on its way."""
    return bool(verdict.lost) or any(what.endswith(ON_ITS_WAY) for what in verdict.unexpected)


def judge(sent, kills_s, rows, gaps, conflicts=()):
    """`sent` are can_pipe.Frames, `kills_s` when the gateway was killed, `rows` Stored in any order,
    `gaps` (first, last, reason), `conflicts` (seq, content) that came beside another content."""
    verdict = Verdict(sent=len(sent), stored=len(rows))
    seq_of = {}
    for row in sorted(rows, key=lambda row: row.seq):
        _judge_row(row, sent, verdict, seq_of)
        verdict.duplicated += row.copies
        verdict.recovered += row.lane == "backfill"
    for seq, content in conflicts:
        verdict.unexpected.append(f"seq {seq} came with another content: {content}")
    for number, frame in enumerate(sent, 1):
        if number not in seq_of:
            unread = any(0 <= kill_s - frame.sent_s <= UNREAD_S for kill_s in kills_s)
            (verdict.unread if unread else verdict.lost).append(number)
    judge_order(seq_of, verdict)
    judge_holes(rows, gaps, verdict)
    return verdict
