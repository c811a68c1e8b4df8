#!/usr/bin/env python3
"""Measures the house rules of CONTRIBUTING.md and ARCHITECTURE.md.

usage: check.py [--root DIR] format|size|layers|topics|banned ...

Prints `path:line: rule: what` for each finding. Exit 0 clean, 1 findings, 2 the check itself could
not run, 77 a tool it needs is absent (format only).
"""

import argparse
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import c_source
import layer_table

SKIPPED_DIRECTORIES = {"build", ".git", ".demo", "corpus", "node_modules", "dist", "__pycache__"}
TEXT_SUFFIXES = {
    ".c", ".h", ".py", ".sh", ".cmake", ".txt", ".md", ".yaml", ".yml", ".json", ".conf", ".js",
    ".html", ".css", ".service", ".ts", "",
}  # fmt: skip

C_FILE_LINES = 600
HEADER_LINES = 150
FUNCTION_LINES = 60
NESTED_BRACES = 4
HEADER_FUNCTIONS = 12

BANNED = set(
    "sprintf strcpy strcat strncpy strtok atoi atof atol sscanf gets sleep usleep nanosleep"
    " system popen alloca".split()
)
# Written so that this file does not hold what it forbids.
DEBT = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X{3})\b")
MACHINE_PATH = re.compile(r"(?<![\w.}])/(?:work|root)/")

# Text of the topic tree: levels that only topics/ may spell.
TOPIC_TEXT = re.compile(
    r"/can/|/(?:status|set)(?![a-z])|(?<![\w-])homeassistant/|(?<![\w-])edge/|^(?:on|off)line$"
)
SYSTEM_PATH = re.compile(r"^/(?:proc|sys|dev|run|etc)/")


@dataclass(frozen=True)
class Finding:
    rule: str
    path: str
    line: int
    text: str
    symbol: str = ""

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


class Tree:
    """The files under the root, each read and lexed once."""

    def __init__(self, root):
        self.root = root
        self._sources = {}
        self.paths = sorted(
            str(path.relative_to(root))
            for path in root.rglob("*")
            if path.is_file()
            and not SKIPPED_DIRECTORIES.intersection(path.relative_to(root).parts)
        )
        self.c_paths = [path for path in self.paths if path.endswith((".c", ".h"))]
        if not self.c_paths:
            raise layer_table.Unusable(f"no .c or .h file under {root}")

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="surrogateescape")

    def source(self, path):
        if path not in self._sources:
            self._sources[path] = c_source.read(self.text(path))
        return self._sources[path]


def in_tests(path):
    return path.startswith(("tests/", "bench/"))


def in_context(tokens):
    """The words of a file, each with the text of the token before and of the one after."""
    for i, token in enumerate(tokens):
        if token.kind == "word":
            before = tokens[i - 1].text if i > 0 else ""
            after = tokens[i + 1].text if i + 1 < len(tokens) else ""
            yield before, token, after


# --- format


def check_format(tree):
    program = shutil.which("clang-format-14") or shutil.which("clang-format")
    if program is None:
        print("style/format did not run: clang-format is not installed (scripts/setup test)")
        sys.exit(77)
    command = [program, "--dry-run", "-Werror", *tree.c_paths]
    result = subprocess.run(command, cwd=tree.root, capture_output=True, text=True, check=False)
    reported = re.findall(r"^(\S+?):(\d+):\d+: error: (.*)$", result.stderr, re.MULTILINE)
    if result.returncode != 0 and not reported:
        raise layer_table.Unusable(f"clang-format failed: {result.stderr.strip()}")
    seen = set()
    for path, line, _ in reported:
        if path not in seen:  # the first of a file says enough: the cure is the same
            seen.add(path)
            yield Finding("format", path, int(line), f"run `clang-format -i {path}`")


# --- size


def check_size(tree):
    lengths = []
    for path in tree.c_paths:
        source = tree.source(path)
        lengths += [function.lines for function in source.functions]
        yield from file_size(tree, path)
        yield from function_sizes(path, source)
        if path.endswith(".h"):
            yield from header_functions(path, source)
    report_lengths(lengths)


def file_size(tree, path):
    limit = HEADER_LINES if path.endswith(".h") else C_FILE_LINES
    count = len(tree.text(path).splitlines())
    if count > limit:
        yield Finding("size.file", path, limit + 1, f"{count} lines, at most {limit}")
    if tree.source(path).depth_at_end != 0:
        yield Finding("size.braces", path, count, "braces do not balance over all #if branches")


def function_sizes(path, source):
    for function in source.functions:
        name = function.name
        if function.lines > FUNCTION_LINES:
            text = f"{name}() has {function.lines} lines, at most {FUNCTION_LINES}"
            yield Finding("size.function", path, function.first_line, text, name)
        if function.deepest > NESTED_BRACES:
            text = f"{name}() nests {function.deepest} braces, at most {NESTED_BRACES}"
            yield Finding("size.nesting", path, function.deepest_line, text, name)


def header_functions(path, source):
    public = source.prototypes + [(f.first_line, f.name) for f in source.functions]
    if len(public) > HEADER_FUNCTIONS:
        line = sorted(public)[HEADER_FUNCTIONS][0]
        text = f"{len(public)} functions, at most {HEADER_FUNCTIONS}"
        yield Finding("size.prototypes", path, line, text)


