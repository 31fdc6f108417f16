"""Parquet: columns with their types, for pandas, DuckDB, R and other programs that calculate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from sinks.exports.shape import Column, Row, Writer, cell, in_utc, plain

_WRAPPED = re.compile(r"(?:Nullable|LowCardinality)\((.*)\)")
_TYPES = {
    "Bool": pa.bool_(),
    "Float32": pa.float32(),
    "Float64": pa.float64(),
    "Date": pa.date32(),
    "Date32": pa.date32(),
    **{f"Int{bits}": getattr(pa, f"int{bits}")() for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": getattr(pa, f"uint{bits}")() for bits in (8, 16, 32, 64)},
}
_TIME = pa.timestamp("ms", tz="UTC")


class Parquet(Writer):
    """A row group a block of the answer. What Parquet has no plain type for is text, lists of texts are lists."""

    def __init__(self, output: BinaryIO, columns: list[Column]) -> None:
        super().__init__(output, columns)
        self._schema = pa.schema([(column.name, arrow_type(column.kind)) for column in columns])
        self._file = parquet.ParquetWriter(output, self._schema, compression="zstd")

    def add(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        arrays = [
            pa.array([_fitting(value, field.type) for value in values], field.type)
            for values, field in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._file.write_batch(pa.record_batch(arrays, schema=self._schema))

    def end(self) -> None:
        self._file.close()
        self._output.flush()

    def drop(self) -> None:
        self._file.close()


def arrow_type(kind: str) -> pa.DataType:
    """Arrow's type for a type as ClickHouse writes it."""
    while found := _WRAPPED.fullmatch(kind):
        kind = found[1]
    if kind.startswith("DateTime"):
        return _TIME
    if kind.startswith("Array("):
        return pa.list_(arrow_type(kind[len("Array(") : -1]))
    return _TYPES.get(kind, pa.string())


def _fitting(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if kind == _TIME:
        return in_utc(value)
    if pa.types.is_list(kind):
        return [_fitting(one, kind.value_type) for one in value]
    if pa.types.is_string(kind):
        shown = cell(value)
        return shown if isinstance(shown, str) else str(plain(value))
    return value
