#!/usr/bin/python3
"""The manual pages and what the shells complete: well formed, and all that the programs know."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE_DIR = pathlib.Path(__file__).resolve().parents[2]
BUILD_DIR = pathlib.Path(os.environ["EDGE_BUILD_DIR"]).resolve()
MADE = BUILD_DIR / "packaging" / "man"
sys.path.insert(0, str(SOURCE_DIR / "packaging" / "man"))
import help_text  # noqa: E402
import mdoc  # noqa: E402

PROGRAMS = {name: [str(BUILD_DIR / "bin" / name)] for name in ("edge-gateway", "automation-node")}
EXAMPLES = {"edge-gateway": "gateway.yaml", "automation-node": "automation.yaml"}
CONFIG_PAGES = {"edge-gateway": "edge-gateway.yaml.5", "automation-node": "automation.yaml.5"}


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)


def need(test, *programs):
    """Debian's packages for them are in scripts/setup."""
    for program in programs:
        if shutil.which(program) is None:
            test.skipTest(f"no {program} here")


def page_text(path):
    """As a reader sees it, without line breaks of the terminal's width."""
    source = subprocess.run(["zcat", path], capture_output=True, check=True).stdout
    shown = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=500"], input=source, capture_output=True, check=True).stdout
    return re.sub(".\b", "", shown.decode())


class Pages(unittest.TestCase):
    def pages(self):
        pages = sorted(MADE.glob("*.gz"))
        self.assertGreaterEqual(len(pages), 5)
        return pages

    def test_they_are_well_formed(self):
        need(self, "mandoc", "groff")
        for page in self.pages():
            with self.subTest(page.name):
                source = subprocess.run(["zcat", page], capture_output=True, check=True).stdout
                for command in (["mandoc", "-T", "lint", "-W", "warning"], ["groff", "-ww", "-mandoc", "-K", "utf8", "-T", "utf8", "-Z"]):
                    result = subprocess.run(command, input=source, capture_output=True, check=False)
                    said = result.stderr + (result.stdout if command[0] == "mandoc" else b"")
                    self.assertEqual((result.returncode, said.decode()), (0, ""), command)

    def test_a_mistake_in_a_page_is_found(self):
        need(self, "mandoc")
        result = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=b".Dd x\n.Bl\n", capture_output=True, check=False)
        self.assertNotEqual(result.returncode, 0)

    def test_they_are_packed_without_a_time(self):
        for page in self.pages():
            self.assertEqual(page.read_bytes()[4:8], b"\0\0\0\0", page.name)

    def test_every_command_with_its_options_is_in_the_page(self):
        need(self, "mandoc")
        for name, program in PROGRAMS.items():
            text = page_text(MADE / f"{name}.1.gz")
            for command, _ in help_text.commands(program):
                with self.subTest(f"{name} {command}"):
                    own = re.split(r"(?m)^(?=   \S)", text.split(f"\n   {command}\n", 1)[1])[0]
                    for option in help_text.of_command(program, command).options:
                        self.assertRegex(own, rf"(?m)^     (-\w, )?--{option.long}( |$)")

    def test_every_key_is_in_the_page_of_the_configuration_and_no_other(self):
        need(self, "mandoc")
        for name, program in PROGRAMS.items():
            with self.subTest(name):
                text = page_text(MADE / f"{CONFIG_PAGES[name]}.gz").split("\nKEYS\n", 1)[1].split("\nSEE ALSO\n")[0]
                section, told = "", set()
                for line in text.splitlines():
                    if heading := re.match(r"   (\S.*)", line):
                        section = "" if heading[1] == "At the top" else heading[1]
                        told.add(section)
                    elif key := re.match(r"     ([\w.<>\[\]]+)(  |$)", line):
                        told.add(f"{section}.{key[1]}" if section else key[1])
                self.assertEqual(told - {""}, {key.path for key in help_text.keys(program)})


