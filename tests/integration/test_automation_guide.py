"""The examples of docs/automation.md do what the page says."""

import re
import subprocess

import support

GUIDE = (support.SOURCE_DIR / "docs/automation.md").read_text(encoding="utf-8")
EXAMPLES = support.SOURCE_DIR / "examples"
PROGRAM = support.BIN_DIR / "automation-node"


def block(start):
    """The block of the page that begins with this line."""
    (text,) = re.findall(rf"```\w*\n({re.escape(start)}\n.*?)```", GUIDE, re.DOTALL)
    return text


class Guide(support.TestCase):
    def run_program(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], cwd=self.directory, capture_output=True, text=True)

    def test_the_first_rule_is_a_configuration(self):
        (self.directory / "automation.yaml").write_text(block("site: demo"), encoding="utf-8")
        result = self.run_program("check", "-c", "automation.yaml", "--dbc", EXAMPLES / "greenhouse.dbc")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        result = self.run_program("simulate", "-c", "automation.yaml", "--log", EXAMPLES / "greenhouse.log",
                                  "--dbc", EXAMPLES / "greenhouse.dbc", "--limit", "temperature=18..24")  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_the_test_holds(self):
        rule = block("site: demo").replace(" for 2min", "")
        (self.directory / "automation.yaml").write_text(rule, encoding="utf-8")
        (self.directory / "page.test").write_text(block("config automation.yaml"), encoding="utf-8")
        result = self.run_program("test", "page.test")
        self.assertEqual((result.returncode, result.stderr), (0, ""))


if __name__ == "__main__":
    support.main()
