"""What a program of ours says with --help, as data: for its manual page and for the shells.

    usage: PROGRAM COMMAND -c FILE [--option WORD]
           PROGRAM COMMAND ...

    A paragraph.

      literal lines, each indented

      -c, --config FILE   what it is for,
                          on as many lines as it takes
"""

import re
import subprocess
from dataclasses import dataclass, field

OPTION = re.compile(r"^ +(?:-(?P<short>\w), )?--(?P<long>[\w-]+)(?: (?P<value>\S+))?(?:  +(?P<text>.*)| (?P<tight>.*))?$")


@dataclass
class Option:
    short: str | None
    long: str
    value: str | None  # FILE, or a|b: one of these words
    text: str


@dataclass
class Help:
    usage: list[str] = field(default_factory=list)
    # in their order: ("paragraph", text), ("literal", [lines]), ("options", [Option])
    blocks: list[tuple] = field(default_factory=list)

    @property
    def options(self):
        return [option for kind, content in self.blocks if kind == "options" for option in content]


def run(program, *arguments):
    return subprocess.run([*program, *arguments], check=True, capture_output=True, text=True).stdout


def commands(program):
    """Name and summary of each."""
    found = re.findall(r"(?m)^  ([a-z]+) +(\S.*)$", run(program, "--help"))
    assert found, f"{program[-1]} --help names no command"
    return found


def parse(text):
    parsed = Help()
    lines = text.splitlines()
    while lines and (lines[0].startswith("usage: ") or (parsed.usage and lines[0].startswith("       "))):
        parsed.usage.append(lines.pop(0)[len("usage: ") :])
    for chunk in re.split(r"\n{2,}", "\n".join(lines).strip("\n")):
        _add_chunk(parsed, chunk.splitlines())
    return parsed


def _add_chunk(parsed, lines):
    """Lines without an empty one between them."""
    for line in lines:
        last, content = parsed.blocks[-1] if parsed.blocks and line is not lines[0] else (None, None)
        option = OPTION.match(line)
        if option:
            if last != "options":
                content = []
                parsed.blocks.append(("options", content))
            text = option["text"] or option["tight"] or ""
            content.append(Option(option["short"], option["long"], option["value"], text))
        elif last == "options":
            content[-1].text = f"{content[-1].text} {line.strip()}".strip()
        elif line.startswith(" "):
            if last != "literal":
                content = []
                parsed.blocks.append(("literal", content))
            content.append(line.strip(" ") if not content else line[2:])
        elif last == "paragraph":
            parsed.blocks[-1] = ("paragraph", f"{content} {line}")
        else:
            parsed.blocks.append(("paragraph", line))


def of_command(program, command):
    return parse(run(program, command, "--help"))


@dataclass
class Key:
    path: str  # buses.<name>.driver
    kind: str  # a duration, at most 24h, default 0s
    text: str


def keys(program):
    """What `check --keys` prints."""
    lines = run(program, "check", "--keys").splitlines()
    found = []
    for head, text in zip(lines[::2], lines[1::2]):
        path, kind = head.split(": ", 1)
        assert text.startswith("    "), text
        found.append(Key(path, kind, text.strip()))
    return found


def script(path):
    """The comment that a script begins with: what it does, its usage, and the rest as a Help."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if not line.startswith("#"):
            break
        lines.append(line[2:])
    usage = next(i for i, line in enumerate(lines) if line.startswith("usage: "))
    rest = parse("\n".join(lines[usage:]))
    return " ".join(lines[:usage]), rest
