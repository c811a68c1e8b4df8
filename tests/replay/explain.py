"""usage: explain.py EDGE_GATEWAY DATA

For each NAME.MESSAGE.txt in DATA: `check --dbc NAME.dbc --explain MESSAGE` prints exactly that text.
"""
import difflib
import pathlib
import subprocess
import sys


def main():
    gateway, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    wrong = 0
    wanted = sorted(folder.glob("*.*.txt"))
    for path in wanted:
        dbc, message, _ = path.name.split(".")
        command = [gateway, "check", "--dbc", dbc + ".dbc", "--explain", message]
        result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=folder)
        text = path.read_text(encoding="utf-8")
        if (result.returncode, result.stdout) != (0, text):
            wrong += 1
            lines = difflib.unified_diff(text.splitlines(), result.stdout.splitlines(), path.name, "now", lineterm="")
            print("\n".join(lines), result.stderr, sep="\n")
    return 1 if wrong or not wanted else 0


sys.exit(main())
