"""tests/style/layers.txt and the table of ARCHITECTURE.md that it mirrors."""

import re
from dataclasses import dataclass

ROW = re.compile(r"^\|\s*(L\d)\s*\|\s*`([^`]+/)`\s*\|[^|]*\|([^|]*)\|", re.MULTILINE)
FOLDER = re.compile(r"`([^`]+/)`")


class Unusable(Exception):
    """The check cannot run: nothing is known about the code."""


@dataclass(frozen=True)
class Folder:
    layer: str
    path: str
    project: tuple  # folders, or headers, of the tree
    system: tuple  # words: values, linux, or one header

    @property
    def is_pure(self):
        return "linux" not in self.system

    @property
    def is_wiring(self):
        return self.layer == "L3"


class Table:
    def __init__(self):
        self.lists = {"values": (), "pure": (), "libraries": (), "impure": (), "adapters": ()}
        self.folders = []

    @property
    def impure(self):
        return self.lists["impure"]

    def folder_of(self, path):
        fitting = [folder for folder in self.folders if path.startswith(folder.path)]
        return max(fitting, key=lambda folder: len(folder.path), default=None)

    def allows_system(self, folder, header):
        if header in folder.system:
            return True
        if header in self.lists["libraries"]:
            return False
        return "linux" in folder.system or header in self.lists["values"]

    def allows_project(self, folder, header):
        own = self.folder_of(header)
        return own == folder or any(header.startswith(prefix) for prefix in folder.project)

    def is_foreign_adapter(self, folder, header):
        return any(
            header.startswith(adapter) and adapter != folder.path
            for adapter in self.lists["adapters"]
        )


def load(path):
    if not path.is_file():
        raise Unusable(f"{path} is missing")
    table = Table()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if words[0] in table.lists:
            table.lists[words[0]] += tuple(words[1:])
        elif re.fullmatch(r"L\d", words[0]) and line.count("|") == 2:
            table.folders.append(_folder(table, line))
        else:
            raise Unusable(f"{path.name}:{number}: not understood: {line}")
    return table


def _folder(table, line):
    head, project, system = (part.split() for part in line.split("|"))
    wanted = tuple(word for word in project if word != "pure")
    if "pure" in project:
        wanted += table.lists["pure"]
    return Folder(head[0], head[1], wanted, tuple(system))


def read_architecture(text):
    """The rows of the document: folder -> (line, layer, the folders its `may use` column names)."""
    rows = {}
    for match in ROW.finditer(text):
        layer, folder, may_use = match.groups()
        daemon = folder.split("/")[0] + "/"
        siblings = {row[1] for row in ROW.findall(text)}
        named = {daemon + name if daemon + name in siblings else name
                 for name in FOLDER.findall(may_use)}  # fmt: skip
        rows[folder] = (text.count("\n", 0, match.start()) + 1, layer, named)
    return rows


def differences(table, described):
    """(line of the document, what differs)"""
    ours = {folder.path: folder for folder in table.folders}
    for path in sorted(ours.keys() - described.keys()):
        yield 1, f"{path} has a row in tests/style/layers.txt but not here"
    for path, (line, layer, named) in described.items():
        if path not in ours:
            yield line, f"{path} has no row in tests/style/layers.txt"
            continue
        folder = ours[path]
        allowed = {name for name in folder.project if name.endswith("/")}
        if folder.layer != layer:
            yield line, f"{path} is {layer} here and {folder.layer} in tests/style/layers.txt"
        elif not folder.is_wiring and named != allowed:
            yield line, f"{path} may use other folders in tests/style/layers.txt"
