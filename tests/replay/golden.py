"""usage: golden.py EDGE_GATEWAY DATA

For each log NAME[-WHAT].(log|asc|trc) in DATA: decoding it by NAME.dbc gives exactly the .ndjson and
the .stderr beside it; where there is an .encoded, encoding that gives these frames back.
"""
import difflib
import pathlib
import subprocess
import sys

SUFFIXES = (".log", ".asc", ".trc")


def differs(name, wanted, got):
    if wanted == got:
        return False
    lines = difflib.unified_diff(wanted.splitlines(), got.splitlines(), name, "now", lineterm="")
    print("\n".join(lines))
    return True


def run(arguments, text, folder):
    result = subprocess.run(arguments, input=text, capture_output=True, cwd=folder)
    return result.stdout.decode(), result.stderr.decode()


def check(gateway, log):
    """How many of the files beside the log differ."""
    folder, dbc = log.parent, log.stem.partition("-")[0] + ".dbc"
    wanted = {suffix: log.with_suffix(suffix) for suffix in (".ndjson", ".stderr", ".encoded")}
    readings, notes = run([gateway, "decode", "--unknown", "--dbc", dbc], log.read_bytes(), folder)
    wrong = differs(wanted[".ndjson"].name, wanted[".ndjson"].read_text(), readings)
    wrong += differs(wanted[".stderr"].name, wanted[".stderr"].read_text(), notes)
    if wanted[".encoded"].exists():
        known = [line for line in readings.splitlines(True) if '"message":null' not in line]
        frames, _ = run([gateway, "encode", "--dbc", dbc], "".join(known).encode(), folder)
        wrong += differs(wanted[".encoded"].name, wanted[".encoded"].read_text(), frames)
    return wrong


def main():
    gateway, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    logs = [path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES]
    wrong = sum(check(gateway, log) for log in logs)
    return 1 if wrong or not logs else 0


sys.exit(main())
