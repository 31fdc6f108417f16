"""Words of a SQL text, as ClickHouse's lexer cuts them: enough to find an INSERT's data and the format of a result.

What is allowed is not decided here but by ClickHouse's own parser: see `gate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# Source: ClickHouse, src/Parsers/Lexer.cpp. Text is decoded as Latin-1, so that a position is a byte's position.
_TOKEN = re.compile(
    r"""
    (?P<space>[\s\x00]+ | --[^\n]* | \#[\ !][^\n]* | /\*.*?(?:\*/|\Z))
  | (?P<string>'(?:[^'\\]|\\.|'')*'?)
  | (?P<heredoc>\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))
  | (?P<quoted>`(?:[^`\\]|\\.|``)*`? | "(?:[^"\\]|\\.|"")*"?)
  | (?P<word>[A-Za-z_\x80-\xff][\w\x80-\xff]*)
  | (?P<number>\d[\w.]*)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPED = re.compile(r"\\(.)|(``)|(\"\")", re.DOTALL)
_AFTER_FORMAT = re.compile(r"[ \t\f]*;?[ \t\f]*\r?\n?")


class Token(NamedTuple):
    """`kind` is a group of `_TOKEN`; `text` of a word or a quoted name is the name itself."""

    kind: str
    text: str
    start: int
    end: int
    depth: int  # of round brackets around it

    def says(self, *words: str) -> bool:
        """Whether it is one of these keywords (upper case)."""
        return self.kind == "word" and self.text.upper() in words


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, without white space and comments."""
    depth = 0
    for match in _TOKEN.finditer(text):
        kind, word = match.lastgroup or "mark", match[0]
        if kind == "tag":
            kind = "heredoc"
        if kind == "space":
            continue
        if kind == "quoted":
            word = _ESCAPED.sub(lambda escape: escape[1] or escape[0][0], word[1:-1])
        if kind == "mark" and word == ")":
            depth -= 1
        yield Token(kind, word, match.start(), match.end(), depth)
        if kind == "mark" and word == "(":
            depth += 1


class Insert(NamedTuple):
    """`INSERT INTO …` up to its FORMAT or VALUES, the format's name, and where the data begins (bytes)."""

    head: str
    format: str
    data_at: int


def split_insert(body: bytes) -> Insert | None:
    """The parts of an INSERT that carries data; None for every other statement, `INSERT … SELECT` included.

    `body` may end anywhere in the data.
    """
    text = body.decode("latin-1")
    found = tokens(text)
    first = next(found, None)
    if first is None or not first.says("INSERT"):
        return None
    before = first
    for token in found:
        if token.depth == 0 and not before.says("INTO", "TABLE") and before.text != ".":
            if token.says("SELECT", "WITH", "WATCH", "FROM"):
                return None
            if token.says("VALUES"):
                return _insert(text, token, "Values", token.end)
            if token.says("FORMAT"):
                name = next(found, None)
                if name is None or name.kind != "word":
                    return None
                if name.says("VALUES"):
                    return _insert(text, token, "Values", name.end)
                end = _AFTER_FORMAT.match(text, name.end)
                return _insert(text, token, name.text, end.end() if end else name.end)
        before = token
    return None


def _insert(text: str, keyword: Token, name: str, data_at: int) -> Insert:
    return Insert(text[: keyword.start].encode("latin-1").decode("utf-8", "replace"), name, data_at)


def from_infile(head: str, path: str) -> str:
    """An INSERT's head with `path` as where its data is: ClickHouse wants that before SETTINGS."""
    text = head.encode().decode("latin-1")
    at = next((token.start for token in tokens(text) if token.depth == 0 and token.says("SETTINGS")), len(text))
    before, after = (part.encode("latin-1").decode() for part in (text[:at], text[at:]))
    return f"{before} FROM INFILE {literal(path)} {after}"


def result_format(query: str) -> str | None:
    """The format that a query itself asks for: FORMAT and a name, with nothing but settings behind them."""
    found = [token for token in tokens(query) if token.depth == 0]
    for at in range(len(found) - 2, -1, -1):
        keyword, name, after = found[at], found[at + 1], found[at + 2 : at + 3]
        if keyword.says("FORMAT") and name.kind == "word" and not name.says("ASC", "DESC", "FROM", "SETTINGS"):
            return name.text if not after or after[0].text == ";" or after[0].says("SETTINGS", "INTO") else None
    return None


def first_word(query: str) -> str:
    """The first keyword in upper case, "" without one; brackets before a SELECT are skipped."""
    for token in tokens(query):
        if token.kind == "word":
            return token.text.upper()
        if token.text != "(":
            break
    return ""


def literal(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def identifier(name: str) -> str:
    """A quoted name."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def parameter(value: str) -> str:
    """A query parameter's value: ClickHouse reads them in its `Escaped` (TSV) form."""
    return (
        value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\\0")
    )
