"""CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, BinaryIO

import orjson

from sinks.exports.shape import FORMULA, Column, Row, Writer, cell, plain


class Csv(Writer):
    """RFC 4180 in UTF-8 with a line of names. A text that a spreadsheet would take for a formula begins with '."""

    def __init__(self, output: BinaryIO, columns: list[Column]) -> None:
        super().__init__(output, columns)
        self._write([[_harmless(column.name) for column in columns]])

    def add(self, rows: Sequence[Row]) -> None:
        self._write([[_harmless(cell(value)) for value in row] for row in rows])

    def end(self) -> None:
        self._output.flush()

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        self._output.write(text.getvalue().encode())


class Json(Writer):
    """One list of objects, a line each."""

    def __init__(self, output: BinaryIO, columns: list[Column]) -> None:
        super().__init__(output, columns)
        self._names = [column.name for column in columns]
        self._between = b"[\n"

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            found = {name: plain(value) for name, value in zip(self._names, row, strict=True)}
            # Above 64 bits (UInt256, sums of Decimal) a number would not be taken by most readers.
            self._output.write(self._between + orjson.dumps(found, default=str))
            self._between = b",\n"

    def end(self) -> None:
        self._output.write(b"[]\n" if self._between == b"[\n" else b"\n]\n")
        self._output.flush()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
