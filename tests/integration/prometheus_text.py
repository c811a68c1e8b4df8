"""Prometheus' exposition format, read by its grammar: what does not fit it is an error."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
SAMPLE = re.compile(rf"({NAME})\{{(.*)\}} (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]\d+)?)")
ESCAPES = {r"\"": '"', r"\\": "\\", r"\n": "\n"}


def labels_of(text):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, f"labels: {text}"
        assert match[1] not in labels, f"label twice: {text}"
        labels[match[1]] = re.sub(r"\\.", lambda m: ESCAPES[m[0]], match[2])
        at = match.end()
    return labels


def parse(text):
    """{(name, its labels in order): value}, and {name: type}; all samples of a name follow its HELP and TYPE."""
    samples, types, family = {}, {}, None
    assert text.endswith("\n")
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("#"):
            match = re.fullmatch(rf"# HELP ({NAME}) ([^\\]+)", line)
            assert match, line
            family = match[1]
            assert family not in types, f"twice: {family}"
            match = re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge)", next(lines))
            assert match and match[1] == family, line
            types[family] = match[2]
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        assert match[1] == family, f"not in its place: {line}"
        assert (types[family] == "counter") == family.endswith("_total"), line
        key = (family, tuple(sorted(labels_of(match[2]).items())))
        assert key not in samples, f"twice: {line}"
        samples[key] = float(match[3])
    return samples, types
