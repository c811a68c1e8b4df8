"""What scripts/bench found, as bars: SVG without a library."""

import html

from figures import number, rows_of

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
