"""Tables made by hand: CSV with a header, or JSON lines; columns may have any of several names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from posko.evaluate.errors import EvaluationError

Row = dict[str, Any]


def lines(path: Path) -> list[bytes]:
    """The lines of a file that are not empty, as bytes. Raises EvaluationError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read ({error.strerror}); give the path of a file") from None
    found = (line.removesuffix(b"\r") for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    return [line for line in found if line.strip()]


def rows(path: Path) -> Iterator[tuple[str, Row]]:
    """The rows of a CSV (comma, semicolon or tab) or JSON lines file, each with the place it stands in for messages.

    Names of columns are given in lower case, values of CSV without blanks around them.
    """
    content = lines(path)
    if content and content[0].lstrip()[:1] == b"{":
        for number, line in enumerate(content, 1):
            yield f"{path}, line {number}", _object(path, number, line)
        return
    try:
        text = b"\n".join(content).decode()
    except UnicodeDecodeError:
        raise EvaluationError(f"{path} is not UTF-8; save it as UTF-8") from None
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    for number, row in enumerate(csv.DictReader(io.StringIO(text), delimiter=delimiter), 2):
        yield f"{path}, row {number}", {(key or "").strip().lower(): _cell(value) for key, value in row.items()}


def _cell(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _object(path: Path, number: int, line: bytes) -> Row:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise EvaluationError(f"{path}, line {number}: not JSON ({error})") from None
    if not isinstance(found, dict):
        raise EvaluationError(f"{path}, line {number}: expected a JSON object")
    return {key.lower(): value for key, value in found.items()}


def first(row: Row, names: Sequence[str]) -> str:
    """The first of these columns that holds something, as text; `""` if none does."""
    for name in names:
        value = row.get(name)
        if value is not None and str(value).strip():
            return str(value).strip()
    return ""
