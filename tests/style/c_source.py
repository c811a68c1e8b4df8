"""C text to tokens, and tokens to what the style rules speak of: functions, prototypes, includes.

It is a lexer, not a parser: comments, strings and character constants are told apart as the
standard does, so that a rule never trips over a brace in a string. Preprocessor branches are all
read; code whose braces only balance in one of them is reported by `depth_at_end`.
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""
    (?P<comment>  //(?:[^\\\n]|\\(?:\n|.))* | /\*.*?\*/ )
  | (?P<string>   "(?:[^"\\\n]|\\(?:\n|.))*" )
  | (?P<char>     '(?:[^'\\\n]|\\(?:\n|.))*' )
  | (?P<newline>  \n )
  | (?P<space>    (?:[^\S\n]|\\\n)+ )
  | (?P<word>     [A-Za-z_]\w* )
  | (?P<number>   \.?\d(?:[eEpP][+-]|[\w.])* )
  | (?P<punct>    -> | \.\.\. | . )
    """,
    re.VERBOSE | re.DOTALL,
)
HEADER_NAME = re.compile(r"""[^\S\n]*(?P<name><[^>\n]+>|"[^"\n]+")""")
BLOCK_WORDS = {"else", "do"}
VALUE_WORDS = {"return", "sizeof", "case"}  # a parenthesis after these is no statement head
NOT_NAMES = {"__attribute__", "_Static_assert", "_Alignas", "_Generic", "typeof", "sizeof"}


@dataclass
class Token:
    kind: str  # comment, string, char, word, number, punct
    text: str
    line: int
    directive: bool = False  # part of a preprocessor line


@dataclass
class Function:
    name: str
    first_line: int
    last_line: int
    deepest: int = 1  # the body's own braces count as 1
    deepest_line: int = 0

    @property
    def lines(self):
        return self.last_line - self.first_line + 1


@dataclass
class Source:
    tokens: list = field(default_factory=list)  # comments left out
    comments: list = field(default_factory=list)
    includes: list = field(default_factory=list)  # (line, name with its <> or "")
    functions: list = field(default_factory=list)
    prototypes: list = field(default_factory=list)  # (line, name)
    depth_at_end: int = 0


def _lex(text, source):
    position, line, directive, line_start = 0, 1, False, True
    while position < len(text):
        match = TOKEN.match(text, position)
        kind, body = match.lastgroup, match.group()
        if kind == "newline":
            directive, line_start = False, True
        elif kind == "comment":
            source.comments.append(Token(kind, body, line, directive))
        elif kind != "space":
            if line_start and body == "#":
                directive = True
            line_start = False
            source.tokens.append(Token(kind, body, line, directive))
        line += body.count("\n")
        position = match.end()
        if kind == "word" and body == "include" and directive and source.tokens[-2].text == "#":
            header = HEADER_NAME.match(text, position)
            if header:
                source.includes.append((line, header["name"]))
                position = header.end()


def _without_attributes(tokens):
    """Drops __attribute__((...)) and MACRO(...) annotations around a declaration's own name."""
    kept, i = [], 0
    while i < len(tokens):
        is_annotation = tokens[i].text == "__attribute__" or (
            tokens[i].kind == "word" and tokens[i].text.isupper()
        )
        if is_annotation and i + 1 < len(tokens) and tokens[i + 1].text == "(":
            i = _closing(tokens, i + 1) + 1
        else:
            kept.append(tokens[i])
            i += 1
    return kept


def _closing(tokens, opening):
    depth = 0
    for i in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[i].text, 0)
        if depth == 0:
            return i
    return len(tokens) - 1


def _function_name(declaration):
    """The name a declaration gives to a function, or None when it declares something else."""
    tokens = _without_attributes(declaration)
    if not tokens or tokens[0].text in ("typedef", "_Static_assert"):
        return None
    for i, token in enumerate(tokens):
        if token.text in ("=", "{"):
            return None
        if token.text != "(":
            continue
        before = tokens[i - 1] if i > 0 else None
        if before is None or before.kind != "word" or before.text in NOT_NAMES:
            return None
        after = tokens[_closing(tokens, i) + 1 :]
        is_pointer = i + 1 < len(tokens) and tokens[i + 1].text == "*" and after[:1]
        return None if is_pointer and after[0].text == "(" else before.text
    return None


def _opens_block(tokens, i, parent_is_block):
    """Whether the brace at `i` opens a statement block rather than an initialiser or a type."""
    before = tokens[i - 1]
    if before.text == ")":
        depth, j = 0, i - 1
        while j >= 0:
            depth += {")": 1, "(": -1}.get(tokens[j].text, 0)
            if depth == 0:
                break
            j -= 1
        head = tokens[j - 1]
        return head.kind == "word" and head.text not in VALUE_WORDS
    if before.kind == "word":
        return before.text in BLOCK_WORDS
    return parent_is_block and before.text in ("{", "}", ";", ":")


class _Scope:
    """Follows the braces of one file and collects its functions and prototypes."""

    def __init__(self, source):
        self.source = source
        self.kinds = []  # per open brace: "function", "block" or "other"
        self.function = None
        self.declaration = []

    def open(self, tokens, i):
        token = tokens[i]
        name = _function_name(self.declaration) if not self.kinds else None
        if name:
            first = self.declaration[0].line
            self.function = Function(name, first, first, deepest_line=token.line)
            self.kinds.append("function")
            return
        is_block = self.function and _opens_block(tokens, i, self.kinds[-1] != "other")
        self.kinds.append("block" if is_block else "other")
        depth = sum(kind != "other" for kind in self.kinds)
        if is_block and depth > self.function.deepest:
            self.function.deepest, self.function.deepest_line = depth, token.line

    def close(self, token):
        if not self.kinds:
            self.source.depth_at_end -= 1
            return
        if self.kinds.pop() == "function":
            self.function.last_line = token.line
            self.source.functions.append(self.function)
            self.function, self.declaration = None, []

    def outside(self, token):
        if token.text != ";":
            self.declaration.append(token)
            return
        name = _function_name(self.declaration)
        if name:
            self.source.prototypes.append((self.declaration[0].line, name))
        self.declaration = []


def read(text):
    source = Source()
    _lex(text, source)
    tokens = [token for token in source.tokens if not token.directive]
    scope = _Scope(source)
    for i, token in enumerate(tokens):
        if token.text == "{" and token.kind == "punct":
            scope.open(tokens, i)
        elif token.text == "}" and token.kind == "punct":
            scope.close(token)
        elif not scope.kinds:
            scope.outside(token)
    source.depth_at_end += len(scope.kinds)
    return source


def joined_strings(source):
    """String literals as the compiler joins them: (line, text without quotes)."""
    result, previous_was_string = [], False
    for token in source.tokens:
        if token.kind != "string":
            previous_was_string = False
            continue
        body = token.text[1:-1]
        if previous_was_string:
            result[-1] = (result[-1][0], result[-1][1] + body)
        else:
            result.append((token.line, body))
        previous_was_string = True
    return result
