"""Topics and payloads of the edge gateways (topics/asyncapi.yaml) to rows, or a refusal with its reason.

Numbers keep the text that the gateway wrote: its decimals are exact, and a float would not be. Pure.
"""

import json
import re
from json.encoder import encode_basestring as quoted
from typing import NamedTuple

SEQ_MAX = 2**53
TIME_MAX_S = 253402300799  # the year 9999
NUMBER_MAX_CHARS = 40  # beyond it, or with an exponent, a number is looked at more closely
SIGNALS_MAX = 512
TEXT_MAX_CHARS = 1024
BATCH_MAX = 1000
GAP_RANGES_MAX = 500

ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
LOG_ID = re.compile(r"[0-9a-f]{16}\Z")

# What the messages are.
READING, BATCH, EVENT, GAP, SUMMARY, INFO, OTHER = range(7)


class Refused(Exception):
    """The payload is not what its topic promises. `seq`: the one it stands for, if it says so."""

    def __init__(self, reason, seq=None):
        super().__init__(reason)
        self.seq = seq


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


class Route(NamedTuple):
    kind: int
    site: str = ""
    node: str = ""
    bus: str = ""
    message: str = ""
    is_live: bool = False


class Reading(NamedTuple):
    seq: int
    ts_us: int
    signals: bytes  # JSON object
    quality: bytes  # JSON object; empty: all are good


def _no_constant(word):
    raise ValueError(f"{word} is no JSON")


_decoder = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_no_constant)


def filters(prefix, sites):
    """What to subscribe to, and whether its retained messages are wanted."""
    for site in sites:
        root = f"{prefix}/{site}/+"
        yield f"{root}/info", True
        for tail in ("can/+/+", "event", "alarms/event", "backfill/#"):
            yield f"{root}/{tail}", False


def route(prefix, topic):
    """What a topic carries, and whose it is."""
    try:
        levels = topic.decode()[len(prefix) + 1 :].split("/")
    except UnicodeDecodeError:
        return Route(OTHER)
    if len(levels) < 3 or not all(map(ID.match, levels)):
        return Route(OTHER)
    site, node, *rest = levels
    match rest:
        case ["can", bus, message] if message != "state":
            return Route(READING, site, node, bus, message, is_live=True)
        case ["backfill", "batch"]:
            return Route(BATCH, site, node)
        case ["backfill", "gap"]:
            return Route(GAP, site, node)
        case ["event"] | ["alarms", "event"] | ["backfill", "event"]:
            return Route(EVENT, site, node, is_live=rest[0] != "backfill")
        case ["backfill", bus, message, "summary"]:
            return Route(SUMMARY, site, node, bus, message)
        case ["backfill", bus, message]:
            return Route(READING, site, node, bus, message)
        case ["info"]:
            return Route(INFO, site, node)
    return Route(OTHER)


def parse(payload):
    try:
        return _decoder.decode(payload.decode())
    except (ValueError, RecursionError) as error:
        raise Refused(f"no JSON: {error}") from None


def _integer(value, least, most, seq=None, what="seq"):
    """`value` is what the decoder made of it."""
    if type(value) is not Number or not value.isdigit() or len(value) > 16:
        raise Refused(f"{what} is no integer", seq)
    number = int(value)
    if not least <= number <= most:
        raise Refused(f"{what} is not from {least} to {most}", seq)
    return number


def _seq(item):
    """0: it is not a logged one."""
    if type(item) is not dict:
        raise Refused("no JSON object")
    return _integer(item["seq"], 1, SEQ_MAX) if "seq" in item else 0


def _ts_us(value, seq, what="ts"):
    if type(value) is not Number:
        raise Refused(f"{what} is no number", seq)
    seconds = float(value)
    if not 0 <= seconds <= TIME_MAX_S:
        raise Refused(f"{what} is not a time", seq)
    return round(seconds * 1e6)


def _number(value, seq):
    if len(value) > NUMBER_MAX_CHARS or "e" in value or "E" in value:
        if len(value) > 400 or not abs(float(value)) < 1e308:
            raise Refused("a number is too large", seq)
    return value


def _member(name, value, seq):
    if type(value) is Number:
        return f"{quoted(name)}:{_number(value, seq)}"
    if value is None:
        return f"{quoted(name)}:null"
    if type(value) is not str or len(value) > TEXT_MAX_CHARS or "\0" in value:
        raise Refused("a value is neither a number, a text nor null", seq)
    return f"{quoted(name)}:{quoted(value)}"


