"""What scripts/bench found, as Markdown, as plots, and beside the targets."""

import html

# Headings of what the measurements call their figures; the others are read as they are.
HEADINGS = {
    "name": "", "what": "", "cpu_us": "CPU µs", "broker_cpu_us": "of the broker", "cpu_to_bare": "× bare",
    "messages_per_second": "messages/s", "p50_us": "p50 µs", "p99_us": "p99 µs", "p999_us": "p99.9 µs",
    "max_us": "longest µs", "rate": "frames/s", "qos": "QoS", "ns_per_frame": "ns/frame",
    "frames_per_second": "frames/s", "to_plain_read": "× plain read", "to_by_hand": "× by hand",
    "first_reading_ms": "first reading ms", "rss_kb": "resident kB", "own_kb": "of its own kB",
    "dbc_bytes": "DBC bytes", "file_bytes": "file bytes", "peak_bytes": "peak bytes", "cpu_ms": "CPU ms",
    "cpu_s": "CPU s", "idle_percent": "idle %", "caught_up_s": "all there after s", "sent_per_second": "sent/s", "subscriber_cpu_us": "of the subscriber",
    "publisher_cpu_us": "of mosquitto_pub", "system_call_us": "a system call µs", "frames_per_cpu_second": "frames/CPU s",
}  # fmt: skip


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


def targets(run):
    """(what, found, limit, at most: True, at least: False); None where it was not measured."""
    python, node = "Python: python-can and paho", "Node.js: npm mqtt"
    gateway, logging = "edge-gateway", "edge-gateway with its frame log"
    bus_logging, bus_changes = "edge-gateway, every frame at QoS 1, logged", "edge-gateway, changes at QoS 1, logged"
    return [
        ("CPU of a message, × bare libmosquitto, QoS 0", row_value(run, "publish", "cpu_to_bare", name=gateway, qos=0, rate=0), 1.3, True),
        ("the same at QoS 1", row_value(run, "publish", "cpu_to_bare", name=gateway, qos=1, rate=0), 1.5, True),
        ("the same at QoS 1 with the frame log", row_value(run, "publish", "cpu_to_bare", name=logging, qos=1, rate=0), 1.5, True),
        ("a full bus (8,700 frames/s), all at QoS 1 and logged: lost", row_value(run, "publish", "lost", name=logging, rate=8700), 0, True),
        ("a full CAN bus into one core with broker and subscriber, all at QoS 1 and logged: lost", row_value(run, "bus", "lost", name=bus_logging, rate=8700), 0, True),
        ("four such buses, changes only: lost", row_value(run, "bus", "lost", name=bus_changes, buses=4, rate=8700), 0, True),
        ("latency added at 1,000 frames/s, p50 µs", added_latency(run, "p50_us", 1000), 50, True),
        ("the same, p99 µs", added_latency(run, "p99_us", 1000), 500, True),
        ("latency added at 8,700 frames/s, p50 µs", added_latency(run, "p50_us", 8700), 50, True),
        ("the same, p99 µs", added_latency(run, "p99_us", 8700), 500, True),
        ("resident memory with 1,000 signals, kB", row_value(run, "start", "rss_kb", signals=1000), 12_288, True),
        ("start to first reading with a DBC file of 240 kB, ms", row_value(run, "start", "first_reading_ms", signals=5000), 150, True),
        ("an hour without a broker: lost", lost_in_outage(run), 0, True),
        ("reading to command, × an echo, p99", value_of(run, "reaction", "p99_ratio"), 1.5, True),
        ("CPU of the Python bridge, × ours, QoS 0", peer_ratio(run, python, 0), 10, False),
        ("the same at QoS 1", peer_ratio(run, python, 1), 10, False),
        ("CPU of the Node.js bridge, × ours, QoS 0", peer_ratio(run, node, 0), 10, False),
        ("the same at QoS 1", peer_ratio(run, node, 1), 10, False),
    ]  # fmt: skip


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


def table(rows):
    keys = dict.fromkeys(key for row in rows for key in row)
    columns = [key for key in keys if any(row.get(key) is not None for row in rows)]
    lines = ["| " + " | ".join(HEADINGS.get(key, key.replace("_", " ")) for key in columns) + " |"]
    lines.append("|" + "---|" * len(columns))
    lines += ["| " + " | ".join(number(row.get(key)) for key in columns) + " |" for row in rows]
    return "\n".join(lines)


