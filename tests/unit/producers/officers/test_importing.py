"""Files of officers: what is wrong is named by row, what is right is taken once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from posko import context
from posko.context import Context
from producers.officers import Officers, importing
from producers.officers.phone import normalised

NOW = 1_732_665_600_000
HEADING = "id,name,phone,role,institution,area\n"


@pytest.fixture(scope="module")
def known() -> Context:
    return context.load("sijunjung-2024")


def read(text: str, known: Context) -> importing.Found:
    return importing.read(io.StringIO(text, newline=""), known)


def test_a_file_is_taken_and_taken_again_without_change(known: Context, tmp_path: Path) -> None:
    rows = "".join(f"kpps-{n},Petugas {n},0812-0000-{n:04d},kpps,,13.03\n" for n in range(1, 501))
    officers = Officers(tmp_path / "officers.sqlite3")
    assert importing.take(read(HEADING + rows, known), officers, NOW) == {"added": 500}
    changed = rows.replace("Petugas 7,", "Nama lain,")
    assert importing.take(read(HEADING + changed, known), officers, NOW) == {"same": 499, "changed": 1}
    seven = officers.get("kpps-7")
    assert seven
    assert (seven.name, seven.phone, seven.institution, seven.area) == ("Nama lain", "+6281200000007", "kpu", "13.03")
    officers.close()


def test_each_mistake_is_named_with_its_row_and_field(known: Context) -> None:
    found = read(
        HEADING
        + "a b,Nama,,kpps,,\n"
        + "ok-1,Nama,08123456789,kpps,,13.03\n"
        + "x-1,,12,raja,kerajaan,99\n"
        + "\n"
        + "ok-1,Nama,+62 812-3456-789,kpps,,\n",
        known,
    )
    assert [(row, text.split(":")[0]) for row, text in found.wrong] == [
        (2, "id"), (4, "name"), (4, "phone"), (4, "role"), (4, "institution"), (4, "area"), (6, "id"), (6, "phone"),
    ]  # fmt: skip
    assert found.wrong[-1][1] == "phone: row 3 has the same"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_spreadsheets_of_every_kind_are_understood(separator: str, known: Context) -> None:
    text = "\ufeffID,Role,Name\r\nkpps-1,kpps,Nama\r\n".replace(",", separator)
    [(row, officer)] = read(text, known).officers
    assert (row, officer.id, officer.name, officer.institution, officer.area) == (2, "kpps-1", "Nama", "kpu", "")


@pytest.mark.parametrize(
    "text", ["", "id,name\n", 'id,name,role\n"a"b,c,d\n', "id,name,role\n" + "x" * 140_000 + ",a,b"]
)
def test_what_is_no_such_file_is_refused_as_a_whole(text: str, known: Context) -> None:
    with pytest.raises(importing.FileRefused):
        read(text, known)


def test_numbers_that_others_have_are_refused_and_nothing_is_taken(known: Context, tmp_path: Path) -> None:
    officers = Officers(tmp_path / "officers.sqlite3")
    importing.take(read(HEADING + "one,Nama,08123456789,kpps,,\n", known), officers, NOW)
    with pytest.raises(importing.FileRefused, match="officer one"):
        importing.take(read(HEADING + "new,Nama,,kpps,,\ntwo,Nama,08123456789,kpps,,\n", known), officers, NOW)
    assert officers.get("new") is None
    officers.close()


@pytest.mark.parametrize(
    "written",
    ["0812-3456-7890", "+62 812 3456 7890", "6281234567890", "81234567890", "(0812) 34567890", "+62 (0)812-3456-7890"],
)
def test_a_phone_number_is_one_number_however_it_is_written(written: str) -> None:
    assert normalised(written) == "+6281234567890"


@pytest.mark.parametrize("written", ["123", "abc", "08" * 30, "+1", "0812-3456-7890-1234-5678"])
def test_what_is_no_phone_number_is_said(written: str) -> None:
    with pytest.raises(ValueError, match="phone number"):
        normalised(written)
