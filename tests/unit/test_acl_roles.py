#!/usr/bin/python3
"""The role files of broker-config/roles/ are what topics/role.c says.

usage: test_acl_roles.py SOURCE_DIR ACL_ROLES [--write]
"""

import pathlib
import re
import subprocess
import sys
import unittest

FOLDER = pathlib.Path(sys.argv[1]) / "broker-config/roles"
PROGRAM = sys.argv[2]
LEVEL = r"(?:[a-z_]+|\+|\{(?:site|name)\})"
LINE = re.compile(rf"topic (?:read|write) \{{(?:prefix|discovery)\}}(?:/{LEVEL})+")


def output_of(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, check=True, text=True).stdout


def wanted():
    return {f"{role}.acl": output_of(role) for role in output_of().split()}


class Roles(unittest.TestCase):
    maxDiff = None

    def test_files_are_what_the_table_says(self):
        given = {path.name: path.read_text() for path in FOLDER.iterdir()}
        self.assertEqual(given, wanted())

    def test_every_line_is_one_that_the_scripts_understand(self):
        for name, text in wanted().items():
            lines = text.splitlines()
            self.assertTrue(lines[0].startswith("# "), name)
            for line in lines[2:]:
                self.assertRegex(line, rf"^{LINE.pattern}$", name)

    def test_no_right_is_said_twice(self):
        for name, text in wanted().items():
            lines = text.splitlines()
            self.assertEqual(len(lines), len(set(lines)), name)


if __name__ == "__main__":
    if sys.argv[3:] == ["--write"]:
        FOLDER.mkdir(exist_ok=True)
        for path in FOLDER.iterdir():
            path.unlink()
        for name, text in wanted().items():
            (FOLDER / name).write_text(text)
    else:
        unittest.main(argv=sys.argv[:1])
