"""Known hoaxes and clarifications: read, kept, found again."""

import os
from pathlib import Path

import pytest

from posko.catalog import Catalog
from posko.claims import Library, Watched, _as_report, read, write
from posko.matching import RuleBook
from posko.settings import SettingsError

RULES = RuleBook(Catalog.load()).rules("hoax", "")
TABLE = """claim,verdict,link,date
Pemungutan suara ditunda ke 4 Desember,Hoaks,https://example.org/1,26/11/2024
Surat suara tercoblos paslon 01 di gudang KPU,Tidak benar,,2024-11-25
Server KPU diretas sehingga suara bisa diubah,Hoaks,https://example.org/3,
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "claims.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("apo benar coblosan diundur tgl 4 desember??", "Hoaks"),
        ("ado video ss la tecoblos no 1 di gudang kpu", "Tidak benar"),
        ("sistem KPU kena hack, percuma nyoblos", "Hoaks"),
        ("ado video ss la tecoblos no 2 di gudang kpu", None),
        ("coblosan ditunda 30 november", None),
        ("tinta pilkada beracun", None),
    ],
)
def test_a_report_shows_the_verdict_of_the_claim_it_repeats(table: Path, text: str, verdict: str | None) -> None:
    found = Library(read(table), RULES).find(_as_report(text) | {"reported_at": 10**12})

    assert (found.verdict if found else None) == verdict


def test_what_is_written_is_read_again(table: Path, tmp_path: Path) -> None:
    write(tmp_path / "new" / "claims.csv", read(table))

    assert read(tmp_path / "new" / "claims.csv") == read(table)
    assert [known.date for known in read(table)] == ["2024-11-26", "2024-11-25", ""]


def test_a_changed_file_is_taken_up_and_a_missing_one_is_no_error(table: Path) -> None:
    watched = Watched(table, RULES)
    assert len(watched.current() or ()) == 3

    table.write_text(TABLE + "Tinta pilkada beracun,Hoaks,,\n", encoding="utf-8")
    os.utime(table, ns=(1, 1))
    assert len(watched.current() or ()) == 4

    table.unlink()
    assert watched.current() is None


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ("text,verdict\nx,y\n", "no column claim"),
        ("claim,verdict,link,date\n,Hoaks,,\n", "line 2: claim has 0"),
        ("claim,verdict,link,date\nTPS pindah,,,\n", "line 2: verdict"),
        ("claim,verdict,link,date\nTPS pindah,Hoaks,javascript:1,\n", "line 2: link"),
        ("claim,verdict,link,date\nTPS pindah,Hoaks,,kemarin\n", "line 2: date"),
        ("claim,verdict,link,date\n!!,Hoaks,,\n", "line 2: the claim says nothing"),
    ],
    ids=["column", "claim", "verdict", "link", "date", "words"],
)
def test_a_file_that_cannot_be_used_is_refused_line_by_line(tmp_path: Path, rows: str, named: str) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(rows, encoding="utf-8")

    with pytest.raises(SettingsError, match=named):
        read(path)
