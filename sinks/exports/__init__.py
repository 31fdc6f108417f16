"""Answers as files for other programs: CSV, JSON, Parquet, spreadsheets: `posko query NAME --format xlsx --out FILE`.

Pure but for the stream that is written to: a writer gets the answer's columns, then blocks of rows, then ends.
"""

from __future__ import annotations

from typing import BinaryIO

from sinks.exports.columnar import Parquet
from sinks.exports.shape import Column, TooLarge, Writer
from sinks.exports.sheet import Xlsx
from sinks.exports.text import Csv, Json

__all__ = ["BINARY", "FORMATS", "Column", "TooLarge", "Writer", "open_writer"]

FORMATS: dict[str, type[Writer]] = {"csv": Csv, "json": Json, "parquet": Parquet, "xlsx": Xlsx}
BINARY = frozenset({"parquet", "xlsx"})  # nothing for a terminal


def open_writer(name: str, output: BinaryIO, columns: list[Column]) -> Writer:
    """The writer of a format in FORMATS. KeyError for another name."""
    return FORMATS[name](output, columns)