class Help(unittest.TestCase):
    def test_every_option_that_a_command_takes_is_in_its_help(self):
        for name, program in PROGRAMS.items():
            for source in sorted((SOURCE_DIR / name / "app").glob("cmd_*.c")):
                text = source.read_text(encoding="utf-8")
                command = source.stem.split("_")[1]
                taken = set(re.findall(r'\{"([a-z-]+)", (?:no|required)_argument', text)) - {"help"}
                taken |= set(re.findall(r'\{"([a-z-]+)", &', text))
                told = {option.long for option in help_text.of_command(program, command).options}
                with self.subTest(f"{name} {command}"):
                    self.assertEqual(taken - told, set())

    def test_every_key_of_the_example_is_told(self):
        """What the loader takes is what --keys prints: they read one table, and this holds them to it."""
        import yaml

        def paths(value, prefix=""):
            for key, below in value.items():
                yield prefix + key
                if isinstance(below, dict):
                    yield from paths(below, f"{prefix}{key}.")
                for item in below if isinstance(below, list) else []:
                    if isinstance(item, dict):
                        yield from paths(item, f"{prefix}{key}[].")

        for name, program in PROGRAMS.items():
            printed = help_text.run(program, "check", "--print", "-c", str(SOURCE_DIR / "examples" / EXAMPLES[name]))
            known = [re.escape(key.path).replace("<name>", r"[^.]+") for key in help_text.keys(program)]
            known += [path.removesuffix(r"\.[^.]+").removesuffix(r"\[\]") for path in known]
            pattern = re.compile("|".join(known))
            unknown = [path for path in paths(yaml.load(printed, yaml.BaseLoader)) if not pattern.fullmatch(path)]
            with self.subTest(name):
                self.assertEqual(unknown, [])

    def test_help_becomes_data(self):
        parsed = help_text.parse(
            "usage: p c -c FILE\n       p c\n\nOne\ntwo.\n\n  literal  x\n    more\n\n  -c, --config FILE   a\n                      b\n"
            "      --as x|y\n                      which\n      --go\n\nEnd.\n"
        )
        self.assertEqual(parsed.usage, ["p c -c FILE", "p c"])
        self.assertEqual([kind for kind, _ in parsed.blocks], ["paragraph", "literal", "options", "paragraph"])
        self.assertEqual(parsed.blocks[1][1], ["literal  x", "  more"])
        self.assertEqual(
            [(o.short, o.long, o.value, o.text) for o in parsed.options],
            [("c", "config", "FILE", "a b"), (None, "as", "x|y", "which"), (None, "go", None, "")],
        )

    def test_text_is_no_macro(self):
        self.assertEqual(mdoc.escape(".a\\b --c d-e -f"), "\\&.a\\eb \\-\\-c d-e \\-f")


class Completion(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        for name in ("a.yaml", "b c.yaml", "d.dbc", "e.log"):
            (self.directory / name).touch()
        (self.directory / "sub").mkdir()

    def bash(self, *words, program="edge-gateway"):
        """What bash offers for the last of the words."""
        function = "_" + program.replace("-", "_")
        script = (
            f'. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); {function}\n'
            '[ "${#COMPREPLY[@]}" -eq 0 ] || printf "%s\\n" "${COMPREPLY[@]}"'
        )
        result = run("bash", "-uc", script, "bash", MADE / f"{program}.bash", program, *words, cwd=self.directory)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return sorted(result.stdout.splitlines())

    def test_bash_commands(self):
        for name, program in PROGRAMS.items():
            offered = self.bash("", program=name)
            self.assertEqual(offered, sorted([c for c, _ in help_text.commands(program)] + ["--help", "--version"]))
        self.assertEqual(self.bash("de"), ["decode"])

    def test_bash_options_of_each_command(self):
        for name, program in PROGRAMS.items():
            for command, _ in help_text.commands(program):
                told = sorted(f"--{option.long}" for option in help_text.of_command(program, command).options)
                self.assertEqual(self.bash(command, "--", program=name), told)

    def test_bash_files_by_their_kind(self):
        self.assertEqual(self.bash("run", "-c", ""), ["a.yaml", "b c.yaml", "sub"])
        self.assertEqual(self.bash("run", "--config", "b"), ["b c.yaml"])
        self.assertEqual(self.bash("decode", "--dbc", ""), ["d.dbc", "sub"])
        self.assertEqual(self.bash("decode", "--dbc", "d.dbc", "e"), ["e.log"])
        self.assertEqual(self.bash("test", "a", program="automation-node"), ["a.yaml"])
        self.assertEqual(self.bash("history", "--log", "e"), ["e.log"])

    def test_bash_words_and_interfaces(self):
        self.assertEqual(self.bash("history", "--format", ""), ["candump", "csv", "ndjson"])
        self.assertIn("lo", self.bash("discover", "--interface", "l"))
        self.assertEqual(self.bash("history", "--limit", ""), [])

    def test_bash_itself_completes(self):
        script = f'. {MADE}/edge-gateway.bash; complete -p edge-gateway'
        self.assertEqual(run("bash", "-c", script).stdout, "complete -F _edge_gateway edge-gateway\n")

    def test_fish(self):
        need(self, "fish")
        def offered(line):
            command = f'source {MADE}/edge-gateway.fish; complete -C "{line}"'
            environment = {**os.environ, "HOME": str(self.directory), "XDG_CONFIG_HOME": str(self.directory)}
            result = run("fish", "--no-config", "-c", command, cwd=self.directory, env=environment)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            return sorted(line.split("\t")[0] for line in result.stdout.splitlines())
        self.assertEqual(offered("edge-gateway de"), ["decode"])
        self.assertEqual(offered("edge-gateway history --form"), ["--format"])
        self.assertEqual(offered("edge-gateway history --format "), ["candump", "csv", "ndjson"])

    def test_zsh(self):
        need(self, "zsh")
        for name in PROGRAMS:
            result = run("zsh", "-f", "-n", MADE / f"{name}.zsh")
            self.assertEqual((result.returncode, result.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
