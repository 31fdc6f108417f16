"""Rows as reports, and what is said of rows that are none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from posko import context
from posko.context import Context
from producers.imports import mapping as mappings
from producers.imports.convert import Converter, Wrong
from producers.imports.mapping import Mapping, MappingError
from producers.imports.run import Import, mistakes_of

NOW = datetime(2024, 11, 27, 0, 5, tzinfo=UTC)
ROW = {"Uraian": "perahu logistik kandas", "Desa": "Tanjung Baru", "Kecamatan": "Tanjung Lubuk", "TPS": "4",
       "Waktu": "27/11/2024 07.05"}  # fmt: skip


@pytest.fixture(scope="module")
def known() -> Context:
    return context.load("sumsel-2024")


def report(known: Context, row: dict[str, Any], mapping: Mapping | None = None) -> dict[str, Any]:
    return Converter(mapping or mappings.usual(row), known, "list")(row, NOW)


def wrong(known: Context, **cells: Any) -> tuple[str, str]:
    with pytest.raises(Wrong) as error:
        report(known, {**ROW, **cells})
    return error.value.column, error.value.problem


def test_columns_with_usual_names_need_no_mapping(known: Context) -> None:
    made = report(known, ROW)
    assert (made["category"], made["tps"]) == ("logistics", "16.02.02.2003/004")
    assert made["reported_at"] == "2024-11-27T07:05:00+07:00"
    assert made["reporter"] == {"id": "import", "role": "operator", "institution": "posko"}


@pytest.mark.parametrize(
    "written",
    [
        "27/11/2024 07:05",
        "27-11-2024 07.05 WIB",
        "2024-11-27 07:05",
        "2024-11-27T00:05:00Z",
        datetime(2024, 11, 27, 7, 5),
    ],
)
def test_times_are_understood_as_people_write_them(known: Context, written: Any) -> None:
    assert datetime.fromisoformat(report(known, {**ROW, "Waktu": written})["reported_at"]) == NOW


def test_the_same_row_has_always_the_same_id_and_another_row_another(known: Context) -> None:
    ids = [report(known, row)["report_id"] for row in (ROW, dict(ROW), {**ROW, "TPS": "5"})]
    assert ids[0] == ids[1] != ids[2]
    own = Mapping.model_validate({"fields": {"text": "Uraian"}, "id": "No", "source": "bpbd"})
    first = report(known, {**ROW, "No": 7}, own)["report_id"]
    assert first == report(known, {**ROW, "No": "7", "Uraian": "perahu logistik masih kandas"}, own)["report_id"]
    assert first != report(known, {**ROW, "No": 7}, own.model_copy(update={"source": "dinkes"}))["report_id"]


def test_a_mapping_says_what_columns_and_values_mean(known: Context, tmp_path: Path) -> None:
    file = tmp_path / "mapping.yaml"
    file.write_text(
        "fields:\n  text: Ket\n  category: {column: Jenis, values: {Banjir: security}, default: logistics}\n"
        '  place: [Ds, Kc]\n  occurred_at: {column: Jam, format: "%Y%m%d%H%M"}\n  severity: Skor\n'
        "reporter: {id: bpbd-oki, role: bpbd, institution: pemda}\nid: No\nsource: bpbd\ntimezone: Asia/Jakarta\n"
    )
    cells = {"Ket": "air naik", "Jenis": "BANJIR", "Ds": "Tanjung Baru", "Kc": "Tanjung Lubuk", "Jam": "202411270600",
             "Skor": "4", "No": "1"}  # fmt: skip
    made = report(known, cells, mappings.load(file))
    assert (made["category"], made["area"], made["severity"]) == ("security", "16.02.02.2003", 4)
    assert made["occurred_at"] == made["reported_at"] == "2024-11-27T06:00:00+07:00"
    assert report(known, {**cells, "Jenis": ""}, mappings.load(file))["category"] == "logistics"


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"Uraian": ""}, "Uraian"),
        ({"Uraian": '=HYPERLINK("http://x")'}, "Uraian"),
        ({"Uraian": "selamat pagi"}, "category"),
        ({"Waktu": "besok"}, "Waktu"),
        ({"Waktu": "1999-01-01"}, "Waktu"),
        ({"Kecamatan": "", "Desa": "Tanjung Baru"}, "Desa + Kecamatan"),
        ({"TPS": "16.99.01.1001/4"}, "TPS"),
        ({"Kategori": "makanan"}, "Kategori"),
        ({"Lintang": "utara", "Bujur": "104"}, "Lintang"),
        ({"Lintang": "-2,99"}, "lng"),
        ({"Kode wilayah": "99.99"}, "Kode wilayah"),
        ({"Tingkat": "9"}, "Tingkat"),
        ({"Lembaga": "partai"}, "Lembaga"),
    ],
)
def test_a_wrong_row_names_the_column_and_what_to_do(known: Context, cells: dict[str, Any], column: str) -> None:
    found, problem = wrong(known, **cells)
    assert found == column
    assert len(problem) > 15


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("fields: {teks: Uraian}", "teks is no field"),
        ("fields: {text: Uraian}\nfarbe: rot", "farbe"),
        ("- 1", "cannot be used"),
        ("a: [", "cannot be read"),
        ("fields: {text: Uraian}\ntimezone: Mars", "no time zone"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_where(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(content)
    with pytest.raises(MappingError, match=said):
        mappings.load(file)


def test_columns_that_nobody_understands_ask_for_a_mapping() -> None:
    with pytest.raises(MappingError, match="--mapping"):
        mappings.usual(["x", "y"])


def test_a_dry_run_lists_the_mistakes_and_sends_nothing(known: Context, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        "uraian,tps,waktu\nperahu logistik kandas,16.71.01.1001/4,27/11/2024 07:05\n,1,\nkotak basah,x,kapan\n"
    )
    outcome = Import(known, None).dry(file)
    assert (outcome.sent, outcome.wrong, len(outcome.examples)) == (1, 2, 1)
    listed = mistakes_of(file).read_text().splitlines()
    assert listed[0] == "row,column,problem"
    assert [line.split(",")[:2] for line in listed[1:]] == [["3", "uraian"], ["4", "waktu"]]
    file.write_text("uraian,tps\nperahu logistik kandas,16.71.01.1001/4\n")
    assert Import(known, None).dry(file).mistakes is None
    assert not mistakes_of(file).exists()
