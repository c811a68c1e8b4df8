#!/usr/bin/python3
"""README.md has a row for every complaint; its tests exist, have the number in their names, and none is left out."""

import re
import unittest
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
COMPLAINTS = 21  # that users of other engines have, as far as they were gathered
ROW = re.compile(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
NAME = re.compile(r"complaints?_[0-9a-z_]+")


def numbers_of(name):
    """complaint_5_and_16_what -> {5, 16}"""
    head = re.match(r"complaints?((?:_and)?_\d+)+", name).group()
    return {int(number) for number in re.findall(r"\d+", head)}


class Readme(unittest.TestCase):
    def setUp(self):
        text = (FOLDER / "README.md").read_text(encoding="utf-8")
        self.rows = {int(number): set(NAME.findall(tests)) for number, tests in ROW.findall(text)}
        self.registered = set()
        for path in FOLDER.glob("test_complaints_*.c"):
            text = path.read_text(encoding="utf-8")
            self.registered |= set(re.findall(r"cmocka_unit_test\(\s*(complaints?_\w+)\)", text))

    def test_every_complaint_has_a_test(self):
        self.assertEqual(set(range(1, COMPLAINTS + 1)), set(self.rows))
        for number, tests in self.rows.items():
            self.assertTrue(tests, f"complaint {number} has no test")

    def test_every_test_of_the_table_runs_and_has_its_number(self):
        for number, tests in self.rows.items():
            self.assertEqual(set(), tests - self.registered, f"complaint {number}: no such tests")
            for name in tests:
                self.assertIn(number, numbers_of(name))

    def test_no_test_is_left_out(self):
        for name in self.registered:
            for number in numbers_of(name):
                self.assertIn(name, self.rows[number], f"complaint {number}")


if __name__ == "__main__":
    unittest.main()
