"""Answers as files: other programs read back what was asked for, and no spreadsheet takes a report for a formula."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from sinks import exports
from sinks.exports import Column, sheet
from sinks.exports.columnar import arrow_type

COLUMNS = [
    Column("title", "LowCardinality(String)"),
    Column("open", "UInt64"),
    Column("share", "Nullable(Float64)"),
    Column("opened_at", "DateTime64(3, 'UTC')"),
    Column("marks", "Array(LowCardinality(String))"),
]
AT = datetime(2024, 11, 27, 0, 30, 0, 250000)  # ClickHouse's times come without a zone and are UTC
ROWS: list[tuple[Any, ...]] = [
    ("Surat suara kurang, 25 lembar", 3, 0.5, AT, ["late", "outside_area"]),
    ('Bentrok\ndi "pasar"', 2**60, None, AT.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=7))), []),
]
HOSTILE = ['=HYPERLINK("http://x.example")', "+62811", "-1+1", "@SUM(A1)", "\t=1", "\r=1"]


def written(name: str, rows: list[tuple[Any, ...]], columns: list[Column] | None = None) -> bytes:
    output = io.BytesIO()
    writer = exports.open_writer(name, output, columns or COLUMNS)
    for row in rows:  # a block a row
        writer.add([row])
    writer.end()
    return output.getvalue()


def test_csv_is_read_back_as_it_was() -> None:
    rows = list(csv.reader(io.StringIO(written("csv", ROWS).decode(), newline="")))
    assert rows[0] == [column.name for column in COLUMNS]
    assert rows[1] == [ROWS[0][0], "3", "0.5", "2024-11-27T00:30:00.250Z", '["late","outside_area"]']
    assert rows[2] == [ROWS[1][0], str(2**60), "", "2024-11-27T00:30:00.250Z", "[]"]


def test_json_is_one_list_of_objects_also_of_none() -> None:
    found = json.loads(written("json", ROWS))
    assert [one["open"] for one in found] == [3, 2**60]
    assert found[0]["marks"] == ["late", "outside_area"]
    assert found[1]["share"] is None
    assert json.loads(written("json", [])) == []


def test_parquet_keeps_types_and_times() -> None:
    table = parquet.read_table(io.BytesIO(written("parquet", ROWS)))
    assert table.schema.field("open").type == pa.uint64()
    assert table.column("open").to_pylist() == [3, 2**60]
    assert set(table.column("opened_at").to_pylist()) == {AT.replace(tzinfo=UTC)}
    assert table.column("marks").to_pylist() == [["late", "outside_area"], []]
    assert parquet.read_table(io.BytesIO(written("parquet", []))).column_names == [one.name for one in COLUMNS]


@pytest.mark.parametrize(
    ("kind", "arrow"),
    [
        ("Nullable(UInt8)", pa.uint8()),
        ("LowCardinality(Nullable(String))", pa.string()),
        ("DateTime('Asia/Jakarta')", pa.timestamp("ms", tz="UTC")),
        ("Array(Nullable(Int32))", pa.list_(pa.int32())),
        ("Enum8('a' = 1)", pa.string()),
        ("Tuple(UInt8, String)", pa.string()),
    ],
    ids=["nullable", "wrapped twice", "moment", "list", "enum", "what Parquet has not"],
)
def test_types_of_clickhouse_become_those_of_parquet(kind: str, arrow: pa.DataType) -> None:
    assert arrow_type(kind) == arrow


def test_a_spreadsheet_has_numbers_as_numbers_and_times_as_times() -> None:
    (heads, first, second) = openpyxl.load_workbook(io.BytesIO(written("xlsx", ROWS))).active.iter_rows(
        values_only=True
    )
    assert list(heads) == [column.name for column in COLUMNS]
    assert first == (ROWS[0][0], 3, 0.5, AT, '["late","outside_area"]')
    assert second[1] == str(2**60)  # a spreadsheet would round it


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula(text: str) -> None:
    columns = [Column("text", "String")]
    cells = openpyxl.load_workbook(io.BytesIO(written("xlsx", [(text,)], columns))).active
    assert cells is not None
    assert cells["A2"].data_type != "f"
    assert cells["A2"].quotePrefix
    (_, row) = csv.reader(io.StringIO(written("csv", [(text,)], columns).decode(), newline=""))
    assert row == [f"'{text}"]


def test_numbers_below_zero_stay_numbers() -> None:
    assert written("csv", [(-5,)], [Column("change", "Int64")]) == b"change\r\n-5\r\n"


def test_more_than_a_spreadsheet_holds_is_said_before_it_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 2)
    writer = exports.open_writer("xlsx", io.BytesIO(), COLUMNS)
    with pytest.raises(exports.TooLarge, match="--format parquet or csv"):
        writer.add(ROWS)
    writer.drop()


def test_characters_that_a_spreadsheet_cannot_hold_do_not_break_it() -> None:
    cells = openpyxl.load_workbook(io.BytesIO(written("xlsx", [("a\x00b" + "x" * 40_000,)], [Column("t", "String")])))
    assert len(cells.active["A2"].value) == sheet.MOST_TEXT
