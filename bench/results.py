"""What scripts/bench found, as Markdown, and beside the targets."""

import plots
from figures import added_latency, lost_in_outage, number, peer_ratio, row_value, value_of

# Headings of what the measurements call their figures; the others are read as they are.
HEADINGS = {
    "name": "", "what": "", "cpu_us": "CPU µs", "broker_cpu_us": "of the broker", "cpu_to_bare": "× bare",
    "messages_per_second": "messages/s", "p50_us": "p50 µs", "p99_us": "p99 µs", "p999_us": "p99.9 µs",
    "max_us": "longest µs", "pause_us": "pause of the machine µs", "repeated": "rounds repeated", "rate": "frames/s", "qos": "QoS", "ns_per_frame": "ns/frame",
    "frames_per_second": "frames/s", "to_plain_read": "× plain read", "to_by_hand": "× by hand",
    "first_reading_ms": "first reading ms", "rss_kb": "resident kB", "own_kb": "of its own kB",
    "dbc_bytes": "DBC bytes", "file_bytes": "file bytes", "peak_bytes": "peak bytes", "cpu_ms": "CPU ms",
    "cpu_s": "CPU s", "idle_percent": "idle %", "caught_up_s": "all there after s", "sent_per_second": "sent/s", "subscriber_cpu_us": "of the subscriber",
    "frame_p99_ms": "a frame ms, p99", "frame_max_ms": "longest", "interval_p99_ms": "from frame to frame ms, p99",
    "page_cpu_percent": "page % of a core", "drawing_cpu_percent": "drawing %", "heap_mb": "heap MB", "heap_growth_mb": "its growth MB",
    "publisher_cpu_us": "of mosquitto_pub", "system_call_us": "a system call µs", "frames_per_cpu_second": "frames/CPU s",
}  # fmt: skip

DBC_300_KB = 6300  # signals of bench/start
PAGE = "2,000 signals in the list"


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
        ("start to first reading with a DBC file of 300 kB, ms", row_value(run, "start", "first_reading_ms", signals=DBC_300_KB), 150, True),
        ("an hour without a broker: lost", lost_in_outage(run), 0, True),
        ("reading to command, × an echo, p99", value_of(run, "reaction", "p99_ratio"), 1.5, True),
        ("the page with 2,000 signals, 1,000 readings/s: a frame, p99 ms", row_value(run, "dashboard", "frame_p99_ms", what=PAGE), 16.7, True),
        ("CPU of the Python bridge, × ours, QoS 0", peer_ratio(run, python, 0), 10, False),
        ("the same at QoS 1", peer_ratio(run, python, 1), 10, False),
        ("CPU of the Node.js bridge, × ours, QoS 0", peer_ratio(run, node, 0), 10, False),
        ("the same at QoS 1", peer_ratio(run, node, 1), 10, False),
    ]  # fmt: skip


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


# ---- README.md

BEGIN, END = "<!-- of scripts/bench --page -->\n", "<!-- end -->\n"


def figure(form, *values):
    return None if None in values else form.format(*(number(value) for value in values))


def readme_rows(run):
    """(what, figure, measurement); without a figure where it was not measured."""
    gateway, logging = "edge-gateway", "edge-gateway with its frame log"
    ratio_0 = row_value(run, "publish", "cpu_to_bare", name=gateway, qos=0, rate=0)
    ratio_1 = row_value(run, "publish", "cpu_to_bare", name=logging, qos=1, rate=0)
    python, node = (peer_ratio(run, peer, 1) for peer in ("Python: python-can and paho", "Node.js: npm mqtt"))
    latency = [
        row_value(run, "publish", key, rate=8700, name=name)
        for key in ("p50_us", "p99_us")
        for name in (logging, "bare libmosquitto loop")
    ]
    decoded = [row_value(run, "decode", key, what="decode, no output") for key in ("ns_per_frame", "to_by_hand")]
    memory = row_value(run, "start", "rss_kb", signals=1000)
    first = row_value(run, "start", "first_reading_ms", signals=DBC_300_KB)
    page = [row_value(run, "dashboard", key, what=PAGE) for key in ("frame_p99_ms", "page_cpu_percent")]
    return [
        ("CPU time of a published message, beside a bare libmosquitto loop with the finished payloads",
         figure("{} times at QoS 0; {} times at QoS 1, logged as well", ratio_0, ratio_1), "publish"),
        ("a bridge of python-can and paho-mqtt, or of Node.js with npm mqtt, beside the gateway at QoS 1",
         figure("{} and {} times the CPU time", python, node), "publish --peers"),
        ("from a frame to a subscriber at 8,700 frames/s, a full bus, beside a bare publish",
         figure("p50 {} µs ({}), p99 {} µs ({})", *latency), "publish"),
        ("decoding a log, ten signals a frame, no output",
         figure("{} ns a frame, {} times what a decoder written by hand for that one DBC takes", *decoded), "decode"),
        ("an hour of a full bus without a broker, then catching up", figure("{} lost", lost_in_outage(run)), "outage"),
        ("from a reading to the command it leads to, beside a bare echo",
         figure("p99 {} times as long", value_of(run, "reaction", "p99_ratio")), "reaction"),
        ("resident memory with 1,000 signals", figure("{} MB", memory and memory / 1024), "start"),
        ("from the start to the first reading, with a DBC file of 300 kB", figure("{} ms", first), "start"),
        ("the page with 2,000 signals at 1,000 readings (8,000 values) a second in Chromium: time of a frame",
         figure("p99 {} ms of 16.7, {} % of a core", *page), "dashboard"),
    ]  # fmt: skip


def readme_table(run):
    lines = ["| what | figure | made by `scripts/bench --only` |", "|---|---|---|"]
    lines += [f"| {what} | {found} | `{name}` |" for what, found, name in readme_rows(run) if found]
    return "\n".join(lines) + "\n"


def write_readme(run, path):
    head, rest = path.read_text().split(BEGIN)
    path.write_text(head + BEGIN + "\n" + readme_table(run) + "\n" + END + rest.split(END, 1)[1])


def write_page(run, root):
    docs = root / "docs"
    pictures = []
    for name, svg in plots.plots(run):
        (docs / name).write_text(svg)
        pictures.append(f"![{name.removesuffix('.svg')}]({name})")
    head, tail = markdown(run).split("## Targets", 1)
    note = (
        "`scripts/bench --page` makes this page. On a virtual machine whose processors are shared, absolutes move by a\n"
        "factor of two between runs; the ratios are to what ran beside in the same run, round by round, and are medians.\n"
        "[performance.md](performance.md) says what bounds them.\n"
    )
    (docs / "results.md").write_text(f"{head}{note}\n" + "\n".join(pictures) + "\n\n## Targets" + tail)
    write_readme(run, root / "README.md")
