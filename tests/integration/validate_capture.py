#!/usr/bin/python3
"""Validates captured traffic against the contract.

usage: mosquitto_sub -t 'edge/#' -F '%t\\t%p' > capture.txt
       validate_capture.py [--prefix edge] [--require reading,status,...] capture.txt

Each line is `topic<TAB>payload`. Topics outside the prefix are passed over; an empty payload on a
retained topic is a deletion. Exit 0, or 1 with every violation on its own line.
"""

import argparse
import collections
import pathlib
import sys

SOURCE_DIR = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE_DIR / "tests"))

from contract import Contract  # noqa: E402


def check_line(contract, prefix, line):
    """Its kind (None: nothing to count) and what is wrong with it."""
    topic, tab, payload = line.partition("\t")
    if not tab:
        return None, ["not a line of topic, tab and payload"]
    if not topic.startswith(prefix + "/"):
        return None, []
    kind = contract.kind_of(prefix, topic)
    if kind is None:
        return None, [f"{topic}: not a topic of the tree"]
    if payload == "" and contract.channels[kind]["x-retain"] == "yes":
        return None, []
    message = contract.message_of(kind, topic)
    return kind, [f"{topic}: {message}: {why}" for why in contract.violations(message, payload)]


def check_capture(contract, prefix, lines, required):
    seen = collections.Counter()
    problems = []
    for number, line in enumerate(lines, start=1):
        kind, wrong = check_line(contract, prefix, line)
        if kind is not None and not wrong:
            seen[kind] += 1
        problems += [f"line {number}: {why}" for why in wrong]
    problems += [f"no valid line of kind {kind}" for kind in required if seen[kind] == 0]
    return seen, problems


def main():
    parser = argparse.ArgumentParser(description="Validates captured traffic against the contract.")
    parser.add_argument("--prefix", default="edge")
    parser.add_argument("--require", default="", help="kinds that must appear, with commas between")
    parser.add_argument("capture", type=pathlib.Path)
    options = parser.parse_args()

    contract = Contract(SOURCE_DIR)
    required = [kind for kind in options.require.split(",") if kind]
    unknown = [kind for kind in required if kind not in contract.channels]
    if unknown:
        parser.error(f"no such kind: {', '.join(unknown)}")

    # Bytes that are not UTF-8 must show up as violations of a schema, not end the check.
    text = options.capture.read_bytes().decode("utf-8", errors="replace")
    lines = text.removesuffix("\n").split("\n") if text else []
    seen, problems = check_capture(contract, options.prefix, lines, required)
    for problem in problems:
        print(problem)
    if not problems:
        print("valid: " + ", ".join(f"{count} {kind}" for kind, count in sorted(seen.items())))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