def _object(value, seq, what):
    """A flat object as JSON text that PostgreSQL takes."""
    if type(value) is not dict or len(value) > SIGNALS_MAX:
        raise Refused(f"{what} is no object, or has too many members", seq)
    if any(len(name) > TEXT_MAX_CHARS or "\0" in name for name in value):
        raise Refused(f"{what} has a name that cannot be stored", seq)
    text = "{" + ",".join([_member(name, v, seq) for name, v in value.items()]) + "}"
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Refused(f"{what} is not Unicode", seq) from None


def reading(item):
    """None: it is not logged, and has no seq."""
    seq = _seq(item)
    if seq == 0:
        return None
    quality = _object(item["q"], seq, "q") if "q" in item else b""
    signals = _object(item.get("signals"), seq, "signals")
    return Reading(seq, _ts_us(item.get("ts"), seq), signals, quality)


def origin(item):
    """Bus and message of a reading in a batch."""
    seq = _seq(item)
    bus, message = item.get("bus"), item.get("message")
    if not (type(bus) is str and type(message) is str and ID.match(bus) and ID.match(message)):
        raise Refused("bus or message is no id", seq)
    return bus, message


def batch(items):
    if type(items) is not list or len(items) > BATCH_MAX:
        raise Refused(f"no array of at most {BATCH_MAX} readings")
    return items


def event(item):
    """seq, ts_us, its word, its alarm; None: not logged."""
    seq = _seq(item)
    if seq == 0:
        return None
    word, alarm = item.get("event"), item.get("alarm", "")
    if not (type(word) is str and type(alarm) is str and ID.match(word) and len(alarm) <= 128):
        raise Refused("event or alarm is no word", seq)
    members = {k: v for k, v in item.items() if k not in ("seq", "ts", "event", "alarm")}
    return seq, _ts_us(item.get("ts"), seq), word, alarm, _plain(members, seq)


def _plain(members, seq):
    """Members of an event are plain values; true and false among them."""
    words = {True: "true", False: "false"}
    flags = [f"{quoted(k)}:{words[v]}" for k, v in members.items() if type(v) is bool]
    rest = _object({k: v for k, v in members.items() if type(v) is not bool}, seq, "event")
    inner = ",".join(filter(None, [rest.decode()[1:-1], *flags]))
    return ("{" + inner + "}").encode()


def gap(item):
    """reason, [(first, last), ...]"""
    if type(item) is not dict or type(item.get("ranges")) is not list:
        raise Refused("no ranges")
    reason = item.get("reason")
    if type(reason) is not str or not ID.match(reason) or len(item["ranges"]) > GAP_RANGES_MAX:
        raise Refused("no reason, or too many ranges")
    ranges = []
    for pair in item["ranges"]:
        if type(pair) is not list or len(pair) != 2:
            raise Refused("a range has two ends")
        first, last = (_integer(end, 1, SEQ_MAX) for end in pair)
        if first > last:
            raise Refused("a range ends before it begins")
        ranges.append((first, last))
    return reason, ranges


def summary(item):
    """first, last, count, from_us, to_us, signals"""
    if type(item) is not dict or type(item.get("signals")) is not dict:
        raise Refused("no object with signals")
    numbers = [_integer(item.get(key), 1, SEQ_MAX, what=key) for key in ("first", "last", "count")]
    times = [_ts_us(item.get(key), None, key) for key in ("from", "to")]
    inner = []
    for name, figures in item["signals"].items():
        inner.append(f"{quoted(name)}:{_object(figures, None, 'signals').decode()}")
    text = "{" + ",".join(inner) + "}"
    if "\\u0000" in text:
        raise Refused("signals has a name that cannot be stored")
    return *numbers, *times, text.encode("utf-8", "replace")


def info(item):
    """The log's id, what is done with, when the gateway was started; "" and 0 where it does not say."""
    if type(item) is not dict:
        raise Refused("no JSON object")
    started_us = _ts_us(item.get("started", Number("0")), None, "started")
    log = item.get("log")
    if log is None:
        return "", 0, started_us
    if type(log) is not dict or type(log.get("id")) is not str or not LOG_ID.match(log["id"]):
        raise Refused("log has no id")
    return log["id"], _integer(log.get("acknowledged"), 0, SEQ_MAX, what="acknowledged"), started_us