def report_lengths(lengths):
    if lengths:
        lengths.sort()
        median, p90 = lengths[len(lengths) // 2], lengths[len(lengths) * 9 // 10]
        print(f"{len(lengths)} functions: median {median} lines, 90th percentile {p90}")


# --- layers


def check_layers(tree):
    table = layer_table.load(tree.root / "tests/style/layers.txt")
    yield from architecture_differs(tree, table)
    for path in tree.c_paths:
        if in_tests(path):
            continue
        folder = table.folder_of(path)
        if folder is None:
            yield Finding("layers.folder", path, 1, "its folder has no row in tests/style/layers.txt")
            continue
        for line, name in tree.source(path).includes:
            refusal = refuse_include(tree, table, folder, path, name)
            if refusal:
                yield Finding("layers.include", path, line, refusal)
        if folder.is_pure:
            yield from impure_words(table, path, tree.source(path))


def refuse_include(tree, table, folder, path, name):
    """Why `path` may not include `name`, or None when it may."""
    header = name[1:-1]
    if name.startswith("<"):
        return None if table.allows_system(folder, header) else f"{name} is not for {folder.path}"
    if not (tree.root / header).is_file():
        return f"{name}: no such file; write the path from the root of the tree"
    if not table.allows_project(folder, header):
        return f"{name} is not for {folder.path}"
    if path.endswith(".h") and not folder.is_wiring and table.is_foreign_adapter(folder, header):
        return f"a header includes an adapter's header {name}"
    return None


def impure_words(table, path, source):
    for before, token, after in in_context(source.tokens):
        is_object = token.text in ("FILE", "stdin", "stdout", "stderr")
        is_call = after == "(" and before not in (".", "->")
        if token.text in table.impure and (is_object or is_call):
            text = f"{token.text} in a folder that computes values only"
            yield Finding("layers.pure", path, token.line, text)


def architecture_differs(tree, table):
    document = "ARCHITECTURE.md"
    if not (tree.root / document).is_file():
        raise layer_table.Unusable(f"{document} is missing")
    described = layer_table.read_architecture(tree.text(document))
    for line, text in layer_table.differences(table, described):
        yield Finding("layers.table", document, line, text)


# --- topics


def check_topics(tree):
    for path in tree.c_paths:
        if path.startswith("topics/") or in_tests(path):
            continue
        for line, text in c_source.joined_strings(tree.source(path)):
            if TOPIC_TEXT.search(text) and not SYSTEM_PATH.match(text):
                yield Finding("topics", path, line, f'"{text}" belongs into topics/')


# --- banned


def check_banned(tree):
    for path in tree.c_paths:
        yield from banned_functions(path, tree.source(path))
    for path in tree.paths:
        if Path(path).suffix in TEXT_SUFFIXES and Path(path).name != "LICENSE":
            yield from banned_text(path, tree.text(path))


def banned_functions(path, source):
    for before, token, after in in_context(source.tokens):
        is_member = before in (".", "->")
        if token.text not in BANNED or is_member:
            continue
        if after == "(" or token.directive or before in ("=", ",", "(", "&"):
            yield Finding("banned.function", path, token.line, token.text, token.text)


def banned_text(path, text):
    is_c = path.endswith((".c", ".h"))
    for number, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip():
            yield Finding("banned.space", path, number, "trailing white space")
        if is_c and "\t" in line:
            yield Finding("banned.tab", path, number, "tab")
        if DEBT.search(line) and not path.endswith(".md"):
            yield Finding("banned.debt", path, number, "finish it, or write it where issues live")
        if MACHINE_PATH.search(line):
            yield Finding("banned.path", path, number, "a path of somebody's machine")


# --- exceptions and the command line

CHECKS = {
    "format": check_format,
    "size": check_size,
    "layers": check_layers,
    "topics": check_topics,
    "banned": check_banned,
}


@dataclass
class Exemption:
    """A line of exceptions.txt: `rule path[:symbol] reason`."""

    rule: str
    path: str
    symbol: str
    line: int
    used: bool = False

    def covers(self, finding):
        return (
            self.rule == finding.rule
            and self.path == finding.path
            and self.symbol in ("", finding.symbol)
        )


def read_exemptions(path):
    if not path.is_file():
        return []
    result = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split(maxsplit=2)
        if not words or words[0].startswith("#"):
            continue
        if len(words) < 3:
            raise layer_table.Unusable(f"{path.name}:{number}: `rule path[:symbol] reason`")
        where, _, symbol = words[1].partition(":")
        result.append(Exemption(words[0], where, symbol, number))
    return result


def judge(tree, name, exemptions):
    """The findings of one check that no exemption covers, and the exemptions that cover nothing."""
    mine = [e for e in exemptions if e.rule.split(".")[0] == name]
    for finding in CHECKS[name](tree):
        covering = [e for e in mine if e.covers(finding)]
        for exemption in covering:
            exemption.used = True
        if not covering:
            yield finding
    for exemption in mine:
        if not exemption.used:
            where = "tests/style/exceptions.txt"
            yield Finding("exceptions", where, exemption.line, "covers nothing: remove it")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("checks", nargs="+", choices=CHECKS, metavar="|".join(CHECKS))
    arguments = parser.parse_args()
    try:
        tree = Tree(arguments.root.resolve())
        exemptions = read_exemptions(tree.root / "tests/style/exceptions.txt")
        findings = [f for name in arguments.checks for f in judge(tree, name, exemptions)]
    except layer_table.Unusable as error:
        print(f"check.py: {error}", file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
