"""What every format shares: columns, the writer's three steps, values that any program understands."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, NamedTuple

import orjson

Row = Sequence[Any]

# What makes a spreadsheet take a text for a formula, or a part of it for a second cell. Source: OWASP, "CSV Injection".
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


class TooLarge(Exception):
    """The answer does not fit into the format; the text says how much does, and what to do."""


class Column(NamedTuple):
    """A column of an answer. `kind` is ClickHouse's type as it writes it, `Nullable(UInt8)`."""

    name: str
    kind: str


class Writer(ABC):
    """Takes an answer block by block. What it writes is whole only after `end`."""

    def __init__(self, output: BinaryIO, columns: list[Column]) -> None:
        self._output, self._columns = output, columns

    @abstractmethod
    def add(self, rows: Sequence[Row]) -> None:
        """Write rows; values as clickhouse_connect gives them. Raises TooLarge."""

    @abstractmethod
    def end(self) -> None:
        """Write what belongs at the end."""

    def drop(self) -> None:
        """Let go of what is open, when the answer broke off; what was written is of no use."""
        return


def plain(value: Any) -> Any:
    """A value as JSON has them; times as text in UTC, `2024-11-27T00:30:00.000Z`. Those without a zone are UTC."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return f"{in_utc(value).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(one) for one in value]
    return str(value)


def cell(value: Any) -> Any:
    """A value as one cell of a table: lists and objects as JSON."""
    shown = plain(value)
    return orjson.dumps(shown).decode() if isinstance(shown, list | dict) else shown


def in_utc(value: datetime) -> datetime:
    """With the zone UTC."""
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
