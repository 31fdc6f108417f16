"""An election file says what the instance serves; every mistake in it is named with file and key."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
import yaml

from posko.election import Election, ElectionError, shipped
from posko.regions import Regions

WIB = "+07:00"


def ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment + WIB).timestamp() * 1000)


def write(folder: Path, **changes: object) -> Path:
    """An election file with `changes`; a value of None leaves the key out."""
    content: dict[str, object] = {
        "title": "Pilkada",
        "area": "16.71",
        "date": date(2024, 11, 27),
        "timezone": "Asia/Jakarta",
        "tps_total": 2272,
        "phases": [phase("voting", "H 07:00", "H 13:00"), phase("counting", "H 13:00", "H 24:00")],
    }
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in (content | changes).items() if value is not None}))
    return path


def phase(code: str, start: str, end: str) -> dict[str, object]:
    return {"code": code, "names": {"id": code, "en": code}, "start": start, "end": end}


def mistake(path: Path | str) -> str:
    with pytest.raises(ElectionError) as caught:
        Election.load(str(path))
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "area", "tps", "voters"),
    [
        ("sumsel-2024", "16", 13_206, 6_382_739),
        ("bengkulu-2024", "17", 3_452, None),
        ("sijunjung-2024", "13.03", 445, None),
        ("indonesia-2024", "", 435_296, None),
    ],
)
def test_shipped_elections_load_by_name(name: str, area: str, tps: int, voters: int | None) -> None:
    election = Election.load(name)
    assert (election.name, election.area, election.tps_total, election.voters) == (name, area, tps, voters)
    assert (election.date, election.timezone.key) == (date(2024, 11, 27), "Asia/Jakarta")


def test_every_shipped_file_is_right_and_has_regions() -> None:
    assert len(shipped()) >= 4
    for name in shipped():
        area = Election.load(name).area
        assert not area or Regions.load(area).get(area)


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2024-11-19T23:59:59", ""),
        ("2024-11-20T00:00:00", "distribution"),
        ("2024-11-27T04:59:59", "distribution"),
        ("2024-11-27T06:30:00", "opening"),
        ("2024-11-27T06:59:59", "opening"),
        ("2024-11-27T07:00:00", "voting"),
        ("2024-11-27T12:59:59", "voting"),
        ("2024-11-27T13:00:00", "counting"),
        ("2024-11-28T01:00:00", "counting"),
        ("2024-11-29T10:00:00", "recapitulation"),
        ("2024-12-10T10:00:00", "following"),
        ("2025-03-01T00:00:00", ""),
    ],
)
def test_the_phase_of_a_moment(moment: str, code: str) -> None:
    assert Election.load("sumsel-2024").phase_at(ms(moment)) == code


def test_phases_follow_the_time_zone_of_the_election(tmp_path: Path) -> None:
    east = Election.load(str(write(tmp_path, timezone="Asia/Jayapura")))
    assert east.phase_at(ms("2024-11-27T05:00:00")) == "voting"  # 07:00 WIT
    assert east.phases[0].start.isoformat() == "2024-11-27T07:00:00+09:00"


def test_between_phases_there_is_none(tmp_path: Path) -> None:
    gap = [phase("voting", "H 07:00", "H 13:00"), phase("counting", "H 14:00", "H 24:00")]
    election = Election.load(str(write(tmp_path, phases=gap)))
    assert election.phase_at(ms("2024-11-27T13:30:00")) == ""
    assert election.phase_at(ms("2024-11-27T23:59:59")) == "counting"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": None}, "title: is missing; add it"),
        ({"area": 16.1}, 'area: is the number 16.1 to YAML; put the code in quotes, such as area: "16.10"'),
        ({"area": "16.71.01"}, "area: '16.71.01' is no code of a province"),
        ({"date": "27 November"}, "date: "),
        ({"timezone": "WIB"}, "timezone: is no time zone; use Asia/Jakarta (WIB)"),
        ({"timezone": 7}, "timezone: is no time zone"),
        ({"tps_total": 0}, "tps_total: "),
        ({"tps_total": "many"}, "tps_total: "),
        ({"tps": 4}, "tps: is not known; the keys here are title, area"),
        ({"phases": []}, "phases: "),
        ({"phases": [phase("Voting", "H 07:00", "H 13:00")]}, "phases.0.code: "),
        ({"phases": [phase("voting", "07:00", "H 13:00")]}, "phases.0.start: '07:00' is no moment"),
        ({"phases": [phase("voting", "H 07:00", "H 25:00")]}, "phases.0.end: 'H 25:00' is no moment"),
        ({"phases": [phase("voting", "H 13:00", "H 07:00")]}, "phases: voting ends before it starts"),
        (
            {"phases": [phase("voting", "H 07:00", "H 13:00"), phase("counting", "H 12:00", "H 15:00")]},
            "phases: counting starts before voting ends",
        ),
        (
            {"phases": [phase("voting", "H 07:00", "H 13:00"), phase("voting", "H 13:00", "H 15:00")]},
            "phases: voting is there twice",
        ),
        (
            {"phases": [phase("voting", "H 07:00", "H 13:00") | {"names": {"id": "x"}}]},
            "phases.0.names: needs a name in en",
        ),
        ({"regions": "nowhere"}, "make it with `posko regions import FILE..."),
        ({"vulnerability": "nowhere.csv"}, "nowhere.csv cannot be read"),
    ],
)
def test_a_mistake_names_file_and_key(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    path = write(tmp_path, **changes)
    text = mistake(path)
    assert message in text
    assert str(tmp_path) in text


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    assert len(mistake(write(tmp_path, title=None, timezone="WIB", tps_total=0)).splitlines()) == 3


@pytest.mark.parametrize("content", ["date: 2024-13-27", "a: [", "- x", "", "\x00"])
def test_what_is_no_election_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(content)
    assert str(path) in mistake(path)


def test_an_unknown_name_lists_the_known_ones() -> None:
    assert "sumsel-2024" in mistake("sumsel-1955")
    assert "sumsel-2024" in mistake("no/such.yaml")


def test_the_smallest_listed_region_gives_the_vulnerability(tmp_path: Path) -> None:
    listed = "code,class\n16.71,rawan\n1671011001,sangat rawan\n16.71.01.1001/7,khusus\n"
    (tmp_path / "rawan.csv").write_text(listed)
    election = Election.load(str(write(tmp_path, vulnerability="rawan.csv")))
    assert election.vulnerability_of("16.71.01.1001", "16.71.01.1001/007") == "khusus"
    assert election.vulnerability_of("16.71.01.1001", "16.71.01.1001/008") == "sangat rawan"
    assert election.vulnerability_of("16.71.02.1001") == "rawan"
    assert election.vulnerability_of("16.10") == ""
    assert election.vulnerability_of("") == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("kode,kelas\n16,rawan\n", "columns code and class"),
        ("code,class\nPalembang,rawan\n", "line 2: 'Palembang' is no code"),
        ("code,class\n16.71/007,rawan\n", "line 2: '16.71/007' is no code"),
        ("code,class\n16,rawan\n16,aman\n", "line 3: 16 is there twice"),
        ("code,class\n16,\n", "line 2: the class of 16 is empty"),
    ],
)
def test_a_mistake_in_the_vulnerability_list_names_its_line(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "rawan.csv").write_text(content)
    assert message in mistake(write(tmp_path, vulnerability="rawan.csv"))


def test_an_imported_folder_is_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "wilayah").mkdir()
    assert Election.load(str(write(tmp_path, regions="wilayah"))).regions == tmp_path / "wilayah"
