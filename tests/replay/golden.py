"""usage: golden.py EDGE_GATEWAY DATA

For each NAME.dbc in DATA: decoding NAME.log gives exactly NAME.ndjson and NAME.stderr, and encoding that
gives the frames of NAME.log back, as far as NAME.encoded says.
"""
import difflib
import pathlib
import subprocess
import sys


def differs(name, wanted, got):
    if wanted == got:
        return False
    lines = difflib.unified_diff(wanted.splitlines(), got.splitlines(), name, "now", lineterm="")
    print("\n".join(lines))
    return True


def run(arguments, text, folder):
    result = subprocess.run(arguments, input=text, capture_output=True, text=True, cwd=folder)
    return result.stdout, result.stderr


def main():
    gateway, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    wrong = 0
    for dbc in sorted(folder.glob("*.dbc")):
        readings, notes = run([gateway, "decode", "--unknown", "--dbc", dbc.name], dbc.with_suffix(".log").read_text(), folder)
        wrong += differs(dbc.stem + ".ndjson", dbc.with_suffix(".ndjson").read_text(), readings)
        wrong += differs(dbc.stem + ".stderr", dbc.with_suffix(".stderr").read_text(), notes)
        known = "".join(line + "\n" for line in readings.splitlines() if '"message":null' not in line)
        frames, _ = run([gateway, "encode", "--dbc", dbc.name], known, folder)
        wrong += differs(dbc.stem + ".encoded", dbc.with_suffix(".encoded").read_text(), frames)
    return 1 if wrong else 0


sys.exit(main())
