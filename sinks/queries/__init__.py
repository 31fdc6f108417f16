"""Saved questions: one file each, `NAME.sql`, shared by Grafana, the board, the terminal view and people (`posko query
NAME`).

A file begins with comment lines that say what it answers and what may be given:

    -- id: Insiden apa yang paling baru?
    -- en: Which incidents are the newest?
    -- param limit = 20: rows at most
    SELECT ... LIMIT {limit:UInt32}

Parameters are ClickHouse's own, sent apart from the text. Pure: this module reads files of its folder and knows no
database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_HEADER = re.compile(r"--\s*(id|en|param)\b:?\s*(.*)")
_PARAM = re.compile(r"(\w+)\s*=\s*(.*?)\s*:\s+(.+)")
_PLACE = re.compile(r"\{(\w+)\s*:\s*[^{}]+\}")


class UnknownQuery(KeyError):
    """No saved question has that name; the text lists those there are."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Question:
    """One saved question. `params` are the parameters with their defaults, `about` says what each is."""

    name: str
    question: dict[str, str]  # by language: id, en
    sql: str
    params: dict[str, Any] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)


def names() -> list[str]:
    """The names of all saved questions."""
    return sorted(path.stem for path in FOLDER.glob("*.sql"))


@cache
def load(name: str) -> Question:
    """The saved question of that name. Raises UnknownQuery, ValueError when the file's header does not fit its SQL."""
    if name not in names():
        raise UnknownQuery(f"There is no saved question {name!r}; there are: {', '.join(names())}")
    return parse(name, (FOLDER / f"{name}.sql").read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Question:
    """A question from a file's text. Raises ValueError that names the file and what is missing."""
    lines = text.splitlines()
    header = 0
    asked: dict[str, str] = {}
    params: dict[str, Any] = {}
    about: dict[str, str] = {}
    for line in lines:
        found = _HEADER.match(line)
        if not found:
            break
        header += 1
        what, content = found.groups()
        if what != "param":
            asked[what] = content.strip()
        elif given := _PARAM.fullmatch(content):
            params[given[1]], about[given[1]] = _value(given[2]), given[3]
        else:
            raise ValueError(f"{name}.sql: write `-- param name = default: what it is`, not `{line}`")
    sql = "\n".join(lines[header:]).strip()
    if missing := {"id", "en"} - asked.keys():
        raise ValueError(
            f"{name}.sql: the question is missing in {', '.join(sorted(missing))} (-- id: ..., -- en: ...)"
        )
    if (used := set(_PLACE.findall(sql))) != params.keys():
        raise ValueError(
            f"{name}.sql: parameters in the SQL {sorted(used)} are not those in the header {sorted(params)}"
        )
    return Question(name, asked, sql, params, about)


def _value(text: str) -> Any:
    """A default as written: a number, or a text with or without quotes."""
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"-?\d+\.\d+", text):
        return float(text)
    return text.strip("'")
