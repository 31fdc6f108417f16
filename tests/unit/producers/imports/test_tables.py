"""Files as agencies have them, and files made to do harm."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from producers.imports.tables import Row, Unusable, rows


def made(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"Uraian,Desa\nprahu kandas,35 Ilir\n",
        b"\xef\xbb\xbfUraian;Desa\r\nprahu kandas;35 Ilir\r\n",
        b'Uraian\tDesa\n"prahu kandas"\t35 Ilir\n',
        "Uraian,Desa\nprahu kandas,35 Ilir\n".encode("utf-16"),
    ],
    ids=["commas", "semicolons of Excel", "tabs", "UTF-16"],
)
def test_tables_of_any_usual_writing_are_read(tmp_path: Path, content: bytes) -> None:
    assert list(rows(made(tmp_path, "a.csv", content))) == [Row(2, {"Uraian": "prahu kandas", "Desa": "35 Ilir"})]


def test_letters_of_windows_are_read(tmp_path: Path) -> None:
    assert [row.cells["a"] for row in rows(made(tmp_path, "a.csv", "a,b\nCafé–,x\n".encode("cp1252")))] == ["Café–"]


def test_a_row_with_too_many_cells_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    found = list(rows(made(tmp_path, "a.csv", b"a,b\n1,2,3\n\n4,5\n")))
    assert [(row.number, bool(row.problem)) for row in found] == [(2, True), (4, False)]


def test_a_spreadsheet_gives_values_and_its_own_row_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Uraian", "TPS", "Rumus"])
    book.active.append([None, None, None])
    book.active.append(["prahu kandas", 4, "=1+1"])
    book.create_sheet("Lain").append(["x"])
    book.save(tmp_path / "a.xlsx")
    assert list(rows(tmp_path / "a.xlsx")) == [Row(3, {"Uraian": "prahu kandas", "TPS": 4})]
    assert list(rows(tmp_path / "a.xlsx", "Lain")) == []
    with pytest.raises(Unusable, match="no sheet Weg"):
        list(rows(tmp_path / "a.xlsx", "Weg"))


def test_a_map_gives_properties_and_a_point_inside_each_shape(tmp_path: Path) -> None:
    square = {"type": "Polygon", "coordinates": [[[104, -3], [105, -3], [105, -2], [104, -2], [104, -3]]]}
    features = [
        {"type": "Feature", "properties": {"text": "a"}, "geometry": {"type": "Point", "coordinates": [104.7, -2.9]}},
        {"type": "Feature", "id": 7, "properties": None, "geometry": square},
        {"type": "Feature", "properties": {"text": "b"}, "geometry": {"type": "Nonsense"}},
        3,
    ]
    found = list(rows(made(tmp_path, "a.geojson", json.dumps({"features": features}).encode())))
    assert found[0].cells == {"text": "a", "lng": 104.7, "lat": -2.9}
    assert found[1].cells == {"id": 7, "lng": 104.5, "lat": -2.5}
    assert [bool(row.problem) for row in found] == [False, False, True, True]


def test_lines_that_are_no_json_objects_are_named(tmp_path: Path) -> None:
    found = list(rows(made(tmp_path, "a.jsonl", b'{"text":"a"}\n[1]\n{\n\xff\n')))
    assert [(row.number, bool(row.problem)) for row in found] == [(1, False), (2, True), (3, True), (4, True)]


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(64 << 20))
    with pytest.raises(Unusable, match="unpacks to 64 MiB"):
        list(rows(tmp_path / "a.xlsx"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"no zip"),
        ("a.geojson", b"{"),
        ("a.geojson", b"[]"),
        ("a.csv", b""),
        ("a.csv", b"a,a\n1,2\n"),
        ("a.doc", b"x"),
        ("a.csv", b",".join(b"x%d" % number for number in range(600)) + b"\n"),
    ],
)
def test_what_is_no_table_says_why(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(Unusable, match="a\\."):
        list(rows(made(tmp_path, name, content)))