def measurement(one):
    found = one["result"]
    head = f"`{one['command']}`, load {one['load'][0]:.1f} before and {one['load'][1]:.1f} after"
    if found is None:
        return f"{head}: **failed**"
    rows = found if isinstance(found, list) else [{"what": key.replace("_", " "), "found": value} for key, value in found.items()]
    return f"{head}\n\n{table(rows)}"


def judged(run):
    for what, found, limit, at_most in targets(run):
        if found is not None:
            holds = found <= limit if at_most else found >= limit
            yield what, found, limit, at_most, holds


def targets_markdown(run):
    lines = ["| what | found | target | |", "|---|---|---|---|"]
    for what, found, limit, at_most, holds in judged(run):
        bound = f"{'at most' if at_most else 'at least'} {number(limit)}"
        lines.append(f"| {what} | {number(found)} | {bound} | {'holds' if holds else '**missed**'} |")
    return "\n".join(lines)


def targets_text(run):
    return "\n".join(
        f"{'holds ' if holds else 'MISSED'} {what}: {number(found)} (target: {'<=' if at_most else '>='} {number(limit)})"
        for what, found, limit, at_most, holds in judged(run)
    )


def markdown(run):
    facts = ", ".join(f"{key}: {value}" for key, value in run["machine"].items())
    parts = ["# Results", ""]
    if run["quick"]:
        parts += ["Of the short forms: they show that the measurements work, and little else.", ""]
    parts += [facts, "", "## Targets", "", targets_markdown(run)]
    for one in run["measurements"].values():
        parts += ["", f"## {one['title']}", "", measurement(one)]
    return "\n".join(parts) + "\n"


# ---- plots

WIDTH, BAR, GAP, LABEL, RIGHT = 760, 22, 10, 290, 110
COLORS = {True: "#1f6f8b", False: "#b8c4c8"}


def bars(title, rows, unit):
    """Horizontal bars, as SVG: (name, value, ours)."""
    largest = max(value for _, value, _ in rows) or 1
    height = 44 + len(rows) * (BAR + GAP)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="24" font-size="15" font-weight="bold">{html.escape(title)}</text>',
    ]
    for i, (name, value, ours) in enumerate(rows):
        y = 40 + i * (BAR + GAP)
        length = max(1, (WIDTH - LABEL - RIGHT) * value / largest)
        lines.append(f'<text x="{LABEL - 8}" y="{y + 15}" text-anchor="end">{html.escape(name)}</text>')
        lines.append(f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{COLORS[ours]}"/>')
        lines.append(f'<text x="{LABEL + length + 6:.1f}" y="{y + 15}">{number(value)} {html.escape(unit)}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def plots(run):
    """(file name, SVG) of each plot that the run has figures for."""
    for qos in (0, 1):
        rows = [
            (row["name"], row["cpu_us"], row["name"].startswith("edge-gateway"))
            for row in rows_of(run, "publish")
            if row["qos"] == qos and row["rate"] == 0
        ]
        if rows:
            yield f"results-publish-{qos}.svg", bars(f"CPU time of a published message, QoS {qos}", rows, "µs")
    rows = [
        (f"{number(row['rate'])} frames/s, {end}: {'bare' if row['name'].startswith('bare') else 'gateway'}", row[key],
         row["name"].startswith("edge-gateway"))
        for key, end in (("p50_us", "p50"), ("p99_us", "p99"))
        for row in rows_of(run, "publish") if row["rate"] > 0
    ]  # fmt: skip
    if rows:
        yield "results-latency.svg", bars("From a frame to a subscriber, QoS 1", rows, "µs")
    rows = [(f"{number(row['signals'])} signals", row["rss_kb"] / 1024, True) for row in rows_of(run, "start")]
    if rows:
        yield "results-memory.svg", bars("Resident memory of the gateway", rows, "MB")


def write_page(run, docs):
    pictures = []
    for name, svg in plots(run):
        (docs / name).write_text(svg)
        pictures.append(f"![{name.removesuffix('.svg')}]({name})")
    head, tail = markdown(run).split("## Targets", 1)
    note = (
        "`scripts/bench --page` makes this page. On a virtual machine whose processors are shared, absolutes move by a\n"
        "factor of two between runs; the ratios are to what ran beside in the same run, round by round, and are medians.\n"
        "[performance.md](performance.md) says what bounds them.\n"
    )
    (docs / "results.md").write_text(f"{head}{note}\n" + "\n".join(pictures) + "\n\n## Targets" + tail)
