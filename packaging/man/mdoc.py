"""Text as mdoc(7), the language of manual pages."""

import re


def escape(text):
    text = text.replace("\\", "\\e")
    text = re.sub(r"(?<![A-Za-z0-9])-|-(?=-)", r"\\-", text)
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def line(text):
    """One line of text; a sentence that ends within it is set as such on a line of its own."""
    return re.sub(r"(?<=[\w)\]])([.?]) +(?=[A-Z])", r"\1\n", escape(text)) + "\n"


def literal(lines):
    return ".Bd -literal -offset indent\n" + "".join(escape(text) + "\n" for text in lines) + ".Ed\n"


def argument(text):
    """Of a macro: words that look like one are none."""
    return " ".join(rf"\&{word}" if re.fullmatch(r"[A-Z][a-z]|[.,:;()\[\]?!|]", word) else word for word in escape(text).split())


def tags(items):
    """A list of (macro line, text)."""
    out = ".Bl -tag -width Ds\n"
    for tag, text in items:
        out += f".It {tag}\n{line(text) if text else ''}"
    return out + ".El\n"


def option(o):
    names = [f"Fl {o.short}"] if o.short else []
    names.append(rf"Fl \-{o.long}")
    return " , ".join(names) + (f" Ar {argument(o.value)}" if o.value else "")


def help_blocks(blocks):
    out = ""
    for kind, content in blocks:
        if kind == "paragraph":
            out += (".Pp\n" if out else "") + line(content)
        elif kind == "literal":
            out += literal(content)
        else:
            out += tags((option(o), o.text) for o in content)
    return out
