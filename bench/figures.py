"""Figures of a run of scripts/bench, and as text. None: not measured."""


def rows_of(run, name):
    found = run["measurements"].get(name, {}).get("result")
    return found if isinstance(found, list) else []


def value_of(run, name, key):
    found = run["measurements"].get(name, {}).get("result")
    return found.get(key) if isinstance(found, dict) else None


def row_value(run, measurement, key, /, **wanted):
    for row in rows_of(run, measurement):
        if all(row.get(column) == value for column, value in wanted.items()):
            return row.get(key)
    return None


def added_latency(run, key, rate):
    """What the gateway adds to a bare publish, in µs."""
    pair = [
        row_value(run, "publish", key, rate=rate, name=name)
        for name in ("edge-gateway with its frame log", "bare libmosquitto loop")
    ]
    return None if None in pair else pair[0] - pair[1]


def lost_in_outage(run):
    return value_of(run, "outage", "lost")


def peer_ratio(run, peer, qos):
    found = [row_value(run, "publish", "cpu_us", name=name, qos=qos, rate=0) for name in (peer, "edge-gateway")]
    return None if None in found else found[0] / found[1]


def number(value):
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return " / ".join(number(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {number(one)}" for key, one in value.items())
    if isinstance(value, str):
        return value
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
